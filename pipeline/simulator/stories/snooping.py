"""Someone passes the time with the charts of patients on other wards."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart, opening
from pipeline.simulator.verbs.seat import seat


class Snooping(Story):
    """Shows: many patients within a shift, none with a reason. Easy: 20 charts, several pages. Hard: 6, one page."""

    kind = "snooping"
    techniques = ("T1213",)
    expected = ("ehr.unexplained_access", "ehr.access_anomaly")
    length_s = 5 * 3600.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        curious = stage.someone("nurse", "lab_tech", "registrar")
        chosen = s.world.care.strangers(d, curious, stage.by(20, 11, 6), charted=True)
        for place, patient in enumerate(chosen):
            low, high = stage.at(place / len(chosen)), stage.at((place + 0.9) / len(chosen))
            ts = opening.when(s, curious, low, high) or d.between(low, high)
            chart.read_chart(s, ts, curious, seat(s, ts, curious), patient, None, pages=stage.by(d.whole(3, 6), 2, 1))
            stage.note("patient", patient.id)
        stage.note("user", curious.id)
