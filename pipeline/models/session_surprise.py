"""Sessions told by what happened how often in them: a file's life, a logon, a transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from river import base as river_base

from pipeline.errors import UsageError
from pipeline.models.base import Array, GroupState

EVENTS = 128  # sorts of events told apart; later ones share the last place
COUNTS = 16  # counts 0 to 14, and more
REFRESH = 32  # sessions between two looks at how variable each sort is
PRIOR = 0.5  # Krichevsky-Trofimov: what a count never seen is worth
VARIETY = 2.0  # how much of an event's usual surprise is forgiven; 1 to 3 did much the same


@njit(cache=True, nogil=True)  # pragma: no cover
def _place(code: int, codes: Array, table: Array, total: float) -> int:
    """The place of a sort of event; a new one has had count 0 in every session so far."""
    for e in range(EVENTS - 1):
        if codes[e] == code:
            return e
        if codes[e] == 0:
            codes[e] = code
            table[e, 0] = total
            return e
    return EVENTS - 1


@njit(cache=True, nogil=True)  # pragma: no cover
def _look(table: Array, total: float, usual: Array) -> None:
    """Entropy of each event's counts, in nats: what it surprises by on the average."""
    for e in range(EVENTS):
        h = 0.0
        for c in range(COUNTS):
            if table[e, c] > 0.0:
                p = table[e, c] / total
                h -= p * np.log(p)
        usual[e] = h


@njit(cache=True, nogil=True)  # pragma: no cover
def _sessions(
    events: Array, bounds: Array, groups: Array, learn: bool, warmup: int,
    codes: Array, table: Array, usual: Array, num: Array, out: Array, which: Array,
) -> None:  # fmt: skip
    """events uint64 end to end, session i at bounds[i]:bounds[i + 1]; groups int32[n]; codes uint64[G, EVENTS]; table
    float64[G, EVENTS, COUNTS]; usual float64[G, EVENTS]; num float64[G, 1] sessions learned; out float64[n] nats, which
    uint64[n] the event that surprised most."""
    counts, seen = np.zeros(EVENTS, np.int64), np.zeros(EVENTS, np.bool_)
    for i in range(len(bounds) - 1):
        g = groups[i]
        counts[:] = 0
        total = num[g, 0]
        for j in range(bounds[i], bounds[i + 1]):
            counts[_place(events[j], codes[g], table[g], total)] += 1
        out[i] = np.nan
        if total >= warmup:
            out[i] = 0.0
            for e in range(EVENTS):
                if codes[g, e] == 0 and e < EVENTS - 1:
                    continue
                c = min(counts[e], COUNTS - 1)
                nats = -np.log((table[g, e, c] + PRIOR) / (total + 1.0)) - VARIETY * usual[g, e]
                if nats > out[i]:
                    out[i] = nats
                    which[i] = codes[g, e]
        if learn:
            seen[:] = codes[g] != 0
            seen[EVENTS - 1] = True
            for e in range(EVENTS):
                if seen[e]:
                    table[g, e, min(counts[e], COUNTS - 1)] += 1.0
            num[g, 0] += 1.0
            if num[g, 0] % REFRESH == 0.0 or num[g, 0] == warmup:
                _look(table[g], num[g, 0], usual[g])


class SessionSurprise(GroupState, river_base.AnomalyDetector):
    """How unlikely the least likely count of a session's events is, beyond what its counts usually surprise by.

    A session is a bag of event codes. For every sort of event the counts (0, 1, 2 …) seen so far are a distribution; a
    count's surprise is `-log p`, less twice the distribution's entropy. So an event that always comes three times and
    now comes once is news, and one that comes any number of times is none; the session scores as its greatest surprise,
    not their sum, as many small ones are what long sessions have. Score: nats, 0 and up, NaN while warming up.

    Memory 17 KiB a group, at most 127 sorts of events; about 1 µs an event. Without labels a threshold is: the highest
    score that clean sessions get when scored again after learning; or, from a cold start with anomalies inside, 4 nats
    (about one in fifty).

    >>> model = SessionSurprise(warmup=50)
    >>> sessions = [["open", "write", "write", "close"], ["open", "write", "close"]] * 60
    >>> scores = model.score_learn_sessions([*sessions, ["open", "write"]])
    >>> bool(scores[-1] > 4.0 > np.nanmax(scores[100:-1]))
    True
    """

    def __init__(self, groups: int = 1, warmup: int = 100) -> None:
        if groups < 1 or warmup < 2:
            raise UsageError("sessions need groups from 1 and a warm-up from 2")
        self.groups = groups
        self.warmup = warmup
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        return {
            "codes": np.zeros(EVENTS, np.uint64),
            "table": np.zeros((EVENTS, COUNTS)),
            "usual": np.zeros(EVENTS),
            "num": np.zeros(1),
        }

    def _identity(self) -> tuple[Any, ...]:
        return (self.warmup,)

    def score_learn_many(
        self, events: npt.ArrayLike, bounds: npt.ArrayLike, groups: npt.ArrayLike | None = None, learn: bool = True
    ) -> tuple[Array, Array]:
        """(nats float64[n], code uint64[n] of the event that surprised most) of n sessions in order, each before it is
        learned. `events` uint64 (never 0) end to end, session i at bounds[i]:bounds[i + 1]; bounds int64[n + 1]."""
        e: Array = np.require(events, np.uint64, ["C", "W"])
        b: Array = np.require(bounds, np.int64, ["C", "W"])
        if e.ndim != 1 or b.ndim != 1 or not len(b) or (np.diff(b) < 0).any() or b[0] < 0 or b[-1] > len(e):
            raise UsageError("bounds have to ascend within the events")
        if (e == 0).any():
            raise UsageError("an event's code must not be 0")
        n = len(b) - 1
        out, which, a = np.empty(n), np.zeros(n, np.uint64), self._state
        _sessions(
            e, b, self._group_column(groups, n), learn, self.warmup, a["codes"], a["table"], a["usual"], a["num"], out,
            which,
        )  # fmt: skip
        return out, which

    def score_learn_sessions(self, sessions: Sequence[Sequence[object]], learn: bool = True) -> Array:
        """`score_learn_many` of sessions as Python sequences, on group 0; an event is anything with a text."""
        flat = [_code(event) for session in sessions for event in session]
        bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(s) for s in sessions], dtype=np.int64)])
        return self.score_learn_many(np.array(flat, np.uint64), bounds, learn=learn)[0]

    def learn_one(self, x: Mapping[str, int]) -> None:
        """Learn one session of group 0, as counts by event."""
        self.score_learn_sessions([_bag(x)])

    def score_one(self, x: Mapping[str, int]) -> float:
        """Nats of surprise of one session of group 0; NaN while warming up."""
        return float(self.score_learn_sessions([_bag(x)], learn=False)[0])


def _bag(x: Mapping[str, int]) -> list[str]:
    return [name for name, count in sorted(x.items()) for _ in range(min(max(int(count), 0), COUNTS))]


def _code(event: object) -> int:
    """FNV-1a of its text, never 0."""
    h = 0xCBF29CE484222325
    for byte in str(event).encode("utf-8", "surrogatepass"):
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h or 1
