"""What verdicts say of a detector's threshold: rows of the list `tuning`, carefully."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.learning.tallies import Tallies

LOWEST, HIGHEST = -0.2, 0.5
"""As the engine allows at most (`pipeline.engine.tuning`)."""
ALONE = 0.1
"""As far as one person's verdicts go without anybody else's."""
STEP, STEP_AFTER = 0.1, 5
"""A threshold moves by a tenth at most, and again when five more alerts were judged: what the last step did shows."""
ENOUGH = 8
"""Judged alerts below which nothing is moved."""
VALID_D = 30
"""A row lapses by itself unless verdicts keep coming."""
_KEEP = 32
_MAX_DETECTORS = 2_000
_Z = 1.645
_MANY_FALSE, _MOSTLY_TRUE = 0.5, 0.8
_SECOND = 3.0
"""Verdicts of a second person from which two are taken to agree."""
Judged = tuple[float, float]
"""(score, threshold) of an alert."""


class TuningAdvice:
    """Shifts of thresholds that would have hidden false alerts and no true one.

    Up, when most judged alerts of a detector were false, surely (upper bound of the precision under a half): by the
    least that hides the most of the last 32 false ones and none of the last 32 true ones. Down, when nearly all were
    true, surely, and three of them only just over the threshold. What is expected and allowed moves nothing: for
    that there is the allow-list. State: 2,000 detectors, 64 alerts each.
    """

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._judged: dict[str, dict[str, dict[str, Judged]]] = {}
        """By detector and verdict, by alert."""
        self._told: dict[str, tuple[float, float, int]] = {}
        """By detector: shift, until, how many alerts had been judged by then."""
        self._count: dict[str, int] = {}
        self._plain: dict[str, Judged] = {}
        """By detector: lowest and highest threshold seen without a shift."""

    def shift(self, detector: str, ts: float) -> float:
        """As last told, while it holds."""
        shift, until, _ = self._told.get(detector, (0.0, 0.0, 0))
        return shift if ts < until else 0.0

    def judged(self, detector: str, alert_id: str, verdict: str, alert: Judged, ts: float) -> None:
        """An alert last seen at `ts` was judged, or judged anew; anything but true and false takes it out."""
        if detector not in self._judged and len(self._judged) >= _MAX_DETECTORS:
            return
        kept = self._judged.setdefault(detector, {"true": {}, "false": {}})
        new = not any(kept[v].pop(alert_id, None) for v in kept)
        if verdict not in kept:
            return
        self._count[detector] = self._count.get(detector, 0) + new
        kept[verdict][alert_id] = (alert[0], self._base(detector, alert[1], ts))
        if len(kept[verdict]) > _KEEP:
            del kept[verdict][next(iter(kept[verdict]))]

    def _base(self, detector: str, needed: float, ts: float) -> float:
        """The threshold without our shift. Whether an alert came before or after the shift was in force is not known
        for sure, so it stays within what was seen when there was none: else a shift would justify the next."""
        told = self.shift(detector, ts)
        low, high = self._plain.get(detector, (needed, needed))
        if not told:
            self._plain[detector] = (min(low, needed), max(high, needed))
            return needed
        base = (needed - told) / (1.0 - told) if told > 0.0 else needed / (1.0 + told)
        return min(max(base, low), high)

    def advise(self, detector: str, ts: float) -> dict[str, str] | None:
        """A row for the list `tuning`, when there is something new to say at event time `ts`."""
        true, false, _ = self._tallies.of(f"detector|{detector}")
        kept = self._judged.get(detector, {"true": {}, "false": {}})
        count = self._count.get(detector, 0)
        _, until, then = self._told.get(detector, (0.0, 0.0, 0))
        told = self.shift(detector, ts)
        low, high = _bounds(true, true + false)
        wanted = 0.0
        if true + false >= ENOUGH and high < _MANY_FALSE:
            wanted = _raised(kept, self._limit(detector, "false", HIGHEST))
        elif true + false >= ENOUGH and low > _MOSTLY_TRUE:
            wanted = -_lowered(kept, low, self._limit(detector, "true", -LOWEST))
        if abs(wanted) > abs(told) or wanted * told < 0.0:  # back to where it was it goes at once
            if told and count - then < STEP_AFTER:
                wanted = told
            wanted = min(max(wanted, told - STEP), told + STEP)
        wanted = round(wanted, 2)
        fading = wanted != 0.0 and until - ts < VALID_D * 43_200.0
        if wanted == told and not fading:
            return None
        day = datetime.fromtimestamp(ts + VALID_D * 86_400.0, UTC).date()
        self._told[detector] = (wanted, ts + VALID_D * 86_400.0, count)
        sides = f"{len(kept['true'])} true and {len(kept['false'])} false of those judged last"
        reason = f"{sides}; precision {low:.2f} to {high:.2f}"
        return {
            "detector": detector, "shift": f"{wanted:.2f}", "by": "verdicts", "reason": reason, "until": day.isoformat()
        }  # fmt: skip

    def _limit(self, detector: str, verdict: str, most: float) -> float:
        """How far one may go: with a second person who says the same, all the way."""
        support = self._tallies.support(f"detector|{detector}", verdict)
        return most if len(support) > 1 and support[1] >= _SECOND else min(ALONE, most)

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"judged": self._judged, "told": self._told, "count": self._count, "plain": self._plain}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self._judged = {
            d: {v: {a: (float(s), float(t)) for a, (s, t) in kept.items()} for v, kept in by.items()}
            for d, by in state.get("judged", {}).items()
        }
        self._told = {d: (float(s), float(u), int(n)) for d, (s, u, n) in state.get("told", {}).items()}
        self._plain = {d: (float(low), float(high)) for d, (low, high) in state.get("plain", {}).items()}
        self._count = {d: int(n) for d, n in state.get("count", {}).items()}


def _bounds(hits: float, n: float) -> tuple[float, float]:
    """Wilson (1927): a share's bounds that hold nine times in ten."""
    if n <= 0.0:
        return (0.0, 1.0)
    middle = hits + _Z * _Z / 2.0
    spread = _Z * math.sqrt(max(hits * (n - hits) / n, 0.0) + _Z * _Z / 4.0)
    return ((middle - spread) / (n + _Z * _Z), (middle + spread) / (n + _Z * _Z))


def _hidden(judged: Mapping[str, Judged], shift: float) -> int:
    return sum(score < base + shift * (1.0 - base) for score, base in judged.values())


def _raised(kept: Mapping[str, Mapping[str, Judged]], limit: float) -> float:
    """The least shift that hides the most false alerts and no true one; 0 when it hides too few to be worth it."""
    best, most = 0.0, 0
    for step in range(1, round(limit / 0.05) + 1):
        shift = 0.05 * step
        if _hidden(kept["true"], shift):
            break
        hides = _hidden(kept["false"], shift)
        if hides > most:
            best, most = shift, hides
    return best if most >= max(3, 0.2 * len(kept["false"])) else 0.0


def _lowered(kept: Mapping[str, Mapping[str, Judged]], low: float, limit: float) -> float:
    """How far down: the surer, the further; 0 unless true ones stand so near the threshold that others are missed."""
    if _hidden(kept["true"], 0.1) < 3:
        return 0.0
    return min(0.05 * math.ceil((low - _MOSTLY_TRUE) / 0.05), limit)
