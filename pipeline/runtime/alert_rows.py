"""Alerts as rows of the table `alerts`, the same from worker, scan and replay."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.alerts.alert_state import AlertState
from schemas.alert import Alert


def alert_rows(changed: Sequence[tuple[AlertState, Alert]]) -> pa.Table:
    """Rows for the table `alerts`."""
    states = [s for s, _ in changed]
    documents = [a for _, a in changed]
    evidence = pa.struct(
        [("topic", pa.string()), ("partition", pa.int32()), ("offset", pa.int64()), ("event_id", pa.string())]
    )
    ms = pa.timestamp("ms", "UTC")
    return pa.table(
        {
            "alert_id": [s.uid for s in states],
            "detector": [s.finding.detector for s in states],
            "title": [s.finding.title for s in states],
            "severity_id": pa.array([s.finding.severity for s in states], pa.uint8()),
            "severity": [a.severity for a in documents],
            "status": [a.status for a in documents],
            "entity": [s.finding.entity for s in states],
            "entity_type": [s.finding.entity_type for s in states],
            "entities": pa.array([[o.value for o in a.observables] for a in documents], pa.list_(pa.string())),
            "sentence": [s.finding.message for s in states],
            "attacks": pa.array([s.finding.attacks for s in states], pa.list_(pa.string())),
            "first_seen": pa.array([round(s.first_ts * 1000) for s in states], pa.int64()).cast(ms),
            "last_seen": pa.array([round(s.last_ts * 1000) for s in states], pa.int64()).cast(ms),
            "count": pa.array([s.count for s in states], pa.uint64()),
            "score": pa.array([s.top_score for s in states], pa.float32()),
            "threshold": pa.array([s.finding.threshold for s in states], pa.float32()),
            "model_version": [s.finding.model_version for s in states],
            "evidence": pa.array([[e.model_dump() for e in s.evidence] for s in states], pa.list_(evidence)),
            "document": [a.to_json().decode() for a in documents],
        }
    )
