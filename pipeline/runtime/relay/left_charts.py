"""When users turn from one chart to another: only their own key group sees the one and the other.

A wrong chart is left within seconds, and a question in passing is answered in a minute; who wanted to read stays. What
is noticed goes on to the patient whose chart was left, where it is known by then whether care explains the look.
"""

from collections.abc import Mapping

import numba as nb
import numpy as np
import orjson

from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.engine.engine import Outcome
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.entity_table import claim_slot
from pipeline.features.json_writing import NUMBER, is_plain, put_fixed, put_shortest
from pipeline.features.leaf import leaf
from pipeline.features.state_parts import InParts
from pipeline.features.words import SLACK, copy_onward
from pipeline.runtime.relay.onward import Onward, groups_of, quoted
from pipeline.runtime.relay.row_texts import RowTexts
from schemas.base import ID_SIZE

USERS = 4096  # per key group: those who opened nothing for longest give way
NAME = 64  # bytes of a patient's identifier (MRN, UUID 36, pseudonym); charts of a longer one are not followed
PAGES = 3.0  # who read more looked at the chart, however soon they went on
MOST_S = 1e9  # what a field of seconds takes; a clock that was wrong by decades gives more
DAY_S = 86_400.0  # as the detectors that count by the day have them
SITTING_S, SITTING = 2 * 3600.0, 8  # what is opened within so long is of one sitting; charts of it told apart
COARSE_S = 60.0  # times that are whole minutes tell no seconds
MARK = b":left"
"""Ends the event id, so that it is no copy of the access where both lie in one key group; a long id is cut for it."""
_CHART, _USER = b',"chart":"', b'","user":'
_CHART_WORDS, _USER_WORDS, _OPENED_WORDS, _LEFT_WORDS, _TS_WORDS, _ID_WORDS, _KIND_WORDS = (
    np.frombuffer(words, np.uint8)
    for words in (
        _CHART, _USER + b'"', b'","opened_ts":', b',"left_s":', b'{"ts":', b',"event_id":"',
        MARK + b'","format":"wardwatch.left","kind":"left"',
    )
)  # fmt: skip
_TURNS_WORDS, _DAYS_WORDS, _SITTING_WORDS = (
    np.frombuffer(words, np.uint8) for words in (b',"user_charts":', b',"user_days":', b',"user_sitting":')
)
_FORM = 160
"""Bytes of a document beside its texts, at most."""


class Turns(RowTexts):
    """JSON fields of `ChartLeft` for accesses by which another chart was left, by row; `opened`: those that the
    accesses themselves take along, how often their user has turned to another chart, on how many days, and how
    many charts they opened in this sitting."""

    def __init__(self, rows: np.ndarray, texts: Documents, opened: RowTexts) -> None:
        super().__init__(rows, texts)
        self.opened = opened


