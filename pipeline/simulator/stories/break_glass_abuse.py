"""Someone breaks the glass, again and again, where there is no emergency."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart


class BreakGlassAbuse(Story):
    """Easy: 18 patients. Hard: 4."""

    kind = "break_glass_abuse"
    techniques = ("T1078", "T1213")
    expected = ("ehr.break_glass",)
    length_s = 2400.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("resident", "radiologist", "pharmacist")
        desk = s.world.home_desk(user)
        strangers = [p for p in s.world.patients if not s.world.care.related(user, p)]
        chosen = d.rng.sample(strangers, min(len(strangers), stage.by(18, 10, 4)))
        for place, patient in enumerate(chosen):
            stage.note("patient", patient.id)
            ts = stage.at((place + 0.8 * d.random()) / len(chosen))
            chart.read_chart(s, ts, user, desk, patient, None, pages=d.whole(1, 3), purpose="BTG", break_glass=True)
        stage.note("user", user.id)
        stage.note("host", desk.name)
