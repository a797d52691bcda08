"""Data leaves inside names that are looked up."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


class DnsTunnel(Story):
    """Easy: 800 long TXT names. Hard: 120 short A names."""

    kind = "dns_tunnel"
    techniques = ("T1071.004", "T1048.003")
    expected = ()
    length_s = 1800.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web")
        domain = site.name.split(".", 1)[1]
        count = stage.by(800, 350, 120)
        for place in range(count):
            labels = [
                d.word(_BASE32, d.whole(*stage.by((45, 60), (28, 45), (10, 16)))) for _ in range(stage.by(3, 2, 1))
            ]
            qtype = d.pick(stage.by(("TXT", "TXT", "NULL"), ("TXT", "A"), ("A",)))
            answer = site.host.ip if qtype == "A" else d.word(_BASE32, 60)
            lookup(s, stage.at((place + d.random()) / count), desk, ".".join([*labels, domain]), answer, qtype)
        stage.note("ip", desk.ip)
        stage.note("domain", domain)
