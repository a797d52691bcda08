"""Levels of visits per person, against peers and the past; kept apart from the words."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.detectors.claims.visit_levels import NAMES
from pipeline.features.entity_table import claim_slot

DAY_S = 86_400.0
RECENT_D, BEFORE_D = 14.0, 180.0  # half-lives
FAMILY_COUNT = len(NAMES)
LISTED = 32  # cohorts of the user's list, each with every family
COHORTS = FAMILY_COUNT * (1 + LISTED)
PEERS, MEANS, SQUARES, VISITS, SPREAD = range(5)
SUMS = 5
SETTLED = 5.0  # visits after which a person's mean weighs half
# Before much is known: the middle of published mixes of levels (CMS utilization of evaluation and management codes),
# how far persons differ around it, and how many peers that is worth.
PRIOR_MEAN, MEAN_PEERS = 0.55, 3.0
PRIOR_SPREAD, SPREAD_PEERS = 0.15, 10.0
WITHIN, WITHIN_VISITS, LEAST_WITHIN = 0.3, 20.0, 0.15  # standard deviation of levels within a person
BEFORE_ENOUGH = 20.0
# When it began is looked for by three days, three weeks back; what is recent is never part of what was before.
SPAN_S, SPANS, SPAN_KEPT = 3 * DAY_S, 7, 0.98
TOP, LEAST_RISE = 0.999, 0.1  # the highest level, and by how much its share must have risen
LEAST_SHIFT = 0.1  # of the mean level: two fifths of a level of five
PEERS_DECIDE, TOP_DECIDES, SHIFT_DECIDES = 0.0, 1.0, 2.0  # what a score goes by
VISIT_MEMORY = 5000.0
TOLD_AGAIN_S, WORSE = 7 * DAY_S, 1.0  # told again after so long, or so many deviations later
FEW_CAP = 0.4


class People(NamedTuple):
    """Arrays [G, capacity, ...] of persons and families."""

    keys: np.ndarray
    seen: np.ndarray
    sums: np.ndarray
    """float64[..., 2, 2]: recent and long decayed number and sum of levels, as of `at`."""
    at: np.ndarray
    mean: np.ndarray
    weight: np.ndarray
    """The person's mean, and with which weight it stands in the sums of its cohort."""
    cohort: np.ndarray
    """int64: one more than its number; 0: none yet."""
    spans: np.ndarray
    """float64[..., 1 + SPANS, 4]: visits, those at the highest level, sum of levels and of their squares, of all before
    and of the last spans, the present one last."""
    span: np.ndarray
    """When the present one began."""
    told: np.ndarray
    """float64[..., 2]: deviations told last, and when."""


@nb.njit(cache=True, nogil=True)
def _leave(p, cohorts, g, slot):  # type: ignore[no-untyped-def]
    """Take a person's mean from the sums of its cohort."""
    if p.cohort[g, slot] > 0:
        row, weight, mean = cohorts[g, 0, p.cohort[g, slot] - 1], p.weight[g, slot], p.mean[g, slot]
        row[PEERS] -= weight
        row[MEANS] -= weight * mean
        row[SQUARES] -= weight * mean * mean


@nb.njit(cache=True, nogil=True)
def _enter(p, cohorts, g, slot, cohort, level):  # type: ignore[no-untyped-def]
    """Put a person's mean into the sums of a cohort, and how far one more visit was from it."""
    number, total = p.sums[g, slot, 1]
    weight, mean = number / (number + SETTLED), total / number
    p.weight[g, slot], p.mean[g, slot], p.cohort[g, slot] = weight, mean, cohort + 1
    row = cohorts[g, 0, cohort]
    row[PEERS] += weight
    row[MEANS] += weight * mean
    row[SQUARES] += weight * mean * mean
    if row[VISITS] >= VISIT_MEMORY:
        row[VISITS:] *= 0.5
    if number > 1.5:
        row[VISITS] += 1.0
        row[SPREAD] += (level - mean) ** 2 * number / (number - 1.0)