class LeftCharts(InParts):
    """The last chart of each user, how often they turned to another, on how many days they opened any, and how many
    within two hours: 230 bytes a user, 0.9 MB a key group. O(8) an access."""

    def __init__(self, groups: int) -> None:
        f = np.float64
        columns = {
            "name": ((NAME,), np.uint8), "chart": ((), np.uint64), "first": ((), f), "last": ((), f), "pages": ((), f),
            "turns": ((), f), "days": ((), f), "day": ((), f),
        }  # fmt: skip
        self._users = EntityState(groups, USERS, columns)
        self._sitting = WindowedDistinct(groups, USERS, SITTING_S, SITTING)
        self._parts = {"users": self._users, "sitting": self._sitting}

    def take(self, outcome: Outcome) -> Turns:
        """What accesses tell of the charts they left, and take along; they are noted."""
        batch = outcome.batch
        who, chart = batch.hash("user"), batch.hash("patient")
        rows = np.flatnonzero((who != 0) & (chart != 0) & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return Turns(rows, Documents.of([]), RowTexts.of({}))
        a = self._users.arrays()
        start, length = batch.spans("patient")
        left, names, first, gap, counts = _turn(
            who[rows], chart[rows], batch.data, start[rows], length[rows], batch.ts[rows], batch.groups[rows],
            (a["keys"], a["seen"], a["name"], a["chart"], a["first"], a["last"], a["pages"], a["turns"], a["days"],
             a["day"]),
        )  # fmt: skip
        sitting = self._sitting.add(who[rows], chart[rows], batch.ts[rows], batch.groups[rows])
        some = np.flatnonzero(left)
        begin, size = (column[rows[some]] for column in batch.spans("user"))
        after = np.minimum(gap[some], MOST_S)
        texts = _fields(names[some], batch.data, begin, size, first[some], after)
        return Turns(rows[some], texts, RowTexts(rows, _counted(counts[0], counts[1], sitting)))


def _fields(names: np.ndarray, data: np.ndarray, begin: np.ndarray, size: np.ndarray, *times: np.ndarray) -> Documents:
    """JSON fields of m looks: the chart (uint8[m, NAME]), the user (a slice of `data`), when opened, seconds."""
    out = np.empty(int(size.sum()) + len(names) * (NAME + _FORM) + SLACK, np.uint8)
    bounds, odd = np.zeros(len(names) + 1, np.int64), np.zeros(len(names), np.bool_)
    _write_fields(names, data, begin, size, *times, out, bounds, odd)
    quick, rows = Documents(out[: bounds[-1]], bounds), np.flatnonzero(odd)
    if not len(rows):
        return quick
    others = []
    for row in rows.tolist():
        name, user = names[row].tobytes().rstrip(b"\0"), data[begin[row] : begin[row] + size[row]].tobytes()
        others.append(
            b',"chart":%b,"user":%b,"opened_ts":%.6f,"left_s":%.3f'
            % (quoted(name), quoted(user), *(t[row] for t in times))
        )
    return quick.replaced(rows, Documents.of(others))


def _counted(turns: np.ndarray, days: np.ndarray, sitting: np.ndarray) -> Documents:
    """The JSON fields `user_charts`, `user_days` and `user_sitting` of each of m accesses."""
    size = len(_TURNS_WORDS) + len(_DAYS_WORDS) + len(_SITTING_WORDS) + 3 * NUMBER
    out, bounds = np.empty(len(turns) * size + SLACK, np.uint8), np.zeros(len(turns) + 1, np.int64)
    _write_counted(turns, days, sitting, out, bounds)
    return Documents(out[: bounds[-1]], bounds)


def left_by(batch: Batch, told: Mapping[int, bytes], groups: int) -> Onward:
    """What `take` gave of the rows of `batch` as documents, under the patient whose chart was left."""
    looks = RowTexts.of(told)
    begin, size = (column[looks.rows] for column in batch.spans("event_id"))
    size, times = np.minimum(size, ID_SIZE - len(MARK)), batch.ts[looks.rows]
    out = np.empty(len(looks.texts.data) + int(size.sum()) + len(looks) * _FORM + SLACK, np.uint8)
    bounds, names = np.zeros(len(looks) + 1, np.int64), np.zeros((2, len(looks)), np.int64)
    odd = np.zeros(len(looks), np.bool_)
    _write_left(looks.texts.data, looks.texts.bounds, batch.data, begin, size, times, out, bounds, names, odd)
    documents, rows = Documents(out[: bounds[-1]], bounds), np.flatnonzero(odd)
    keys = Documents.cut(looks.texts.data, *names)
    if len(rows):
        ids = [batch.data[begin[row] : begin[row] + size[row]].tobytes() for row in rows.tolist()]
        others = [_left(looks.texts[row], i, float(times[row])) for row, i in zip(rows.tolist(), ids, strict=True)]
        documents = documents.replaced(rows, Documents.of([document for _, document in others]))
        keys = keys.replaced(rows, Documents.of([key for key, _ in others]))
    return Onward("charts", groups_of(keys, groups), keys, documents)


def _left(fields: bytes, event_id: bytes, ts: float) -> tuple[bytes, bytes]:
    """(key, document), whatever stands in it."""
    name = fields[len(_CHART) : fields.index(_USER, len(_CHART))]
    mark = quoted(event_id.decode(errors="ignore").encode() + MARK)
    head = b'{"ts":%r,"event_id":%b,"format":"wardwatch.left","kind":"left"' % (ts, mark)
    return orjson.loads(b'"%b"' % name).encode() if b"\\" in name else name, head + fields + b"}"


@leaf
def _put(out, at, words):  # type: ignore[no-untyped-def]
    copy_onward(words, 0, len(words), out, at)
    return at + len(words)


@nb.njit(cache=True, nogil=True)
def _write_counted(turns, days, sitting, out, bounds):  # type: ignore[no-untyped-def]
    at = 0
    for j in range(len(turns)):
        at = put_fixed(out, _put(out, at, _TURNS_WORDS), turns[j], 0)
        at = put_fixed(out, _put(out, at, _DAYS_WORDS), days[j], 0)
        at = put_fixed(out, _put(out, at, _SITTING_WORDS), sitting[j], 0)
        bounds[j + 1] = at


@nb.njit(cache=True, nogil=True)
def _write_fields(names, data, begin, size, opened, left, out, bounds, odd):  # type: ignore[no-untyped-def]
    """`_fields` into `out`, empty where a text is not plain (`odd`, bool[m])."""
    at = 0
    for j in range(len(begin)):
        length = names.shape[1]
        while length > 0 and names[j, length - 1] == 0:
            length -= 1
        odd[j] = not is_plain(names[j], 0, length) or not is_plain(data, begin[j], size[j]) or size[j] < 0
        if not odd[j]:
            at = _put(out, at, _CHART_WORDS)
            copy_onward(names[j], 0, length, out, at)
            at = _put(out, at + length, _USER_WORDS)
            copy_onward(data, begin[j], size[j], out, at)
            at = _put(out, at + size[j], _OPENED_WORDS)
            at = put_fixed(out, at, opened[j], 6)
            at = put_fixed(out, _put(out, at, _LEFT_WORDS), left[j], 3)
        bounds[j + 1] = at


@nb.njit(cache=True, nogil=True)
def _write_left(fields, field_at, data, begin, size, ts, out, bounds, names, odd):  # type: ignore[no-untyped-def]
    """Documents of m looks into `out`, empty where something is not plain (`odd`, bool[m]); names int64[2, m]: where
    the chart stands in `fields`."""
    at = 0
    for j in range(len(begin)):
        first, last = field_at[j], field_at[j + 1]
        close = first + len(_CHART_WORDS)
        while close < last and fields[close] != 34 and fields[close] != 92:
            close += 1
        begun = at
        at = put_shortest(out, _put(out, at, _TS_WORDS), ts[j])
        odd[j] = at < 0 or close >= last or fields[close] != 34 or not is_plain(data, begin[j], size[j])
        if odd[j]:
            at = begun
        else:
            names[0, j], names[1, j] = first + len(_CHART_WORDS), close
            at = _put(out, at, _ID_WORDS)
            copy_onward(data, begin[j], size[j], out, at)
            at = _put(out, at + size[j], _KIND_WORDS)
            copy_onward(fields, first, last - first, out, at)
            at += last - first
            out[at] = 125
            at += 1
        bounds[j + 1] = at


@nb.njit(cache=True, nogil=True)
def _turn(who, chart, data, start, length, ts, groups, table):  # type: ignore[no-untyped-def]
    """(bool[m] whether another chart was left, its name uint8[m, NAME], float64[m] when it had been opened, seconds
    since its last page, float64[2, m] charts turned to and days at work so far); then the access is noted. Columns [m];
    table: arrays [G, capacity, ...]."""
    keys, seen, names, charts, first, last, pages, turns, days, newest = table
    m = len(who)
    left, out, opened, gap = np.zeros(m, np.bool_), np.zeros((m, NAME), np.uint8), np.zeros(m), np.zeros(m)
    counts = np.zeros((2, m))
    for i in range(m):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        if fresh:
            charts[g, slot] = np.uint64(0)
            turns[g, slot] = days[g, slot] = 0.0
            newest[g, slot] = -np.inf
        turns[g, slot] += charts[g, slot] != chart[i]
        day = np.floor(ts[i] / DAY_S)
        if day > newest[g, slot]:
            days[g, slot] += 1.0
            newest[g, slot] = day
        counts[0, i], counts[1, i] = turns[g, slot], days[g, slot]
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
    return left, out, opened, gap, counts
