"""What the inventory says of a machine, as incidents weigh it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asset:
    """One machine, or whatever else the inventory names."""

    criticality: int = 2
    """1 negligible … 5 critical."""
    life_support: bool = False
    """A patient's life may depend on it."""
    device_class: str = ""
    name: str = ""
    department: str = ""


UNLISTED = Asset()
