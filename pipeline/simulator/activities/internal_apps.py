"""Workstations talk to servers: records, images, directory, proxies; servers talk to each other."""

from pipeline.simulator.activities.activity import Activity
from pipeline.simulator.draws import Weighted
from pipeline.simulator.rhythm import machine
from pipeline.simulator.verbs.net import connect, link, lookup, shake_hands_inside
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.machines import DOMAIN

# Server, port, service, median bytes out and in, weight.
_APPS = Weighted(
    (
        ("ehr1", 443, "ssl", 5_000, 60_000),
        ("ehr2", 443, "ssl", 5_000, 60_000),
        ("pacs1", 443, "ssl", 4_000, 900_000),
        ("dc1", 389, "ldap_tcp", 1_200, 3_600),
        ("dc2", 389, "ldap_tcp", 1_200, 3_600),
        ("mail1", 443, "ssl", 9_000, 40_000),
        ("proxy1", 3128, "http", 2_500, 30_000),
        ("lis1", 443, "ssl", 3_000, 21_000),
        ("billing1", 443, "ssl", 4_000, 26_000),
        ("web1", 443, "ssl", 2_000, 18_000),
    ),
    (14, 13, 6, 6, 3, 9, 6, 4, 3, 4),
)
_BACK = Weighted(
    (
        ("ehr1", "ehrdb1", 5432, "postgresql", 9_000, 70_000),
        ("ehr2", "ehrdb1", 5432, "postgresql", 9_000, 70_000),
        ("intf1", "ehr1", 443, "ssl", 6_000, 1_200),
        ("lis1", "intf1", 2575, "hl7", 2_500, 160),
        ("dc2", "dc1", 135, "dce_rpc", 4_000, 4_000),
        ("monitor1", "ehr1", 161, "snmp", 90, 190),
        ("billing1", "ehrdb1", 5432, "postgresql", 3_000, 120_000),
        ("pacs1", "file2", 2049, "nfs", 2_000_000, 9_000),
    ),
    (12, 12, 6, 6, 3, 5, 3, 2),
)


class InternalApps(Activity):
    """Desk to server."""

    share = 0.20

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        desk = s.world.desk(d.pick(s.world.on_duty(ts)), d)
        name, port, service, out, back = _APPS.pick(d)
        server = s.world.servers[name]
        if d.chance(0.3):
            lookup(s, ts - 0.02, desk, f"{server.name}.{DOMAIN}", server.ip)
        where = link(s, desk, server, port, "tcp", service)
        if service == "ssl" and d.chance(0.3):
            shake_hands_inside(s, ts + 0.01, where, f"{server.name}.{DOMAIN}")
        connect(s, ts, where, d.size(out, 0.8), d.size(back, 1.0), d.lognormal(1.8, 1.3))


class BackEnd(Activity):
    """Server to server."""

    share = 0.07

    def level(self, ts: float) -> float:
        return machine(ts)

    def session(self, s: Scene, ts: float) -> None:
        d = s.draws
        src, dst, port, service, out, back = _BACK.pick(d)
        servers = s.world.servers
        where = link(s, servers[src], servers[dst], port, "udp" if port == 161 else "tcp", service)
        connect(s, ts, where, d.size(out, 0.6), d.size(back, 0.8), d.lognormal(0.4, 1.0))
