"""The whole hospital as one object that activities and stories read."""

from collections import defaultdict
from collections.abc import Iterator

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.world.care import Care
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.internet import Internet
from pipeline.simulator.world.machines import build_devices, build_printers, build_servers, build_workstations
from pipeline.simulator.world.patients import Patient, admit
from pipeline.simulator.world.posts import retire, seat_of, settle
from pipeline.simulator.world.principals import Principals
from pipeline.simulator.world.roster import Roster
from pipeline.simulator.world.staff import DEPARTMENTS, Person, hire, npi

_YEAR_S = 31_556_952.0
_EXCLUDED = 40
_ADDRESSES = 253
"""Of a network of 256, those that machines have: .2 to .254."""


class World:
    """Static once built, but for the roster it remembers by the hour."""

    def __init__(self, seed: int, start_ts: float, end_ts: float, *, staff: int, patients: int, devices: int) -> None:
        draws = Draws(f"{seed}/world")
        year = 1970 + int(start_ts / _YEAR_S)
        self.start_ts, self.end_ts = start_ts, end_ts
        hired = hire(draws, staff)
        self.patients = admit(draws, patients, hired, year)
        self.servers = build_servers(draws)
        self.workstations = build_workstations(draws, staff)
        self.desks = [h for hosts in self.workstations.values() for h in hosts]
        self.devices = build_devices(draws, devices)
        self.printers = build_printers(Draws(f"{seed}/printers"), staff)
        names = [host.name for host in self.servers.values()]
        self.principals = Principals(Draws(f"{seed}/principals"), names, DEPARTMENTS)
        self.silent: dict[str, tuple[float, float]] = {}
        """Devices by address that say nothing from one time to another: cut off, broken or stolen."""
        self.internet = Internet(Draws(f"{seed}/internet"))
        self.staff = settle(Draws(f"{seed}/posts"), hired, start_ts, end_ts)
        self.sleepers = retire(Draws(f"{seed}/sleepers"), self.staff, start_ts)
        """Left in the first days; their accounts were not closed."""
        left = {p.id: p for p in self.sleepers}
        self.staff = [left.get(p.id, p) for p in self.staff if p.id not in left or not p.begins_ts]
        self.roster = Roster(self.staff)
        self._seat_units()
        self.charts = {p.staff_id: p for p in self.patients if p.relation == "coworker"}
        """Own records of members of staff, by their id."""
        self.care = Care(Draws(f"{seed}/care"), self.staff, self.roster, self.patients, start_ts, end_ts, year)
        strangers = Draws(f"{seed}/excluded")
        self.excluded = [npi(strangers.whole(50_000_000, 59_999_999)) for _ in range(_EXCLUDED)]
        """Providers that may not bill: numbers of a list such as the LEIE."""
        inside = [*self.desks, *self.servers.values(), *(m.host for m in self.devices), *self.printers]
        self.by_ip = {host.ip: host for host in inside}
        self._leased: dict[str, float] = {}
        """Addresses that were given away, and until when."""

    def _seat_units(self) -> None:
        """Units, and departments without machines of their own, share those of a department."""
        units: dict[str, list[str]] = defaultdict(list)
        for name in sorted({p.department for p in self.staff} - set(self.workstations)):
            units[seat_of(name)].append(name)
        for seat, names in units.items():
            hosts = self.workstations[seat]
            for place, name in enumerate(names):
                self.workstations[name] = hosts[place :: len(names)] or hosts

    def is_silent(self, ip: str, ts: float) -> bool:
        """Whether a device says nothing at a time."""
        span = self.silent.get(ip)
        return span is not None and span[0] <= ts < span[1]

    def lease(self, ip: str, ts: float, until: float) -> str:
        """This address, or the next in its network that is free: none in use is given to another (RFC 2131, 2.2)."""
        network, _, last = ip.rpartition(".")
        for step in range(_ADDRESSES):
            free = f"{network}.{(int(last) - 2 + step) % _ADDRESSES + 2}"
            if free not in self.by_ip and self._leased.get(free, ts) <= ts:
                self._leased[free] = until
                return free
        return ip

    def on_duty(self, ts: float) -> list[Person]:
        """Everyone at work at a time; never empty: someone is always on call."""
        return self.roster.on_duty(ts)

    def on_duty_in(self, ts: float, department: str) -> list[Person]:
        """Those of one department at work; the whole department where nobody is."""
        return self.roster.on_duty_in(ts, department)

    def desk(self, person: Person, draws: Draws) -> Host:
        """The workstation someone sits at: mostly the usual one, else another of the department."""
        hosts = self.workstations[person.department]
        return hosts[person.index % len(hosts)] if draws.chance(0.85) else draws.pick(hosts)

    def home_desk(self, person: Person) -> Host:
        """The workstation someone usually sits at."""
        hosts = self.workstations[person.department]
        return hosts[person.index % len(hosts)]

    def of_role(self, *roles: str) -> list[Person]:
        """Everyone with one of the roles."""
        return [p for p in self.staff if p.role in roles]

    def patient_like(self, relation: str) -> list[Patient]:
        """Patients with a relation to staff or the public: vip, coworker, household, neighbour."""
        return [p for p in self.patients if p.relation == relation]

    def coming_on_duty(self) -> Iterator[tuple[float, Person]]:
        """Every full hour of the span and who works from then on, hour by hour."""
        hour = (self.start_ts // HOUR_S + 1) * HOUR_S
        while hour < self.end_ts:
            before = {p.id for p in self.staff if p.works(hour - 1)}
            yield from ((hour, p) for p in self.staff if p.works(hour + 1) and p.id not in before)
            hour += HOUR_S
