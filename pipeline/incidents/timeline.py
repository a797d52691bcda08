"""The alerts of an incident in order of ATT&CK, so few that one can read them, and never without the odd one out."""

from collections.abc import Sequence

from pipeline.incidents.member import Member
from pipeline.incidents.tactics import place_of
from schemas.incident import TimelineEntry

MAX_ENTRIES = 100
_SENTENCE = 1024


def chosen(members: Sequence[Member]) -> list[Member]:
    """At most 100: of each detector, tactic and subject the strongest first, then the strongest of what is left.

    In order of tactic, then of time.
    """
    ranked = sorted(members, key=lambda m: (-m.points, m.first_ts, m.alert_id))
    first: dict[tuple[object, ...], Member] = {}
    for m in ranked:
        first.setdefault((m.detector, m.tactic), m)
    for m in ranked:
        first.setdefault((m.detector, m.tactic, m.subject), m)
    order = {m.alert_id: m for m in (*first.values(), *ranked)}
    kept = list(order.values())[:MAX_ENTRIES]
    return sorted(kept, key=lambda m: (place_of(m.tactic), m.first_ts, m.alert_id))


def timeline(members: Sequence[Member]) -> list[TimelineEntry]:
    """Entries of `chosen`."""
    return [_entry(m) for m in chosen(members)]


def _entry(m: Member) -> TimelineEntry:
    return TimelineEntry.model_construct(
        alert_id=m.alert_id,
        first_ts=m.first_ts,
        last_ts=m.last_ts,
        tactic=m.tactic,
        techniques=list(m.attacks),
        detector=m.detector,
        title=m.title,
        sentence=m.message[:_SENTENCE],
        normal=m.normal[:_SENTENCE],
        severity=m.severity,
        score=m.score,
        count=m.findings,
        entity=m.subject[1],
        entity_type=m.subject[0],
        p_true=m.assessment.p_true,
        features=m.feature_objects(),
    )
