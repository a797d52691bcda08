"""How many events come in an hour of event time: of a source, a department, a class of devices, an entity.

Forecasts need these counts, and the rows of the table are too many to be asked for them every hour.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

import numpy as np

from pipeline.engine.hour_kernel import NAME, OPEN_H, count_hours
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.device_classes import NAMES
from pipeline.features.known_devices import device_ends
from pipeline.features.lists import Lists
from schemas.base import MAX_TS
from schemas.note import VolumeNote

HOUR_S = 3600.0
LEAP_H = 7 * 24
"""A group's clock follows one event that far ahead, a long weekend's silence and more …"""
STRAYS = 16
"""… and beyond, or back, only after so many events in a row, since one may have a wrong clock."""
RISKY_S = 7 * 86_400.0
"""An entity that something was found of is counted this long, heavy or not: as far as forecasts look."""
TOP = 16
"""Heaviest entities of a key group that are told; one that is told stays until it is not among twice as many."""
LEAST = 24.0
"""Events, those of long ago counted less, from which an entity is heavy: with the half-life below, 0.7 an hour."""
HALF_LIFE_H = 24.0
"""Of the weight by which entities are heavy: a day, so that nights do not change who is."""
_ENTITIES, _DEPARTMENTS = 512, 128  # slots of a key group, powers of two
_DENSE = len(NAMES)
_TABLE = ("keys", "weights", "risky", "counts", "told", "names", "sizes", "member")
Scope = Literal["source", "department", "device_class", "entity"]


class Volumes:
    """Counts of one source by key group.

    Cost: 60 to 100 ns an event, and some 200 µs for every hour that a key group closes. State: 110 KiB a key group.
    What a note says of an hour is the count so far, so that a later note of the same lane, hour and name replaces it.
    An event that is later than OPEN_H - 1 hours is not counted, nor are names longer than 64 bytes, nor the departments
    beyond some hundred a key group. An entity counts from when it is among the heaviest seen or something was found
    of it; which entities are told does not depend on where batches were cut.
    """

    def __init__(self, source: str, key_groups: int, lists: Lists | None = None) -> None:
        self.source = source
        self._groups = key_groups
        self._lists = lists or Lists()
        self._arrays = arrays = _empty(key_groups)
        self._hour, self._clock, self._late = arrays["hour"], arrays["clock"], arrays["late"]
        self._strays, self._dense, self._dense_told = arrays["strays"], arrays["dense"], arrays["dense_told"]
        self._entities, self._departments = (
            tuple(arrays[f"{room}.{name}"] for name in _TABLE) for room in ("entity", "department")
        )
        self._waiting: dict[int, list[Callable[[str], VolumeNote]]] = {}
        self._told_to: dict[int, int] = {}

    def late(self, group: int) -> int:
        """Events of a key group that came too late to be counted."""
        return int(self._late[group])

    def take(self, batch: Batch, found: Iterable[int] = ()) -> None:
        """Count a batch, in log order; `found`: rows that are findings."""
        if not batch.n:
            return
        columns = self._columns(batch, found)
        row = 0
        while True:
            row = count_hours(
                row, *columns, self._hour, self._clock, self._strays, self._late, self._dense, self._entities,
                self._departments, (LEAP_H, STRAYS, RISKY_S),
            )  # fmt: skip
            if row >= batch.n:
                return
            self._move(int(batch.groups[row]), int(batch.ts[row] // HOUR_S), float(batch.ts[row]))

    def notes(self, partition: int, groups: Iterable[int], *, everything: bool = False) -> list[VolumeNote]:
        """What is to be told of the groups of a partition: the hours that are over and have new counts.

        An hour is over when any group of the partition is past it; with `everything`, the present hour is told too.
        They stand in the order of hours, so that a long chunk's lanes go on side by side.
        """
        mine = [g for g in groups if self._hour[g] >= 0]
        if not mine:
            return []
        latest = int(max(self._hour[g] for g in mine))
        told: list[VolumeNote] = []
        for g in mine:
            if everything or self._told_to.get(g, -1) < latest:
                self._told_to[g] = latest
                self._tell(g, MAX_TS if everything else latest * HOUR_S)
            lane = f"{self.source}/{partition}/{g}"
            told += [make(lane) for make in self._waiting.pop(g, ())]
        return sorted(told, key=lambda note: note.hour_ts)

    def state(self, group: int) -> dict[str, np.ndarray]:
        """A copy of one key group's state. Call `notes` first: what waits to be told is not in it."""
        return {name: array[group : group + 1].copy() for name, array in self._arrays.items()}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back one key group; {} resets. Raises CheckpointError when it does not fit."""
        arrays = self._arrays
        if state and set(state) != set(arrays):
            raise CheckpointError(f"volumes of {self.source}: the checkpoint holds other counts")
        self._waiting.pop(group, None)
        self._told_to.pop(group, None)
        fresh = state or {name: array[:1] for name, array in _empty(1).items()}
        for name, array in arrays.items():
            if fresh[name].shape != array[group : group + 1].shape:
                raise CheckpointError(f"volumes of {self.source}: {name} has another shape in the checkpoint")
            array[group] = fresh[name][0]

    def _columns(self, batch: Batch, found: Iterable[int]) -> tuple[np.ndarray, ...]:
        marked = np.zeros(batch.n, np.bool_)
        marked[np.fromiter(found, np.int64)] = True
        none = np.zeros(batch.n, np.int8)
        src = dst = none
        if batch.has("src_ip") and batch.has("dst_ip") and batch.has("src_mac") and batch.has("dst_mac"):
            src, dst = (device_ends(batch, self._lists, side).codes for side in ("src", "dst"))
        part, spans = np.zeros(batch.n, np.uint64), (np.zeros(batch.n, np.int64), np.zeros(batch.n, np.int32))
        if batch.has("department"):
            part, spans = batch.hash("department"), batch.spans("department")
        start, length = batch.key_column
        nameless = start == batch.spans("format")[0]  # a format is nobody
        return (
            batch.groups, batch.ts, marked, batch.data, np.where(nameless, np.uint64(0), batch.key_hash), start, length,
            part, *spans, src, dst,
        )  # fmt: skip

    def _move(self, g: int, hour: int, ts: float) -> None:
        """Set a group's clock to `hour`: tell what is over, make room for the hours that begin."""
        before = int(self._hour[g])
        if before >= 0:
            self._tell(g, hour * HOUR_S)
        gone = range(before + 1, hour + 1) if 0 <= hour - before < OPEN_H else range(OPEN_H)
        for h in gone:
            column = h % OPEN_H
            self._dense[g, column] = self._dense_told[g, column] = 0
            for table in (self._entities, self._departments):
                table[3][g, :, column] = table[4][g, :, column] = 0
        for table in (self._entities, self._departments):
            table[1][g] *= 0.5 ** (max(hour - before, 0) / HALF_LIFE_H) if before >= 0 else 1.0
        self._hour[g], self._clock[g], self._strays[g] = hour, ts, 0

    def _tell(self, g: int, until_ts: float) -> None:
        """Make notes of what changed in hours that end by `until_ts`."""
        waiting = self._waiting.setdefault(g, [])
        self._choose(g)
        for hour in range(int(self._hour[g]) - OPEN_H + 1, int(self._hour[g]) + 1):
            if (hour + 1) * HOUR_S > until_ts or hour < 0:
                continue
            for scope, name, count in self._changed(g, hour % OPEN_H):
                waiting.append(_later(hour * HOUR_S, scope, name, count))

    def _changed(self, g: int, column: int) -> Iterator[tuple[Scope, str, int]]:
        counts, told = self._dense[g, column], self._dense_told[g, column]
        for code in np.flatnonzero(counts != told).tolist():
            yield "device_class" if code else "source", NAMES[code] if code else self.source, int(counts[code])
        told[:] = counts
        for scope, table in (("department", self._departments), ("entity", self._entities)):
            new = table[3][g, :, column] != table[4][g, :, column]
            if scope == "entity":
                new &= table[7][g]
            for slot in np.flatnonzero(new).tolist():
                name = table[5][g, slot, : table[6][g, slot]].tobytes().decode(errors="replace")
                yield scope, name, int(table[3][g, slot, column])  # type: ignore[misc]
                table[4][g, slot, column] = table[3][g, slot, column]

    def _choose(self, g: int) -> None:
        """Which entities are told."""
        keys, weights, risky, *_, member = (array[g] for array in self._entities)
        rank = np.empty(len(keys), np.int64)
        rank[np.lexsort((keys, -weights))] = np.arange(len(keys))
        fresh = risky >= self._clock[g] - RISKY_S
        heavy = (rank < TOP) & (weights >= LEAST) | member & (rank < 2 * TOP) & (weights >= LEAST / 2)
        member[:] = (keys != 0) & (heavy | fresh)


