"""Services are billed for people who had died."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, own_visits, price_list


class DeceasedBilling(Story):
    """Shows: a day of service after the death. Easy: ten claims for people long dead. Hard: two, days after a death in
    the house where there is one."""

    kind = "deceased_billing"
    expected = ("claims.deceased",)
    length_s = 6 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = own_visits.billing_physician(s, stage.start_ts)
        died = s.world.care.died
        dead = [p for p in s.world.patients if died.get(p.id, stage.start_ts) < stage.start_ts - 6 * DAY_S]
        late = [p for p in dead if died[p.id] > stage.start_ts - 20 * DAY_S]
        chosen = (late if stage.difficulty == "hard" and late else dead) or s.world.patients
        count = stage.by(10, 5, 2)
        for place in range(count):
            patient = d.pick(chosen)
            ts = stage.at((place + d.random()) / count)
            day = billing.midnight(ts) - DAY_S
            lines = billing.visit_lines(s, price_list.VISITS, day, provider.npi)
            billing.submit(s, ts, billing.bill(s, patient, provider.npi, lines, "22", None))
            stage.note("patient", patient.id)
        stage.note("provider", provider.npi)
