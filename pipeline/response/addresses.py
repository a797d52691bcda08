"""Which addresses are the hospital's own, and which names can be given to a receiver safely."""

import ipaddress
import re
from collections.abc import Callable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_INTERNAL = tuple(
    ipaddress.ip_network(n)
    for n in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
        "100.64.0.0/10",  # RFC 6598, shared
        "127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10",
        "fc00::/7",  # RFC 4193
    )
)  # fmt: skip
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}")
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_])?")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_WORD = re.compile(r"[\w.-]{1,256}")
_USER = re.compile(r"[A-Za-z0-9_](?:[\w.@+$ \\'-]{0,254}[\w$])?")


def address_of(text: str) -> Address | None:
    """The address, None for a text that is none."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_internal(address: Address) -> bool:
    """Whether it is private: hospitals number their machines so."""
    mapped = address.ipv4_mapped if address.version == 6 else None
    plain = mapped or address
    return any(plain in network for network in _INTERNAL if network.version == plain.version)


def safe_target(kind: str, value: str) -> str:
    """The name as it may be given to programs, in one spelling.

    ValueError for what could be an option, a path or a trick.

    >>> safe_target("domain", "Evil.EXAMPLE."), safe_target("host", "ws-0042")
    ('evil.example', 'ws-0042')
    """
    good = _SPELLED.get(kind, _none)(value)
    if not good:
        raise ValueError(f"the name of this {kind} has characters that no program should be given")
    return good


def _ip(value: str) -> str:
    address = None if "%" in value else address_of(value)
    return str(address) if address is not None else ""


def _mac(value: str) -> str:
    if not _MAC.fullmatch(value):
        return ""
    return ":".join(re.findall("..", re.sub("[:-]", "", value.lower())))


def _domain(value: str) -> str:
    name = value.rstrip(".").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return ""
    return name if _DOMAIN.fullmatch(name) else ""


def _host(value: str) -> str:
    plain = _ip(value)
    return plain or (value if (_NAME.fullmatch(value) and ".." not in value) or _MAC.fullmatch(value) else "")


def _user(value: str) -> str:
    return value if _USER.fullmatch(value) else ""


def _word(value: str) -> str:
    return value if _WORD.fullmatch(value) else ""


def _none(_: str) -> str:
    return ""


_SPELLED: dict[str, Callable[[str], str]] = {
    "ip": _ip, "mac": _mac, "domain": _domain, "host": _host, "device": _host, "user": _user, "provider": _user,
    "connector": _word, "incident": _word,
}  # fmt: skip