@nb.njit(cache=True, nogil=True)
def _slot(p, cohorts, g, key, ts):  # type: ignore[no-untyped-def]
    """The slot of a person and family, faded to `ts`; its mean is out of the cohort."""
    slot, fresh = claim_slot(p.keys[g], p.seen[g], key, ts)
    _leave(p, cohorts, g, slot)
    if fresh:
        p.sums[g, slot] = 0.0
        p.at[g, slot] = ts
        p.told[g, slot] = -np.inf
        p.spans[g, slot] = 0.0
        p.span[g, slot] = ts
    p.cohort[g, slot] = 0
    passed = max(ts - p.at[g, slot], 0.0) / DAY_S
    p.at[g, slot] = max(p.at[g, slot], ts)
    p.sums[g, slot, 0] *= 0.5 ** (passed / RECENT_D)
    p.sums[g, slot, 1] *= 0.5 ** (passed / BEFORE_D)
    spans = p.spans[g, slot]
    over = min(int((ts - p.span[g, slot]) // SPAN_S), SPANS)
    for _ in range(over):
        spans[0] = spans[0] * SPAN_KEPT + spans[1]
        for k in range(1, SPANS):
            spans[k] = spans[k + 1]
        spans[SPANS] = 0.0
    if over > 0:
        p.span[g, slot] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _against_peers(row, sums):  # type: ignore[no-untyped-def]
    """(deviations of the recent mean, peers' mean); row float64[SUMS]: the cohort without the person."""
    weight, mean = max(row[PEERS], 0.0), sums[0, 1] / sums[0, 0]
    usual = (max(row[MEANS], 0.0) + MEAN_PEERS * PRIOR_MEAN) / (weight + MEAN_PEERS)
    squares = row[SQUARES] - 2.0 * usual * row[MEANS] + weight * usual * usual
    between = (max(squares, 0.0) + SPREAD_PEERS * PRIOR_SPREAD**2) / (weight + SPREAD_PEERS)
    within = (row[SPREAD] + WITHIN_VISITS * WITHIN**2) / (row[VISITS] + WITHIN_VISITS)
    within = max(within, LEAST_WITHIN * LEAST_WITHIN)
    return (mean - usual) / np.sqrt(between * (1.0 + 1.0 / (weight + MEAN_PEERS)) + within / sums[0, 0]), usual


@nb.njit(cache=True, nogil=True)
def _entropy(k, n):  # type: ignore[no-untyped-def]
    """Log likelihood of k in n at its own share."""
    return (k * np.log(k / n) if k > 0.0 else 0.0) + ((n - k) * np.log((n - k) / n) if k < n else 0.0)


@nb.njit(cache=True, nogil=True)
def _more_at_top(now, past):  # type: ignore[no-untyped-def]
    """Deviations of the share at the highest level, `now` and `past` float64[4] as in a week: the root of twice the log
    likelihood ratio of two shares against one (Wilks)."""
    n, k, before, top = now[0], now[1], past[0], past[1]
    if k / n - top / before < LEAST_RISE:
        return 0.0
    ratio = _entropy(k, n) + _entropy(top, before) - _entropy(k + top, n + before)
    return np.sqrt(2.0 * max(ratio, 0.0))


@nb.njit(cache=True, nogil=True)
def _higher(now, past):  # type: ignore[no-untyped-def]
    """Deviations of the mean level, by the spread of levels within both times (Welch's sum, one spread)."""
    rise = now[2] / now[0] - past[2] / past[0]
    if rise < LEAST_SHIFT:
        return 0.0
    squares = now[3] - now[2] * now[2] / now[0] + past[3] - past[2] * past[2] / past[0]
    within = max(squares / max(now[0] + past[0] - 2.0, 1.0), LEAST_WITHIN * LEAST_WITHIN)
    return rise / np.sqrt(within * (1.0 / now[0] + 1.0 / past[0]))


@nb.njit(cache=True, nogil=True)
def _against_before(spans, level):  # type: ignore[no-untyped-def]
    """(deviations, share or mean now, the same before, visits now, what decides) of what rose most, of what a visit of
    this level adds to; NaN without a past. Now is the present span with none to all of the last ones: the one that
    tells most is when it began (Page's cumulative sum, by likelihood)."""
    best, now, past, visits, how = np.nan, np.nan, np.nan, spans[SPANS, 0], PEERS_DECIDE
    late, early = np.zeros(4), np.zeros(4)
    for k in range(SPANS + 1):
        early += spans[k]
    for k in range(SPANS, 0, -1):
        late += spans[k]
        early -= spans[k]
        if early[0] < BEFORE_ENOUGH or late[0] <= 0.0:
            continue
        best = 0.0 if best != best else best
        top = _more_at_top(late, early) if level >= TOP else 0.0
        shift = _higher(late, early) if level > early[2] / early[0] else 0.0
        if top > best:
            best, now, past, visits, how = top, late[1] / late[0], early[1] / early[0], late[0], TOP_DECIDES
        if shift > best:
            best, now, past, visits, how = shift, late[2] / late[0], early[2] / early[0], late[0], SHIFT_DECIDES
    return best, now, past, visits, how


@nb.njit(cache=True, nogil=True)
def _opinion(row, sums, spans, level, limits):  # type: ignore[no-untyped-def]
    """(score, deviations, visits, value, usual value, what decides)."""
    peers, usual = _against_peers(row, sums)
    before, now, past, visits, how = _against_before(spans, level)
    mean = sums[0, 1] / sums[0, 0]
    by_peers, by_past = 0.0, 0.0
    if level > usual:
        by_peers = 1.0 / (1.0 + np.exp(2.0 * (limits[0] - peers)))
        if sums[0, 0] < limits[1] or mean - usual < limits[2]:
            by_peers = min(by_peers, FEW_CAP)
    if before > 0.0:
        by_past = 1.0 / (1.0 + np.exp(2.0 * (limits[4] - before)))
        if visits < limits[5]:
            by_past = min(by_past, FEW_CAP)
    if by_past > by_peers:
        return by_past, before, visits, now, past, how
    return by_peers, peers, sums[0, 0], mean, usual, PEERS_DECIDE


@nb.njit(cache=True, nogil=True)
def judge_visits(told, who, ident, listed, ts, groups, first, family, level, p, claims, cohorts, limits):  # type: ignore[no-untyped-def]
    """(float64[6, n]: score, family, visits, value, usual value, what decides; silent bool[n]).

    told, who, ident, listed (cohort of the list or -1), ts, groups [n]; first [n + 1]; family, level [m] of lines; p
    People; claims (keys, seen) counted already; cohorts float64[G, 8, COHORTS, SUMS], of which the first is used;
    limits: deviations from peers, least visits for these, least excess, threshold; deviations from the past, least
    visits for these.
    """
    out, silent = np.full((6, len(told)), np.nan), np.zeros(len(told), np.bool_)
    for i in range(len(told)):
        g = groups[i]
        if not told[i] or not (family[first[i] : first[i + 1]] >= 0).any():
            continue
        if not claim_slot(claims[0][g], claims[1][g], ident[i], ts[i])[1]:
            continue
        for j in range(first[i], first[i + 1]):
            if family[j] < 0:
                continue
            key = max((who[i] ^ np.uint64(family[j] + 1)) * np.uint64(0x9E3779B97F4A7C15), np.uint64(1))
            slot = _slot(p, cohorts, g, key, ts[i])
            for k in range(2):
                p.sums[g, slot, k, 0] += 1.0
                p.sums[g, slot, k, 1] += level[j]
            cohort = family[j] + FAMILY_COUNT * (listed[i] + 1)
            p.spans[g, slot, SPANS, 0] += 1.0
            p.spans[g, slot, SPANS, 1] += level[j] >= TOP
            p.spans[g, slot, SPANS, 2] += level[j]
            p.spans[g, slot, SPANS, 3] += level[j] * level[j]
            value, z, visits, mine, usual, drift = _opinion(
                cohorts[g, 0, cohort], p.sums[g, slot], p.spans[g, slot], level[j], limits
            )
            if not value <= out[0, i]:
                out[:, i] = value, float(family[j]), visits, mine, usual, drift
                last = p.told[g, slot]
                silent[i] = z < last[0] + WORSE and ts[i] < last[1] + TOLD_AGAIN_S
                if value >= limits[3] and not silent[i]:
                    last[0], last[1] = z, ts[i]
            _enter(p, cohorts, g, slot, cohort, level[j])
    return out, silent
