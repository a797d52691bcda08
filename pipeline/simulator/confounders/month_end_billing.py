"""Month's end: billing sends what has piled up, and reads many charts to do so."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, chart


class MonthEndBilling(Story):
    """A burst of claims and of accesses for payment by two people."""

    kind = "benign:month_end_billing"
    length_s = 3 * 3600.0
    hour = 13.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        clerks = d.rng.sample(s.world.of_role("biller", "coder"), 2)
        past = [stay for stay in s.world.care.stays if stay.end_ts < s.world.start_ts]
        chosen = d.rng.sample(past, min(len(past), 120))
        for place, stay in enumerate(chosen):
            ts = stage.at(0.95 * (place + d.random()) / len(chosen))
            clerk = clerks[place % 2]
            if d.chance(0.4):
                chart.read_chart(s, ts, clerk, s.world.home_desk(clerk), stay.patient, stay, pages=1, purpose="HPAYMT")
            billing.submit(s, ts + 2, billing.bill_of(s, stay, stay.attending, institutional=stay.kind == "inpatient"))
        stage.note("user", *(clerk.id for clerk in clerks))
        stage.note("provider", *sorted({stay.attending.npi for stay in chosen}))
