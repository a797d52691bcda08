"""Who an alert is about, under which other names, and whom or what they reached: read from the event fields."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from schemas.account import account_of
from schemas.note import FindingNote

Name = tuple[str, str]
"""(type, value), lower case but for people's names."""

MOST = 24
"""Names of a kind that are kept of one alert; who has more is joined by none of them anyhow."""
MACHINES = frozenset(("ip", "mac", "host", "device"))
# The machine or person a source's events are done by, and what they are done to. `host` of a log line is the machine it
# was written on: the one that acts, unless somebody came there from another machine.
_SELF = {
    "network": ("src_ip", "src_mac", "src_host", "hostname", "user"),
    "contacts": ("src_ip",),
    "devices": ("ip", "mac", "hostname"),
    "logs": ("host", "user"),
    "accounts": ("host", "user"),
    "ehr": ("user", "workstation", "src_ip", "host"),
    "charts": ("user", "provider", "rendering"),
    "judged": ("user", "workstation", "src_ip", "provider"),
    "claims": ("provider", "rendering"),
}
_LOGS = ("logs", "accounts")
_ORIGIN = dict.fromkeys(_LOGS, ("src_ip", "src_host", "workstation"))
_REACHED = frozenset(("dst_ip", "dst_mac", "target_user", "assigned_ip", "host", "user"))
_OUTSIDE = frozenset(("query", "sni", "host", "dst_ip", "src_ip"))
_JOINABLE = MACHINES | {"user", "provider"}
# Accounts that every machine has: they are nobody, so that they join nobody.
_EVERYBODY = frozenset(
    (
        "-", "system", "local service", "network service", "anonymous logon", "anonymous", "root", "administrator",
        "admin", "nobody", "guest", "www-data", "daemon", "unknown", "n/a", "localhost",
    )
)  # fmt: skip
_MAC = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}")
# IANA: private use, shared address space, link-local, unique local, loopback, multicast. Whatever else a user has
# inside is known from the inventory.
_INSIDE = tuple(
    ipaddress.ip_network(n)
    for n in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8",
        "224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/32", "fc00::/7", "fe80::/10", "::1/128", "ff00::/8",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Of one alert. Each kind sorted, so that it does not depend on the order of sight."""

    subject: Name
    """Who it is about."""
    own: tuple[Name, ...] = ()
    """Other names of the subject: its machine, its address, the user at it."""
    origins: tuple[Name, ...] = ()
    """Machines from which somebody came to the subject."""
    reached: tuple[Name, ...] = ()
    """What the subject reached."""
    outside: tuple[Name, ...] = ()
    """Domains and addresses outside that the subject met."""
    others: tuple[Name, ...] = ()
    """Patients and others who are concerned, and join nothing."""
    acted: bool = True
    """False: the subject is what it was done to."""


@lru_cache(maxsize=65_536)
def is_outside(address: str) -> bool:
    """Whether an address is not of the inside.

    >>> is_outside("10.2.3.4"), is_outside("198.51.100.7"), is_outside("no address")
    (False, True, False)
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not any(ip.version == net.version and ip in net for net in _INSIDE)


@lru_cache(maxsize=65_536)
def name_of(kind: str, value: str) -> Name:
    """In one form: the type by the look of the value where the two contradict each other.

    >>> name_of("ip", "3C:A1:0E:00:00:01"), name_of("ip", "WS-ER-004"), name_of("user", "U0042")
    (('mac', '3c:a1:0e:00:00:01'), ('host', 'ws-er-004'), ('user', 'u0042'))
    """
    if kind in MACHINES:
        low = value.lower().rstrip(".")
        if _MAC.fullmatch(low):
            return "mac", low.replace("-", ":")
        if low.count(".") == 3 or ":" in low:
            try:
                return "ip", str(ipaddress.ip_address(low.split("%")[0]))
            except ValueError:
                pass
        return ("device", low or value) if kind == "device" else ("host", low.split(".")[0] or value)
    if kind == "domain":
        return kind, value.lower().rstrip(".")
    if kind == "user":
        return kind, account_of(value)
    return kind, value


def joins(name: Name) -> bool:
    """Whether alerts may be joined by a name at all: one actor has it."""
    return name[0] in _JOINABLE and name[1].lower() not in _EVERYBODY and not name[1].endswith("$")


def names_of(note: FindingNote) -> Names:
    """Sorted out by what the fields mean."""
    subject = name_of(note.entity_type, note.entity)
    own_fields = _SELF.get(note.source, ())
    fields = {o.name for o in note.observables if name_of(o.type, o.value) == subject}
    victim = bool(fields) and not fields & set(own_fields) and bool(fields & _REACHED)
    kinds: dict[str, set[Name]] = {kind: set() for kind in ("own", "origins", "reached", "outside", "others")}
    for o in note.observables:
        name = name_of(o.type, o.value)
        if name == subject:
            continue
        kinds[_part(note, subject, victim, o.name, name)].add(name)
    inside = {n for n in kinds["reached"] if n[0] == "ip"}
    if inside and not any(n[0] == "ip" for n in kinds["outside"]):
        # Where every address is of the house, so is the domain.
        kinds["others"] |= kinds["outside"]
        kinds["outside"] = set()
    sorted_out = {kind: tuple(sorted(_joining(kind, names)))[:MOST] for kind, names in kinds.items()}
    return Names(subject, acted=not victim, **sorted_out)


def _joining(kind: str, names: Iterable[Name]) -> Iterable[Name]:
    return names if kind in ("outside", "others") else (n for n in names if joins(n))


def _part(note: FindingNote, subject: Name, victim: bool, field: str, name: Name) -> str:
    """Which kind of name an observable is."""
    if name[0] == "domain" or (name[0] == "ip" and is_outside(name[1])):
        return "outside" if field in _OUTSIDE else "others"
    if name[0] not in _JOINABLE:
        return "others"
    if victim:
        # About what was reached: who came is where it came from, all else is bystanders.
        return "origins" if field in _SELF[note.source] else "others"
    if field in _ORIGIN.get(note.source, ()):
        return "own" if subject[0] == "user" else "origins"
    if note.source in _LOGS and (subject[0] == "ip" or (field == "user" and _guessed(note))):
        # Password guessing: the accounts are tried, the host is where they are tried.
        return "reached"
    return "own" if field in _SELF.get(note.source, ()) else "reached" if field in _REACHED else "others"


def _guessed(note: FindingNote) -> bool:
    return any(attack.startswith("T1110") for attack in note.attacks)
