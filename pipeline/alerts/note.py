"""An alert as the note that incidents are made of."""

from itertools import islice

from pipeline.alerts.alert_state import AlertState
from schemas.finding import Observable
from schemas.note import FindingNote


def finding_note(state: AlertState) -> FindingNote:
    """What stands now; silenced alerts too."""
    f = state.finding
    # Field by field, from values that were validated with the finding: a whole dump and check takes ten times as long.
    return FindingNote.model_construct(
        kind="finding",
        alert_id=state.uid,
        ts=f.ts,
        first_ts=state.first_ts,
        last_ts=state.last_ts,
        count=state.count,
        withdrawn=min(state.withdrawn, state.count),
        detector=f.detector,
        rule=f.rule,
        title=f.title,
        severity=state.severity,
        source=f.source,
        entity=f.entity,
        entity_type=f.entity_type,
        group_key=f.group_key,
        score=min(max(state.top_score, 0.0), 1.0),
        threshold=f.threshold,
        message=f.message,
        normal=f.normal,
        features=f.features,
        observables=[
            Observable.model_construct(name=name, type=kind, value=value)
            for (kind, value), name in islice(state.observables.items(), 100)
        ],
        attacks=state.attacks,
        suppressed=(state.suppressed or ""),
        allowed=bool(state.allowance),
        model_version=f.model_version,
        evidence=state.evidence,
    )
