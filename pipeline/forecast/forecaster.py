"""The part of the correlate line that looks ahead: events and risk of the next day and week, with ranges."""

from collections.abc import Callable, Iterable, Mapping
from math import log2
from typing import Any, Protocol

import numpy as np
import orjson
import pyarrow as pa

from pipeline.errors import CheckpointError
from pipeline.forecast.forecast_rows import ForecastRows
from pipeline.forecast.open_hours import Key
from pipeline.forecast.track import Track
from schemas.note import FindingNote, Note, VolumeNote

_POINTS = {1: 1.0, 2: 4.0, 3: 12.0, 4: 30.0, 5: 60.0}
"""By OCSF severity; the room of incidents weighs alike, by what analysts said as well."""
_DOUBLED = 0.25
"""Each doubling of an alert's count adds a quarter of it."""
MAX_ALERTS = 20_000
"""Alerts remembered, so that each counts once; the oldest go first."""
RISK = "risk"
"""The track of what was found, in whatever source."""
MAX_SOURCES = 16
_BY_DEPARTMENT = "ehr"
"""Whose events are counted by department: what people do there. Context tells of the same care once more."""


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
    what an alert weighs (points, before its repetitions). Up to `capacity` series of each source, and of risk. Each
    source has its own clock; risk goes by those of all. State: 15 KiB a series and up to 5 MiB beside.
    """

    def __init__(
        self,
        assets: Callable[[str, str], Asset | None] = _unlisted,
        weigh: Callable[[FindingNote], float] = points,
        capacity: int = 256,
    ) -> None:
        self._assets = assets
        self._weigh = weigh
        self._capacity = capacity
        self._rows = ForecastRows()
        self._tracks = {RISK: Track(capacity, self._rows, every=True)}
        self._alerts: dict[str, list[Any]] = {}

    def take(self, note: Note) -> None:
        """One note in log order."""
        if isinstance(note, VolumeNote):
            source = note.lane.partition("/")[0]
            track = self._tracks.get(source) or self._begin(source)
            if note.scope == "department" and source != _BY_DEPARTMENT:
                return
            if track is not None and track.hours.take(note):
                track.advance()
                risk = self._tracks[RISK]
                if risk.hours.hear(source, track.hours.front() or 0.0):
                    risk.advance()
        elif isinstance(note, FindingNote):
            self._weigh_alert(note)

    def tables(self) -> dict[str, pa.Table]:
        """Rows since last asked."""
        return self._rows.tables()

    def state(self) -> dict[str, np.ndarray]:
        """Everything; rows have to be taken before."""
        kept = {"tracks": {name: t.kept() for name, t in self._tracks.items()}, "alerts": list(self._alerts.items())}
        arrays = {f"{name}/{k}": array for name, t in self._tracks.items() for k, array in t.state().items()}
        return {"kept": np.frombuffer(orjson.dumps(kept), np.uint8), **arrays}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Put everything back; {} resets. Raises CheckpointError when it does not fit."""
        self._alerts, self._rows = {}, ForecastRows()
        self._tracks = {RISK: Track(self._capacity, self._rows, every=True)}
        if not state:
            return
        try:
            kept = orjson.loads(state["kept"].tobytes())
            self._alerts = dict(kept["alerts"])
            for name, of_track in kept["tracks"].items():
                arrays = {k.partition("/")[2]: array for k, array in state.items() if k.startswith(f"{name}/")}
                track = self._tracks.get(name) or self._begin(name)
                if track is not None:
                    track.load(of_track, arrays)
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
            raise CheckpointError(f"the checkpoint's forecasts cannot be read ({type(error).__name__})") from error

    def _begin(self, source: str) -> Track | None:
        """The track of a source that speaks for the first time; None for more than can be."""
        if source == RISK or len(self._tracks) > MAX_SOURCES:
            return None
        self._tracks[source] = track = Track(self._capacity, self._rows)
        return track

    def _weigh_alert(self, note: FindingNote) -> None:
        """What is new of an alert counts in the hour of its latest finding; what is withdrawn is taken back."""
        before, done = self._alerts.pop(note.alert_id, [0.0, []])
        left = note.count - note.withdrawn
        level = 0.0 if note.allowed or left <= 0 else self._weigh(note) * (1.0 + _DOUBLED * log2(left))
        keys = list(self._keys(note))
        if level > before:
            hour = self._tracks[RISK].hours.add_risk(note.ts, keys, level - before)
            done = [*done, [hour, level - before]][-8:]
        elif level == 0.0 and before > 0.0:
            for hour, amount in done:
                self._tracks[RISK].hours.take_back(hour, keys, amount)
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
