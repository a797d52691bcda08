"""When users turn from one chart to another: only their own key group sees the one and the other.

A wrong chart is left within seconds, and a question in passing is answered in a minute; who wanted to read stays. What
is noticed goes on to the patient whose chart was left, where it is known by then whether care explains the look.
"""

from collections.abc import Mapping

import numba as nb
import numpy as np
import orjson

from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.runtime.relay.onward import Onward, groups_of, quoted
from schemas.base import ID_SIZE

USERS = 4096  # per key group: those who opened nothing for longest give way
NAME = 64  # bytes of a patient's identifier (MRN, UUID 36, pseudonym); charts of a longer one are not followed
PAGES = 3.0  # who read more looked at the chart, however soon they went on
COARSE_S = 60.0  # times that are whole minutes tell no seconds
MARK = b":left"
"""Ends the event id, so that it is no copy of the access where both lie in one key group; a long id is cut for it."""
_CHART, _USER = b',"chart":"', b'","user":'

State = dict[str, np.ndarray]


class LeftCharts:
    """The last chart of each user: 120 bytes a user, 0.5 MB a key group. O(1) an access."""

    def __init__(self, groups: int) -> None:
        f = np.float64
        columns = {
            "name": ((NAME,), np.uint8), "chart": ((), np.uint64), "first": ((), f), "last": ((), f), "pages": ((), f),
        }  # fmt: skip
        self._users = EntityState(groups, USERS, columns)

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields of `ChartLeft` for accesses by which another chart was left, by row; the accesses are noted."""
        batch = outcome.batch
        who, chart = batch.hash("user"), batch.hash("patient")
        rows = np.flatnonzero((who != 0) & (chart != 0) & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return {}
        a = self._users.arrays()
        start, length = batch.spans("patient")
        left, names, first, gap = _turn(
            who[rows], chart[rows], batch.data, start[rows], length[rows], batch.ts[rows], batch.groups[rows],
            (a["keys"], a["seen"], a["name"], a["chart"], a["first"], a["last"], a["pages"]),
        )  # fmt: skip
        some = np.flatnonzero(left)
        user, size = (column[rows[some]] for column in batch.spans("user"))
        raw, ends = batch.data.tobytes(), user + size
        columns = (rows[some], user, ends, first[some], gap[some])
        return {
            row: b',"chart":%b,"user":%b,"opened_ts":%.6f,"left_s":%.3f'
            % (quoted(name.rstrip(b"\0")), quoted(raw[begin:end]), opened, seconds)
            for name, (row, begin, end, opened, seconds) in zip(
                map(bytes, names[some]), zip(*(c.tolist() for c in columns), strict=True), strict=True
            )
        }

    def state(self, group: int) -> State:
        """Arrays that restore one key group."""
        return self._users.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""
        self._users.load(group, state)


def left_by(batch: Batch, told: Mapping[int, bytes], groups: int) -> Onward:
    """What `take` gave of the rows of `batch` as documents, under the patient whose chart was left."""
    rows = np.fromiter(told, np.int64, len(told))
    begin, size = (column[rows] for column in batch.spans("event_id"))
    raw, ends, times = batch.data.tobytes(), begin + np.minimum(size, ID_SIZE - len(MARK)), batch.ts[rows].tolist()
    keys, documents = [], []
    for fields, ts, first, last in zip(told.values(), times, begin.tolist(), ends.tolist(), strict=True):
        name = fields[len(_CHART) : fields.index(_USER, len(_CHART))]
        keys.append(orjson.loads(b'"%b"' % name).encode() if b"\\" in name else name)
        event_id = quoted(raw[first:last].decode(errors="ignore").encode() + MARK)
        head = b'{"ts":%r,"event_id":%b,"format":"wardwatch.left","kind":"left"' % (ts, event_id)
        documents.append(head + fields + b"}")
    return Onward("charts", groups_of(keys, groups), keys, documents)


@nb.njit(cache=True, nogil=True)
def _turn(who, chart, data, start, length, ts, groups, table):  # type: ignore[no-untyped-def]
    """(bool[m] whether another chart was left, its name uint8[m, NAME], float64[m] when it had been opened, seconds
    since its last page); then the access is noted. Columns [m]; table: arrays [G, capacity, ...]."""
    keys, seen, names, charts, first, last, pages = table
    m = len(who)
    left, out, opened, gap = np.zeros(m, np.bool_), np.zeros((m, NAME), np.uint8), np.zeros(m), np.zeros(m)
    for i in range(m):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        if fresh:
            charts[g, slot] = np.uint64(0)
        if charts[g, slot] == chart[i]:
            pages[g, slot] += 1.0
            last[g, slot] = max(last[g, slot], ts[i])
            continue
        since = ts[i] - last[g, slot]
        fine = ts[i] % COARSE_S != 0.0 or last[g, slot] % COARSE_S != 0.0
        if charts[g, slot] != np.uint64(0) and pages[g, slot] <= PAGES and since > 0.0 and fine:
            left[i], opened[i], gap[i] = True, first[g, slot], since
            out[i] = names[g, slot]
        charts[g, slot] = chart[i] if length[i] <= NAME else np.uint64(0)
        first[g, slot] = last[g, slot] = ts[i]
        pages[g, slot] = 1.0
        names[g, slot] = 0
        if length[i] <= NAME:
            names[g, slot, : length[i]] = data[start[i] : start[i] + length[i]]
    return left, out, opened, gap
