"""What came of a run, and how it differs from what an offline scan of the same records gives."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from benchmarks.faults.records import Record
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert
from schemas.sources import INPUTS

# Scores as they are, float32 in Float32; of the other columns a hash. Where a row stood and when it was written
# cannot agree between a topic and a scan.
_ROWS = """SELECT event_id, scores, top_detector, found_by,
    sipHash64(toString(tuple(* EXCEPT (event_id, scores, top_detector, found_by, ingested_at,
                                       topic, partition, offset))))
    FROM scored_events WHERE source IN ({sources}) ORDER BY topic, partition, offset"""
_ALERTS = """SELECT alert_id, detector, entity, count, score, first_seen, last_seen, threshold, severity, status,
    sentence, arrayMap(e -> e.event_id, evidence) FROM alerts WHERE JSONExtractString(document, 'unmapped', 'source')
    IN ({sources})"""
_LETTERS = "SELECT sha256, size_bytes, reason, excerpt FROM dead_letters"

Row = tuple[dict[str, float], str, tuple[str, ...], int]
"""Scores by detector, the top one, those that found something, hash of all other columns."""
Told = set[tuple[str, int]]
"""Alert id and the count it was told with."""


@dataclass
class Outcome:
    """Final state: tables read with FINAL, the topic of alerts without repetitions of a document."""

    rows: dict[str, list[Row]]
    """By event id, in log order; one each unless the producer sent an event twice."""
    alerts: dict[str, tuple[Any, ...]]
    letter_forms: Counter[tuple[Any, ...]]
    """Dead letters by hash, size, reason and excerpt."""
    told: Told

    @property
    def scores(self) -> dict[str, tuple[dict[str, float], str, tuple[str, ...]]]:
        """Scores, top detector and what was found, by event id. AssertionError when an event is there twice."""
        assert all(len(rows) == 1 for rows in self.rows.values()), "an event is there twice"
        return {event_id: rows[0][:3] for event_id, rows in self.rows.items()}

    @property
    def letters(self) -> int:
        """Dead letters."""
        return self.letter_forms.total()

    @property
    def records(self) -> int:
        """Records that became a row or a dead letter."""
        return sum(len(r) for r in self.rows.values()) + self.letters


def outcome(
    database: ClickHouse, told: Iterable[Alert] = (), *, final: bool = True, sources: Collection[str] = tuple(INPUTS)
) -> Outcome:
    """What stands in the tables of these sources. Without `final` replaced rows count too, which only a negative
    control wants. What workers make of events besides waits for event time to go on: only some runs can compare it."""
    names = ", ".join(f"'{name}'" for name in sources)
    query = _ROWS.format(sources=names)
    rows: dict[str, list[Row]] = {}
    for event_id, scores, top, found_by, rest in database.query(query if final else f"{query} SETTINGS final = 0"):
        rows.setdefault(event_id, []).append((dict(scores), top, tuple(found_by), rest))
    alerts = {r[0]: tuple(map(_plain, r[1:])) for r in database.query(_ALERTS.format(sources=names))}
    letters = Counter(database.query(_LETTERS))
    return Outcome(rows, alerts, letters, _tellings(a for a in told if a.unmapped["source"] in sources))


def _tellings(told: Iterable[Alert]) -> Told:
    """Without those that only say that another detector's findings belong to the alert now: a scan, which tells an
    alert once, does not say at which count."""
    found: Told = set()
    beside: dict[str, list[str]] = {}
    for alert in sorted(told, key=lambda a: a.count):
        uid, others = alert.finding_info.uid, alert.unmapped["beside"]
        joined = len(others) > len(beside.get(uid, ())) and alert.count.bit_count() > 1
        beside[uid] = others
        if not joined:
            found.add((uid, alert.count))
    return found


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def scanned(
    records: Iterable[Record],
    settings: Settings,
    chunk: int = 3000,
    *,
    then: Iterable[Record] = (),
    sources: Collection[str] = tuple(INPUTS),
) -> Outcome:
    """The same records through the offline scan, and `then` others, into a database of its own."""
    database = ClickHouse.connect(settings)
    try:
        database.migrate()
        drained: list[Alert] = []
        plan = Plan.of(settings, make_keys=True)
        scan = Scan(plan, "scan", chunk, database=database, on_alert=drained.append)
        for part in (records, then):
            for r in part:
                scan.add(Parsed(r.source, 0.0, "", r.value or b""))
            scan.settle()
        scan.finish()
        found = outcome(database, sources=sources)
    finally:
        database.close()
    # A scan tells an alert once, with its final count; a worker tells it at 1, 2, 4, 8 …
    ours = [a for a in drained if a.unmapped["source"] in sources]
    found.told = {(a.finding_info.uid, 1 << i) for a in ours for i in range(a.count.bit_length())}
    return found


@dataclass
class Verdict:
    """How far a run is from the scan; all zero is what is promised."""

    lost: int = 0
    """Events without a row."""
    doubled: int = 0
    """Rows of an event beyond those it should have."""
    different: int = 0
    """Rows whose scores, top detector or any other column differ."""
    alerts: int = 0
    """Alerts missing, too many, or with another count, score, time, sentence or evidence."""
    told: int = 0
    """Documents on the topic of alerts missing or too many."""
    letters: int = 0
    """Dead letters missing, too many or different."""
    examples: list[str] = field(default_factory=list)
    """A few of the differences, by event or alert id."""

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing double, nothing different."""
        return not any(getattr(self, f.name) for f in fields(self) if f.name != "examples")

    def __str__(self) -> str:
        return ", ".join(f"{f.name} {getattr(self, f.name)}" for f in fields(self) if getattr(self, f.name)) or "same"


def compare(found: Outcome, expected: Outcome) -> Verdict:
    """Row by row, score by score, alert by alert, letter by letter."""
    verdict = Verdict()
    for event_id in found.rows.keys() | expected.rows.keys():
        mine, theirs = found.rows.get(event_id, []), expected.rows.get(event_id, [])
        verdict.lost += max(len(theirs) - len(mine), 0)
        verdict.doubled += max(len(mine) - len(theirs), 0)
        unlike = sum(a != b for a, b in zip(mine, theirs, strict=False))
        verdict.different += unlike
        if (unlike or len(mine) != len(theirs)) and len(verdict.examples) < 3:
            verdict.examples.append(f"{event_id}: {mine} instead of {theirs}")
    for alert_id in found.alerts.keys() | expected.alerts.keys():
        ours, wanted = found.alerts.get(alert_id), expected.alerts.get(alert_id)
        if ours != wanted:
            verdict.alerts += 1
            if len(verdict.examples) < 6:
                verdict.examples.append(f"alert {alert_id}: {ours} instead of {wanted}")
    verdict.told = len(found.told ^ expected.told)
    verdict.letters = (
        (found.letter_forms - expected.letter_forms) + (expected.letter_forms - found.letter_forms)
    ).total()
    return verdict
