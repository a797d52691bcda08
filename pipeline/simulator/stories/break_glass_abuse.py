"""Someone breaks the glass, again and again, where there is no emergency."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart
from pipeline.simulator.verbs.seat import seat


class BreakGlassAbuse(Story):
    """Shows: no order, note or encounter follows. Easy: 18 patients. Hard: 2, by someone of the emergency department,
    where it is no surprise."""

    kind = "break_glass_abuse"
    techniques = ("T1078", "T1213")
    expected = ("ehr.break_glass_without_care",)
    length_s = 2400.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("resident", "radiologist", "pharmacist")
        if stage.difficulty == "hard":
            duty = [p for p in s.world.on_duty(stage.start_ts) if p.department.startswith("Emergency")]
            user = d.pick(duty or [user])
        chosen = s.world.care.strangers(d, user, stage.by(18, 8, 2))
        for place, patient in enumerate(chosen):
            stage.note("patient", patient.id)
            ts = stage.at((place + 0.8 * d.random()) / len(chosen))
            chart.read_chart(
                s, ts, user, seat(s, ts, user), patient, None, pages=d.whole(1, 3), purpose="BTG", break_glass=True
            )
        stage.note("user", user.id)
