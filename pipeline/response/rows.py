"""Actions as rows of the table `actions`."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from schemas.action import Action


def action_rows(actions: Iterable[Action]) -> pa.Table:
    """One row a document."""
    documents = list(actions)
    d = [a.unmapped for a in documents]
    return pa.table(
        {
            "action_id": pa.array([x.action_id for x in d], pa.string()),
            "revision": pa.array([x.revision for x in d], pa.uint64()),
            "incident_id": pa.array([x.incident_id for x in d], pa.string()),
            "playbook": pa.array([x.playbook for x in d], pa.string()),
            "step": pa.array([x.step for x in d], pa.string()),
            "action": pa.array([x.action for x in d], pa.string()),
            "connector": pa.array([x.connector for x in d], pa.string()),
            "target_type": pa.array([x.target_type for x in d], pa.string()),
            "target": pa.array([x.target for x in d], pa.string()),
            "state": pa.array([x.state for x in d], pa.string()),
            "severity_id": pa.array([a.severity_id for a in documents], pa.uint8()),
            "severity": pa.array([a.severity for a in documents], pa.string()),
            "why": pa.array([x.why for x in d], pa.string()),
            "at": pa.array([a.time for a in documents], pa.int64()).cast(pa.timestamp("ms", "UTC")),
            "decided_at": _times([x.decided_ts for x in d]),
            "told_at": _times([x.alert_ts for x in d]),
            "effect_at": _times([x.effect_ts for x in d]),
            "undo_at": _times([x.undo_at for x in d]),
            "approvals_needed": pa.array([x.approvals_needed for x in d], pa.uint8()),
            "approved_by": pa.array(
                [[w.who for w in x.approvals if w.decision == "approve"] for x in d], pa.list_(pa.string())
            ),
            "attempts": pa.array([x.attempts for x in d], pa.uint32()),
            "detail": pa.array([x.detail for x in d], pa.string()),
            "reference": pa.array([x.reference for x in d], pa.string()),
            "document": pa.array([a.to_json().decode() for a in documents], pa.string()),
        }
    )


def _times(values: Sequence[float | None]) -> pa.Array:
    whole = [None if v is None else round(v * 1000) for v in values]
    return pa.array(whole, pa.int64()).cast(pa.timestamp("ms", "UTC"))
