"""How urgently a device wants patching: a hole attackers use × how reachable it is × how old its firmware is."""

from dataclasses import dataclass
from math import log2
from typing import Literal

Hole = Literal["exploited", "perhaps", "none", "unknown"]
"""exploited: its firmware has a hole on the list · perhaps: the list names its model, its version is not known ·
none: not on the list · unknown: no list was given, or the inventory names no model."""

_HOLE = {"exploited": 0.8, "perhaps": 0.45, "unknown": 0.2, "none": 0.05}
"""Chance that an attacker's ready-made tool works. Never 0: lists name what was noticed."""
_RANSOMWARE = 0.2
"""Added where ransomware gangs use the hole: those tools go to whoever buys them."""
_FROM_INTERNET, _TO_INTERNET, _REMOTE, _FOUND = 0.85, 0.3, 0.4, 0.35
_CLIENT = 0.06
"""Reach added with each doubling of the machines that talk to it."""
_UNREACHED = 0.1
"""Seen in traffic, but nobody talks to it: whoever is in its segment still can."""
_UNSEEN = 0.3
"""Not seen in traffic: reach is not known; less than a server's, more than of what is known to be alone."""
_NEW, _UNKNOWN_AGE, _HALF_AGE_Y = 0.3, 0.6, 2.0
"""Firmware of today has holes too; half of what age adds comes within two years."""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What is known of one device."""

    name: str
    device_class: str = ""
    hole: Hole = "unknown"
    hole_name: str = ""
    """CVE or name, as the list has it."""
    ransomware: bool = False
    seen: bool = False
    """Traffic of it was seen; the next four are 0 otherwise."""
    internet_in: int = 0
    """Peers on the internet that reached it."""
    internet_out: int = 0
    clients: int = 0
    """Machines inside that it answered."""
    remote_services: tuple[str, ...] = ()
    """Services for remote control that it answered: ssh, rdp, telnet …"""
    findings: tuple[str, ...] = ()
    """Detectors that found something of it."""
    firmware: str = ""
    firmware_age_y: float | None = None
    """Years since its firmware came out; None: not known."""
    at_least: bool = False
    """The age is a lower bound: the hole is known for so long, and not repaired in it."""
    life_support: bool = False


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor of a pressure, in [0, 1], and what it comes from."""

    name: str
    value: float
    why: str


@dataclass(frozen=True, slots=True)
class Pressure:
    """0..100, the product of its factors."""

    device: DeviceFacts
    value: float
    factors: tuple[Factor, ...]

    @property
    def sentence(self) -> str:
        """For whoever plans maintenance.

        >>> facts = DeviceFacts("10.0.0.5", "infusion_pump", "exploited", "CVE-2020-25165", seen=True, clients=3)
        >>> pressure(facts).sentence
        '10.0.0.5 (infusion pump): CVE-2020-25165 is being exploited and not repaired; 3 machines talk to it; firmware age unknown.'
        """  # noqa: E501
        kind = self.device.device_class.replace("_", " ")
        warning = " A patient's life may depend on it: plan with biomedical engineering." * self.device.life_support
        return f"{self.device.name}{f' ({kind})' if kind else ''}: {'; '.join(f.why for f in self.factors)}.{warning}"


def pressure(device: DeviceFacts) -> Pressure:
    """The pressure of one device and what it is made of."""
    factors = (_hole(device), _reach(device), _age(device))
    value = 100.0
    for factor in factors:
        value *= factor.value
    return Pressure(device, round(value, 1), factors)


def ranked(devices: list[DeviceFacts]) -> list[Pressure]:
    """Most urgent first; of equal pressure, what a life depends on."""
    found = [pressure(device) for device in devices]
    return sorted(found, key=lambda p: (-p.value, not p.device.life_support, p.device.name))


def _hole(d: DeviceFacts) -> Factor:
    value = _HOLE[d.hole] + (_RANSOMWARE if d.ransomware and d.hole in ("exploited", "perhaps") else 0.0)
    name = d.hole_name or "a hole in its firmware"
    why = {
        "exploited": f"{name} is being exploited and not repaired",
        "perhaps": f"{name} is being exploited; whether this version ({d.firmware or 'unknown'}) has it is not known",
        "none": "not on the list of exploited holes",
        "unknown": "whether it has an exploited hole is not known",
    }[d.hole]
    return Factor("known exploited", min(value, 1.0), why + (", also by ransomware" if d.ransomware else ""))


def _reach(d: DeviceFacts) -> Factor:
    if not d.seen:
        return Factor("exposure", _UNSEEN, "not seen in traffic")
    parts = [
        (d.internet_in > 0, _FROM_INTERNET, f"reached from the internet by {_many(d.internet_in, 'address', 'es')}"),
        (bool(d.remote_services), _REMOTE, f"answers {', '.join(d.remote_services)}"),
        (d.internet_out > 0, _TO_INTERNET, f"talks to {_many(d.internet_out, 'address', 'es')} on the internet"),
        (d.clients > 0, min(0.6, _CLIENT * log2(1 + d.clients)), _talkers(d.clients)),
        (bool(d.findings), _FOUND, f"found by {', '.join(d.findings)}"),
    ]
    spared = 1.0 - _UNREACHED
    for holds, weight, _ in parts:
        spared *= 1.0 - weight * holds
    why = ", ".join(text for holds, _, text in parts if holds) or "nobody was seen talking to it"
    return Factor("exposure", 1.0 - spared, why)


def _age(d: DeviceFacts) -> Factor:
    if d.firmware_age_y is None:
        return Factor("firmware age", _UNKNOWN_AGE, "firmware age unknown")
    value = 1.0 - (1.0 - _NEW) * 0.5 ** (max(d.firmware_age_y, 0.0) / _HALF_AGE_Y)
    least = "at least " if d.at_least else ""
    return Factor("firmware age", value, f"firmware {least}{_years(d.firmware_age_y)} old")


def _talkers(count: int) -> str:
    return f"{_many(count, 'machine')} talk{'s' if count == 1 else ''} to it"


def _many(count: int, noun: str, plural: str = "s") -> str:
    return f"{count:,} {noun}{'' if count == 1 else plural}"


def _years(years: float) -> str:
    return _many(round(years * 12), "month") if years < 2 else f"{years:.1f} years"
