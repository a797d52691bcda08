"""The part of the correlate line that looks ahead: events and risk of the next day and week, with ranges."""

from collections.abc import Callable, Iterable, Mapping
from math import log2
from typing import Any, Protocol

import numpy as np
import orjson
import pyarrow as pa

from pipeline.errors import CheckpointError
from pipeline.forecast.forecast_rows import ForecastRows
from pipeline.forecast.open_hours import Key, OpenHours
from pipeline.forecast.series_bank import ORIGIN_H, READY_DAY_H, SeriesBank
from pipeline.forecast.series_index import SeriesIndex
from schemas.note import FindingNote, Note, VolumeNote

_POINTS = {1: 1.0, 2: 4.0, 3: 12.0, 4: 30.0, 5: 60.0}
"""By OCSF severity; the room of incidents weighs alike, by what analysts said as well."""
_DOUBLED = 0.25
"""Each doubling of an alert's count adds a quarter of it."""
MAX_ALERTS = 20_000
"""Alerts remembered, so that each counts once; the oldest go first."""
LONGEST_GAP_H = 72
"""After a longer silence of everything, what was said of single hours is dropped and habits are kept."""


class Asset(Protocol):
    """What is known of a machine or a person."""

    @property
    def department(self) -> str: ...

    @property
    def device_class(self) -> str: ...


def points(note: FindingNote) -> float:
    """What an alert that was told once weighs."""
    return _POINTS[note.severity] * note.score


def _unlisted(_kind: str, _value: str) -> Asset | None:
    return None


class Forecaster:
    """Takes volume and finding notes, gives rows for `forecasts` and `observed_hours`; nothing else.

    `assets(entity type, entity)` names the department and device class of who an alert is about; `weigh(note)` says
    what an alert weighs (points, before its repetitions). Up to `capacity` series; where more are wanted, entities
    that were quiet longest go first, and those of the last day stay. State: 15 KiB a series and up to 5 MiB beside.
    """

    def __init__(
        self,
        assets: Callable[[str, str], Asset | None] = _unlisted,
        weigh: Callable[[FindingNote], float] = points,
        capacity: int = 768,
    ) -> None:
        self._assets = assets
        self._weigh = weigh
        self._hours = OpenHours()
        self._bank = SeriesBank(capacity)
        self._index = SeriesIndex(capacity)
        self._alerts: dict[str, list[Any]] = {}
        self._last: int | None = None
        self._born: int | None = None
        self._rows = ForecastRows()

    def take(self, note: Note) -> None:
        """One note in log order."""
        if isinstance(note, VolumeNote):
            if self._hours.take(note):
                for hour, numbers, spoken in self._hours.close():
                    self._close(hour, numbers, spoken)
        elif isinstance(note, FindingNote):
            self._weigh_alert(note)

    def tables(self) -> dict[str, pa.Table]:
        """Rows since last asked."""
        return self._rows.tables()

    def state(self) -> dict[str, np.ndarray]:
        """Everything; rows have to be taken before."""
        found = self._index.rows()
        kept = {
            "hours": self._hours.state(),
            "index": self._index.state(),
            "alerts": list(self._alerts.items()),
            "last": self._last,
            "born": self._born,
        }
        return {"kept": np.frombuffer(orjson.dumps(kept), np.uint8), "used": found, **self._bank.state(found)}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Put everything back; {} resets. Raises CheckpointError when it does not fit."""
        self._hours, self._alerts, self._rows = OpenHours(), {}, ForecastRows()
        self._last = self._born = None
        self._bank, self._index = SeriesBank(self._bank.capacity), SeriesIndex(self._bank.capacity)
        if not state:
            return
        try:
            kept = orjson.loads(state["kept"].tobytes())
            self._hours = OpenHours.of(kept["hours"])
            self._index.load(kept["index"])
            self._alerts, self._last, self._born = dict(kept["alerts"]), kept["last"], kept["born"]
            self._bank.load(dict(state), self._index.rows())
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise CheckpointError(f"the checkpoint's forecasts cannot be read ({type(error).__name__})") from error

    def _weigh_alert(self, note: FindingNote) -> None:
        """What is new of an alert counts in the hour of its latest finding; what is withdrawn is taken back."""
        before, done = self._alerts.pop(note.alert_id, [0.0, []])
        left = note.count - note.withdrawn
        level = 0.0 if note.allowed or left <= 0 else self._weigh(note) * (1.0 + _DOUBLED * log2(left))
        keys = list(self._keys(note))
        if level > before:
            hour = self._hours.add_risk(note.ts, keys, level - before)
            done = [*done, [hour, level - before]][-8:]
        elif level == 0.0 and before > 0.0:
            for hour, amount in done:
                self._hours.take_back(hour, keys, amount)
            done, before = [], 0.0
        self._alerts[note.alert_id] = [max(level, before), done]
        if len(self._alerts) > MAX_ALERTS:
            del self._alerts[next(iter(self._alerts))]

    def _keys(self, note: FindingNote) -> Iterable[Key]:
        asset = self._assets(note.entity_type, note.entity)
        told = next((str(f.value) for f in note.features if f.name == "department"), "")
        places = (
            ("entity", note.entity),
            ("department", (asset.department if asset else "") or told),
            ("device_class", asset.device_class if asset else ""),
            ("source", note.source),
        )
        return ((scope, name, "risk") for scope, name in places if name)

    def _close(self, hour: int, numbers: Mapping[Key, float], spoken: bool) -> None:
        if self._last is not None and hour <= self._last:
            return
        gap = 0 if self._last is None else hour - self._last - 1
        if gap > LONGEST_GAP_H:
            self._bank.pause(self._index.rows())
        else:
            for h in range(hour - gap, hour):
                self._learn(h, {}, spoken=False)
        self._learn(hour, numbers, spoken)

    def _learn(self, hour: int, numbers: Mapping[Key, float], spoken: bool) -> None:
        """One more hour of all series; an hour of which no lane spoke is unknown, not empty."""
        self._born = hour if self._born is None else self._born
        for key, row in self._index.admit(numbers, hour):
            self._bank.forget(row)
            if key[2] == "risk":  # there was none before; of events one cannot know
                self._bank.begin_quiet(row, hour, hour - self._born)
        self._last = hour
        rows = self._index.rows()
        if not len(rows):
            return
        keys = self._index.keys()
        values = np.array([numbers.get(key, 0.0 if spoken else np.nan) for key in keys])
        self._bank.learn(rows, hour, values)
        if spoken:
            self._rows.observed(hour, keys, values)
        if hour % ORIGIN_H != ORIGIN_H - 1:
            return
        outlook = self._bank.forecast(rows, hour, self._index.kin())
        ready = np.flatnonzero(self._bank.age(rows) >= READY_DAY_H)
        if len(ready):
            hours = hour + 1 + np.arange(168)
            self._rows.forecast(outlook, ready, keys, self._bank.last_week(rows, hours), self._bank.age(rows))
