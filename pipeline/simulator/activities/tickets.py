"""Tickets as honest machines ask for them: many at once in the morning, the whole house by those who manage it."""

from pipeline.simulator.activities.activity import Planned
from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.verbs import tickets, windows_net
from pipeline.simulator.verbs.scene import Scene

_ROUND_S, _WATCH_S, _WATCHED = 6 * HOUR_S, 1800.0, 6


class MorningTickets(Planned):
    """Who comes on duty opens the day's programs within minutes: each asks for a ticket for its service."""

    def play(self, s: Scene) -> None:
        d = s.draws
        for hour, person in s.world.coming_on_duty():
            names = tickets.services_of(s, person)
            opened = d.rng.sample(names, d.whole(3, 8)) + d.rng.sample(tickets.MACHINES, d.whole(1, 4))
            desk, ts = s.world.desk(person, d), hour + d.between(-600, 300)
            for name in opened:
                ts += d.lognormal(9, 1.0)
                windows_net.service_ticket(s, ts, desk, person.id, name)


class ManagementTickets(Planned):
    """A few times a day the inventory goes around all servers, with the databases in use on them, and all desks. The
    monitor logs on to some services every half hour, each time anew."""

    def play(self, s: Scene) -> None:
        world, d, principals = s.world, s.draws, s.world.principals
        used = [*principals.common, *(name for names in principals.of.values() for name in names)]
        databases = [name for name in used if name.startswith("mssqlsvc/")]
        hosts = [h.name for h in (*world.servers.values(), *world.desks)]
        ts = world.start_ts + d.between(0, _ROUND_S)
        while ts < world.end_ts:
            at = ts
            for host in hosts:
                own = f"{d.pick(('host', 'cifs', 'wsman'))}/{host}"
                for name in (own, *(name for name in databases if f"/{host}:" in name)):
                    at += d.lognormal(0.5, 0.5)
                    windows_net.service_ticket(s, at, world.servers["wsus1"], "svc-inventory", name)
            ts += _ROUND_S
        watched, ts = d.rng.sample(used, _WATCHED), world.start_ts + d.between(0, _WATCH_S)
        while ts < world.end_ts:
            for place, name in enumerate(watched):
                windows_net.service_ticket(s, ts + 0.2 * place, world.servers["monitor1"], "svc-monitor", name)
            ts += _WATCH_S
