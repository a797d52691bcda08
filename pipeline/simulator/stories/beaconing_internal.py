"""Implants without a way out report to another inside, which relays for them: peer to peer over SMB pipes or HTTP."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link


class BeaconingInternal(Story):
    """Easy: every minute, 5 % jitter, an odd port. Hard: ten minutes, 40 %, over SMB, sizes vary."""

    kind = "beaconing_internal"
    techniques = ("T1090.001", "T1071.002")
    expected = ("network.beaconing",)
    length_s = 6 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        child, relay = d.rng.sample(s.world.desks, 2)
        port, service = stage.by((4444, None), (8080, "http"), (445, "smb"))
        period = min(stage.by(60.0, 240.0, 600.0), stage.length_s / stage.by(60, 45, 25))
        jitter, spread = stage.by(0.05, 0.2, 0.4), stage.by(0.02, 0.1, 0.4)
        ts = stage.start_ts
        while ts < stage.at(0.99):
            connect(s, ts, link(s, child, relay, port, "tcp", service), d.size(600, spread), d.size(430, spread))
            ts += period * d.between(1 - jitter, 1 + jitter)
        stage.note("ip", child.ip, relay.ip)
