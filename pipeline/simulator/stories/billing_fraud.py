"""A provider bills what was not done: twice, more than a day holds, always the dearest, patients unseen."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing
from pipeline.simulator.verbs.billing import Bill
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.staff import Person

_THERAPY_UNITS = 8.0  # of a quarter of an hour each


class BillingFraud(Story):
    """Easy: 120 claims, all four schemes. Hard: 30, only upcoding and a few phantoms."""

    kind = "billing_fraud"
    expected = ("claims.duplicate", "claims.impossible_day")
    length_s = 2 * 86_400.0

    def expects(self, _difficulty: str) -> tuple[str, ...]:
        return () if _difficulty == "hard" else self.expected

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = d.pick(s.world.of_role("physician"))
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
        past = [stay for stay in s.world.care.stays if stay.end_ts < day and stay.kind == "ambulatory"]
        # Visits that took place, in the provider's own department, and that colleagues billed for what they were.
        near = [stay for stay in past if stay.department == provider.department and provider not in stay.team]
        stay = s.draws.pick(near or past)
        return billing.bill_of(s, stay, provider, institutional=False, level=3)

    def _phantom(self, s: Scene, provider: Person, day: float, _sent: list[Bill]) -> Bill:
        unseen = [p for p in s.world.patients if not s.world.care.by_patient.get(p.id)] or s.world.patients
        lines = billing.visit_lines(s, billing.VISITS, 2)
        return Bill(s.draws.pick(unseen), provider, "professional", lines, ["M54.5"], day, day, "22", None)

    def _therapy(self, s: Scene, provider: Person, day: float, _sent: list[Bill]) -> Bill:
        lines = [("97110", _THERAPY_UNITS, round(_THERAPY_UNITS * billing.TESTS["97110"], 2))]
        return Bill(s.draws.pick(s.world.patients), provider, "professional", lines, ["M54.5"], day, day, "22", None)

    def _duplicate(self, s: Scene, _provider: Person, _day: float, sent: list[Bill]) -> Bill:
        return s.draws.pick(sent)
