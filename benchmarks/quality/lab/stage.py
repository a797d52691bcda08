"""The laboratory's hospital at work: its machines, its servers, and what goes on in it by itself."""

import heapq
import random
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.lab import house
from benchmarks.quality.lab.capture import Clock
from benchmarks.quality.lab.net import Net
from benchmarks.quality.lab.routine import ROUTINES
from benchmarks.quality.lab.services import Services

_QUIET_S = 0.04  # until what a command sent last has arrived, before hours pass
_START_S = 2.5  # servers come up


class Stage:
    """Machines, servers, a clock, and the routines of an ordinary day, played when scenes let time pass."""

    def __init__(self, net: Net, folder: Path, seed: int = 1) -> None:
        self.net, self.folder, self.random, self.clock = net, folder, random.Random(seed), Clock()
        self._build()
        self.services = Services(net, folder)
        self.services.start()
        time.sleep(_START_S)
        now = self.clock.now()
        self._due = [(now + self.random.uniform(0, r.every_s), n) for n, r in enumerate(ROUTINES)]
        heapq.heapify(self._due)

    def _build(self) -> None:
        self.net.switch("ward")
        self.net.switch("outside")
        legs = [
            ("ward", house.ROUTER + house.PREFIX, "00:1b:0d:20:00:01"),
            ("outside", house.OUTSIDE_ROUTER + house.OUTSIDE_PREFIX, "00:1b:0d:20:00:02"),
        ]
        self.net.router("router", legs)
        for name, (address, mac) in house.WARD.items():
            gateway, names = house.ROUTER, house.DNS
            self.net.host(name, "ward", address + house.PREFIX, mac, gateway=gateway, nameserver=names)
        for name, number in (("sites", 3), ("outpost", 4)):
            self._outside(name, number)

    def _outside(self, name: str, number: int) -> None:
        """Two machines hold all addresses outside: honest ones, and the attacker's."""
        self.net.host(
            name,
            "outside",
            f"198.18.0.{number}{house.OUTSIDE_PREFIX}",
            f"00:25:90:20:00:0{number}",
            gateway=house.OUTSIDE_ROUTER,
        )
        owned = (house.CONTROL, house.DROP)
        for site, address in house.SITES.items():
            if (site in owned) == (name == "outpost"):
                self.net.run(name, ["ip", "address", "add", address + house.OUTSIDE_PREFIX, "dev", "eth0"])

    def at(self, machine: str, *words: object, timeout_s: float = 20, stdin: bytes = b"") -> bytes:
        """Runs a command on a machine and gives what it printed; it is ended after timeout_s."""
        return self.net.run(machine, [str(word) for word in words], timeout_s, stdin, self.folder)

    def start(self, machine: str, *words: object) -> int:
        """A command that goes on; its id for `net.stop`."""
        pid = self.net.start(machine, [str(word) for word in words], self.folder / "started.log", self.folder)
        time.sleep(0.3)
        return pid

    def wait(self, seconds: float) -> None:
        """Time passes in the laboratory, with the hospital at work: seconds of its clock."""
        until = self.clock.now() + seconds
        while self._due[0][0] < until:
            moment, number = heapq.heappop(self._due)
            self._pass(moment)
            ROUTINES[number].play(self)
            again = self.clock.now() + ROUTINES[number].every_s * self.random.uniform(0.85, 1.15)
            heapq.heappush(self._due, (again, number))
        self._pass(until)

    def restart(self, moment: float) -> None:
        """It is this moment, and routines go on from it as if nothing had been played since."""
        by = moment - self.clock.now()
        self.clock.set(moment)
        self._due = [(due + by, number) for due, number in self._due]

    def _pass(self, moment: float) -> None:
        time.sleep(_QUIET_S)
        self.clock.skip(max(moment - self.clock.now(), 0))

    def script(self, machine: str, words: str, timeout_s: float = 20) -> bytes:
        """A shell's command line on a machine."""
        return self.at(machine, "sh", "-c", words, timeout_s=timeout_s)

    def addresses(self, machines: Sequence[str]) -> list[str]:
        """Addresses of machines of the ward."""
        return [house.WARD[machine][0] for machine in machines]

    def named(self, machines: Sequence[str]) -> list[str]:
        """Whatever an alert may call them: name, address, MAC."""
        return [word for machine in machines for word in (machine, *house.WARD[machine])]

    def list_of(self, name: str, words: Sequence[str]) -> Path:
        """A file with a line a word, as tools of guessing want it."""
        return self.services.file(f"lists/{name}", "\n".join(words) + "\n")
