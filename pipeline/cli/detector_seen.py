"""What a database knows of each detector: what it scored and found, how often it was right, how it drifted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.cli.fairness_data import SHIFTS, Asked, found_in, shifts_of
from pipeline.cli.fairness_text import sentences
from pipeline.oversight.disparity import disparities
from pipeline.sinks.clickhouse import ClickHouse

_SCORED = """SELECT arrayJoin(mapKeys(scores)) AS detector, count(), min(ts), max(ts),
    arraySort(groupUniqArray(12)(format)), arraySort(groupUniqArray(8)(model_version))
    FROM scored_events GROUP BY detector"""
_ALERTS = """SELECT detector, status, count(), sum(count), uniqExact(entity), min(first_seen), max(last_seen),
    min(threshold), max(threshold), any(entity_type) FROM alerts FINAL
    GROUP BY detector, status ORDER BY detector, status"""
_PRECISION = "SELECT detector, decided, trues, falses, expected, precision_low, precision_high FROM detector_precision"
_DRIFT = "SELECT detector, count(), max(at), argMax(sentence, at) FROM drift FINAL GROUP BY detector"
_COST = "SELECT detector, avg(cost_us) FROM current_health GROUP BY detector"
_ABOUT_PEOPLE = "user"


@dataclass(frozen=True)
class Raised:
    """Alerts of one status."""

    status: str
    alerts: int
    findings: int
    entities: int
    first: datetime
    last: datetime
    threshold_low: float
    threshold_high: float


@dataclass(frozen=True)
class Right:
    """What verdicts say; the interval holds nine times in ten."""

    decided: int
    trues: int
    falses: int
    expected: int
    low: float
    high: float


@dataclass
class Seen:
    """One detector in this database."""

    scored: int = 0
    first: datetime | None = None
    last: datetime | None = None
    formats: Sequence[str] = ()
    versions: Sequence[str] = ()
    raised: list[Raised] = field(default_factory=list)
    right: Right | None = None
    drifts: int | None = None
    """None where the database keeps no record of drift."""
    drift: str = ""
    """The last one, in a sentence."""
    cost_us: float | None = None
    fairness: Sequence[str] = ()


def seen_in(database: ClickHouse, detectors: Iterable[str]) -> dict[str, Seen]:
    """By detector id. SinkError from the database; what an older one lacks is left out."""
    tables = {str(r[0]) for r in database.query("SELECT name FROM system.tables WHERE database = currentDatabase()")}
    seen = {name: Seen(drifts=0 if "drift" in tables else None) for name in detectors}
    for name, scored, first, last, formats, versions in database.query(_SCORED):
        if name in seen:
            seen[name].scored, seen[name].first, seen[name].last = int(scored), first, last
            seen[name].formats, seen[name].versions = list(formats), list(versions)
    people = _alerts(database, seen)
    if "detector_precision" in tables:
        for name, decided, trues, falses, expected, low, high in database.query(_PRECISION):
            if name in seen and decided:
                seen[name].right = Right(int(decided), int(trues), int(falses), int(expected), float(low), float(high))
    if "drift" in tables:
        for name, count, _, sentence in database.query(_DRIFT):
            if name in seen:
                seen[name].drifts, seen[name].drift = int(count), str(sentence)
    if "current_health" in tables:
        for name, cost in database.query(_COST):
            if name in seen and cost == cost:
                seen[name].cost_us = float(cost)
    for name in people:
        seen[name].fairness = _fairness(database, name)
    return seen


def _alerts(database: ClickHouse, seen: Mapping[str, Seen]) -> list[str]:
    """Fill in what was raised; the detectors whose alerts are about users."""
    people: dict[str, None] = {}
    for name, status, alerts, findings, entities, first, last, low, high, kind in database.query(_ALERTS):
        if name not in seen:
            continue
        one = Raised(str(status), int(alerts), int(findings), int(entities), first, last, float(low), float(high))
        seen[name].raised.append(one)
        if kind == _ABOUT_PEOPLE:
            people[name] = None
    return list(people)


def _fairness(database: ClickHouse, detector: str) -> list[str]:
    asked = Asked(detector=detector, shifts=shifts_of(SHIFTS))
    found = found_in(database, asked)
    return list(sentences(disparities(found.active, found.flags, found.values, asked.attributes), found))
