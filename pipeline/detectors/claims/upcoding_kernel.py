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
PEERS, MEANS, SQUARES, VISITS, WITHIN = range(5)
SUMS = 5
SETTLED = 5.0  # visits after which a person's mean weighs half
PEERS_ENOUGH = 4.0  # in weights: five peers with twenty visits each
PRIOR_SPREAD, PRIOR_PEERS = 0.1, 10.0  # between persons, worth so many of them
LEAST_WITHIN = 0.15  # standard deviation of levels within a person, at least
BEFORE_ENOUGH = 20.0
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
        row[WITHIN] += (level - mean) ** 2 * number / (number - 1.0)


@nb.njit(cache=True, nogil=True)
def _slot(p, cohorts, g, key, ts):  # type: ignore[no-untyped-def]
    """The slot of a person and family, faded to `ts`; its mean is out of the cohort."""
    slot, fresh = claim_slot(p.keys[g], p.seen[g], key, ts)
    _leave(p, cohorts, g, slot)
    if fresh:
        p.sums[g, slot] = 0.0
        p.at[g, slot] = ts
        p.told[g, slot] = -np.inf
    p.cohort[g, slot] = 0
    passed = max(ts - p.at[g, slot], 0.0) / DAY_S
    p.at[g, slot] = max(p.at[g, slot], ts)
    p.sums[g, slot, 0] *= 0.5 ** (passed / RECENT_D)
    p.sums[g, slot, 1] *= 0.5 ** (passed / BEFORE_D)
    return slot


@nb.njit(cache=True, nogil=True)
def _deviations(row, sums):  # type: ignore[no-untyped-def]
    """(against peers, against before, peers' mean, mean before); NaN where too little is known.

    row float64[SUMS]: the cohort without the person; sums float64[2, 2] with the visit.
    """
    peers, before = np.nan, np.nan
    usual = row[MEANS] / row[PEERS] if row[PEERS] > 0.0 else np.nan
    earlier, past = max(sums[1, 0] - sums[0, 0], 0.0), np.nan
    if row[PEERS] >= PEERS_ENOUGH:
        within = max(row[WITHIN] / max(row[VISITS], 1.0), LEAST_WITHIN * LEAST_WITHIN)
        squares = max(row[SQUARES] - row[PEERS] * usual * usual, 0.0) + PRIOR_PEERS * PRIOR_SPREAD * PRIOR_SPREAD
        between = squares / (row[PEERS] + PRIOR_PEERS)
        mean = sums[0, 1] / sums[0, 0]
        peers = (mean - usual) / np.sqrt(between + within / sums[0, 0])
        if earlier >= BEFORE_ENOUGH:
            past = min(max((sums[1, 1] - sums[0, 1]) / earlier, 0.0), 1.0)
            before = (mean - past) / np.sqrt(within * (1.0 / sums[0, 0] + 1.0 / earlier))
    return peers, before, usual, past


@nb.njit(cache=True, nogil=True)
def _opinion(row, sums, level, limits):  # type: ignore[no-untyped-def]
    """(score, deviations, mean, peers' mean, mean before, whether the past decided); score NaN without peers."""
    peers, before, usual, past = _deviations(row, sums)
    mean = sums[0, 1] / sums[0, 0]
    if peers != peers:
        return np.nan, np.nan, mean, usual, past, 0.0
    drift = before == before and before > peers
    z = before if drift else peers
    value = 1.0 / (1.0 + np.exp(2.0 * (limits[0] - z)))
    if level <= usual:
        value = 0.0
    elif sums[0, 0] < limits[1] or mean - usual < limits[2]:
        value = min(value, FEW_CAP)
    return value, z, mean, usual, past, 1.0 if drift else 0.0


@nb.njit(cache=True, nogil=True)
def judge_visits(told, who, ident, listed, ts, groups, first, family, level, p, claims, cohorts, limits):  # type: ignore[no-untyped-def]
    """(float64[7, n]: score, family, visits, mean, peers' mean, mean before, whether the past decided; silent bool[n]).

    told, who, ident, listed (cohort of the list or -1), ts, groups [n]; first [n + 1]; family, level [m] of lines; p
    People; claims (keys, seen) counted already; cohorts float64[G, 8, COHORTS, SUMS], of which the first is used;
    limits: deviations, least visits, least excess, threshold.
    """
    out, silent = np.full((7, len(told)), np.nan), np.zeros(len(told), np.bool_)
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
            sums = p.sums[g, slot]
            value, z, mean, usual, past, drift = _opinion(cohorts[g, 0, cohort], sums, level[j], limits)
            if value == value and not value <= out[0, i]:
                out[:, i] = value, float(family[j]), sums[0, 0], mean, usual, past, drift
                last = p.told[g, slot]
                silent[i] = z < last[0] + WORSE and ts[i] < last[1] + TOLD_AGAIN_S
                if value >= limits[3] and not silent[i]:
                    last[0], last[1] = z, ts[i]
            _enter(p, cohorts, g, slot, cohort, level[j])
    return out, silent