def _later(hour_ts: float, scope: Scope, name: str, count: int) -> Callable[[str], VolumeNote]:
    ts = hour_ts + HOUR_S
    return lambda lane: VolumeNote(ts=ts, hour_ts=hour_ts, lane=lane, scope=scope, name=name, count=count)


def _empty(groups: int) -> dict[str, np.ndarray]:
    """The state of so many groups that have seen nothing."""
    dense = (groups, OPEN_H, _DENSE)
    found = {
        "hour": np.full(groups, -1, np.int64),
        "clock": np.zeros(groups),
        "strays": np.zeros(groups, np.int64),
        "late": np.zeros(groups, np.int64),
        "dense": np.zeros(dense, np.int64),
        "dense_told": np.zeros(dense, np.int64),
    }
    for room, slots in (("entity", _ENTITIES), ("department", _DEPARTMENTS)):
        table: tuple[np.ndarray, ...] = (
            np.zeros((groups, slots), np.uint64),
            np.zeros((groups, slots)),
            np.full((groups, slots), -np.inf),
            np.zeros((groups, slots, OPEN_H), np.int32),
            np.zeros((groups, slots, OPEN_H), np.int32),
            np.zeros((groups, slots, NAME), np.uint8),
            np.zeros((groups, slots), np.int16),
            np.zeros((groups, slots), np.bool_),
        )
        found |= {f"{room}.{name}": array for name, array in zip(_TABLE, table, strict=True)}
    return found
