"""A provider who may not bill does."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, price_list


class ExcludedBilling(Story):
    """Shows: a number of the list of excluded providers. Easy: bills 20 claims. Hard: two, as the rendering provider
    under another's number."""

    kind = "excluded_billing"
    expected = ("claims.excluded_provider",)
    length_s = 6 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        excluded = d.pick(s.world.excluded)
        front = d.pick(s.world.of_role("physician")).npi
        count = stage.by(20, 6, 2)
        past = [x for x in s.world.care.stays if x.end_ts < stage.start_ts] or s.world.care.stays
        for place in range(count):
            stay = d.pick(past)
            lines = billing.visit_lines(s, price_list.VISITS, billing.midnight(stay.start_ts), excluded)
            biller = stage.by(excluded, excluded, front)
            sent = billing.bill(s, stay.patient, biller, lines, "22", stay.id, rendering=excluded)
            billing.submit(s, stage.at((place + d.random()) / count), sent)
            stage.note("patient", stay.patient.id)
        stage.note("provider", excluded, stage.by(excluded, excluded, front))
