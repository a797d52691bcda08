"""The explainer: takes the stream of `charts` in, and gives it on with accesses and claims judged."""

from collections.abc import Mapping

import numpy as np

from pipeline.charts import room
from pipeline.charts.accesses import Scratch, Waits
from pipeline.charts.cells import MAX_NAMED
from pipeline.charts.columns import Rows, no_rows, rows_of
from pipeline.charts.explain import FOUND, TREATING, open_for
from pipeline.charts.fields import NAMES, O_OFFSET, OUT_WORDS
from pipeline.charts.group import empty, grow_items, grow_table, loaded, saved, tidied
from pipeline.charts.handle import Handle
from pipeline.charts.judged import Judged
from pipeline.charts.kept_documents import KeptDocuments
from pipeline.charts.memory import ALIASES, Memory
from pipeline.charts.options import CareOptions
from pipeline.charts.play import play
from pipeline.charts.reasons import DAY
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.lists import Lists

_TABLES = {
    room.NO_PATIENTS: "patient",
    room.NO_USERS: "user",
    room.NO_DEPARTMENTS: "department",
    room.NO_UNITS: "unit",
    room.NO_PAIRS: "pair",
    room.NO_HOMES: "home",
}
_OUT = 4096
_FORM = 2
"""Version of the state: another one is not read."""
_MANY = 1 << 16
"""Departments, units, and pairs that work together, of one key group: 65,536 each."""


class Explainer:
    """Why each chart was opened, and what the chart says of each claim; see decision 009.

    Cost: some microseconds an access; per patient 72 bytes and a cell of 64 bytes for each relation and each three
    people who opened the chart, both up to twice as much while the memory grows.
    """

    def __init__(self, groups: int, lists: Lists, options: CareOptions) -> None:
        self.groups, self.lists, self.options = groups, lists, options
        waiting = -(-options.waiting // groups)
        # What waits holds its patient, so that there must be others to forget.
        patients = max(-(-options.patients // groups), 4 * waiting + 4)
        limits = np.full(room.NO_ITEMS + 1, _MANY, np.int64)
        limits[room.NO_PATIENTS], limits[room.NO_USERS], limits[room.NO_HOMES] = (
            patients,
            options.users,
            options.users,
        )
        keep_s = options.keep_d * DAY
        self._waits = Waits(
            options.grace_h * 3600.0, options.break_glass_h * 3600.0, options.claim_wait_d * DAY, keep_s,
            options.withdraw_d * DAY, open_for(keep_s), waiting, limits,
        )  # fmt: skip
        self._scratch = Scratch(
            np.zeros(ALIASES + 1, np.uint32), np.zeros(FOUND), np.zeros((2, TREATING), np.uint32),
            np.zeros(MAX_NAMED, np.uint64), np.zeros(MAX_NAMED, np.uint32),
        )  # fmt: skip
        self._memory: dict[int, Memory] = {}
        self._kept: dict[int, KeptDocuments] = {}
        self._out = np.zeros((_OUT, OUT_WORDS), np.int64)
        self._values = np.full((_OUT, len(NAMES)), np.nan)

    def process(self, batch: Batch, offsets: np.ndarray) -> Judged:
        """Take in rows of `charts`, ordered by event time within each key group; `offsets` int64[n] in the log."""
        rows, found = rows_of(batch, offsets), _Found()
        order = np.argsort(batch.groups, kind="stable")
        ends = np.searchsorted(batch.groups[order], np.arange(self.groups + 1))
        for group in np.flatnonzero(np.diff(ends)).tolist():
            self._play(group, batch, rows, order[ends[group] : ends[group + 1]], -np.inf, found)
        return found.judged()

    def advance(self, group_ts: Mapping[int, float]) -> Judged:
        """Event time has come to `group_ts` in these key groups: judge what is due; all that waits where it is inf."""
        found = _Found()
        for group, ts in sorted(group_ts.items()):
            if group not in self._memory:
                continue  # nothing waits where nothing came
            self._play(group, None, no_rows(), np.zeros(0, np.int64), float(ts), found)
        return found.judged()

    def _play(
        self, group: int, batch: Batch | None, rows: Rows, order: np.ndarray, clock: float, found: "_Found"
    ) -> None:
        memory = self._memory.setdefault(group, empty()) if group not in self._memory else self._memory[group]
        kept = self._kept.setdefault(group, KeptDocuments())
        at, why = 0, room.NO_OUT
        while why != room.DONE:
            at, why, count = play(
                Handle(*memory), self._scratch, self._waits, rows, order, at, clock, self._out, self._values
            )  # fmt: skip
            if count:
                out, values = self._out[:count], self._values[:count]
                found.add(kept.carry_out(batch, out, values, memory.refs), out)
                out[:], values[:] = 0, np.nan
            if why not in (room.DONE, room.NO_OUT):
                memory = self._memory[group] = self._make_room(memory, why)

    def _make_room(self, memory: Memory, why: int) -> Memory:
        keep_s, open_s = self._waits.keep_s, self._waits.open_s
        if why in _TABLES:
            return grow_table(memory, _TABLES[why], int(self._waits.limits[why]), keep_s, open_s)
        return tidied(memory, keep_s, open_s) if why in (room.NO_CELLS, room.NO_REFS) else grow_items(memory)

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays that restore a key group, with the documents that wait; empty before its first event."""
        if group not in self._memory:
            return {}
        return {"form": np.array([_FORM]), **saved(self._memory[group]), **self._kept[group].state()}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""
        if not state:
            self._memory.pop(group, None)
            self._kept.pop(group, None)
            return
        if not np.array_equal(state.get("form", ()), [_FORM]):
            raise CheckpointError("care state is of another version: start afresh")
        memory, kept = loaded(state), KeptDocuments.loaded(state)
        self._memory[group], self._kept[group] = memory, kept

    def state_bytes(self) -> int:
        """Bytes of all that is remembered, beside the documents that wait."""
        return sum(array.nbytes for memory in self._memory.values() for array in memory)


class _Found:
    """Documents and offsets as they come."""

    def __init__(self) -> None:
        self._documents: list[Documents] = []
        self._offsets: list[np.ndarray] = []

    def add(self, documents: Documents, out: np.ndarray) -> None:
        """`documents`: those of the rows of `out` that have one."""
        self._documents.append(documents)
        self._offsets.append(out[KeptDocuments.gives(out), O_OFFSET].copy())

    def judged(self) -> Judged:
        """All of it."""
        return Judged(Documents.joined(self._documents), np.concatenate([np.zeros(0, np.int64), *self._offsets]))
