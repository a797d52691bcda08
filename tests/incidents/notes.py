"""Notes as the runtime makes them, for tests."""

from collections.abc import Callable, Iterable
from typing import Any

from pipeline.incidents.assessment import Assessment
from pipeline.incidents.asset import Asset
from pipeline.incidents.correlator import Correlator
from pipeline.incidents.member import Member
from pipeline.incidents.options import HOUR_S, IncidentOptions
from pipeline.incidents.unjudged import assess_alone
from schemas.finding import Evidence, Observable
from schemas.note import FindingNote, LinkNote

T0 = 1_772_409_600.0 + 8 * HOUR_S
"""A Monday, 08:00 UTC."""
_TYPES = {
    "src_ip": "ip", "dst_ip": "ip", "src_mac": "mac", "host": "host", "src_host": "host", "workstation": "host",
    "user": "user", "target_user": "user", "patient": "patient", "provider": "provider", "query": "domain",
    "sni": "domain",
}  # fmt: skip


def finding(
    alert: str, detector: str, at_h: float, severity: int = 4, count: int = 1, attacks: Iterable[str] = ("T1021",),
    entity_field: str = "", until_h: float | None = None, **fields: Any,
) -> FindingNote:  # fmt: skip
    """An alert at `at_h` hours after T0; `fields`: event fields and their values, the entity's first."""
    given = {k: v for k, v in fields.items() if k in _TYPES}
    rest = {k: v for k, v in fields.items() if k not in _TYPES}
    entity_field = entity_field or next(iter(given))
    pairs = [(k, one) for k, v in given.items() for one in ([v] if isinstance(v, str) else v)]
    first = T0 + at_h * HOUR_S
    last = first if until_h is None else T0 + until_h * HOUR_S
    entity = next(v for k, v in pairs if k == entity_field)
    plain: dict[str, Any] = {
        "alert_id": alert, "ts": last, "first_ts": first, "last_ts": last, "count": count, "detector": detector,
        "title": f"Title of {detector}", "severity": severity, "source": detector.split(".")[0], "entity": entity,
        "entity_type": _TYPES[entity_field], "group_key": entity, "score": 0.9, "threshold": 0.5,
        "message": f"{entity} did {detector}.", "normal": "Nothing of the kind.", "attacks": list(attacks),
        "observables": [Observable(name=k, type=_TYPES[k], value=v) for k, v in pairs], "model_version": "1",
        "evidence": [Evidence(topic="t", partition=0, offset=1, event_id=f"event-{alert}")],
    }  # fmt: skip
    return FindingNote.model_validate(plain | rest)


def link(
    first: str, second: str, at_h: float, via: str = "logon", kinds: tuple[str, str] = ("user", "host")
) -> LinkNote:
    """Two names of one actor, `at_h` hours after T0."""
    ts = T0 + at_h * HOUR_S
    return LinkNote(ts=ts, first_type=kinds[0], first=first, second_type=kinds[1], second=second, via=via)


def correlator(
    options: IncidentOptions | None = None,
    assets: dict[str, Asset] | None = None,
    assess: Callable[[FindingNote], Assessment] = assess_alone,
) -> Correlator:
    """A new one."""
    known = assets or {}
    return Correlator(options or IncidentOptions(), lambda _, value: known.get(value), assess, "1")


def grouped(c: Correlator) -> set[frozenset[str]]:
    """Alert ids as they are grouped."""
    return {frozenset(m.alert_id for m in members) for _, members in c.groups()}


def members(c: Correlator) -> dict[str, Member]:
    """By alert id."""
    return {m.alert_id: m for _, found in c.groups() for m in found}
