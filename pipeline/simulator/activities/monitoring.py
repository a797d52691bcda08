"""The house watches itself: polls of servers, printers and network, for ever, at even intervals."""

from dataclasses import dataclass

from pipeline.simulator.activities.activity import Periodic, Pulse
from pipeline.simulator.documents import network
from pipeline.simulator.draws import Draws
from pipeline.simulator.verbs.net import connect, link, shake_hands_inside
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import DOMAIN
from pipeline.simulator.world.world import World


@dataclass(slots=True, frozen=True)
class Poll:
    """One question of the monitoring or print server to one machine."""

    source: str
    target: Host
    port: int
    proto: str
    service: str | None

    def __call__(self, s: Scene, ts: float) -> None:
        d = s.draws
        where = link(s, s.world.servers[self.source], self.target, self.port, self.proto, self.service)
        if self.proto == "icmp":
            where.src_port, where.dst_port = 8, 0
            network.flow(s.tape, ts, where, d.lognormal(0.001, 0.5), 56, 56, "OTH")
            return
        if self.service == "ssl" and d.chance(0.5):
            shake_hands_inside(s, ts + 0.01, where, f"{self.target.name}.{DOMAIN}")
        connect(s, ts, where, d.size(140, 0.2), d.size(420, 0.3), d.lognormal(0.02, 0.6))


class Monitoring(Periodic):
    """Every server answers to the monitor, every printer to the print server."""

    def pulses(self, world: World, draws: Draws) -> list[Pulse]:
        out = []
        for name, server in world.servers.items():
            if name != "monitor1":
                out.append(Pulse(60, 0.02, Poll("monitor1", server, 8, "icmp", None)))
                out.append(Pulse(300, 0.02, Poll("monitor1", server, 161, "udp", "snmp")))
                if draws.chance(0.4):
                    out.append(Pulse(120, 0.02, Poll("monitor1", server, 443, "tcp", "ssl")))
        for printer in world.printers:
            out.append(Pulse(300, 0.05, Poll("print1", printer, 161, "udp", "snmp")))
        return out
