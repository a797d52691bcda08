"""A patient intruder looks around over hours: a port here, a machine there, nothing that a burst would show."""

from pipeline.simulator.stories.story import Stage, Story
from pipeline.simulator.verbs.net import connect, link
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import NET


class SlowScan(Story):
    """Easy: 300 tries, an unanswered one every minute. Hard: 50 over hours, most of them answered."""

    kind = "slow_scan"
    techniques = ("T1046", "T1018")
    expected = ("network.slow_scan", "network.port_scan")
    length_s = 6 * 3600.0

    def play(self, stage: Stage) -> None:
        s, d = stage.scene, stage.scene.draws
        source = d.pick(s.world.desks)
        count = stage.by(300, 120, 50)
        wide = d.chance(0.5)
        known = [h for h in s.world.by_ip.values() if h is not source]
        target = s.world.servers[d.pick(("ehrdb1", "intf1", "research1", "bms1"))]
        ports = d.rng.sample(range(20, 9999), count)
        service = d.pick((445, 3389, 22, 80, 502))
        for place in range(count):
            ts = stage.at((place + 0.7 * d.random()) / count)
            if wide:
                ip = f"{NET}.{d.whole(1, 44)}.{d.whole(2, 250)}"
                there = d.pick(known) if d.chance(stage.by(0.2, 0.4, 0.7)) else s.world.by_ip.get(ip)
                state = "S0" if there is None else d.pick(stage.by(("REJ",), ("REJ", "SF"), ("SF", "SF", "REJ")))
                connect(s, ts, link(s, source, there or Host(ip, ip, None, "unknown"), service), 120, 90, 0.05, state)
            else:
                state = d.pick(stage.by(("REJ", "S0"), ("REJ", "REJ", "S0"), ("REJ", "SF")))
                connect(s, ts, link(s, source, target, ports[place]), 60, 40, 0.02, state)
        stage.note("ip", source.ip)
