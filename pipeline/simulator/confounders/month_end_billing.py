"""Month's end: billing sends what has piled up, and reads many charts to do so."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, opening, practice


class MonthEndBilling(Story):
    """A burst of claims and of accesses for payment by two people. What is sent is the house's share of stays that
    had not been billed by it."""

    kind = "benign:month_end_billing"
    length_s = 3 * 3600.0
    hour = 13.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        clerks = d.rng.sample(s.world.of_role("biller", "coder"), 2)
        past = [x for x in s.world.care.stays if x.end_ts < stage.start_ts and x.kind in ("ambulatory", "therapy")]
        chosen = d.rng.sample(past, min(len(past), 120))
        for place, stay in enumerate(chosen):
            ts = stage.at(0.95 * (place + d.random()) / len(chosen))
            if d.chance(0.4):
                opening.look(s, ts, clerks[place % 2], stay, 1, purpose="HPAYMT")
            billing.submit(s, ts + 2, billing.bill_of(s, stay, stay.attending, institutional=True))
            if place % 8 == 0:
                day = billing.midnight(stay.start_ts)
                billing.submit(s, ts + 3, billing.reading_of(s, stay))
                billing.submit(s, ts + 4, practice.dispensed(s, stay.patient, stay.attending.npi, day, stay.id))
        stage.note("user", *(clerk.id for clerk in clerks))
        stage.note("provider", billing.HOSPITAL_NPI)
