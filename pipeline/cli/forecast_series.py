"""Hourly numbers to judge forecasts by: of a simulated hospital, or of a database."""

from collections import defaultdict

import numpy as np

from pipeline.engine.volumes import Volumes
from pipeline.features.decode import decode
from pipeline.features.lists import Lists
from pipeline.forecast.open_hours import Key
from pipeline.simulator import Hospital
from pipeline.sinks.clickhouse import ClickHouse
from schemas.note import VolumeNote

HOUR_S = 3600.0
MONDAY = 1_772_409_600.0
"""2026-03-02 00:00 UTC."""
_CHUNK, _GROUPS = 4096, 8
RECORDS = ("ehr", "context", "claims")
_PER_STAFF_S = {True: 0.00027, False: 0.001}
"""Events a second for one member of staff: of the records some 23 a day, of everything thinned to 86."""
_ENTITIES = 40

_OBSERVED = """SELECT scope, name, what, toUnixTimestamp(hour), value FROM observed_hours FINAL"""
_COUNTED = """SELECT 'source', source, 'events', toUnixTimestamp(toStartOfHour(ts)), count() FROM scored_events FINAL
    GROUP BY source, toStartOfHour(ts)"""


def simulated(seed: int, days: int, staff: int = 300, *, records: bool = True) -> tuple[dict[Key, np.ndarray], int]:
    """Series of a hospital by source, department, device class and the entities that come most regularly, counted as
    a worker counts them; and the first hour."""
    hospital = Hospital(
        seed=seed, start_ts=MONDAY, staff=staff, events_per_s=_PER_STAFF_S[records] * staff,
        sources=RECORDS if records else None,
    )  # fmt: skip
    counters: dict[str, Volumes] = {}
    waiting: dict[str, list[bytes]] = defaultdict(list)
    notes: dict[tuple[str, str, str, float], VolumeNote] = {}

    def count(source: str, *, end: bool = False) -> None:
        volumes = counters.setdefault(source, Volumes(source, _GROUPS, Lists()))
        volumes.take(decode(source, waiting.pop(source, []), _GROUPS).batch)
        notes.update(
            {(n.lane, n.scope, n.name, n.hour_ts): n for n in volumes.notes(0, range(_GROUPS), everything=end)}
        )

    for event in hospital.events(days * 86_400.0):
        waiting[event.source].append(event.value)
        if len(waiting[event.source]) == _CHUNK:
            count(event.source)
    for source in sorted({*waiting, *counters}):
        count(source, end=True)
    found: dict[Key, np.ndarray] = defaultdict(lambda: np.zeros(days * 24))
    for n in notes.values():
        hour = int((n.hour_ts - MONDAY) // HOUR_S)
        if 0 <= hour < days * 24:
            found[n.scope, n.name, "events"][hour] += n.count
    return _regular(found), int(MONDAY // HOUR_S)


def recorded(database: ClickHouse) -> tuple[dict[Key, np.ndarray], int]:
    """Series of a database: the hours that were observed, or counted from the events where there are none."""
    rows = database.query(_OBSERVED) or database.query(_COUNTED)
    if not rows:
        return {}, 0
    hours = [int(row[3]) // 3600 for row in rows]
    first, count = min(hours), max(hours) - min(hours) + 1
    found: dict[Key, np.ndarray] = defaultdict(lambda: np.zeros(count))
    for (scope, name, what, *_, value), hour in zip(rows, hours, strict=True):
        found[scope, name, what][hour - first] += float(value)
    return _regular(found), first


def _regular(found: dict[Key, np.ndarray]) -> dict[Key, np.ndarray]:
    """Without series that are nearly empty, and of entities those with most hours."""
    busy = sorted((key for key in found if key[0] == "entity"), key=lambda key: (-np.count_nonzero(found[key]), key))
    kept = [key for key in found if key[0] != "entity"] + busy[:_ENTITIES]
    return {key: found[key] for key in kept if np.count_nonzero(found[key]) >= 48}
