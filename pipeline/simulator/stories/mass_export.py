"""Someone takes records with them: prints and exports far beyond what the work asks for."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import chart


class MassExport(Story):
    """Easy: some 25 exports of thousands. Hard: 8 exports of a few hundred."""

    kind = "mass_export"
    techniques = ("T1213", "T1005")
    expected = ("ehr.mass_export",)
    length_s = 1200.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        user = stage.someone("registrar", "coder", "resident")
        desk = s.world.home_desk(user)
        count = stage.by(25, 15, 8)
        for place in range(count):
            patient = d.pick(s.world.patients)
            stage.note("patient", patient.id)
            action = d.pick(("export", "export", "print"))
            size = d.size(stage.by(3000, 900, 250), 0.4)
            chart.access(
                s,
                stage.at((place + d.random()) / count),
                user,
                desk,
                patient,
                action,
                "DocumentReference",
                records_n=size,
            )
        stage.note("user", user.id)
        stage.note("host", desk.name)
