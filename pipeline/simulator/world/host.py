"""A machine with an address, inside the hospital or out on the internet."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Host:
    """`mac` is None for what lies behind the gateway; `kind`: workstation, server, a device class, internet."""

    name: str
    ip: str
    mac: str | None
    kind: str
    department: str = ""


@dataclass(slots=True, frozen=True)
class Site:
    """An internet destination: a name, its host, and what clients say to it."""

    name: str
    host: Host
    category: str
    """web, update, telemetry, mail, time, cloud, content, calls."""
    tls: bool
    cipher: str
    ja3s: str
    issuer: str
    """Who signed its certificate."""
