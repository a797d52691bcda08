"""Rows for the tables `incidents` and `risks`."""

from collections.abc import Sequence

import pyarrow as pa

from pipeline.incidents.names import Name
from schemas.incident import Incident

_MS = pa.timestamp("ms", "UTC")
RiskRow = tuple[Name, float, float, int, int, str]
"""Name, event time, risk, tactics, criticality, incident id."""


def incident_rows(documents: Sequence[Incident]) -> pa.Table:
    """One row a document."""
    details = [d.unmapped for d in documents]
    texts = pa.list_(pa.string())
    return pa.table(
        {
            "incident_id": pa.array([x.incident_id for x in details], pa.string()),
            "revision": pa.array([x.revision for x in details], pa.uint64()),
            "kind": pa.array([x.kind for x in details], pa.string()),
            "status": pa.array([d.status for d in documents], pa.string()),
            "severity_id": pa.array([d.severity_id for d in documents], pa.uint8()),
            "severity": pa.array([d.severity for d in documents], pa.string()),
            "priority": pa.array([d.priority for d in documents], pa.string()),
            "subject": pa.array([x.subject.value for x in details], pa.string()),
            "subject_type": pa.array([x.subject.type for x in details], pa.string()),
            "parties": pa.array([[p.value for p in x.parties] for x in details], texts),
            "sentence": pa.array([d.message for d in documents], pa.string()),
            "risk": pa.array([x.risk for x in details], pa.float32()),
            "peak_risk": pa.array([x.peak_risk for x in details], pa.float32()),
            "confidence": pa.array([d.confidence_score / 100.0 for d in documents], pa.float32()),
            "tactics": pa.array([x.tactics for x in details], texts),
            "attacks": pa.array([[a.technique.uid for a in d.attacks] for d in documents], texts),
            "detectors": pa.array([sorted({e.detector for e in x.timeline}) for x in details], texts),
            "alert_ids": pa.array([[e.alert_id for e in x.timeline] for x in details], texts),
            "alerts": pa.array([x.alerts for x in details], pa.uint64()),
            "findings": pa.array([x.findings for x in details], pa.uint64()),
            "silenced": pa.array([x.silenced for x in details], pa.uint64()),
            "opened_because": pa.array([x.opened_because for x in details], pa.string()),
            "merged_into": pa.array([x.merged_into for x in details], pa.string()),
            "first_seen": pa.array([d.start_time for d in documents], pa.int64()).cast(_MS),
            "last_seen": pa.array([d.end_time for d in documents], pa.int64()).cast(_MS),
            "document": pa.array([d.to_json().decode() for d in documents], pa.string()),
        }
    )


def risk_rows(rows: Sequence[RiskRow], half_life_h: float) -> pa.Table:
    """One row a meaningful step of one entity's risk."""
    return pa.table(
        {
            "entity_type": pa.array([r[0][0] for r in rows], pa.string()),
            "entity": pa.array([r[0][1] for r in rows], pa.string()),
            "at": pa.array([round(r[1] * 1000) for r in rows], pa.int64()).cast(_MS),
            "risk": pa.array([r[2] for r in rows], pa.float32()),
            "tactics": pa.array([r[3] for r in rows], pa.uint8()),
            "criticality": pa.array([r[4] for r in rows], pa.uint8()),
            "incident_id": pa.array([r[5] for r in rows], pa.string()),
            "half_life_h": pa.array([half_life_h] * len(rows), pa.float32()),
        }
    )
