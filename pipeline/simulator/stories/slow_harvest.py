"""Someone reads a few strangers' charts every working day, for weeks: never many at once, always others."""

from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart, opening
from pipeline.simulator.verbs.seat import seat


class SlowHarvest(Story):
    """Shows: unexplained charts of one user add up over weeks. Easy: six a day, always new. Hard: two, some days one,
    one page, between the rightful ones."""

    kind = "slow_harvest"
    techniques = ("T1213",)
    expected = ("ehr.slow_harvest", "ehr.unexplained_access", "ehr.access_anomaly")
    length_s = 28 * DAY_S
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("nurse", "pharmacist", "coder")
        days = max(stage.length_s / DAY_S, 1.0)
        chosen = s.world.care.strangers(d, user, max(6, int(days * stage.by(4.5, 2.5, 1.3))))
        for place, patient in enumerate(chosen):
            low, high = stage.at(place / len(chosen)), stage.at((place + 0.9) / len(chosen))
            ts = opening.when(s, user, low - DAY_S, high + DAY_S) if days > 3 else d.between(low, high)
            if ts is None or not stage.start_ts <= ts <= stage.at(1.0):
                continue
            stage.note("patient", patient.id)
            chart.read_chart(
                s, ts, user, seat(s, ts, user), patient, None, pages=stage.by(d.whole(1, 3), d.whole(1, 2), 1)
            )
        stage.note("user", user.id)
