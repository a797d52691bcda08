"""Devices: the inventory, given by the user or learned from traffic (OCSF 5001)."""

from typing import ClassVar, Literal

from schemas.base import Event, Text


class Device(Event):
    """One medical or other device. `device_class`: infusion_pump, monitor, imaging, workstation, server …"""

    KEY: ClassVar[tuple[str, ...]] = ("mac", "ip")

    kind: Literal["device"] = "device"
    mac: Text | None = None
    ip: Text | None = None
    device_class: Text | None = None
    vendor: Text | None = None
    model: Text | None = None
    firmware: Text | None = None
    segment: Text | None = None
