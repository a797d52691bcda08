"""Units of a detector's scores, and ADWIN over them. All in one file, so that a change compiles whatever calls it.

Scores are never kept one by one: an event costs one increment in a histogram, and everything else is done once a
unit, which is an hour of event time that brought enough scores. `pipeline.learning.drift_monitor` says why.
"""

import numba as nb
import numpy as np

BINS = 64
RING = 128  # units kept: five days of hours; a shift that takes longer is the slow reference's business
SLOTS = 168  # hours of a week: which days are free differs from country to country
LEAST = 30.0  # scores in a unit: fewer say nothing of a share of 5 %; the unit goes on into the next hour
ENOUGH = 24.0  # units before anything is said of drift
TOP = 0.05
MEMORY, SLOT_MEMORY = 240.0, 8.0  # units (ten days) of the usual histogram; weeks of a slot
WILD_H = 24  # a clock that was this far ahead of what follows was wrong
EFFECTS = (0.02, 0.05)  # a mean score or a share on top that moved by less changes nobody's day
FLOORS = (0.02, 0.01)  # spread of a unit's mean score, and of its share on top, below which nothing is news
DELTA = 0.0002  # a tenth of River's, as hundreds of windows are watched
APART = 0.25  # a cut counts from one standard deviation on: y is z / 4 + 0.5
LEAST_SIDE = 12  # units on either side of a cut: a night, a maintenance window or an outage is shorter
LEAST_VARIANCE = 0.04  # of y, whose spread is 0.25 by construction

# columns of `num` float64: one detector's scalars in one key group
HOUR, COUNT, UNITS, FILLED, SPREAD_MEAN, SPREAD_TOP, LAST_DAY, SCORED, FOUND, ALARMS = range(10)
SCALARS = 10
APART_EVENTS = int(LEAST * ENOUGH)
"""Between two alarms of a key group lie as many scores at least."""
# columns of a ring's unit, float32
Y_MEAN, Y_TOP, MEAN, SHARE, AT = range(5)
UNIT = 5
# columns of a slot: weeks seen, usual mean, usual share
SLOT = 3
# columns of an alarm
GROUP, ROW, SINCE_H, MEAN_WAS, MEAN_IS, TOP_WAS, TOP_IS, BY_TOP = range(8)
ALARM = 8


def score_bins(steps: int = 4096) -> np.ndarray:
    """uint8[steps + 1]: the bin of `int(score * steps)`; 32 even ones up to 0.5, then finer and finer towards 1."""
    score = np.arange(steps + 1) / steps
    high = 32 + np.floor(2.9 * -np.log2(np.maximum(2.0 * (1.0 - score), 2.0**-10.9)))
    return np.where(score < 0.5, np.floor(score * 64), high).astype(np.uint8)


def bin_means(steps: int = 4096) -> np.ndarray:
    """float64[BINS]: what a score in each bin counts as."""
    bins = score_bins(steps)
    score = np.arange(steps + 1) / steps
    sums = np.bincount(bins, score, minlength=BINS)
    return np.asarray(sums / np.maximum(np.bincount(bins, minlength=BINS), 1))


@nb.njit(cache=True, nogil=True)
def cut(values: np.ndarray, n: int, delta: float) -> int:
    """Where the window values[:n] in [0, 1] (oldest first) falls apart, -1 if nowhere.

    ADWIN's condition (Bifet and Gavalda 2007) at every split, not only at bucket borders; the split that exceeds its
    bound by most is given. Its bound for sums of anything in [0, 1] would take two days for what is plain after hours:
    units are means of many scores, so the normal part of the bound is kept, with the variance within the two sides
    (at least LEAST_VARIANCE), widened as hours that follow one another are alike: by (1 + r) / (1 - r).
    """
    if n < 2 * LEAST_SIDE:
        return -1
    total, squares, cross = 0.0, 0.0, 0.0
    for j in range(n):
        total += values[j]
        squares += values[j] * values[j]
        cross += values[j] * values[max(j - 1, 0)]
    log = np.log(2.0 * np.log(float(n)) / delta)
    best, where, left = 1.0, -1, 0.0
    for j in range(1, n):
        left += values[j - 1]
        if j < LEAST_SIDE or n - j < LEAST_SIDE:
            continue
        right = total - left
        of_means = left * left / j + right * right / (n - j)
        variance = max(squares - of_means, 1e-9) / n
        follow = min(
            max((cross - values[j] * values[j - 1] + values[j] * values[j] - of_means) / n / variance, 0.0), 0.9
        )
        variance = max(variance, LEAST_VARIANCE) * (1.0 + follow) / (1.0 - follow)
        bound = np.sqrt(2.0 * (1.0 / j + 1.0 / (n - j)) * variance * log)
        apart = abs(left / j - right / (n - j)) / bound
        if apart > best:
            best, where = apart, j
    return where


@nb.njit(cache=True, nogil=True)
def _measure(hist: np.ndarray, usual: np.ndarray, means: np.ndarray) -> tuple[float, float, float, float]:
    """(mean, share on top, and what chance does to each) of one unit; `usual` is a histogram of shares."""
    n, total, squares = 0.0, 0.0, 0.0
    for b in range(BINS):
        n += hist[b]
        total += hist[b] * means[b]
        squares += hist[b] * means[b] * means[b]
    mean = total / n
    # The top holds TOP of the usual scores: of the bin that its border runs through, the fitting part.
    need, top = TOP, 0.0
    for b in range(BINS - 1, -1, -1):
        if usual[b] >= need:
            top += hist[b] / n * (need / usual[b] if usual[b] > 0.0 else 0.0)
            break
        top += hist[b] / n
        need -= usual[b]
    return mean, top, np.sqrt(max(squares / n - mean * mean, 0.0) / n), np.sqrt(TOP / n)


