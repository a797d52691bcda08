"""A service's password was changed, and one old job still tries the former one, every minute, all day."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import logon
from pipeline.simulator.verbs.net import connect, link


class StalePassword(Story):
    """Hundreds of failures of one account from one server: nobody guesses."""

    kind = "benign:stale_password"
    length_s = 8 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source, target = s.world.servers["research1"], s.world.servers["file2"]
        period = max(60.0, stage.length_s / 300)
        ts = stage.start_ts
        while ts < stage.at(0.98):
            logon.kerberos(s, ts, source, "svc-report", ok=False)
            logon.windows(s, ts + 0.2, target, "svc-report", "logon", ok=False, logon_type=3, src=source)
            connect(s, ts + 0.1, link(s, source, target, 445, "tcp", "smb"), 1900, 1400)
            ts += period * d.between(0.99, 1.01)
        stage.note("ip", source.ip)
        stage.note("user", "svc-report")
