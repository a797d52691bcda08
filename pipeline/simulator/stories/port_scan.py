"""A machine looks for what else there is: many ports of one server, one port of many machines."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import NET


class PortScan(Story):
    """Easy: fast and wide. Hard: slow, few ports, half of them answering."""

    kind = "port_scan"
    techniques = ("T1046",)
    expected = ("network.port_scan", "network.slow_scan")
    length_s = 900.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        target = s.world.servers[d.pick(("ehrdb1", "file1", "pacs1"))]
        ports = d.rng.sample(range(1, 10_000), stage.by(600, 250, 60))
        for place, port in enumerate(ports):
            ts = stage.at(0.45 * place / len(ports))
            connect(s, ts, link(s, source, target, port), 0, 0, 0.001, d.pick(("REJ", "S0", "REJ")))
        service = d.pick((445, 3389, 22, 502))
        addresses = [f"{NET}.{net}.{n}" for net in (1, 40, 41, 42) for n in range(2, 200)]
        swept = d.rng.sample(addresses, stage.by(400, 150, 50))
        answers = stage.by(("REJ", "S0", "SF"), ("REJ", "SF"), ("SF", "SF", "REJ"))
        for place, ip in enumerate(swept):
            ts = stage.at(0.5 + 0.5 * place / len(swept))
            there = s.world.by_ip.get(ip)
            state = "S0" if there is None else d.pick(answers)
            connect(s, ts, link(s, source, there or Host(ip, ip, None, "unknown"), service), 180, 240, 0.05, state)
        stage.note("ip", source.ip, target.ip)
