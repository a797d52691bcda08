"""What an entity does in a day, against a reference that cannot be taught in a hurry.

A norm that follows its entity follows an attacker too: one who sends 5 % more each hour is never unusual for it. This
reference moves by 3 % a day at most, so a hospital that grows by a third in two weeks takes it along, and a ramp does
not.
"""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot

DAY_S = 86_400.0
PACE = 0.03  # of log amount a day
KNOWN_DAYS = 7.0  # days with anything in them, after which there is a reference
LEAP = 1.386  # four times the most of the last three days is a leap, which norms that follow do see
LEAST_RATIO = 1.386  # four times what is usual
SPREADS = 3.5  # and so many mean deviations of its days
ACCEPTED_DAYS = 14  # a level after a leap stands as long as it is kept up, and so much longer
TOLD_DAYS = 3.0  # after so many days of findings the level is accepted: who was to know knows
KEPT_UP = 0.693  # a level is kept up by days of half of it
WILD_DAYS = 7

# columns of `num`, float64
DAY, TOTAL, USUAL, SPREAD, DAYS, LEVEL, LEVEL_UNTIL, TOLD, HIT = range(9)
SIZE = 9


class SlowReference(EntityState):
    """Sum of weights per key and day of event time, against a slow robust reference of earlier days. O(1) a row, 128
    bytes a key. Opinion after seven days on which the key did anything.
    """

    def __init__(self, groups: int, capacity: int, least: float) -> None:
        """Less than `least` a day is never too much."""
        super().__init__(groups, capacity, {"num": ((SIZE,), np.float64), "past": ((3,), np.float64)})
        self.least = float(least)

    def add(
        self, key: np.ndarray, weight: np.ndarray | float, ts: np.ndarray, groups: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(score, usual, limit, amount), float64[m]: 0.5 where the day's sum, row included, reaches what is too much;
        the usual day's sum; the sum that is too much; the sum. All but the sum are NaN without a reference."""
        a = self.arrays()
        weights = np.broadcast_to(np.asarray(weight, np.float64), key.shape)
        out = _add(key, weights, ts, groups, a["keys"], a["seen"], a["num"], a["past"], self.least)
        return out[0], out[1], out[2], out[3]


@nb.njit(cache=True, nogil=True)
def _close(num, past):  # type: ignore[no-untyped-def]
    """The day is over: take it into the reference. num [SIZE], past [3] log sums of the last days."""
    x = np.log1p(num[TOTAL])
    if num[LEVEL] > 0.0 and (num[DAY] > num[LEVEL_UNTIL]):
        num[LEVEL] = 0.0
    if num[DAYS] < KNOWN_DAYS:
        step = 1.0 / (num[DAYS] + 1.0)
        off = x - num[USUAL]
        num[USUAL] += step * off
        if num[DAYS] > 0.0:
            num[SPREAD] += step * (abs(off) - num[SPREAD])
    else:
        off = x - max(num[USUAL], num[LEVEL])
        leap = x > max(past[0], past[1], past[2]) + LEAP
        num[SPREAD] += min(max(abs(off) - num[SPREAD], -PACE), PACE)
        num[USUAL] += min(max(x - num[USUAL], -PACE), PACE)
        num[TOLD] = num[TOLD] + 1.0 if num[HIT] > 0.0 else 0.0
        if off > 0.0 and (leap or num[TOLD] >= TOLD_DAYS):
            num[LEVEL], num[LEVEL_UNTIL], num[TOLD] = x, num[DAY] + ACCEPTED_DAYS, 0.0
        elif num[LEVEL] > 0.0 and x >= num[LEVEL] - KEPT_UP:
            num[LEVEL_UNTIL] = num[DAY] + ACCEPTED_DAYS
    past[0], past[1], past[2] = past[1], past[2], x
    num[DAYS] = min(num[DAYS] + 1.0, 1e6)
    num[TOTAL] = num[HIT] = 0.0


@nb.njit(cache=True, nogil=True)
def _add(key, weight, ts, groups, keys, seen, num, past, least):  # type: ignore[no-untyped-def]
    """float64[4, m]; columns [m]; state [G, capacity, …]."""
    out = np.full((4, len(key)), np.nan)
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        own = num[g, slot]
        day = np.floor(ts[i] / DAY_S)
        if fresh:
            own[:] = 0.0
            past[g, slot] = 0.0
            own[DAY] = day
        if day > own[DAY]:
            _close(own, past[g, slot])
            own[DAY] = day
        elif day < own[DAY] - WILD_DAYS:  # the clock had been ahead
            own[DAY], own[TOTAL], own[HIT] = day, 0.0, 0.0
        own[TOTAL] += weight[i]
        out[3, i] = own[TOTAL]
        if own[DAYS] < KNOWN_DAYS:
            continue
        level = own[LEVEL] if day <= own[LEVEL_UNTIL] else 0.0
        usual = max(own[USUAL], level)
        limit = usual + max(LEAST_RATIO, SPREADS * own[SPREAD])
        x = np.log1p(own[TOTAL])
        recent = max(past[g, slot, 0], past[g, slot, 1], past[g, slot, 2])
        score = 1.0 / (1.0 + np.exp(min(max(2.0 * (limit - x), -30.0), 30.0)))
        if own[TOTAL] < least or x > recent + LEAP:
            score = min(score, 0.49)
        if score >= 0.5:
            own[HIT] = 1.0
        out[0, i], out[1, i], out[2, i] = score, np.expm1(usual), max(np.expm1(limit), least)
    return out
