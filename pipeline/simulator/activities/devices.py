"""Machines that repeat themselves: medical devices, time, telemetry, updaters, keepalives."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from pipeline.simulator.activities.activity import Periodic, Pulse
from pipeline.simulator.documents import network
from pipeline.simulator.draws import Draws
from pipeline.simulator.verbs.net import connect, link, visit
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.host import Host, Site
from pipeline.simulator.world.machines import Medical
from pipeline.simulator.world.world import World


@dataclass(slots=True, frozen=True)
class Talk:
    """A medical device reports to its server."""

    device: Medical

    def __call__(self, s: Scene, ts: float) -> None:
        cls, d = self.device.cls, s.draws
        if s.world.is_silent(self.device.host.ip, ts):
            return
        server = s.world.servers[cls.server]
        where = link(s, self.device.host, server, cls.port, cls.proto, cls.service)
        spread = 0.9 if cls.name == "imaging" else 0.08
        if cls.service == "modbus" and d.chance(0.3):
            detail = orjson.dumps({"func": "READ_HOLDING_REGISTERS", "quantity": d.whole(1, 8)}).decode()
            network.other(s.tape, ts, where, "modbus", detail)
        connect(s, ts, where, d.size(cls.bytes_out, spread), d.size(cls.bytes_in, 0.08))


@dataclass(slots=True, frozen=True)
class Knock:
    """A machine asks an outside service whether there is anything new."""

    host: Host
    site: Site
    out: int
    back: int

    def __call__(self, s: Scene, ts: float) -> None:
        d = s.draws
        if self.site.category == "time":
            connect(s, ts, link(s, self.host, self.site.host, 123, "udp", "ntp"), 48, 48, d.lognormal(0.02, 0.4))
        else:
            visit(s, ts, self.host, self.site, d.size(self.out, 0.1), d.size(self.back, 0.3))


@dataclass(slots=True, frozen=True)
class Lease:
    """A workstation renews its address."""

    host: Host

    def __call__(self, s: Scene, ts: float) -> None:
        where = link(s, self.host, s.world.servers["dc1"], 67, "udp", "dhcp")
        network.dhcp(s.tape, ts, where, assigned_ip=self.host.ip, hostname=self.host.name, lease_s=28800.0)


class MedicalDevices(Periodic):
    """Every medical device in its own rhythm."""

    def pulses(self, world: World, draws: Draws) -> list[Pulse]:
        return [
            Pulse(m.cls.period_s * draws.between(0.9, 1.1), 0.6 if m.cls.name == "imaging" else 0.03, Talk(m))
            for m in world.devices
        ]


class Housekeeping(Periodic):
    """Time, telemetry, updates and leases of workstations and servers."""

    def pulses(self, world: World, draws: Draws) -> list[Pulse]:
        out: list[Pulse] = []
        sites = world.internet.by_purpose

        def every(period_s: float, jitter: float, fire: Callable[[Scene, float], None]) -> None:
            out.append(Pulse(period_s * draws.between(0.97, 1.03), jitter, fire))

        for host in [*world.desks, *world.servers.values()]:
            every(256, 0.02, Knock(host, sites["time"][0], 48, 48))
            every(28_800, 0.2, Lease(host))
            if draws.chance(0.5):
                every(draws.pick((60, 120, 300)), 0.08, Knock(host, draws.pick(sites["telemetry"]), 900, 420))
            if draws.chance(0.4):
                every(draws.pick((600, 1800, 3600)), 0.15, Knock(host, draws.pick(sites["update"]), 700, 2400))
        return out