@nb.njit(cache=True, nogil=True)
def _settle(hist: np.ndarray, usual: np.ndarray, num: np.ndarray) -> None:
    """Take a unit into what is usual, and begin the next."""
    n = num[COUNT]
    step = 1.0 / min(num[UNITS] + 1.0, MEMORY)
    for b in range(BINS):
        usual[b] += step * (hist[b] / n - usual[b])
        hist[b] = 0
    num[UNITS] += 1.0
    num[COUNT] = 0.0


@nb.njit(cache=True, nogil=True)
def _close(hist, usual, num, ring, slots, means, found):  # type: ignore[no-untyped-def]
    """A unit is over; True when what came before is another world, told in `found` [ALARM].

    hist uint32[BINS]; usual float64[BINS]; num float64[SCALARS]; ring float32[RING, UNIT]; slots float32[SLOTS, SLOT].
    """
    mean, top, chance_mean, chance_top = _measure(hist, usual, means)
    hour = int(num[HOUR])
    known = num[UNITS] >= 1.0
    _settle(hist, usual, num)
    slot = slots[hour % SLOTS]
    if known and slot[0] >= 1.0:
        filled = int(num[FILLED])
        if filled == RING:
            ring[:-1] = ring[1:].copy()
            filled -= 1
        unit = ring[filled]
        unit[MEAN], unit[SHARE], unit[AT] = mean, top, hour
        for k in range(2):
            off = (mean if k == 0 else top) - slot[1 + k]
            spread = num[SPREAD_MEAN + k]
            chance = chance_mean if k == 0 else chance_top
            scale = np.sqrt((spread * spread + chance * chance) * (1.0 + 1.0 / slot[0]) + FLOORS[k] ** 2)
            unit[Y_MEAN + k] = min(max(off / scale / 4.0 + 0.5, 0.0), 1.0)
            step = 1.0 / min(filled + 1.0, 100.0)
            # 1.25 times the mean absolute deviation is a standard deviation, and one shock does not make it large.
            num[SPREAD_MEAN + k] += step * (1.25 * min(abs(off), 4.0 * scale) - spread)
        num[FILLED] = filled + 1.0
    slot[0] += 1.0
    step = 1.0 / min(slot[0], SLOT_MEMORY)
    slot[1] += step * (mean - slot[1])
    slot[2] += step * (top - slot[2])
    return _look(num, ring, slots, found)


@nb.njit(cache=True, nogil=True)
def _look(num, ring, slots, found):  # type: ignore[no-untyped-def]
    """Whether the window falls apart; then what is usual begins anew from its younger part."""
    n = int(num[FILLED])
    if n < ENOUGH:
        return False
    drop = 0
    for k in (Y_MEAN, Y_TOP):
        at = cut(ring[:, k], n, DELTA)
        if at < 0:
            continue
        drop = max(drop, at)
        before, after = ring[:at], ring[at:n]
        far = abs(after[:, k].mean() - before[:, k].mean())
        moved = abs(after[:, MEAN + k].mean() - before[:, MEAN + k].mean())
        if far >= APART and moved >= EFFECTS[k]:
            found[SINCE_H] = after[0, AT]
            found[MEAN_WAS], found[MEAN_IS] = before[:, MEAN].mean(), after[:, MEAN].mean()
            found[TOP_WAS], found[TOP_IS] = before[:, SHARE].mean(), after[:, SHARE].mean()
            found[BY_TOP] = 1.0 if k == Y_TOP else 0.0
            for j in range(SLOTS):
                slots[j, 1] += found[MEAN_IS] - found[MEAN_WAS]
                slots[j, 2] += found[TOP_IS] - found[TOP_WAS]
            num[UNITS] = min(num[UNITS], 12.0)  # what is usual on top is learned from now on within a day
            num[FILLED] = 0.0
            return True
    if drop:  # too little to tell, but the older part says nothing of today
        ring[: n - drop] = ring[drop:n].copy()
        num[FILLED] = n - drop
    return False


@nb.njit(cache=True, nogil=True)
def note(scores, hours, groups, bins, means, hist, usual, num, ring, slots, d, alarms):  # type: ignore[no-untyped-def]
    """Count a batch's scores of detector `d`; the number of alarms written to `alarms` float64[m, ALARM].

    scores float64[n]; hours int64[n]; groups int32[n]; state [G, D, …]. At most one alarm a key group and day.
    """
    told = 0
    steps = len(bins) - 1
    for i in range(len(scores)):
        s = scores[i]
        if not 0.0 <= s <= 1.0:
            continue
        g = groups[i]
        own = num[g, d]
        h = hours[i]
        if h > own[HOUR]:
            over = own[COUNT] >= LEAST and own[HOUR] > 0
            if over and _close(hist[g, d], usual[g, d], own, ring[g, d], slots[g, d], means, alarms[told]):
                alarms[told, GROUP], alarms[told, ROW] = g, i
                if h // 24 != own[LAST_DAY]:
                    own[LAST_DAY] = h // 24
                    own[ALARMS] += 1.0
                    told += 1
            own[HOUR] = h
        elif h < own[HOUR] - WILD_H:
            own[HOUR] = h
        hist[g, d, bins[int(s * steps)]] += 1
        own[COUNT] += 1.0
        own[SCORED] += 1.0
    return told
