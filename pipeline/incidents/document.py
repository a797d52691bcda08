"""A group as an OCSF Incident Finding."""

from collections.abc import Sequence

from pipeline.incidents.group import Group
from pipeline.incidents.kinds import kind_of
from pipeline.incidents.member import Member
from pipeline.incidents.parties import parties
from pipeline.incidents.query import events_query
from pipeline.incidents.risk import Risk, Risks
from pipeline.incidents.sentence import normal_text, sentence
from pipeline.incidents.tactics import place_of
from pipeline.incidents.timeline import timeline
from schemas.alert import ACTIVITIES, SEVERITIES, Attack, Metadata, Product, Technique
from schemas.incident import CLASS_UID, PRIORITIES, STATUSES, Incident, IncidentDetail

CREATE, UPDATE, CLOSE = 1, 2, 3
NEW, RESOLVED, OTHER = 1, 4, 99
_HIGH_RISK, _CRITICAL_RISK = 60.0, 85.0
_MERGED = "part of another incident by now"
_GONE = "Nothing is left of it: by now there is a reason for all that was found."
_MAX_TEXT = 1024


def incident_document(
    group: Group, members: Sequence[Member], risk: Risk, risks: Risks, product_version: str
) -> Incident:
    """The document of a group as it stands. `members`: oldest first, not empty."""
    alive = [m for m in members if m.alive] or list(members)
    kind = kind_of(alive)
    people = parties(alive, risks)
    severity = max(m.severity for m in alive)
    priority = _priority(severity, risk.value, group.resolved)
    linked = [p for p in people[1:] if p.role == "linked"]
    over = group.resolved or bool(group.merged_into)
    activity = CLOSE if over else UPDATE if group.shown else CREATE
    status = OTHER if group.merged_into else RESOLVED if group.resolved else NEW
    entries = timeline(alive)
    detail = IncidentDetail.model_construct(
        incident_id=group.uid,
        revision=group.revision,
        kind=kind,
        subject=people[0],
        parties=people,
        risk=risk.value,
        peak_risk=max(group.peak_risk, risk.value),
        opened_because=group.opened_because,
        tactics=sorted({m.tactic for m in alive if m.tactic}, key=place_of),
        timeline=entries,
        alerts=sum(1 + m.bundled_alerts for m in members),
        findings=sum(m.findings for m in members),
        silenced=group.silenced,
        notify=group.news and not over,
        merged_into=group.merged_into,
        next_techniques=[],
        sql=events_query(alive),
    )
    first, last = min(m.first_ts for m in alive), max(m.last_ts for m in alive)
    return Incident(
        activity_id=activity,
        activity_name=ACTIVITIES[activity],
        type_uid=CLASS_UID * 100 + activity,
        type_name=f"Incident Finding: {ACTIVITIES[activity]}",
        time=_ms(last),
        start_time=_ms(first),
        end_time=_ms(last),
        count=max(detail.findings, 1),
        severity_id=severity,
        severity=SEVERITIES[severity],
        status_id=status,
        status=_MERGED if group.merged_into else STATUSES[status],
        priority_id=priority,
        priority=PRIORITIES[priority],
        confidence_score=_confidence(alive),
        message=_GONE if group.resolved else sentence(kind, people[0], linked, alive),
        desc=normal_text(alive),
        metadata=Metadata(product=Product(version=product_version), uid=f"{group.uid}-{group.revision}"),
        attacks=[Attack(technique=Technique(uid=t)) for t in dict.fromkeys(t for e in entries for t in e.techniques)],
        finding_info_list=[_info(m) for m in _by_id(alive, [e.alert_id for e in entries])],
        unmapped=detail,
    )


def _by_id(members: Sequence[Member], ids: Sequence[str]) -> list[Member]:
    found = {m.alert_id: m for m in members}
    return [found[i] for i in ids]


def _priority(severity: int, risk: float, resolved: bool) -> int:
    if resolved:
        return 1
    if risk >= _CRITICAL_RISK or (severity == 5 and risk >= _HIGH_RISK):
        return 4
    return 3 if risk >= _HIGH_RISK or severity >= 4 else 2


def _confidence(members: Sequence[Member]) -> int:
    """That at least one detector is right, where each errs by itself."""
    best: dict[str, float] = {}
    for m in members:
        best[m.detector] = max(m.assessment.p_true, best.get(m.detector, 0.0))
    wrong = 1.0
    for p in best.values():
        wrong *= 1.0 - p
    return min(round(100 * (1.0 - wrong)), 99)


def _info(m: Member) -> dict[str, object]:
    return {
        "uid": m.alert_id,
        "title": m.title,
        "types": [m.detector.split(".")[0]],
        "analytic": {"uid": m.detector, "name": m.title, "version": m.model_version},
        "created_time": _ms(m.first_ts),
        "first_seen_time": _ms(m.first_ts),
        "last_seen_time": _ms(m.last_ts),
        "related_events_count": m.findings,
    }


def _ms(ts: float) -> int:
    return round(ts * 1000)
