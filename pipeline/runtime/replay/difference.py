"""What a replay's alerts have in common with production's, and what not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pipeline.runtime.drift_alert import DETECTOR as DRIFT
from pipeline.runtime.replay.range import Slice
from pipeline.runtime.transport.gaps import DETECTOR as GAP
from pipeline.sinks.clickhouse import ClickHouse

EXAMPLES = 20
"""Of each verdict, told; all are in the table `alert_differences`."""
ONLY_PRODUCTION, ONLY_REPLAY, CHANGED, SAME, BEYOND = "only_production", "only_replay", "changed", "same", "beyond"
VERDICTS = (ONLY_PRODUCTION, ONLY_REPLAY, CHANGED, SAME, BEYOND)

# Production's alerts that began in what was read and before the range's end, by the offset of their first finding,
# joined with all of the replay's by id: of the same detector, thing, day and key group. One that has findings which
# were not read cannot be compared by its count.
_COMPARE = """
INSERT INTO alert_differences
SELECT
    multiIf(
        p.count = 0, 'only_replay',
        r.count = 0, if(p.first < {starts:Array(Int64)}[p.place] AND NOT p.inside, 'beyond', 'only_production'),
        p.count = r.count AND p.score = r.score AND p.status = r.status, 'same',
        p.first < {warms:Array(Int64)}[p.place] OR p.goes_on, 'beyond',
        'changed') AS verdict,
    if(p.count = 0, r.detector, p.detector), if(p.count = 0, r.alert_id, p.alert_id),
    if(p.count = 0, r.severity_id, p.severity_id), if(p.count = 0, r.severity, p.severity),
    if(p.count = 0, r.entity_type, p.entity_type), if(p.count = 0, r.entity, p.entity),
    if(p.count = 0, r.sentence, p.sentence), if(p.count = 0, r.first_seen, p.first_seen),
    p.count, r.count, p.score, r.score, p.status, r.status
FROM (
    SELECT *, indexOf({places:Array(String)}, concat(evidence[1].topic, '/', toString(evidence[1].partition))) AS place,
        evidence[1].offset AS first,
        arrayExists(o -> o >= {starts:Array(Int64)}[place] AND o < {ends:Array(Int64)}[place],
            evidence.offset) AS inside,
        toUnixTimestamp64Milli(last_seen) > {lasts_ms:Array(Int64)}[place]
            OR arrayExists(o -> o >= {ends:Array(Int64)}[place], evidence.offset)
            OR (place, detector) IN (
                SELECT indexOf({places:Array(String)}, concat(topic, '/', toString(partition))) AS at,
                    arrayJoin(found_by)
                FROM {production:Identifier}.scored_events
                WHERE ts >= fromUnixTimestamp64Milli({first_ms:Int64}, 'UTC')
                    AND ts <= fromUnixTimestamp64Milli({last_ms:Int64}, 'UTC') AND notEmpty(found_by) AND at > 0
                    AND offset >= {ends:Array(Int64)}[at] AND toUnixTimestamp64Milli(ts) <= {lasts_ms:Array(Int64)}[at]
            ) AS goes_on
    FROM {production:Identifier}.alerts
    WHERE detector NOT IN ({gap:String}, {drift:String}) AND place > 0 AND first < {ends:Array(Int64)}[place]
        AND first_seen <= fromUnixTimestamp64Milli({last_ms:Int64}, 'UTC')
        AND last_seen >= fromUnixTimestamp64Milli({first_ms:Int64}, 'UTC')
        AND toUnixTimestamp64Milli(first_seen) <= {lasts_ms:Array(Int64)}[place]
        AND toUnixTimestamp64Milli(last_seen) >= {firsts_ms:Array(Int64)}[place]
) AS p
FULL OUTER JOIN (SELECT * FROM alerts WHERE detector != {drift:String}) AS r ON p.alert_id = r.alert_id
"""
_BY_DETECTOR = """
SELECT detector, countIf(production_count > 0), countIf(replay_count > 0),
    countIf(verdict = 'only_production'), countIf(verdict = 'only_replay'), countIf(verdict = 'changed'),
    countIf(verdict = 'same'), countIf(verdict = 'beyond'),
    countIf(production_status NOT IN ('', 'Suppressed')), countIf(replay_status NOT IN ('', 'Suppressed'))
