"""Rows that the assessor has for ClickHouse: what is thought of alerts, what was said, what it came to."""

from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa

from pipeline.incidents.assessment import Assessment
from pipeline.learning.known_alert import KnownAlert
from pipeline.learning.verdict_book import Vote
from schemas.note import VerdictNote

_MOVED_P, _MOVED_PRIORITY = 0.02, 1.0
"""A change of less than that is not written."""
_MS = pa.timestamp("ms", "UTC")
_TEXTS = pa.list_(pa.string())
SCHEMAS: Mapping[str, pa.Schema] = {
    "assessments": pa.schema(
        {
            "alert_id": pa.string(), "revision": pa.uint64(), "detector": pa.string(), "incident_id": pa.string(),
            "p_true": pa.float32(), "detector_precision": pa.float32(), "detector_verdicts": pa.uint32(),
            "priority": pa.float32(), "model_version": pa.string(),
        }
    ),
    "verdicts": pa.schema(
        {
            "verdict_id": pa.string(), "revision": pa.uint64(), "ts": _MS, "alert_id": pa.string(),
            "incident_id": pa.string(), "verdict": pa.string(), "who": pa.string(), "why": pa.string(),
            "alerts": pa.uint32(),
        }
    ),
    "judgements": pa.schema(
        {
            "alert_id": pa.string(), "revision": pa.uint64(), "source": pa.string(), "detector": pa.string(),
            "rule": pa.string(), "entity_type": pa.string(), "entity": pa.string(), "severity": pa.uint8(),
            "verdict": pa.string(), "who": _TEXTS, "said": _TEXTS, "decided_at": _MS,
        }
    ),
    "proposals": pa.schema(
        {
            "proposal_id": pa.string(), "revision": pa.uint64(), "list": pa.string(), "row": pa.string(),
            "detector": pa.string(), "entity_type": pa.string(), "entity": pa.string(), "reason": pa.string(),
            "until": pa.string(), "evidence": pa.uint32(), "people": pa.uint32(), "days": pa.uint32(),
            "precision": pa.float32(), "withdrawn": pa.uint8(), "at": _MS,
        }
    ),
}  # fmt: skip


class AssessmentRows:
    """Gathers rows until they are asked for; a later row of the same thing has a higher revision."""

    def __init__(self, model_version: str) -> None:
        self._model_version = model_version
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._revision = 0

    def assessment(self, alert: KnownAlert, found: Assessment) -> None:
        """What is thought of an alert, if it differs from what was last written."""
        told = (found.p_true, found.priority, alert.incident_id)
        if alert.told is not None and told[2] == alert.told[2]:
            moved = (abs(told[0] - alert.told[0]), abs(told[1] - alert.told[1]))
            if moved[0] < _MOVED_P and moved[1] < _MOVED_PRIORITY:
                return
        alert.told = told
        self._add(
            "assessments", alert_id=alert.alert_id, detector=alert.detector, incident_id=alert.incident_id,
            p_true=found.p_true, detector_precision=found.detector_precision,
            detector_verdicts=found.detector_verdicts, priority=found.priority, model_version=self._model_version,
        )  # fmt: skip

    def verdict(self, note: VerdictNote, alerts: int) -> None:
        """What somebody said, and how many alerts it was about."""
        self._add(
            "verdicts", verdict_id=note.verdict_id, ts=_ms(note.ts), alert_id=note.alert_id,
            incident_id=note.incident_id, verdict=note.verdict, who=note.who, why=note.why, alerts=alerts,
        )  # fmt: skip

    def judgement(self, alert: KnownAlert, verdict: str, votes: Mapping[str, Vote]) -> None:
        """What the votes on an alert come to; empty: none is left."""
        who = sorted(votes)
        self._add(
            "judgements", alert_id=alert.alert_id, source=alert.source, detector=alert.detector, rule=alert.rule,
            entity_type=alert.entity_type, entity=alert.entity, severity=alert.severity, verdict=verdict, who=who,
            said=[votes[w].verdict for w in who], decided_at=_ms(max((v.ts for v in votes.values()), default=0.0)),
        )  # fmt: skip

    def proposal(self, row: Mapping[str, Any], precision: float | None) -> None:
        """An entry proposed for a list."""
        self._add(
            "proposals",
            **(
                dict(row)
                | {"row": orjson.dumps(row["row"]).decode(), "at": _ms(row["at"]), "precision": precision or 0.0}
            ),
        )

    def _add(self, table: str, **row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def tables(self, clock: float) -> dict[str, pa.Table]:
        """All rows since last asked, at event time `clock`."""
        if not self._rows:
            return {}
        # Higher than before, and than what a reader had come to who began at the same log anew.
        self._revision = max(self._revision + 1, round(clock * 1000))
        out = {}
        for name, rows in self._rows.items():
            latest = {next(iter(row.values())): row | {"revision": self._revision} for row in rows}
            out[name] = pa.Table.from_pylist(list(latest.values()), SCHEMAS[name])
        self._rows = {}
        return out

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"rows": self._rows, "revision": self._revision}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self._rows = {str(name): list(rows) for name, rows in state["rows"].items()}
        self._revision = int(state["revision"])


def _ms(ts: float) -> int:
    return round(ts * 1000)
