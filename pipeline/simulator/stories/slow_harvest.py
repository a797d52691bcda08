"""Someone reads a few strangers' charts an hour, every hour: never many at once, always others."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart


class SlowHarvest(Story):
    """Easy: 80 strangers. Hard: 15, over the whole time."""

    kind = "slow_harvest"
    techniques = ("T1213",)
    expected = ()
    length_s = 3 * 86_400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("nurse")
        desk = s.world.home_desk(user)
        strangers = [p for p in s.world.patients if not s.world.care.related(user, p)]
        chosen = d.rng.sample(strangers, min(len(strangers), stage.by(80, 40, 15)))
        for place, patient in enumerate(chosen):
            stage.note("patient", patient.id)
            ts = stage.at((place + 0.9 * d.random()) / len(chosen))
            chart.read_chart(s, ts, user, desk, patient, None, pages=d.whole(1, 2))
        stage.note("user", user.id)
        stage.note("host", desk.name)
