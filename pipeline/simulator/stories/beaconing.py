"""An implant asks its controller for orders, at intervals with jitter, for hours."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class Beaconing(Story):
    """Easy: 5 % jitter, its own TLS client. Hard: half the period, the browser's client, varying sizes."""

    kind = "beaconing"
    techniques = ("T1071.001", "T1573")
    expected = ("network.beaconing",)
    length_s = 4 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web")
        period = min(60.0, stage.length_s / 60)
        jitter, spread = stage.by(0.05, 0.2, 0.5), stage.by(0.02, 0.1, 0.5)
        ja3 = None if stage.difficulty == "hard" else d.hex(32)
        ts = stage.start_ts
        while ts < stage.at(0.99):
            visit(s, ts, desk, site, d.size(720, spread), d.size(510, spread), ja3)
            ts += period * d.between(1 - jitter, 1 + jitter)
        stage.note("ip", desk.ip, site.host.ip)
        stage.note("domain", site.name)
