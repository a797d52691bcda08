"""An implant asks for orders in names that it looks up: small, regular, and only the resolver talks outside."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import lookup


class BeaconingDns(Story):
    """Easy: twice a minute, 10 % jitter, TXT. Hard: every ten minutes, 40 %, A records with short names."""

    kind = "beaconing_dns"
    techniques = ("T1071.004",)
    expected = ("network.beaconing_dns", "network.beaconing", "network.dns_tunnel")
    length_s = 6 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        desk = d.pick(s.world.desks)
        site = s.world.internet.new_site(d, "web", ("ns1",))
        domain = site.name.split(".", 1)[1]
        period = min(stage.by(30.0, 120.0, 600.0), stage.length_s / stage.by(100, 60, 25))
        jitter = stage.by(0.1, 0.2, 0.4)
        qtype = stage.by("TXT", "TXT", "A")
        session, count, ts = d.hex(stage.by(12, 8, 4)), 0, stage.start_ts
        while ts < stage.at(0.99):
            name = f"{session}{count:x}.{domain}" if qtype == "A" else f"{session}.{count:06x}.{domain}"
            answer = site.host.ip if qtype == "A" else d.word("abcdefghijklmnopqrstuvwxyz234567", 24)
            lookup(s, ts, desk, name, answer, qtype)
            ts += period * d.between(1 - jitter, 1 + jitter)
            count += 1
        stage.note("ip", desk.ip)
        stage.note("domain", domain)
