"""Files are gathered from a server and sent out to a place nobody here has used."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs import smb
from pipeline.simulator.verbs.net import connect, visit


class Exfiltration(Story):
    """Easy: 12 GB at once. Hard: 300 MB in many pieces, to a cloud service that is in use."""

    kind = "exfiltration"
    techniques = ("T1039", "T1567.002", "T1041")
    expected = ("network.exfiltration", "network.slow_exfiltration", "network.flow_anomaly")
    length_s = 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        known = d.pick(s.world.internet.by_purpose["cloud"])
        site = stage.by(None, None, known) or s.world.internet.new_site(d, "cloud", ("files", "sync", "storage"))
        pieces = stage.by(6, 12, 30)
        total = stage.by(12e9, 2.5e9, 3e8)
        for place in range(pieces):
            ts = stage.at((place + 0.2 * d.random()) / pieces)
            server, share = smb.home_share(s, d.pick(("Research", "Billing", "Medicine")))
            where = smb.open_share(s, desk, server)
            for step in range(stage.by(12, 8, 3)):
                smb.touch(s, ts + 0.4 * step, where, share, "FILE_OPEN", smb.filename(s), d.size(4_000_000, 0.8))
            size = d.size(total / pieces, 0.3)
            connect(s, ts, where, 90_000, size, 0.2 * stage.length_s / pieces)
            visit(s, ts + 0.4 * stage.length_s / pieces, desk, site, size, d.size(40_000, 0.4))
        stage.note("ip", desk.ip, site.host.ip)
        stage.note("domain", site.name)
