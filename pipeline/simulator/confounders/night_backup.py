"""The nightly backup: every server sends its volume to one machine within an hour."""

from pipeline.simulator.documents import logs
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class NightBackup(Story):
    """Volumes of tens of gigabytes: looks like data being gathered."""

    kind = "benign:night_backup"
    length_s = 3600.0
    hour = 2.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        backup = s.world.servers["backup1"]
        sources = [h for h in s.world.servers.values() if h is not backup]
        for place, server in enumerate(sources):
            ts = stage.at(0.95 * place / len(sources))
            job = d.whole(1000, 9000)
            logs.line(s.tape, ts, backup.name, "bacula-sd", 1432, 6, f"job {job} started for client {server.name}")
            size = d.size(8e9, 0.7)
            connect(
                s,
                ts + 0.5,
                link(s, server, backup, 9103, "tcp", None),
                size,
                d.size(900_000, 0.3),
                0.04 * stage.length_s,
            )
            stage.note("ip", server.ip)
        stage.note("ip", backup.ip)
        stage.note("host", backup.name)
