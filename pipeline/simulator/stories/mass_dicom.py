"""Studies are fetched from the archive by the thousand, by a machine that is no viewer."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class MassDicom(Story):
    """Easy: 300 retrievals of 40 MB in half an hour. Hard: 40 over three hours, from a desk of Radiology."""

    kind = "mass_dicom"
    techniques = ("T1213", "T1005")
    expected = ("devices.mass_retrieval", "devices.clinical_protocol")
    length_s = 3 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        radiology = s.world.workstations["Radiology"]
        others = [h for h in s.world.desks if h.department not in ("Radiology", "IT")]
        desk = d.pick(stage.by(others, others, radiology))
        count, length = stage.by(300, 120, 40), stage.by(0.17, 0.5, 1.0)
        archive = s.world.servers["pacs1"]
        for place in range(count):
            ts = stage.at(length * (place + 0.6 * d.random()) / count)
            size = d.size(stage.by(40e6, 25e6, 20e6), 0.7)
            connect(s, ts, link(s, desk, archive, 11112, "tcp", "dicom"), d.size(2600, 0.3), size)
        stage.note("ip", desk.ip)
