"""Alerts that belong together, and what people were told of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def group_id(alert_id: str) -> str:
    """Of the group that began with an alert."""
    return hashlib.blake2b(f"incident\x1f{alert_id}".encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class Told:
    """How an incident stood when people were last told."""

    ts: float = 0.0
    risk: float = 0.0
    severity: int = 0
    tactics: set[str] = field(default_factory=set)
    detectors: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Group:
    """Watched until it is told; from then on an incident."""

    uid: str
    anchor: str
    """The alert it began with: where a group falls apart, the part that holds it keeps the id."""
    opened_ts: float
    members: dict[str, None] = field(default_factory=dict)
    """Alert ids."""
    revision: int = 0
    opened_because: str = ""
    """Empty while it is only watched."""
    peak_risk: float = 0.0
    silenced: int = 0
    told: Told = field(default_factory=Told)
    news: bool = False
    """Whether the next document is worth telling people."""
    shown: bool = False
    """Whether there was a document of it."""
    merged_into: str = ""
    resolved: bool = False

    @property
    def is_incident(self) -> bool:
        """Whether it was told."""
        return bool(self.opened_because)

    def precedes(self, other: "Group") -> bool:
        """Whether it keeps its id when the two become one: an incident before a group, then the older."""
        return (not self.is_incident, self.opened_ts, self.uid) < (not other.is_incident, other.opened_ts, other.uid)

    def take_over(self, other: "Group") -> None:
        """Become one with a group that ends here; it keeps its list of alerts for its last document."""
        self.members |= other.members
        self.revision = max(self.revision, other.revision)
        self.silenced += other.silenced
        self.peak_risk = max(self.peak_risk, other.peak_risk)
        self.news = self.news or other.news
        self.told.ts = max(self.told.ts, other.told.ts)
        self.told.risk = max(self.told.risk, other.told.risk)
        self.told.severity = max(self.told.severity, other.told.severity)
        self.told.tactics |= other.told.tactics
        self.told.detectors |= other.told.detectors
        other.merged_into = self.uid
        other.revision += 1

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        t = self.told
        plain["members"] = list(self.members)
        plain["told"] = [t.ts, t.risk, t.severity, sorted(t.tactics), sorted(t.detectors)]
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Group":
        """Inverse of `to_plain`. Raises KeyError or TypeError for a foreign form."""
        rest = dict(plain)
        ts, risk, severity, tactics, detectors = rest.pop("told")
        members = dict.fromkeys(rest.pop("members"))
        return cls(members=members, told=Told(ts, risk, severity, set(tactics), set(detectors)), **rest)
