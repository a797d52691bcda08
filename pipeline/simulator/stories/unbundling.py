"""The parts of a panel, or of an operation, are billed one by one beside it."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, price_list


class Unbundling(Story):
    """Shows: codes on one patient and day that the list of pairs, or habit, holds together. Easy: 25 panels with three
    parts. Medium: 12 with the parts on a claim of their own. Hard: 6, one part, days later."""

    kind = "unbundling"
    expected = ("claims.unbundling",)
    length_s = 8 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = stage.someone("pathologist").npi
        past = [x for x in s.world.care.stays if x.end_ts < stage.start_ts] or s.world.care.stays
        count = stage.by(25, 12, 6)
        for place in range(count):
            stay = d.pick(past[-600:])
            day = billing.midnight(stay.start_ts)
            panel = billing.priced(s, price_list.LABORATORY, price_list.PANEL, day)
            names = d.rng.sample(list(price_list.PARTS), stage.by(3, 3, 1))
            parts = tuple(billing.priced(s, price_list.PARTS, code, day) for code in names)
            ts = stage.at(0.7 * (place + d.random()) / count)
            if stage.difficulty == "easy":
                billing.submit(s, ts, billing.bill(s, stay.patient, provider, (panel, *parts), "22", stay.id))
            else:
                billing.submit(s, ts, billing.bill(s, stay.patient, provider, (panel,), "22", stay.id))
                later = stage.by(0.0, 0.01, 0.25) * stage.length_s * d.random()
                billing.submit(s, ts + later, billing.bill(s, stay.patient, provider, parts, "22", stay.id))
            stage.note("patient", stay.patient.id)
        stage.note("provider", provider)
