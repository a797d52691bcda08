"""How unlikely a user's count of the last day, fortnight or month is, for this user and among colleagues."""

from collections.abc import Sequence
from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.detector import Scores
from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.models.count_tail import TINY, upper_tail

COHORTS = 256  # roles in departments per key group
DAY_S = 86_400.0
SINCE, NEWEST, DAYS, SUM, TOLD, WORK = range(6)  # columns of a user; WORK: days at work up to the newest, as told
COUNT, MEAN, SQUARE, OPENED = range(4)  # columns of a cohort, per window
COUNTED, WORTH, WEIGHT, WEIGHT2 = range(4)  # of those counted last: how many, means of worth, weight and its square
OWN_MEMORY, PEER_MEMORY = 60.0, 2000.0  # active days remembered of a user, user-days of colleagues
DIFFER_BY_DAY, DIFFER = 1.0, 0.25  # assumed beside it of how single days, and people over weeks, differ: squared
# coefficient of variation of the rate
ODD = 0.1  # weight of what is learned although it is odd, so that a lasting change is followed in the end
WORKED = 0.7  # of days on which nothing is seen of a user, where nobody tells on which of them there was work: five
# days a week; who works three long shifts is told by
LEND = 10.0  # days that the colleagues speak for, beside one's own
PRIOR_DAYS = 20.0  # user-days that the rate assumed before anything is known counts for
EVERYBODY = np.uint64(1)  # the cohort of all, whose rate is assumed of colleagues of whom little is known
WORTH_MEMORY = 1000.0  # of those counted last: what is assumed of a day follows what they are worth
HALF = 0.5  # nobody is expected to do less than half of what colleagues do: a careful person has a bad day too
SETTLED = 6.0  # days of a user before a window of many days means anything
HELD = 0.45  # highest score of what was told already
BUSY = 20.0  # charts that everybody is taken to open beside those counted, so that few say little
AS_BUSY = (0.25, 4.0)  # how many times as busy as colleagues anybody is taken to be


class DailyCounts(EntityState):
    """Sum of weights per user over windows of days, against the user's own past and that of a cohort.

    Counts of a window are negative binomial: Poisson with a rate that differs between people and days, whose spread is
    that of the cohort. Over weeks, a cohort of which little is known is taken to do what everybody does, and sums are
    counted in units of mean square over mean of a weight, as compound Poisson sums vary: twenty tenths less than two
    ones. A day's charts come in runs and are few: there neither holds. The score is 0.5 where the tail is `rare`, and 1
    in the limit. Days between, on which nothing is counted, were days without a count where there was work. Over weeks,
    who opens twice as many charts as colleagues is expected to have twice the sum: wrong
    clicks, and care that nobody documents, come with work. 70 + 12 * ring bytes a user.
    """

    def __init__(self, groups: int, capacity: int, windows_d: tuple[int, ...], ring: int, prior: float) -> None:
        """`windows_d`: the day, and longer ones that then decide alone; they begin with what is known of the day.
        `prior`: sum a day that is expected before anything is known."""
        columns: dict[str, tuple[tuple[int, ...], Any]] = {
            "counts": ((ring,), np.float32), "user": ((6,), np.float64), "opened": ((ring,), np.float64)
        }  # fmt: skip
        super().__init__(groups, capacity, columns)
        norms: dict[str, tuple[tuple[int, ...], Any]] = {
            "norm": ((len(windows_d), 4), np.float64), "counted": ((4,), np.float64),
        }  # fmt: skip
        self.peers = EntityState(groups, COHORTS, norms)
        self.windows = np.array(windows_d, np.int64)
        self.prior = prior

    def add(
        self, user: np.ndarray, cohort: np.ndarray, weight: np.ndarray, ts: np.ndarray, groups: np.ndarray,
        rare: float, least: float, again: float = 0.0, worth: np.ndarray | None = None,
        opened: np.ndarray | None = None, worked: np.ndarray | None = None,
    ) -> np.ndarray:  # fmt: skip
        """float64[7, m]: score, sum of the window that decides, expected sum, days of the window, what colleagues have
        in it, variance of the expected sum, unit in which it is counted.

        No score for rows of weight 0 (they only tell that the user was at work), for what comes after its window; a
        negative weight takes back what was counted on that day.
        below a sum of `least` it is under a half. With `again` a user who was told scores under a half until the sum
        is that many times what it was. `worth` in (0, 1]: by what the weight was lessened for all alike; what is
        assumed of a day is in proportion. `opened` and `worked`: charts that the user had turned to and days at work
        so far, this one included; NaN where not known.
        """
        a, p = self.arrays(), self.peers.arrays()
        out: np.ndarray = _add(
            user, cohort, np.asarray(weight, np.float64), np.ones(len(user)) if worth is None else worth,
            *(np.full(len(user), np.nan) if column is None else column for column in (opened, worked)), ts, groups,
            a["keys"], a["seen"], a["counts"], a["user"], a["opened"],
            p["keys"], p["seen"], p["norm"], p["counted"], self.windows, (rare, least, again, self.prior),
        )  # fmt: skip
        return out


