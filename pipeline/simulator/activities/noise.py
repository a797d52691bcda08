"""What every wire carries and nobody answers: announcements, echo requests, knocking from the internet."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.draws import Weighted
from pipeline.simulator.rhythm import constant
from pipeline.simulator.verbs.net import connect, link, lookup
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.machines import DOMAIN

# Group or broadcast address (None: that of the sender's network), port, service, bytes.
_SHOUTS = Weighted(
    (
        ("224.0.0.251", 5353, "dns", 120), ("239.255.255.250", 1900, None, 130), ("224.0.0.252", 5355, "dns", 35),
        (None, 137, "dns", 68), (None, 138, None, 201), ("239.255.255.250", 3702, None, 650),
    ),
    (5, 4, 3, 3, 1, 2),
)  # fmt: skip
_KNOCKED = Weighted(
    (22, 23, 80, 443, 445, 3389, 8080, 8443, 1433, 3306, 5060, 2222), (9, 6, 9, 8, 5, 6, 4, 3, 2, 3, 2, 1)
)
_PUBLIC = ("web1", "mail1", "vpn1")


class Shouts(Activity):
    """Machines announce themselves and look for others."""

    share = 0.025

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        host = d.pick(s.world.printers) if d.chance(0.2) else d.pick(s.world.desks)
        where, port, service, size = _SHOUTS.pick(d)
        ip = where or host.ip.rsplit(".", 1)[0] + ".255"
        connect(s, ts, link(s, host, Host(ip, ip, None, "group"), port, "udp", service), size, 0, state="S0")


class Absent(Activity):
    """Machines that are off, moved or behind a filter: what is tried comes to nothing."""

    share = 0.008

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = d.pick(s.world.desks)
        roll = d.random()
        if roll < 0.4:
            connect(s, ts, link(s, desk, d.pick(s.world.printers), 9100), 0, 0, state=d.pick(("S0", "S0", "REJ")))
        elif roll < 0.7:
            other = d.pick(s.world.desks)
            connect(s, ts, link(s, desk, other, 445), 0, 0, state=d.pick(("S0", "REJ", "REJ")))
        else:
            server = s.world.servers[d.pick(("ehr1", "pacs1", "file1", "proxy1"))]
            connect(s, ts, link(s, desk, server, 443), 0, 0, state=d.pick(("S0", "REJ")))


class InternetNoise(Activity):
    """Scanners of the whole internet reach what is public here, all day, each a few ports."""

    share = 0.012

    def level(self, ts: float) -> float:
        return constant(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        ip = s.world.internet.new_address(d)
        outside = Host(ip, ip, None, "internet")
        for _ in range(d.pick((1, 1, 1, 2, 3))):
            server = s.world.servers[d.pick(_PUBLIC)]
            port = _KNOCKED.pick(d)
            if port == 443 or (port == 80 and server.name.endswith("web1")):
                connect(s, ts, link(s, outside, server, port, "tcp", "ssl" if port == 443 else "http"),
                        d.size(300, 0.4), d.size(1500, 0.5), d.lognormal(0.3, 0.6))  # fmt: skip
            else:
                connect(s, ts, link(s, outside, server, port), 0, 0, 0.05, d.pick(("REJ", "REJ", "REJ", "S0")))
            ts += d.lognormal(2, 1.5)


class OddNames(Activity):
    """Names that only programs read: content networks, look-ups of an antivirus, services of the directory."""

    share = 0.02

    def session(self, s: Scene, ts: float) -> None:
        d, internet = s.draws, s.world.internet
        desk = d.pick(s.world.desks)
        roll = d.random()
        if roll < 0.45:
            edge = internet.by_purpose["content"][d.whole(0, 3)]
            name = f"{d.pick(('e', 'd', 'a'))}{d.whole(100, 99999)}.{d.pick(('dsc', 'g', 'x'))}.{edge.name}"
            lookup(s, ts, desk, name, edge.host.ip)
        elif roll < 0.65:
            edge = internet.by_purpose["content"][4]
            lookup(s, ts, desk, f"{d.word('0123456789abcdefghijklmnopqrstuvwxyz', 13)}.{edge.name}", edge.host.ip)
        elif roll < 0.85:
            service = internet.by_purpose["telemetry"][1].name.split(".", 1)[1]
            for _ in range(d.pick((1, 1, 2, 6))):
                lookup(s, ts, desk, f"{d.hex(40)}.{d.pick('abc')}.{service}", f"127.0.{d.whole(0, 9)}.{d.whole(1, 9)}")
                ts += d.lognormal(0.2, 0.8)
        else:
            lookup(s, ts, desk, f"_ldap._tcp.dc._msdcs.{DOMAIN}", s.world.servers["dc1"].name, "SRV")
