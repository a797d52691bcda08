"""Notes as they travel, in short."""

from typing import Any

from pipeline.incidents.assessment import Assessment
from pipeline.learning.assessor import Assessor
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


def assessed(assessor: Assessor, note: FindingNote) -> Assessment:
    """Taken and assessed."""
    assessor.take(note)
    return assessor.assess(note)


def backup(number: int, at: float) -> FindingNote:
    """A benign case: every night the same server sends much to the same place."""
    return finding(
        f"backup-{number}", at=at, detector="network.exfiltration", entity="10.9.0.7", score=0.7,
        features=[shown("bytes_out", 4e9 + number, 1e9)], observables=[named("domain", "backup.example")],
    )  # fmt: skip


def theft(number: int, at: float) -> FindingNote:
    """Not like it: another machine, by another detector."""
    return finding(
        f"theft-{number}", at=at, detector="network.dns_tunnel", entity=f"10.2.0.{number}", score=0.7,
        features=[shown("bytes_out", 3e6, 1e4)], observables=[named("domain", f"x{number}.example")],
    )  # fmt: skip
