"""Data leaves a little at a time, all day, so that no single transfer stands out."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import visit


class ExfiltrationSlow(Story):
    """Easy: 3 GB in 150 pieces to a new place. Hard: 200 MB in 60 uneven pieces, to a cloud service in use."""

    kind = "exfiltration_slow"
    techniques = ("T1030", "T1029", "T1567.002")
    expected = ("network.slow_exfiltration", "network.exfiltration")
    length_s = 10 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        known = d.pick(s.world.internet.by_purpose["cloud"])
        site = stage.by(None, None, known) or s.world.internet.new_site(d, "cloud", ("files", "sync", "storage"))
        pieces, total = stage.by(150, 100, 60), stage.by(3e9, 8e8, 2e8)
        for place in range(pieces):
            ts = stage.at((place + stage.by(0.2, 0.6, 0.95) * d.random()) / pieces)
            visit(s, ts, desk, site, d.size(total / pieces, stage.by(0.1, 0.4, 0.9)), d.size(4000, 0.4))
        stage.note("ip", desk.ip, site.host.ip)
        stage.note("domain", site.name)
