"""Lists that detectors take from the user, as they are asked for: is this value on it, and what goes with it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pipeline.features.hashing import hash_text
from pipeline.features.unknown import among

NAMES = (
    "vip",
    "excluded_providers",
    "code_pairs",
    "peer_groups",
    "known_exploited",
    "scanners",
    "maintenance",
    "bad_domains",
    "bad_addresses",
    "bad_urls",
    "bad_hashes",
    "allow",
    "places",
    "tuning",
    "champions",
)


def content_version(rows: Iterable[Mapping[str, str]]) -> str:
    """Stands for what a list says: 12 hex digits, the same for the same rows in whatever order; empty for none.

    Digests are added up, so that neither five million rows have to be sorted, nor a row that stands twice is lost.
    """
    total, empty = 0, True
    for row in rows:
        text = "\x1e".join([f"{name}\x1f{row[name]}" for name in sorted(row)])
        total += int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        empty = False
    return "" if empty else f"{total % (1 << 48):012x}"


@dataclass(frozen=True)
class UserList:
    """Rows by their first column (lower case); patient identifiers in it are pseudonyms already."""

    rows: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and value.lower() in self.rows

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, value: str) -> tuple[Mapping[str, str], ...]:
        """All rows whose first column is `value`."""
        return self.rows.get(value.lower(), ())

    @cached_property
    def version(self) -> str:
        """Of this content: findings that the list decided bear it, and the table `list_versions` knows it."""
        return content_version(self.distinct)

    @property
    def distinct(self) -> list[Mapping[str, str]]:
        """The rows, each once, though it may be looked up by several columns."""
        return list({id(row): row for rows in self.rows.values() for row in rows}.values())

    @cached_property
    def hashes(self) -> np.ndarray:
        """uint64[m], sorted: hashes of the first column, as it stands in lower case."""
        return np.sort(np.array([hash_text(v) for v in self.rows], np.uint64))

    def marks(self, hashes: np.ndarray) -> np.ndarray:
        """bool[n]: which of these field hashes are on the list."""
        return among(hashes, self.hashes)


@dataclass
class Lists:
    """Every list by name, empty where the user gave none, and the device inventory.

    Contents may be replaced while detectors run, between two batches: `version` tells them (`Detector.relist`).
    """

    by_name: Mapping[str, UserList] = field(default_factory=dict)
    devices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Inventory rows by lower-case MAC and by IP: mac, ip, class, vendor, model, firmware, segment."""
    version: int = 0
    """How often contents were replaced."""
    prepared: dict[str, tuple[object, object]] = field(default_factory=dict, repr=False, compare=False)
    """What was computed from a content for all detectors, beside that content: good while it is the same object."""

    def __getitem__(self, name: str) -> UserList:
        if name not in NAMES:
            raise KeyError(name)
        return self.by_name.get(name, UserList())

    def replace(self, name: str, content: UserList) -> None:
        """Give a list a new content; KeyError for an unknown name."""
        if name not in NAMES:
            raise KeyError(name)
        self.by_name = {**self.by_name, name: content}
        self.version += 1

    def replace_devices(self, devices: Mapping[str, Mapping[str, str]]) -> None:
        """Give the inventory a new content."""
        self.devices = devices
        self.version += 1
