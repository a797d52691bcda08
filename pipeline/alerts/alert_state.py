"""One open alert: what has been counted so far, and how it is saved."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.finding import Evidence, Finding

DAY_S = 86_400
MAX_EVIDENCE = 20
MAX_OBSERVABLES = 100
MAX_MEMBERS = 256
PART = ":"
"""Between a detector and which of its rules, where an alert says what stands beside it."""


def alert_id(finding: Finding, group: int, key: int, day: int) -> str:
    """The same for every finding of one detector about one thing on one UTC day, wherever it is computed; where an
    alert lasts for days, of its first.

    `group`: the key group that counts it. A thing that is seen in several (an attacker, where hosts own the state)
    has an alert in each. `key`: hash of what is counted, as `group_key` may be a cut text.
    """
    text = "\x1f".join((finding.detector, finding.group_key, str(day), str(group), f"{key:x}"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(slots=True)
class AlertState:
    """Findings of one detector, thing and day."""

    uid: str
    day: int
    finding: Finding
    """The one told last: its sentence and features."""
    count: int = 0
    first_ts: float = float("inf")
    last_ts: float = 0.0
    top_score: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)
    observables: dict[tuple[str, str], str] = field(default_factory=dict)
    """Everyone and everything involved: (type, value) → event field, in order of first sight, at most 100."""
    written: int = 0
    """The count that the table was last given."""
    suppressed: str | None = None
    """Why it is not told: who allowed it, or that the budget is spent; silences the notification, never the row."""
    allowance: dict[str, str] = field(default_factory=dict)
    """The entry of the allow-list where one hides it: owner, reason, until, version."""
    members: list[str] = field(default_factory=list)
    """Event ids of its first 256 findings, where these may be withdrawn, and have not been."""
    withdrawn: int = 0
    """How many of the findings counted were withdrawn since."""
    alert_days: int = 1
    """Findings of so many days are counted here, its first included."""
    beside: dict[str, str] = field(default_factory=dict)
    """Detectors, and rules of detectors, that found the same in other words, with the title of what they found."""
    gravest: int = 0
    """Severity of the gravest of these."""
    more_attacks: list[str] = field(default_factory=list)
    """Techniques that rules beside it name and its own finding does not."""

    @property
    def attacks(self) -> list[str]:
        """Techniques of all that was found."""
        return list(dict.fromkeys((*self.finding.attacks, *self.more_attacks)))

    @property
    def severity(self) -> int:
        """Of the gravest that is counted here."""
        return max(self.finding.severity, self.gravest)

    @property
    def void(self) -> bool:
        """Every finding of it was withdrawn."""
        return self.count > 0 and self.withdrawn >= self.count

    @property
    def crowded(self) -> bool:
        """Nobody more can be told as involved."""
        return len(self.observables) >= MAX_OBSERVABLES

    def involve(self, observables: Mapping[tuple[str, str], str]) -> None:
        """Add who and what a finding involves."""
        told = self.observables
        for thing, name in observables.items():
            if len(told) >= MAX_OBSERVABLES:
                return
            told.setdefault(thing, name)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready form for a checkpoint."""
        return {
            "uid": self.uid,
            "day": self.day,
            "finding": self.finding.model_dump(),
            "count": self.count,
            "first_ts": self.first_ts,
            "last_ts": self.last_ts,
            "top_score": self.top_score,
            "evidence": [e.model_dump() for e in self.evidence],
            "observables": [[*thing, name] for thing, name in self.observables.items()],
            "written": self.written,
            "suppressed": self.suppressed,
            "allowance": self.allowance,
            "members": self.members,
            "withdrawn": self.withdrawn,
            "alert_days": self.alert_days,
            "beside": self.beside,
            "gravest": self.gravest,
            "more_attacks": self.more_attacks,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "AlertState":
        """Inverse of `to_plain`. Raises KeyError or ValidationError for a foreign form."""
        return cls(
            uid=plain["uid"],
            day=plain["day"],
            finding=Finding.model_validate(plain["finding"]),
            count=plain["count"],
            first_ts=plain["first_ts"],
            last_ts=plain["last_ts"],
            top_score=plain["top_score"],
            evidence=[Evidence.model_validate(e) for e in plain["evidence"]],
            observables={(kind, value): name for kind, value, name in plain["observables"]},
            written=plain["written"],
            suppressed=plain["suppressed"],
            allowance=plain["allowance"],
            members=plain["members"],
            withdrawn=plain["withdrawn"],
            alert_days=plain.get("alert_days", 1),
            beside=plain.get("beside", {}),
            gravest=plain.get("gravest", 0),
            more_attacks=plain.get("more_attacks", []),
        )
