"""Visits are billed that nobody made: no encounter, and nobody opened the chart."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, own_visits, price_list
from pipeline.simulator.world.posts import base_of


class PhantomBilling(Story):
    """Shows: neither encounter nor an opened chart near the service. Easy: 30 claims for people never seen. Hard: 6,
    for people seen more than a week before or after."""

    kind = "phantom_billing"
    expected = ("claims.phantom",)
    length_s = 10 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = own_visits.billing_physician(s, stage.start_ts)
        count = stage.by(30, 14, 6)
        care = s.world.care
        for place in range(count):
            ts = stage.at((place + d.random()) / count)
            day = billing.midnight(ts) - d.whole(1, 4) * DAY_S
            for _ in range(400):
                patient = d.pick(s.world.patients)
                stays = care.by_patient.get(patient.id, [])
                far = all(abs(x.start_ts - day) > 9 * DAY_S and abs(x.end_ts - day) > 9 * DAY_S for x in stays)
                if patient.died_days is None and far and bool(stays) == (stage.difficulty == "hard"):
                    break
            lines = billing.visit_lines(s, price_list.VISITS, day, provider.npi, base_of(provider.department))
            billing.submit(s, ts, billing.bill(s, patient, provider.npi, lines, "22", None))
            stage.note("patient", patient.id)
        stage.note("provider", provider.npi)