def opinions(n: int, rows: np.ndarray, out: np.ndarray, names: Sequence[str]) -> Scores:
    """What `DailyCounts.add` gave of `rows` (`out`) as an opinion on a batch of n; `names`: what follows the score."""
    spread = np.full((1 + len(names), n), np.nan)
    spread[:, rows] = out[: len(spread)]
    return Scores(spread[0], dict(zip(names, spread[1:], strict=True)))


@nb.njit(cache=True, nogil=True)
def _window(counts, day, days):  # type: ignore[no-untyped-def]
    """Sum of the `days` up to `day`; counts float32[ring]."""
    total = 0.0
    for d in range(day - min(days, len(counts)) + 1, day + 1):
        total += counts[d % len(counts)]
    return total


@nb.njit(cache=True, nogil=True)
def _note_opened(opened, newest, day, number):  # type: ignore[no-untyped-def]
    """Charts opened in all (`opened` float64[ring], by day) have come to `number` (NaN: not known) on `day`, which is
    `newest` or later; between days that tell of it, as many each. A count that began anew goes on from what it was."""
    if day > newest and number < opened[newest % len(opened)]:
        opened += number - opened[newest % len(opened)]
    last = opened[newest % len(opened)]
    number = number if number > last else last
    for d in range(max(newest + 1, day - len(opened) + 1), day):
        opened[d % len(opened)] = last + (number - last) * (d - newest) / (day - newest)
    opened[day % len(opened)] = number


@nb.njit(cache=True, nogil=True)
def _busy(opened, norm, every, day, days, known):  # type: ignore[no-untyped-def]
    """(charts opened a day in a window, how many times as many as colleagues' that is); norm, every [4]."""
    total = opened[day % len(opened)] - opened[(day - min(days, len(opened) - 1)) % len(opened)]
    usual = norm[COUNT] * norm[OPENED] + PRIOR_DAYS * every[OPENED]
    usual *= known / (norm[COUNT] + PRIOR_DAYS)
    times = (total + BUSY) / (usual + BUSY) if every[COUNT] > 0.0 else 1.0
    return total / known, min(max(times, AS_BUSY[0]), AS_BUSY[1])


@nb.njit(cache=True, nogil=True)
def _usual(norm, prior, unit, days):  # type: ignore[no-untyped-def]
    """(mean, variance) of a cohort's rate a day over `days`, `norm` [3], beside what is assumed at first."""
    lend = PRIOR_DAYS + norm[COUNT]
    mean = (prior * PRIOR_DAYS + norm[MEAN] * norm[COUNT]) / lend
    differ = DIFFER_BY_DAY if days == 1 else DIFFER
    assumed = unit * prior / days + (1.0 + differ) * prior * prior
    square = (assumed * PRIOR_DAYS + norm[SQUARE] * norm[COUNT]) / lend
    return mean, max(square - mean * mean, 0.0)


@nb.njit(cache=True, nogil=True)
def _learn(norm, sample, known, prior, unit, days, times):  # type: ignore[no-untyped-def]
    """Take a user's rate over `known` days into a cohort's window [3], as if it had come `times` times.

    What lies beyond two standard deviations hardly teaches: a collector among five colleagues would else become the
    norm.
    """
    mean, var = _usual(norm, prior, unit, days)
    spread = np.sqrt(max(var, unit * mean / known))
    if sample > mean + 2.0 * spread:
        sample = mean + 2.0 * spread
        times *= ODD
    norm[COUNT] = min(norm[COUNT] + times, PEER_MEMORY)
    step = min(times / norm[COUNT], 1.0)
    norm[MEAN] += step * (sample - norm[MEAN])
    norm[SQUARE] += step * (sample * sample - norm[SQUARE])