FROM alert_differences GROUP BY detector ORDER BY detector
"""
_EXAMPLES = """
SELECT verdict, detector, alert_id, severity_id, severity, entity_type, entity, sentence, first_seen,
    production_count, replay_count, production_score, replay_score, production_status, replay_status
FROM alert_differences WHERE verdict IN ('only_production', 'only_replay', 'changed')
ORDER BY severity_id DESC, first_seen, alert_id LIMIT {most:UInt32} BY verdict
"""
_SPANS = """
SELECT concat(topic, '/', toString(partition)), toUnixTimestamp64Milli(min(ts)), toUnixTimestamp64Milli(max(ts)) + 1
FROM scored_events GROUP BY topic, partition
"""
_SCORED = """
SELECT count() FROM {production:Identifier}.scored_events
WHERE ts >= fromUnixTimestamp64Milli({first_ms:Int64}, 'UTC') AND ts <= fromUnixTimestamp64Milli({last_ms:Int64}, 'UTC')
    AND (indexOf({places:Array(String)}, concat(topic, '/', toString(partition))) AS place) > 0
    AND offset >= {starts:Array(Int64)}[place] AND offset < {ends:Array(Int64)}[place]
"""


@dataclass(frozen=True, slots=True)
class DetectorDifference:
    """Numbers of alerts of one detector. `beyond`: those with findings outside what was read, not comparable."""

    detector: str
    production: int
    replay: int
    only_production: int
    only_replay: int
    changed: int
    same: int
    beyond: int
    production_told: int
    """Not silenced by the allow-list or by a budget."""
    replay_told: int


@dataclass(frozen=True, slots=True)
class AlertDifference:
    """One alert that is not in both, or not the same in both; a count of 0 where it is not."""

    verdict: str
    detector: str
    alert_id: str
    severity_id: int
    severity: str
    entity_type: str
    entity: str
    sentence: str
    first_seen: datetime
    production_count: int
    replay_count: int
    production_score: float
    replay_score: float
    production_status: str
    replay_status: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it. Only the replayed sources, offsets and the event times in them are compared."""

    first_event: datetime
    last_event: datetime
    production_events: int
    """Events of the range that production has scored; fewer than replayed when a worker is behind."""
    detectors: tuple[DetectorDifference, ...]
    examples: tuple[AlertDifference, ...]
    """The gravest and earliest EXAMPLES of each verdict but `same` and `beyond`."""

    def count(self, verdict: str) -> int:
        """Alerts of a verdict."""
        return sum(int(getattr(d, verdict)) for d in self.detectors)


def compare(database: ClickHouse, production: str, slices: Sequence[Slice]) -> Difference | None:
    """Fill `alert_differences` of the replay's `database` from its alerts and those of the database `production`.

    None when the replay has no rows. Raises SinkError when production has no tables or does not answer.
    """
    spans = {place: (first, last) for place, first, last in database.query(_SPANS)}
    if not spans:
        return None
    places = {f"{s.topic}/{s.partition}": s for s in slices}
    read = [s for place, s in places.items() if place in spans]
    first_ms, last_ms = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    given: dict[str, Any] = {
        "production": production,
        "gap": GAP,
        "drift": DRIFT,
        "first_ms": first_ms,
        "last_ms": last_ms,
        "places": [place for place in places if place in spans],
        "firsts_ms": [spans[place][0] for place in places if place in spans],
        "lasts_ms": [spans[place][1] for place in places if place in spans],
        "warms": [s.warm for s in read],
        "starts": [s.start for s in read],
        "ends": [s.end for s in read],
    }
    database.query(_COMPARE, **given)
    scored = int(database.query(_SCORED, **given)[0][0])
    by_detector = tuple(DetectorDifference(*row) for row in database.query(_BY_DETECTOR))
    found = [AlertDifference(*row) for row in database.query(_EXAMPLES, most=EXAMPLES)]
    examples = tuple(replace(a, first_seen=a.first_seen.replace(tzinfo=UTC)) for a in found)
    return Difference(_time(first_ms), _time(last_ms - 1), scored, by_detector, examples)


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
