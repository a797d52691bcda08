"""How unlikely a provider's claims without care are, against its past and its peers; kept apart from the words."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.features.entity_table import claim_slot

DAY_S = 86_400.0
COHORTS = 4  # professional, services apart (laboratory, supplies), institutional, pharmacy
PROFESSIONAL, APART, INSTITUTIONAL, PHARMACY = range(COHORTS)
LEVELS = 2  # without care within a day, and within a week
COUNTS = 1 + LEVELS  # claims, and claims without care at each level
RECENT, USUAL, MONTH = range(3)  # rows of a provider's sums
RECENT_D = 10.0  # half-life of what is judged
EPOCH_D, KEPT = 30.0, 0.7  # a provider's own usual is of the months before, so that a scheme is not its own excuse
GONE_D = 90.0  # who billed nothing for so long is no peer
PRIOR_CLAIMS = 20.0  # claims that a prior share is worth
LEAST_SHARE, MOST_SHARE = 0.003, 0.98
AMONG = 0.75  # the share of this quantile of peers is usual: schemes of a quarter of them are no excuse
ENOUGH, FEW_PEERS, FEW_SHARE = 10.0, 5, 0.1  # claims that make a peer; below so many peers one in ten may be so
LOOK_S = 6 * 3600.0  # peers are looked at anew
FEW, FEW_CAP = 2.5, 0.4  # a slip or two is no scheme
TREATED = 3.0  # claims that went with care, before which nobody knows that any of this provider's would
NATS = 5.5  # the chance of so many is about one in 250
TRIED = float(np.log(LEVELS))


class Providers(NamedTuple):
    """Arrays [G, capacity, ...] of providers, one entry for each cohort it bills in."""

    keys: np.ndarray
    seen: np.ndarray
    sums: np.ndarray
    """float64[..., 3, COUNTS]."""
    at: np.ndarray
    """float64[..., 2]: as of when the recent sums are, since when the month runs."""
    cohort: np.ndarray
    """int64: one more than the cohort."""


@nb.njit(cache=True, nogil=True)
def nats(k, n, share):  # type: ignore[no-untyped-def]
    """Exponent of the chance that `k` or more of `n` are so, where `share` is usual (Chernoff)."""
    x = k / n
    if x <= share:
        return 0.0
    rest = (1.0 - x) * np.log((1.0 - x) / (1.0 - share)) if x < 1.0 else 0.0
    return n * (x * np.log(x / share) + rest)


@nb.njit(cache=True, nogil=True)
def _fade(sums, at, ts):  # type: ignore[no-untyped-def]
    """Let recent sums fade to `ts`, and what is over a month old become usual."""
    sums[RECENT] *= 0.5 ** (max(ts - at[0], 0.0) / DAY_S / RECENT_D)
    at[0] = max(at[0], ts)
    if ts >= at[1] + EPOCH_D * DAY_S:
        sums[USUAL] = KEPT * sums[USUAL] + sums[MONTH]
        sums[MONTH] = 0.0
        at[1] = ts


@nb.njit(cache=True, nogil=True)
def _among(shares, count):  # type: ignore[no-untyped-def]
    """The share that a quarter of the first `count` exceed, NaN for too few."""
    if count < FEW_PEERS:
        return np.nan
    return np.sort(shares[:count])[int(np.ceil(AMONG * count)) - 1]


@nb.njit(cache=True, nogil=True)
def _look(p, g, cohort, ts, usual):  # type: ignore[no-untyped-def]
    """Fill usual float64[2, LEVELS] with what is usual among peers, in the long run and lately; gives their claims."""
    size = p.keys.shape[1]
    shares, counts, claims = np.empty((2, LEVELS, size)), np.zeros(2, np.int64), 0.0
    for slot in range(size):
        if p.cohort[g, slot] != cohort + 1 or p.seen[g, slot] < ts - GONE_D * DAY_S:
            continue
        sums = p.sums[g, slot]
        whole, recent = sums[USUAL, 0] + sums[MONTH, 0], sums[RECENT, 0]
        claims += whole
        if whole >= ENOUGH:
            for level in range(LEVELS):
                shares[0, level, counts[0]] = (sums[USUAL, 1 + level] + sums[MONTH, 1 + level]) / whole
            counts[0] += 1
        if recent * 0.5 ** (max(ts - p.at[g, slot, 0], 0.0) / DAY_S / RECENT_D) >= ENOUGH:
            for level in range(LEVELS):
                shares[1, level, counts[1]] = sums[RECENT, 1 + level] / recent
            counts[1] += 1
    for span in range(2):
        for level in range(LEVELS):
            usual[span, level] = _among(shares[span, level], counts[span])
    return claims


@nb.njit(cache=True, nogil=True)
def _among_peers(usual, level, claims, prior):  # type: ignore[no-untyped-def]
    """Share of claims without care that is usual among peers, drawn towards a prior."""
    if usual[0, level] != usual[0, level]:
        return max(prior, FEW_SHARE)
    share = (usual[0, level] * claims + PRIOR_CLAIMS * prior) / (claims + PRIOR_CLAIMS)
    return max(share, usual[1, level]) if usual[1, level] == usual[1, level] else share


@nb.njit(cache=True, nogil=True)
def judge(who, bare, prior, cohort, ts, groups, p, shares, claims, due):  # type: ignore[no-untyped-def]
    """float64[6, m]: score, claims without care and claims lately, the share usual here, the peers', the level.

    who uint64[m]: provider and cohort; bare [m, LEVELS]: 1 without care, NaN unknown; prior, cohort, ts, groups [m];
    p Providers; peers: shares [G, COHORTS, 2, LEVELS], claims [G, COHORTS], due [G, COHORTS]: when to look anew.
    """
    out = np.full((6, len(who)), np.nan)
    for i in range(len(who)):
        if bare[i, 0] != bare[i, 0]:
            continue
        g, c = groups[i], cohort[i]
        if ts[i] >= due[g, c]:
            claims[g, c] = _look(p, g, c, ts[i], shares[g, c])
            due[g, c] = ts[i] + LOOK_S
        slot, fresh = claim_slot(p.keys[g], p.seen[g], who[i], ts[i])
        own, at = p.sums[g, slot], p.at[g, slot]
        if fresh:
            own[:] = 0.0
            at[:] = ts[i]
            p.cohort[g, slot] = c + 1
        _fade(own, at, ts[i])
        out[0, i] = 0.0
        treated = own[USUAL, 0] - own[USUAL, 1] + own[MONTH, 0] - own[MONTH, 1]
        for level in range(LEVELS):
            theirs = min(max(_among_peers(shares[g, c], level, claims[g, c], prior[i]), LEAST_SHARE), MOST_SHARE)
            mine = (own[USUAL, 1 + level] + PRIOR_CLAIMS * theirs) / (own[USUAL, 0] + PRIOR_CLAIMS)
            usual = min(max(mine, theirs), MOST_SHARE)
            n, k = own[RECENT, 0] + 1.0, own[RECENT, 1 + level] + bare[i, level]
            value = 0.0
            if bare[i, level] > 0.0:
                value = 1.0 / (1.0 + np.exp(0.5 * (NATS + TRIED - nats(k, n, usual))))
                if k < FEW or treated < TREATED:
                    value = min(value, FEW_CAP)
            if level == 0 or value > out[0, i]:
                out[:, i] = value, k, n, usual, theirs, float(level)
        for span in (RECENT, MONTH):
            own[span, 0] += 1.0
            own[span, 1:] += bare[i]
    return out