@nb.njit(cache=True, nogil=True)
def _over_weeks(norm, every, prior):  # type: ignore[no-untyped-def]
    """Rate a day that is assumed of a cohort over weeks: that of its single days, beside everybody's; each [W, 3]."""
    return _usual(norm[0], _usual(every[0], prior, 1.0, 1)[0], 1.0, 1)[0]


@nb.njit(cache=True, nogil=True)
def _idle(own, day, worked):  # type: ignore[no-untyped-def]
    """Days at work between the newest of a user and `day` on which nothing was seen: as `worked` tells, else a part of
    them (WORKED), up to a fortnight: longer ones are leave."""
    between = day - own[NEWEST] - 1.0
    if worked > own[WORK] > 0.0:
        return min(worked - own[WORK] - 1.0, between)
    return WORKED * min(between, 14.0)


@nb.njit(cache=True, nogil=True)
def _turn(counts, own, opened, norm, every, day, worked, windows, prior, unit):  # type: ignore[no-untyped-def]
    """A later day begins for this user: what came before is learned, of the cohort (`norm` [W, 3]) and of everybody."""
    newest = int(own[NEWEST])
    idle = _idle(own, day, worked)
    today = _window(counts, newest, 1)
    for rates in (norm, every):
        _learn(rates[0], today, 1.0, prior, 1.0, 1, 1.0)
        if idle > 0.0:
            _learn(rates[0], 0.0, 1.0, prior, 1.0, 1, idle)
    keep = (1.0 - 1.0 / OWN_MEMORY) ** (1.0 + idle)
    usual = own[SUM] / own[DAYS] if own[DAYS] > 0.0 else prior
    own[SUM] = own[SUM] * keep + min(today, 3.0 * usual + 3.0)
    own[DAYS] = own[DAYS] * keep + 1.0 + idle
    for d in range(max(newest + 1, day - len(counts)), day):
        counts[d % len(counts)] = 0.0
    # Windows end the day before this one, which is here because something happened on it.
    for w in range(1, len(windows)):
        known = max(min(float(windows[w]), day - own[SINCE]), 1.0)
        if known >= SETTLED:
            assumed = _over_weeks(norm, every, prior)
            a_day, times = _busy(opened, norm[w], every[w], day - 1, windows[w], known)
            sample = _window(counts, day - 1, windows[w]) / known / times
            _learn(norm[w], sample, known * times, assumed, unit, windows[w], 1.0)
            every[w, COUNT] = min(every[w, COUNT] + 1.0, PEER_MEMORY)
            for rates in (norm[w], every[w]):
                rates[OPENED] += (a_day - rates[OPENED]) / max(rates[COUNT], 1.0)
    counts[day % len(counts)] = 0.0
    own[NEWEST] = day


@nb.njit(cache=True, nogil=True)
def _expected(counts, own, opened, norm, every, day, days, prior, unit):  # type: ignore[no-untyped-def]
    """(mean, variance, colleagues' mean) of a window's sum for this user: `norm` [4] is the cohort's rate a day."""
    known = max(min(float(days), day - own[SINCE] + 1.0), 1.0)
    rate, var = _usual(norm, prior, unit, days)
    spread = var / max(rate * rate, TINY)  # squared coefficient of variation
    if days > 1:
        rate *= _busy(opened, norm, every, day, days, known)[1]
    mine = rate
    if days == 1:
        mine = (own[SUM] + LEND * rate) / (own[DAYS] + LEND)
    else:
        before = min(float(len(counts)) - days, day - own[SINCE] + 1.0 - days)
        if before >= 2.0 * SETTLED:
            older = (_window(counts, day, len(counts)) - _window(counts, day, days)) / before
            mine = 0.5 * (rate + older)
    mean = max(mine, HALF * rate) * known
    if mine > rate:
        spread *= rate / mine
    return mean, max(unit * mean, mean * mean * spread), rate * known


