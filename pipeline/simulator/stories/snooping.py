"""Someone opens the charts of a celebrity, a colleague or a neighbour without any part in their care."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart


class Snooping(Story):
    """Hard: one page of one neighbour. Easy: several pages of VIPs, colleagues and household members."""

    kind = "snooping"
    techniques = ("T1213",)
    expected = ()
    length_s = 1500.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        curious = stage.someone("nurse")
        relations = stage.by(("vip", "coworker", "household", "vip"), ("vip", "coworker"), ("household",))
        desk = s.world.home_desk(curious)
        seen: set[str] = set()
        for place, relation in enumerate(relations):
            strangers = [
                p for p in s.world.patient_like(relation)
                if p.id not in seen and p.staff_id != curious.id and not s.world.care.related(curious, p)
            ]  # fmt: skip
            patient = d.pick(strangers or s.world.patients)
            seen.add(patient.id)
            stage.note("patient", patient.id)
            ts = stage.at((place + 0.2) / len(relations))
            chart.read_chart(s, ts, curious, desk, patient, None, pages=stage.by(6, 4, 1))
        stage.note("user", curious.id)
        stage.note("host", desk.name)
