"""Visitors' phones on the guest network: machines nobody has seen before are an everyday thing there."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.documents import network
from pipeline.simulator.verbs.net import link, visit
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import NET, mac

_LEASE_S = 3600.0


class Guests(Activity):
    """A phone joins, with a random address of its own, and reads a few pages."""

    share = 0.012

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        prefix = f"{d.pick((2, 6, 10, 14)) + 16 * d.whole(0, 15):02x}:{d.hex(2)}:{d.hex(2)}"
        name = d.pick(("phone", "tablet", "laptop")) + f"-{d.hex(5)}"
        ip = s.world.lease(f"{NET}.{d.whole(90, 93)}.{d.whole(2, 254)}", ts, ts + 2 * _LEASE_S)
        phone = Host(name, ip, mac(d, prefix), "guest")
        where = link(s, phone, s.world.servers["dc1"], 67, "udp", "dhcp")
        network.dhcp(s.tape, ts, where, assigned_ip=phone.ip, hostname=phone.name, lease_s=_LEASE_S)
        for _ in range(d.whole(1, 5)):
            ts += d.lognormal(6, 1.0)
            visit(s, ts, phone, s.world.internet.popular(d), d.size(2100, 0.7), d.size(60_000, 1.2))
