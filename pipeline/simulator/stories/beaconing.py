"""An implant asks its controller for orders, at intervals with jitter, for hours."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class Beaconing(Story):
    """Easy: every minute, 5 % jitter, its own TLS client. Hard: a quarter of an hour, 50 %, the browser's, tasks."""

    kind = "beaconing"
    techniques = ("T1071.001", "T1573")
    expected = ("network.beaconing",)
    length_s = 6 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        # Half of them stand behind a service that others here use too: a front at a content network.
        site = s.world.internet.new_site(d, "web", stage.by(("www",), ("api", "cdn"), ("static", "img")))
        period = min(stage.by(60.0, 300.0, 900.0), stage.length_s / stage.by(60, 40, 22))
        jitter, spread = stage.by(0.05, 0.2, 0.5), stage.by(0.02, 0.1, 0.4)
        ja3 = None if stage.difficulty == "hard" else d.hex(32)
        ts = stage.start_ts
        while ts < stage.at(0.99):
            # Now and then there is an order, and its outcome goes back.
            task = d.chance(stage.by(0.0, 0.03, 0.1))
            out, back = (
                (d.size(40_000, 1.0), d.size(9_000, 1.0)) if task else (d.size(720, spread), d.size(510, spread))
            )
            visit(s, ts, desk, site, out, back, ja3)
            ts += period * d.between(1 - jitter, 1 + jitter)
        stage.note("ip", desk.ip, site.host.ip)
        stage.note("domain", site.name)
