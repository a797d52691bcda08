"""The archive moves: image data of years is copied to new storage, and priors are fetched in bulk, for hours."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class ArchiveMigration(Story):
    """Terabytes between two servers, over DICOM too."""

    kind = "benign:archive_migration"
    length_s = 6 * 3600.0
    hour = 20.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        archive, other = s.world.servers["pacs1"], s.world.servers["research1"]
        for place in range(200):
            ts = stage.at(0.97 * (place + d.random()) / 200)
            if place % 4:
                connect(s, ts, link(s, archive, s.world.servers["file2"], 2049, "tcp", "nfs"), d.size(2e9, 0.6),
                        d.size(200_000, 0.4), d.lognormal(60, 0.4))  # fmt: skip
            else:
                connect(s, ts, link(s, other, archive, 11112, "tcp", "dicom"), d.size(3000, 0.3), d.size(30e6, 0.6))
        stage.note("ip", archive.ip, other.ip)
