"""Notes as they travel, in short."""

from typing import Any

from schemas.feedback import Verdict
from schemas.finding import Feature, Observable
from schemas.note import FindingNote, VerdictNote

START = 1_790_000_000.0
HOUR, DAY = 3_600.0, 86_400.0


def finding(alert_id: str, at: float = 0.0, **other: Any) -> FindingNote:
    """An alert seen once, `at` hours after the start."""
    ts = START + at * HOUR
    values: dict[str, Any] = {
        "alert_id": alert_id, "ts": ts, "first_ts": ts, "last_ts": ts, "count": 1, "detector": "network.beaconing",
        "title": "Beaconing", "severity": 3, "source": "network", "entity": "10.0.0.1", "entity_type": "ip",
        "score": 0.8, "threshold": 0.5, "message": "it calls home", "model_version": "m1",
    } | other  # fmt: skip
    return FindingNote(**({"group_key": values["entity"]} | values))


def shown(name: str, value: float | str, usual_high: float | None = None) -> Feature:
    """One feature of an alert."""
    return Feature(name=name, value=value, usual_high=usual_high)


def named(kind: str, value: str) -> Observable:
    """One observable of an alert."""
    return Observable(name="dst", type=kind, value=value)


def verdict(about: str, said: Verdict, who: str = "ada", at: float = 24.0, *, incident: bool = False) -> VerdictNote:
    """One verdict, `at` hours after the start."""
    ids = {"incident_id": about} if incident else {"alert_id": about}
    ts = START + at * HOUR
    return VerdictNote(ts=ts, verdict_id=f"{about}/{who}/{said}/{ts}", verdict=said, who=who, **ids)
