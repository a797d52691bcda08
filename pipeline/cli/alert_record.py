"""All that a database knows of one alert: its document, its events, its detector's past, what people said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pipeline.alerts.query import evidence_query
from pipeline.detectors.catalogue import catalogue
from pipeline.errors import UsageError
from pipeline.oversight.attack_names import attack_name
from pipeline.sinks.clickhouse import ClickHouse
from schemas.finding import Evidence

_ALERT = """SELECT alert_id, status, toUnixTimestamp64Milli(first_seen), toUnixTimestamp64Milli(last_seen), count,
    document FROM alerts FINAL WHERE startsWith(alert_id, {alert:String}) LIMIT 2"""
ASK = "wardwatch sql 'SELECT alert_id, sentence FROM current_alerts' has all"
_EVENT_COLUMNS = ("ts", "kind", "entity", "action", "object", "outcome", "scores", "raw")
_SHOWN_EVENTS = 20
_QUESTIONS: Mapping[str, tuple[str, Sequence[str], str]] = {
    "before": (
        "detector_precision", ("judged", "decided", "trues", "falses", "expected", "precision", "precision_low",
                               "precision_high"),
        "detector = {detector:String}",
    ),
    "verdicts": ("verdicts", ("verdict", "who", "why", "toString(ts)"), "alert_id = {alert:String} ORDER BY ts"),
    "assessment": ("assessments", ("p_true", "incident_id", "priority"), "alert_id = {alert:String}"),
}  # fmt: skip
"""What is asked besides: table or view, columns, condition. A database of an older version may lack them."""


@dataclass(frozen=True)
class AlertRecord:
    """One alert with everything that explains it."""

    document: Mapping[str, Any]
    """OCSF, as it was told last."""
    status: str
    first_ms: int
    last_ms: int
    count: int
    events: Sequence[Mapping[str, Any]]
    before: Mapping[str, Any] | None
    """Verdicts on earlier alerts of the detector; None where there are none."""
    verdicts: Sequence[Mapping[str, Any]]
    assessment: Mapping[str, Any] | None
    misses: str

    @property
    def detector(self) -> str:
        """Its id."""
        return str(self.document["finding_info"]["analytic"]["uid"])

    @property
    def techniques(self) -> dict[str, str]:
        """ATT&CK techniques and their names."""
        named = [a["technique"]["uid"] for a in self.document["finding_info"]["attacks"]]
        return {technique: attack_name(technique) for technique in named}

    @property
    def query(self) -> str:
        """SQL that shows the events; those of alerts older than this field are made from their evidence."""
        return str(self.document["unmapped"].get("query") or _query(self.document))

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        info, own = self.document["finding_info"], self.document["unmapped"]
        return {
            "alert_id": info["uid"], "detector": self.detector, "title": info["title"],
            "severity": self.document["severity"], "status": self.status, "sentence": self.document["message"],
            "entity_type": own["entity_type"], "entity": own["entity"], "first_ms": self.first_ms,
            "last_ms": self.last_ms, "count": self.count, "normal": own["normal"], "features": own["features"],
            "score": own["score"], "threshold": own["threshold"], "confidence": self.document.get("confidence"),
            "techniques": self.techniques, "model_version": info["analytic"]["version"], "misses": self.misses,
            "lists": own.get("lists", {}), "query": self.query, "evidence": info["related_events"],
            "events": self.events, "detector_before": self.before, "verdicts": self.verdicts,
            "assessment": self.assessment,
        }  # fmt: skip


def alert_record(database: ClickHouse, alert: str) -> AlertRecord:
    """The alert whose id begins so. UsageError where it is none, or not the only one; SinkError from the database."""
    found = database.query(_ALERT, alert=alert)
    if len(found) != 1:
        which = "more than one alert has an id that begins with" if found else "no alert has the id"
        raise UsageError(f"{which} {alert[:64]!r}; {ASK}")
    uid, status, first_ms, last_ms, count, text = found[0]
    document = orjson.loads(text)
    detector = str(document["finding_info"]["analytic"]["uid"])
    known = {str(row[0]) for row in database.query("SELECT name FROM system.tables WHERE database = currentDatabase()")}
    answers = {
        name: _rows(database, *question, alert=uid, detector=detector) if question[0] in known else []
        for name, question in _QUESTIONS.items()
    }
    query = _query(document)
    events = database.query(f"{query} LIMIT {_SHOWN_EVENTS}") if query else []
    cls = catalogue().get(detector)
    return AlertRecord(
        document, str(status), first_ms, last_ms, count,
        [dict(zip(_EVENT_COLUMNS, row, strict=True)) | {"ts": row[0].isoformat()} for row in events],
        next(iter(answers["before"]), None), answers["verdicts"], next(iter(answers["assessment"]), None),
        cls.misses if cls else "",
    )  # fmt: skip


def _query(document: Mapping[str, Any]) -> str:
    """Made anew from the evidence: what stands in a document is shown, never run."""
    evidence = [Evidence.model_validate(e["data"]) for e in document["evidences"]]
    first, last = document["start_time"] / 1000, document["end_time"] / 1000
    return evidence_query(str(document["unmapped"]["source"]), first, last, evidence)


def _rows(
    database: ClickHouse, table: str, columns: Sequence[str], condition: str, **parameters: str
) -> list[dict[str, Any]]:
    final = " FINAL" if table != "detector_precision" else ""
    sql = f"SELECT {', '.join(columns)} FROM {table}{final} WHERE {condition} LIMIT 100"
    names = [name.removeprefix("toString(").removesuffix(")") for name in columns]
    return [dict(zip(names, row, strict=True)) for row in database.query(sql, **parameters)]
