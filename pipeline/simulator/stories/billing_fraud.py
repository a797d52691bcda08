"""A provider bills what was not done: twice, more than a day holds, always the dearest, patients unseen."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, own_visits, price_list
from pipeline.simulator.verbs.billing import Bill
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.staff import Person

_THERAPY_UNITS = 8.0  # of a quarter of an hour each


class BillingFraud(Story):
    """Shows: several schemes together. Easy: 120 claims, all four. Hard: 30, only upcoding and a few phantoms."""

    kind = "billing_fraud"
    expected = ("claims.duplicate", "claims.impossible_day", "claims.phantom", "claims.provider_outlier")
    length_s = 2 * DAY_S
    records = True

    def expects(self, difficulty: str) -> tuple[str, ...]:
        return (
            ("claims.phantom", "claims.upcoding", "claims.provider_outlier") if difficulty == "hard" else self.expected
        )

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = own_visits.billing_physician(s, stage.start_ts)
        schemes = stage.by(
            (self._upcoded, self._phantom, self._therapy, self._duplicate),
            (self._upcoded, self._phantom, self._therapy, self._duplicate),
            (self._upcoded, self._upcoded, self._phantom),
        )
        count = stage.by(120, 70, 30)
        day = billing.midnight(stage.start_ts)
        sent: list[Bill] = []
        for place in range(count):
            bill = schemes[place % len(schemes)](s, provider, day, sent)
            sent.append(bill)
            stage.note("patient", bill.patient.id)
            billing.submit(s, stage.at((place + d.random()) / count), bill)
        stage.note("provider", provider.npi)

    def _upcoded(self, s: Scene, provider: Person, day: float, _sent: list[Bill]) -> Bill:
        # Visits that took place, in the provider's own department, and that colleagues billed for what they were.
        stay = s.draws.pick(own_visits.visits_of_department(s, provider, day) or s.world.care.stays)
        return billing.bill_of(s, stay, provider, institutional=False, tilt=6.0)

    def _phantom(self, s: Scene, provider: Person, day: float, _sent: list[Bill]) -> Bill:
        unseen = [p for p in s.world.patients if not s.world.care.by_patient.get(p.id)] or s.world.patients
        lines = billing.visit_lines(s, price_list.VISITS, day, provider.npi, tilt=2.0)
        return billing.bill(s, s.draws.pick(unseen), provider.npi, lines, "22", None)

    def _therapy(self, s: Scene, provider: Person, day: float, _sent: list[Bill]) -> Bill:
        line = billing.priced(s, price_list.THERAPY, "97110", day, _THERAPY_UNITS)
        return billing.bill(s, s.draws.pick(s.world.patients), provider.npi, (line,), "22", None)

    def _duplicate(self, s: Scene, _provider: Person, _day: float, sent: list[Bill]) -> Bill:
        return replace(s.draws.pick(sent), claim_id=f"c{s.draws.hex(12)}")
