"""An alert in columns that say something of other alerts too: how grave, how far over, when, how many, how judged."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.features.hashing import hash_text
from schemas.note import FindingNote

_DAY_S = 86_400.0
_HALF_LIFE_S = 43_200.0
_MAX_RECENT = 20_000
_MAX_DETECTORS = 2_000
SLOTS, WORDS = 16, 4
"""Numbers and words among an alert's own features that have a column each, by detector and name as first seen."""
STATIC = (
    "severity", "score", "threshold", "margin", "count", "span", "hour", "weekday", "observables", "attacks",
    "features", "surprise", "suppressed", "withdrawn", "score_rank", "entity_alerts", "entity_detectors",
    "detector_alerts", "pair_alerts", *(f"value_{i}" for i in range(SLOTS)),
)  # fmt: skip
CODES = ("detector", "rule", "entity_type", "attack", *(f"word_{i}" for i in range(WORDS)))
_CONTEXT = STATIC.index("entity_alerts")
SCORE_RANK = STATIC.index("score_rank")
_RANKED = 200
"""Scores of a detector's last alerts that a new one is compared with."""
_FEW = 10.0
"""Before there are many more than that, none is known to be high."""
_code = lru_cache(maxsize=8192)(hash_text)
"""The same few texts stand in all alerts, and calling a kernel for one takes ten times what finding it again does."""


class AlertFeatures:
    """Notes → float64[STATIC] and uint64[CODES]; unknown is NaN or 0. Names and addresses never get in as such.

    Remembers how many alerts there were lately of the same entity, detector and pair (half-life 12 hours), and which
    column a detector's own feature has. State: 20,000 counters, 2,000 detectors.
    """

    def __init__(self) -> None:
        self._recent: dict[str, tuple[float, float]] = {}
        self._columns: dict[str, dict[str, int]] = {}
        self._scores: dict[str, list[float]] = {}

    def columns(self, note: FindingNote, earlier: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Of one note; `earlier`: the numbers of the same alert's last note, whose surroundings stay as they were."""
        x = np.full(len(STATIC), np.nan)
        when = datetime.fromtimestamp(note.last_ts, UTC)
        x[:_CONTEXT] = (
            note.severity, note.score, note.threshold,
            (note.score - note.threshold) / max(1.0 - note.threshold, 1e-6), math.log2(note.count + 1.0),
            math.log1p(max(note.last_ts - note.first_ts, 0.0)), when.hour + when.minute / 60.0, when.weekday(),
            len(note.observables), len(note.attacks), len(note.features), _surprise(note),
            bool(note.suppressed), note.withdrawn / max(note.count, 1), self._rank(note, new=earlier is None),
        )  # fmt: skip
        x[_CONTEXT : _CONTEXT + 4] = self._lately(note) if earlier is None else earlier[_CONTEXT : _CONTEXT + 4]
        c = np.zeros(len(CODES), np.uint64)
        c[:4] = [
            _code(t) if t else 0
            for t in (note.detector, note.rule, note.entity_type, (note.attacks or [""])[0].partition(".")[0])
        ]
        self._own(note, x[_CONTEXT + 4 :], c[4:])
        return x, c

    def _rank(self, note: FindingNote, *, new: bool) -> float:
        """Where its score stands among those of the detector's last alerts: 0 lowest, 0.5 for ties, 1 highest."""
        scores = self._scores.get(note.detector)
        if scores is None:
            if len(self._scores) >= _MAX_DETECTORS:
                return 0.5
            scores = self._scores[note.detector] = []
        last = np.array(scores)
        below = (np.count_nonzero(last < note.score) + np.count_nonzero(last <= note.score)) / 2.0
        rank = (below + _FEW / 2.0) / (len(scores) + _FEW)
        if new:
            scores.append(note.score)
            del scores[:-_RANKED]
        return rank

    def _lately(self, note: FindingNote) -> tuple[float, float, float, float]:
        """Alerts of the same entity, different detectors on it, of the detector, of the pair; this one included."""
        entity = f"e|{note.entity_type}|{note.entity}"
        pair = self._count(f"p|{note.detector}|{note.rule}|{note.entity_type}|{note.entity}", note.last_ts, 1.0)
        # A pair that was silent for a while is a new kind of alert for its entity.
        kinds = self._count(f"k|{note.entity_type}|{note.entity}", note.last_ts, 1.0 if pair < 1.5 else 0.0)
        return (
            self._count(entity, note.last_ts, 1.0), kinds, self._count(f"d|{note.detector}", note.last_ts, 1.0), pair
        )  # fmt: skip

    def _count(self, key: str, ts: float, weight: float) -> float:
        count, at = self._recent.pop(key, (0.0, ts))
        step = ts - at
        if step > 0.0:
            count *= 0.5 ** (step / _HALF_LIFE_S)
        elif step < -_DAY_S:
            step = 0.0  # a clock that had run ahead: from now on it is this one
            at = ts
        count += weight
        self._recent[key] = (count, max(at, ts))
        if len(self._recent) > _MAX_RECENT:
            del self._recent[next(iter(self._recent))]
        return count

    def _own(self, note: FindingNote, numbers: np.ndarray, words: np.ndarray) -> None:
        """What the detector itself shows, each by its name in a column of its own while there are some left."""
        columns = self._columns.get(note.detector)
        if columns is None:
            if len(self._columns) >= _MAX_DETECTORS:
                return
            columns = self._columns[note.detector] = {}
        for feature in note.features:
            number = isinstance(feature.value, int | float)
            name = f"{'n' if number else 'w'}|{feature.name}"
            at = columns.get(name)
            if at is None:
                at = sum(known[0] == name[0] for known in columns)
                if at >= (SLOTS if number else WORDS):
                    continue
                columns[name] = at
            if isinstance(feature.value, str):
                words[at] = _code(feature.value)
            else:
                numbers[at] = _signed_log(float(feature.value))

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"recent": self._recent, "columns": self._columns, "scores": self._scores}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self._recent = {k: (float(n), float(at)) for k, (n, at) in state.get("recent", {}).items()}
        self._scores = {d: [float(s) for s in scores] for d, scores in state.get("scores", {}).items()}
        self._columns = {d: {n: int(i) for n, i in c.items()} for d, c in state.get("columns", {}).items()}


def history(tallies: Sequence[tuple[float, float, float]]) -> np.ndarray:
    """Two columns a tally: the share of true ones, NaN where nothing was judged, and how much was."""
    out = np.full(2 * len(tallies), np.nan)
    for i, (true, false, benign) in enumerate(tallies):
        total = true + false + benign
        if total > 0.0:
            out[2 * i] = true / total
        out[2 * i + 1] = math.log1p(total)
    return out


def _surprise(note: FindingNote) -> float:
    """How many times over what is usual, in logarithms, the feature is that is furthest over it."""
    found = math.nan
    for f in note.features:
        if isinstance(f.value, int | float) and f.usual_high is not None:
            over = _signed_log(float(f.value)) - _signed_log(f.usual_high)
            found = over if math.isnan(found) else max(found, over)
    return found


def _signed_log(value: float) -> float:
    return math.copysign(math.log1p(abs(value)), value) if math.isfinite(value) else math.nan
