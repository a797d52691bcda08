"""More is billed for a day than a day holds."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import billing, price_list


class ImpossibleDay(Story):
    """Shows: timed units of one provider and day beyond what anybody can do. Easy: 40 hours of therapy in a day.
    Medium: 26. Hard: 15 hours on each of five days, where colleagues bill four."""

    kind = "impossible_day"
    expected = ("claims.impossible_day", "claims.provider_outlier")
    length_s = 8 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        provider = stage.someone("therapist")
        hours, days = stage.by((40, 1), (26, 1), (15, 5))
        first = billing.midnight(stage.start_ts)
        for day in range(days):
            # An hour (four units of a quarter) a patient, two now and then.
            left = hours
            while left > 0:
                patient = d.pick(s.world.care.stays).patient
                done = min(left, d.whole(1, 2))
                left -= done
                line = billing.priced(s, price_list.THERAPY, "97110", first + day * DAY_S, 4.0 * done, "GP")
                sent = billing.bill(s, patient, provider.npi, (line,), "22", None)
                billing.submit(s, stage.at((day + 0.9 * d.random()) / days), sent)
                stage.note("patient", patient.id)
        stage.note("provider", provider.npi)
