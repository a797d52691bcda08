"""Someone takes records with them: prints and exports far beyond what the work asks for."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart
from pipeline.simulator.verbs.seat import seat


class MassExport(Story):
    """Shows: numbers of records far above what the role prints. Easy: 25 exports of thousands. Hard: 8 of 250."""

    kind = "mass_export"
    techniques = ("T1213", "T1005")
    expected = ("ehr.mass_export", "ehr.access_anomaly")
    length_s = 1200.0
    records = True

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("registrar", "coder", "resident")
        count = stage.by(25, 15, 8)
        for place in range(count):
            patient = d.pick(s.world.patients)
            stage.note("patient", patient.id)
            action, size = d.pick(("export", "export", "print")), d.size(stage.by(3000, 900, 250), 0.4)
            ts = stage.at((place + d.random()) / count)
            chart.access(s, ts, user, seat(s, ts, user), patient, action, "DocumentReference", records_n=size)
        stage.note("user", user.id)
