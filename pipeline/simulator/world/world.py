"""The whole hospital as one object that activities and stories read."""

from collections import defaultdict

from pipeline.simulator.draws import Draws
from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.world.care import Care
from pipeline.simulator.world.host import Host
from pipeline.simulator.world.internet import Internet
from pipeline.simulator.world.machines import build_devices, build_printers, build_servers, build_workstations
from pipeline.simulator.world.patients import Patient, admit
from pipeline.simulator.world.staff import Person, hire

_YEAR_S = 31_556_952.0


class World:
    """Static once built, but for the roster it remembers by the hour."""

    def __init__(self, seed: int, start_ts: float, end_ts: float, *, staff: int, patients: int, devices: int) -> None:
        draws = Draws(f"{seed}/world")
        self.start_ts, self.end_ts = start_ts, end_ts
        self.staff = hire(draws, staff)
        self.patients = admit(draws, patients, self.staff, 1970 + int(start_ts / _YEAR_S))
        self.servers = build_servers(draws)
        self.workstations = build_workstations(draws, staff)
        self.desks = [h for hosts in self.workstations.values() for h in hosts]
        self.devices = build_devices(draws, devices)
        self.printers = build_printers(Draws(f"{seed}/printers"), staff)
        self.silent: dict[str, tuple[float, float]] = {}
        """Devices by address that say nothing from one time to another: cut off, broken or stolen."""
        self.internet = Internet(Draws(f"{seed}/internet"))
        self.care = Care(Draws(f"{seed}/care"), self.staff, self.patients, start_ts, end_ts)
        inside = [*self.desks, *self.servers.values(), *(m.host for m in self.devices), *self.printers]
        self.by_ip = {host.ip: host for host in inside}
        self._roster: tuple[int, list[Person], dict[str, list[Person]]] = (-1, [], {})

    def is_silent(self, ip: str, ts: float) -> bool:
        """Whether a device says nothing at a time."""
        span = self.silent.get(ip)
        return span is not None and span[0] <= ts < span[1]

    def on_duty(self, ts: float) -> list[Person]:
        """Everyone at work at a time; never empty: someone is always on call."""
        return self._at(ts)[1]

    def on_duty_in(self, ts: float, department: str) -> list[Person]:
        """Those of one department at work; the whole department where nobody is."""
        return self._at(ts)[2].get(department) or [p for p in self.staff if p.department == department]

    def _at(self, ts: float) -> tuple[int, list[Person], dict[str, list[Person]]]:
        hour = int(ts // HOUR_S)
        if self._roster[0] != hour:
            present = [p for p in self.staff if p.works(ts)] or self.staff[:1]
            groups: dict[str, list[Person]] = defaultdict(list)
            for person in present:
                groups[person.department].append(person)
            self._roster = (hour, present, dict(groups))
        return self._roster

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
        """Patients with a relation to staff or the public: vip, coworker, household."""
        return [p for p in self.patients if p.relation == relation]
