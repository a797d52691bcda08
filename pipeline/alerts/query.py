"""A ready query that shows the events behind an alert, by their places in the log."""

import math
from collections.abc import Iterable
from itertools import groupby

from schemas.finding import Evidence

_SELECT = "SELECT ts, kind, entity, action, object, outcome, scores, raw FROM scored_events FINAL"


def evidence_query(source: str, first_ts: float, last_ts: float, evidence: Iterable[Evidence]) -> str:
    """SQL for `scored_events`: the time bounds keep it from reading more than the day's parts."""
    places = sorted({(e.topic, e.partition, e.offset) for e in evidence})
    if not places:
        return ""
    parts = [
        f"(topic = {_quoted(topic)} AND partition = {partition} AND offset IN "
        f"({', '.join(str(offset) for _, _, offset in group)}))"
        for (topic, partition), group in groupby(places, key=lambda p: p[:2])
    ]
    bounds = f"ts >= {_time(math.floor(first_ts))} AND ts <= {_time(math.ceil(last_ts))}"
    return f"{_SELECT} WHERE source = {_quoted(source)} AND {bounds} AND ({' OR '.join(parts)}) ORDER BY ts"


def _time(seconds: int) -> str:
    return f"fromUnixTimestamp64Milli({max(seconds, 0) * 1000}, 'UTC')"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
