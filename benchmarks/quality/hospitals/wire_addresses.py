"""The same machines under other addresses: another block, other leases, another network, both versions side by side."""

import re
from collections.abc import Callable, Mapping

from benchmarks.quality.hospitals.drawn import drawn
from benchmarks.quality.hospitals.setting import MONDAY

_SHIFT = 3  # a client gets what belonged to the third before it
_HOUR_S = 3600.0
_EPOCH_S = 6 * _HOUR_S
_SWAPPED = 0.2  # of the pairs of clients that were away for longer than their leases, so that each has the other's
RENUMBERED_TS = MONDAY + 6 * _HOUR_S
"""Monday, six o'clock: from then on clients and devices are in other networks."""
_MOVED_BY = 100  # networks of clients and devices, in the third number
_INSIDE = re.compile(r"\b10\.20\.(\d{1,3})\.(\d{1,3})\b")
_ANY = re.compile(r"\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\b")


def inside(address: str | None) -> bool:
    """Whether an address is one of the hospital's."""
    return address is not None and address.startswith("10.20.")


def is_client(address: str | None) -> bool:
    """Whether an address is a workstation's or a guest's."""
    found = _INSIDE.fullmatch(address or "")
    return found is not None and (10 <= int(found[1]) < 40 or 90 <= int(found[1]) < 94)


def public(text: str) -> str:
    """Addresses inside as hospitals with an old block of their own have them."""
    return _INSIDE.sub(r"44.20.\1.\2", text)


def version6(text: str) -> str:
    """Addresses inside from a provider's block of version 6."""
    return _INSIDE.sub(r"2a0c:5e40:20:\1::\2", text)


def leased(text: str, ts: float) -> str:
    """Addresses of clients as they are leased at a time: all get others every six hours."""

    def other(found: re.Match[str]) -> str:
        if not is_client(found[0]):
            return found[0]
        return f"10.20.{found[1]}.{(int(found[2]) - 5 + _SHIFT * int(ts // _EPOCH_S)) % 250 + 5}"

    return _INSIDE.sub(other, text)


def briefly_leased(text: str, ts: float) -> str:
    """The same where leases last an hour: who was away for longer finds another there."""

    def other(found: re.Match[str]) -> str:
        one = int(found[2]) - 5
        if not is_client(found[0]) or drawn(f"{found[1]} {one // 2} {ts // _HOUR_S}") >= _SWAPPED:
            return found[0]
        return f"10.20.{found[1]}.{(one ^ 1) + 5}"

    return _INSIDE.sub(other, text)


def renumbered(text: str, ts: float) -> str:
    """Addresses of clients and devices in the networks they were moved to, hardware addresses as before."""

    def other(found: re.Match[str]) -> str:
        moves = 10 <= int(found[1]) < 90
        return f"10.20.{int(found[1]) + _MOVED_BY}.{found[2]}" if moves else found[0]

    return _INSIDE.sub(other, text) if ts >= RENUMBERED_TS else text


def both_versions(address: str) -> str:
    """The address of version 6 that a machine, inside or outside, has beside that of version 4."""

    def six(x: re.Match[str]) -> str:
        one, two, three, four = x.groups()
        return f"fd12:5e40:20:{three}::{four}" if inside(x[0]) else f"2a0e:97c0:{one}:{two}::{three}:{four}"

    return _ANY.sub(six, address)


def speaks_six(connection: str) -> bool:
    """Whether a connection goes by version 6 where both are spoken."""
    return drawn(f"six {connection}") < 0.5


READDRESSED: Mapping[str, Callable[[str, float], str]] = {
    "public_inside": lambda text, _: public(text),
    "ipv6_inside": lambda text, _: version6(text),
    "new_addresses": leased,
    "short_leases": briefly_leased,
    "renumbered": renumbered,
}
"""A text with the addresses that such a hospital has at a time."""