@nb.njit(cache=True, nogil=True)
def _counted(kept, worth, weight):  # type: ignore[no-untyped-def]
    """(what one of those that were counted before was worth, their mean square weight over their mean weight), `kept`
    [4]; then this one, if it has a weight."""
    lend = PRIOR_DAYS + kept[COUNTED]
    known = (PRIOR_DAYS + kept[COUNTED] * kept[WORTH]) / lend
    unit = (PRIOR_DAYS + kept[COUNTED] * kept[WEIGHT2]) / (PRIOR_DAYS + kept[COUNTED] * kept[WEIGHT])
    if weight > 0.0:
        kept[COUNTED] = min(kept[COUNTED] + 1.0, WORTH_MEMORY)
        for column, value in ((WORTH, worth), (WEIGHT, weight), (WEIGHT2, weight * weight)):
            kept[column] += (value - kept[column]) / kept[COUNTED]
    return known, unit


@nb.njit(cache=True, nogil=True)
def _add(  # type: ignore[no-untyped-def]
    user, cohort, weight, worth, opened, worked, ts, groups, keys, seen, counts, owns, charts, p_keys, p_seen, norms,
    kept, windows, limits,
):  # fmt: skip
    """float64[7, m]; columns [m]; state [G, capacity, …]; limits: rare, least, again, prior."""
    out = np.full((7, len(user)), np.nan)
    bend = np.log(0.5) / np.log(limits[0])  # a tail of `rare` scores 0.5
    for i in range(len(user)):
        g = groups[i]
        day = int(ts[i] // DAY_S)
        s, fresh = claim_slot(keys[g], seen[g], user[i], ts[i])
        mine, own = counts[g, s], owns[g, s]
        e, new = claim_slot(p_keys[g], p_seen[g], EVERYBODY, ts[i])
        if new:
            norms[g, e] = 0.0
            kept[g, e] = 0.0
        known, unit = _counted(kept[g, e], worth[i], weight[i])
        prior = limits[3] * known
        c, new = claim_slot(p_keys[g], p_seen[g], max(cohort[i], np.uint64(2)), ts[i])
        if new:
            norms[g, c] = 0.0
        if fresh or day < own[NEWEST] - 400.0:  # or a clock that ran far ahead was put right
            mine[:] = 0.0
            own[:] = 0.0
            own[SINCE] = own[NEWEST] = day
            charts[g, s] = max(opened[i] - 1.0, 0.0) if opened[i] == opened[i] else 0.0
        if day >= own[NEWEST]:
            _note_opened(charts[g, s], int(own[NEWEST]), day, opened[i])
        if day > own[NEWEST]:
            _turn(mine, own, charts[g, s], norms[g, c], norms[g, e], day, worked[i], windows, prior, unit)
        if day == own[NEWEST]:
            own[WORK] = worked[i] if worked[i] == worked[i] else 0.0
        if day <= own[NEWEST] - len(mine):
            continue
        mine[day % len(mine)] = max(mine[day % len(mine)] + np.float32(weight[i]), np.float32(0.0))
        if weight[i] <= 0.0:
            continue
        for w in range(1 if len(windows) > 1 else 0, len(windows)):
            days, part = windows[w], unit if w > 0 else 1.0
            if days > 1 and day - own[SINCE] + 1.0 < SETTLED:
                continue
            total = _window(mine, day, days)
            assumed = prior if w == 0 else _over_weeks(norms[g, c], norms[g, e], prior)
            mean, var, peers = _expected(
                mine, own, charts[g, s], norms[g, c, w], norms[g, e, w], day, days, assumed, part
            )
            value = 1.0 - upper_tail(total / part, mean / part, var / (part * part)) ** bend
            if total < limits[1]:
                value = min(value, HELD)
            if value == value and not value <= out[0, i]:
                out[0, i], out[1, i], out[2, i], out[3, i] = value, total, mean, days
                out[4, i], out[5, i], out[6, i] = peers, var, part
        if limits[2] > 0.0 and out[0, i] >= 0.5:
            if own[TOLD] > 0.0 and out[1, i] < limits[2] * own[TOLD]:
                out[0, i] = HELD
            else:
                own[TOLD] = out[1, i]
        elif limits[2] > 0.0 and out[1, i] < 0.5 * own[TOLD]:
            own[TOLD] = 0.0
    return out
