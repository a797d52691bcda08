"""What is kept of an alert, so that a verdict which comes days later finds what it was about."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from schemas.note import FindingNote

_LOOKED_AT = 8
"""Of whom and what an alert names so many are remembered beside its entity."""
_NAMED = frozenset(("ip", "domain", "url", "host", "user", "file", "device", "mac", "process"))
"""Types of observables that another alert may share for the same reason; a patient or claim is no cause."""


@dataclass(slots=True)
class KnownAlert:
    """One alert as it was told last."""

    alert_id: str
    source: str
    detector: str
    rule: str
    entity_type: str
    entity: str
    severity: int
    score: float
    threshold: float
    last_ts: float
    numbers: np.ndarray
    """float64, columns of `AlertFeatures` that do not depend on verdicts."""
    codes: np.ndarray
    """uint64, likewise."""
    named: tuple[str, ...] = ()
    """Keys of what it names beside its entity."""
    allowed: bool = False
    void: bool = False
    """Everything in it is explained by now."""
    incident_id: str = ""
    told: tuple[float, float, str] | None = None
    """p_true, priority and incident as last written."""
    applied: list[tuple[str, str, float]] = field(default_factory=list)
    """(person, verdict, weight) that the tallies have of it."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What its verdicts are counted under, from the general to the particular."""
        return (
            f"detector|{self.detector}",
            f"rule|{self.detector}|{self.rule}",
            f"entity|{self.entity_type}|{self.entity}",
            f"pair|{self.detector}|{self.rule}|{self.entity_type}|{self.entity}",
        )

    @classmethod
    def of(cls, note: FindingNote, numbers: np.ndarray, codes: np.ndarray) -> "KnownAlert":
        """From its latest note."""
        seen = [o for o in note.observables if o.type in _NAMED and o.value != note.entity][:_LOOKED_AT]
        return cls(
            note.alert_id, note.source, note.detector, note.rule, note.entity_type, note.entity, note.severity,
            note.score, note.threshold, note.last_ts, numbers, codes,
            tuple(dict.fromkeys(f"named|{note.detector}|{note.rule}|{o.type}|{o.value}" for o in seen)),
            note.allowed, 0 < note.count <= note.withdrawn,
        )  # fmt: skip

    def plain(self) -> list[Any]:
        """JSON-ready, without its columns."""
        return [getattr(self, name) for name in _PLAIN]

    @classmethod
    def restored(cls, plain: list[Any], numbers: np.ndarray, codes: np.ndarray) -> "KnownAlert":
        """What `plain` gave, with its columns."""
        values = dict(zip(_PLAIN, plain, strict=True))
        told = values.pop("told")
        return cls(
            numbers=numbers,
            codes=codes,
            named=tuple(values.pop("named")),
            told=(float(told[0]), float(told[1]), str(told[2])) if told else None,
            applied=[(str(who), str(verdict), float(weight)) for who, verdict, weight in values.pop("applied")],
            **values,
        )


_PLAIN = tuple(f.name for f in fields(KnownAlert) if f.name not in ("numbers", "codes"))
