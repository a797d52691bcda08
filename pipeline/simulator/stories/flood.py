"""A server is drowned: half-open connections, datagrams or requests, from outside or from infected machines here."""

from pipeline.simulator.documents import network
from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link, request
from pipeline.simulator.world.host import Host


class Flood(Story):
    """Easy: 6,000 half-open connections in a minute. Hard: 1,200 slow requests in ten minutes, from 40 machines."""

    kind = "flood"
    techniques = ("T1498.001", "T1499.002")
    expected = ("network.flood",)
    length_s = 600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        server = s.world.servers[d.pick(("web1", "ehr1", "vpn1"))]
        outside = [Host(ip, ip, None, "internet") for ip in (s.world.internet.new_address(d) for _ in range(40))]
        count, length = stage.by(6000, 2500, 1200), stage.by(0.1, 0.3, 1.0)
        sources = stage.by(outside[:1], [d.pick(s.world.desks)], outside)
        way = stage.by("syn", "udp", "http")
        for place in range(count):
            ts = stage.at(length * (place + d.random()) / count)
            source = d.pick(sources)
            if way == "syn":
                connect(s, ts, link(s, source, server, 443), 0, 0, state="S0")
            elif way == "udp":
                network.flow(s.tape, ts, link(s, source, server, d.whole(1, 65535), "udp"), 0.0, 1400, 0, "S0")
            else:
                where = link(s, source, server, 80, "tcp", "http")
                if d.chance(0.5):
                    request(s, ts, where, server.name, f"/search?q={d.hex(6)}", 300, 9000)
                connect(s, ts, where, 400, d.size(9000, 0.2), d.lognormal(4, 0.5))
        stage.note("ip", server.ip, *(x.ip for x in sources))
