"""Services are billed twice under new claim numbers: as they were, or a little changed."""

from dataclasses import replace

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, own_visits


class ClaimDuplicates(Story):
    """Shows: the same patient, code and amount again. Easy: 14 exact copies. Medium: 10 with the day moved by one.
    Hard: 5, by turns another day, another provider, another modifier."""

    kind = "claim_duplicates"
    expected = ("claims.duplicate",)
    length_s = 8 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = own_visits.billing_physician(s, stage.start_ts)
        colleague = d.pick(s.world.of_role("physician"))
        count = stage.by(14, 10, 5)
        for place in range(count):
            seen = own_visits.visits_of_department(s, provider, stage.start_ts)
            first = billing.bill_of(s, d.pick(seen[:200]), provider, institutional=False)
            again = replace(first, claim_id=f"c{d.hex(12)}")
            change = stage.by("none", "day", ("day", "provider", "modifier")[place % 3])
            if change == "day":
                again = replace(again, lines=tuple(x._replace(day=x.day + DAY_S) for x in first.lines))
            elif change == "modifier":
                again = replace(again, lines=tuple(x._replace(modifiers=(*x.modifiers, "25")) for x in first.lines))
            elif change == "provider":
                again = replace(again, provider=colleague.npi, rendering=colleague.npi)
            ts = stage.at(0.7 * (place + d.random()) / count)
            billing.submit(s, ts, first)
            billing.submit(s, ts + 0.25 * stage.length_s * d.random(), again)
            stage.note("patient", first.patient.id)
        stage.note("provider", provider.npi)
