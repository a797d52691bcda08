"""Data leaves inside names that are looked up."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


class DnsTunnel(Story):
    """Easy: 800 long TXT names in ten minutes. Hard: 150 short A names over two hours."""

    kind = "dns_tunnel"
    techniques = ("T1071.004", "T1048.003")
    expected = ("network.dns_tunnel",)
    length_s = 7200.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web")
        domain = site.name.split(".", 1)[1]
        count, length = stage.by(800, 350, 150), stage.by(0.1, 0.4, 1.0)
        for place in range(count):
            labels = [
                d.word(_BASE32, d.whole(*stage.by((45, 60), (28, 45), (12, 18)))) for _ in range(stage.by(3, 2, 1))
            ]
            qtype = d.pick(stage.by(("TXT", "TXT", "NULL"), ("TXT", "A"), ("A",)))
            answer = site.host.ip if qtype == "A" else d.word(_BASE32, 60)
            ts = stage.at(length * (place + d.random()) / count)
            lookup(s, ts, desk, ".".join([*labels, domain]), answer, qtype)
        stage.note("ip", desk.ip)
        stage.note("domain", domain)
