"""The machines of the house, its address plan and its calendar; all that is told is collected here."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

Record = dict[str, Any]
MINUTE, HOUR = 60.0, 3600.0
BEGIN = datetime(2026, 10, 19, 1, tzinfo=UTC).timestamp()
"""Sunday, 20:00 local time, five hours behind UTC."""
HOURS = 30.0

_PLAN = (
    # role, how many, network, first host, name, maker's part of the MAC
    ("dc", 2, "10.64.1", 10, "STM-DC{:02d}", "00:50:56"),
    ("file", 2, "10.64.1", 20, "STM-FS{:02d}", "00:50:56"),
    ("sccm", 1, "10.64.1", 30, "STM-CM{:02d}", "00:50:56"),
    ("backup", 1, "10.64.1", 35, "STM-VBR{:02d}", "00:50:56"),
    ("monitor", 1, "10.64.1", 40, "STM-PRTG{:02d}", "00:50:56"),
    ("scanner", 1, "10.64.1", 45, "stm-nessus{:02d}", "00:50:56"),
    ("citrix", 3, "10.64.1", 50, "STM-XA{:02d}", "00:50:56"),
    ("engine", 1, "10.64.1", 60, "STM-IE{:02d}", "00:50:56"),
    ("lis", 1, "10.64.1", 62, "STM-LIS{:02d}", "00:50:56"),
    ("sql", 2, "10.64.1", 64, "STM-SQL{:02d}", "00:50:56"),
    ("syslog", 1, "10.64.1", 70, "stm-log{:02d}", "00:50:56"),
    ("linux", 3, "10.64.1", 72, "stm-app{:02d}", "00:50:56"),
    ("hypervisor", 3, "10.64.3", 10, "stm-esx{:02d}", "3c:ec:ef"),
    ("pbx", 1, "10.64.40", 10, "stm-cucm{:02d}", "00:50:56"),
    ("portal", 2, "172.22.5", 20, "stm-portal{:02d}", "00:50:56"),
    ("mailgw", 1, "172.22.5", 30, "stm-mx{:02d}", "00:50:56"),
    ("desk", 72, "10.64.16", 30, "STMW{:04d}", "a4:bb:6d"),
    ("laptop", 24, "10.64.24", 20, "STML{:04d}", "f8:75:a4"),
    ("thin", 14, "10.64.18", 20, "WYSE{:04d}", "80:18:44"),
    ("phone", 22, "10.64.40", 50, "SEP{:06X}", "00:1e:f7"),
    ("printer", 11, "10.64.19", 20, "PRT{:03d}", "3c:d9:2b"),
    ("pump", 20, "10.64.50", 20, "PUMP{:04d}", "00:22:fb"),
    ("pumpgw", 1, "10.64.1", 80, "STM-PUMPGW{:02d}", "00:50:56"),
    ("bedside", 14, "10.64.51", 20, "MX{:03d}", "00:09:fb"),
    ("central", 2, "10.64.51", 10, "PIC{:02d}", "00:09:fb"),
    ("modality", 7, "10.64.52", 20, "MOD{:02d}", "08:00:46"),
    ("pacs", 1, "10.64.52", 10, "STM-PACS{:02d}", "00:50:56"),
    ("reading", 3, "10.64.52", 60, "RAD{:02d}", "a4:bb:6d"),
    ("analyser", 6, "10.64.53", 20, "LAB{:02d}", "00:80:a3"),
    ("camera", 9, "10.64.60", 20, "CAM{:02d}", "ac:cc:8e"),
    ("nvr", 1, "10.64.60", 10, "NVR{:02d}", "00:26:2d"),
    ("badge", 5, "10.64.60", 60, "DOOR{:02d}", "00:06:8e"),
    ("bms", 3, "10.64.60", 80, "AHU{:02d}", "00:a0:c8"),
    ("mobile", 10, "10.64.26", 20, "iPhone", ""),
    ("guest", 16, "192.168.88", 20, "", ""),
)


@dataclass(slots=True)
class Machine:
    """One machine; laptops and phones change `ip` as they roam."""

    name: str
    role: str
    ip: str
    mac: str
    user: str = ""


_FIRST = "ana ben cara dev ella finn gus hana ivan jo kate leo mara nils opal paul rita sam tess uma vera will yara zoe"
_LAST = "ortiz lang boyd crane doyle egan frost gray hale irwin jones kerr lowe marsh nash owens pratt quinn reed shaw"


class Site:
    """Machines by role, a source of chance, what the sensors wrote: `told[log]` is a list of (written at, record)."""

    def __init__(self, seed: int, hours: float = HOURS) -> None:
        self.seed, self.begin, self.end = seed, BEGIN, BEGIN + hours * HOUR
        self.chance = Random(seed * 7919 + 13)
        self.told: dict[str, list[tuple[float, Any]]] = defaultdict(list)
        self.by_role: dict[str, list[Machine]] = defaultdict(list)
        self.taken: set[str] = set()
        self.given: Counter[str] = Counter()
        people = [f"{f[0]}{last}" for f in _FIRST.split() for last in _LAST.split()]
        self.chance.shuffle(people)
        for role, count, net, first, name, maker in _PLAN:
            for k in range(count):
                mac = self.mac(maker)
                label = name.format(int(mac.replace(":", "")[6:], 16) if role == "phone" else k + 1 + self._from(role))
                user = people.pop() if role in ("desk", "laptop", "reading") else ""
                self.by_role[role].append(Machine(label, role, f"{net}.{first + k}", mac, user))

    def _from(self, role: str) -> int:
        return {"desk": 1200, "laptop": 2200, "pump": 300, "thin": 100}.get(role, 0)

    def mac(self, maker: str) -> str:
        """A MAC of a maker, or one that a telephone made up for this network."""
        r = self.chance
        start = maker or f"{r.choice('048c') + r.choice('26ae')}:{r.randrange(256):02x}:{r.randrange(256):02x}"
        return start + "".join(f":{r.randrange(256):02x}" for _ in range(3))

    def one(self, role: str, k: int = 0) -> Machine:
        """The k-th machine of a role."""
        return self.by_role[role][k]

    def spare(self, role: str) -> Machine:
        """A machine of a role that no story has taken yet; any when all are. Some desks are left to victims."""
        own = self.by_role[role][2:56] if role == "desk" else self.by_role[role]
        free = [m for m in own if m.name not in self.taken] or own
        chosen = self.chance.choice(free)
        self.taken.add(chosen.name)
        return chosen

    def at(self, hours: float) -> float:
        """A time by hours since midnight of Monday, local time."""
        return self.begin + (hours + 4) * HOUR

    def every(self, period: float, jitter: float = 0.02, begin: float = 0.0, end: float = 0.0) -> Iterator[float]:
        """Times of something that comes again: a sleep of `period`, each longer or shorter by a share of `jitter`."""
        ts = (begin or self.begin) + self.chance.random() * (0.0 if begin else period)
        while ts < (end or self.end):
            yield ts
            ts += max(period * (1 + self.chance.uniform(-jitter, jitter)), 0.01)

    def poisson(self, rate_h: float, begin: float, end: float) -> Iterator[float]:
        """Times of something that people do, so many an hour."""
        ts = begin
        while rate_h > 0:
            ts += self.chance.expovariate(rate_h / HOUR)
            if ts >= min(end, self.end):
                return
            yield ts

    def address(self, net: str) -> str:
        """The next of a pool of 460 addresses, which is given out again when all have been."""
        self.given[net] += 1
        place = 20 + self.given[net] % 460
        first, second, third = net.split(".")
        return f"{first}.{second}.{int(third) + place // 240}.{place % 240 + 10}"

    def public(self, key: str) -> str:
        """An address in the internet for a name, always the same."""
        r = Random(f"address of {key}")
        first = r.choice((13, 20, 23, 34, 35, 40, 45, 50, 52, 54, 66, 91, 104, 108, 140, 142, 151, 162, 185, 199))
        return f"{first}.{r.randrange(1, 255)}.{r.randrange(1, 255)}.{r.randrange(2, 254)}"
