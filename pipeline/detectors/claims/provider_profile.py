"""What a provider bills, as a profile that fades, and how far it is from its peers; kept apart from the words."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.detectors.claims.procedure_families import FAMILIES
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine

DAY_S = 86_400.0
HALF_LIFE_D = 730.0  # programme integrity looks at years of claims; sudden change is for other detectors
SUMS = 6
AMOUNT, DAYS, CLAIMS, PATIENTS, LINES, SHARED = range(SUMS)
FEATURES = (
    "amount",
    "days",
    "amount_a_claim",
    "days_a_claim",
    "claims_a_patient",
    "lines_a_claim",
    "shared",
    "partner",
)
SIZE = len(FEATURES)
# Volume is the strongest sign there is of billing fraud in public data; intensity says what volume does not. To share
# patients is normal medicine: only much more of it than peers have is a sign.
WEIGHTS = np.array([1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
RING_FROM = 2.0  # deviations
# Standard deviation of each among peers as long as few are known, worth so many of them: specialists of one kind
# differ by about a factor of three in volume, less in what one claim holds.
PRIOR = np.array([1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.1, 0.1])
PRIOR_PEERS = 50.0
RATIOS_FROM = 2  # features from here on are shares and means, which few claims do not settle
SETTLED = 5.0  # claims after which a mean is worth half
LOWEST, HIGHEST = -3.0, 6.0  # deviations that one feature may bring
LIMIT = 2.0  # mean deviation at which the score is 0.5
PEERS_ENOUGH, FEW_PEERS = 20.0, 15.0  # in weights: 40 with five claims each; of all with the kind of claim, 30
SETTLING_S = 14 * DAY_S  # before, how much somebody billed says only on which days of their rota the feed began
LONGEST_STAY_D = 366.0
# What rests on fewer patients is their illness: the same limit below which CMS publishes nothing of a provider.
LEAST_PATIENTS = 11.0
TOLD_AGAIN_S = 182 * DAY_S  # who is as large as before is no news: told again after so long, or when much worse
WORSE = 2.0  # in the logit of the score: a whole deviation on the mean; and twice what it was
TYPES = 4
FAMILY_COUNT = len(FAMILIES)
LISTED = 64  # cohorts of the user's list
COHORTS = TYPES + TYPES * FAMILY_COUNT + LISTED


@nb.njit(cache=True, nogil=True)
def _vote(held, votes, choice):  # type: ignore[no-untyped-def]
    """(choice, votes) of the most frequent choice (Boyer and Moore's majority vote)."""
    if held == choice:
        return held, votes + 1.0
    return (choice, 1.0) if votes < 1.0 else (held, votes - 1.0)


@nb.njit(cache=True, nogil=True)
def _profile(sums, partner):  # type: ignore[no-untyped-def]
    """float64[SIZE]: the features of decayed sums [SUMS], and of the claims shared with the first partner."""
    x = np.empty(SIZE)
    claims = max(sums[CLAIMS], 1e-9)
    x[0] = np.log1p(sums[AMOUNT])
    x[1] = np.log1p(sums[DAYS])
    x[2] = np.log1p(sums[AMOUNT] / claims)
    x[3] = np.log1p(sums[DAYS] / claims)
    x[4] = np.log(max(claims / max(sums[PATIENTS], 1e-9), 1.0))
    x[5] = np.log1p(sums[LINES] / claims)
    x[6] = min(sums[SHARED] / claims, 1.0)
    x[7] = min(partner / claims, 1.0)
    return x


@nb.njit(cache=True, nogil=True)
def _move(cohorts, at, x, weight):  # type: ignore[no-untyped-def]
    """Add a profile to a cohort's sums [1 + 2 * SIZE] with this weight, or take it away (negative)."""
    row = cohorts[at]
    row[0] += weight
    row[1 : 1 + SIZE] += weight * x
    row[1 + SIZE :] += weight * x * x


@nb.njit(cache=True, nogil=True)
def _against(row, x, claims, z, usual):  # type: ignore[no-untyped-def]
    """The logit of the score of a profile against its cohort's sums; fills z and usual [SIZE]."""
    total = 0.0
    for k in range(SIZE):
        mean = row[1 + k] / row[0]
        squares = max(row[1 + SIZE + k] - row[0] * mean * mean, 0.0) + PRIOR_PEERS * PRIOR[k] * PRIOR[k]
        spread = np.sqrt(squares / (row[0] + PRIOR_PEERS) * (1.0 + 1.0 / row[0]))
        d = min(max((x[k] - mean) / spread, LOWEST), HIGHEST)
        if k >= RATIOS_FROM:
            d *= claims / (claims + SETTLED)
        if k >= SIZE - 2:
            d = max(d - RING_FROM, 0.0)
        z[k], usual[k] = d, mean
        total += WEIGHTS[k] * d
    return 2.0 * (total / WEIGHTS[:RATIOS_FROM].sum() - LIMIT)


class Profiles(NamedTuple):
    """Arrays [G, capacity, ...] of providers."""

    keys: np.ndarray
    seen: np.ndarray
    sums: np.ndarray
    """float64[..., SUMS], as of `at`."""
    at: np.ndarray
    family: np.ndarray
    """int64: what it mostly does."""
    families: np.ndarray
    partner: np.ndarray
    """uint64: the provider with whom it shares most patients."""
    partners: np.ndarray
    profile: np.ndarray
    """float64[..., SIZE], as it stands in the sums of its cohorts."""
    weight: np.ndarray
    """With which it stands there: who bills little says little about peers."""
    told: np.ndarray
    """float64[..., 2]: logit of the score when it was told last, and when."""
    cohort: np.ndarray
    """int64[..., 2]: one more than the number of its cohort, and of its kind of claim; 0: none yet."""


@nb.njit(cache=True, nogil=True)
def _slot(p, cohorts, g, who, ts):  # type: ignore[no-untyped-def]
    """The slot of a provider, faded to `ts`; what another had there leaves its cohorts."""
    slot, fresh = claim_slot(p.keys[g], p.seen[g], who, ts)
    if fresh:
        for kind in range(2):
            if p.cohort[g, slot, kind] > 0:
                _move(cohorts[g], p.cohort[g, slot, kind] - 1, p.profile[g, slot], -p.weight[g, slot])
        p.sums[g, slot] = 0.0
        p.at[g, slot] = ts
        p.families[g, slot] = 0.0
        p.partners[g, slot] = 0.0
        p.partner[g, slot] = 0
        p.cohort[g, slot] = 0
        p.told[g, slot] = -np.inf
    fade = 0.5 ** (max(ts - p.at[g, slot], 0.0) / (HALF_LIFE_D * DAY_S))
    p.at[g, slot] = max(p.at[g, slot], ts)
    p.sums[g, slot] *= fade
    p.partners[g, slot] *= fade
    return slot


@nb.njit(cache=True, nogil=True)
def _come_back(keys, seen, pair, ts):  # type: ignore[no-untyped-def]
    """What a patient adds to the number of patients: 1 when new, later what had faded of it."""
    at = find_slot(keys, pair)
    before = seen[at] if at >= 0 else -np.inf
    claim_slot(keys, seen, pair, ts)
    return 1.0 - 0.5 ** (max(ts - before, 0.0) / (HALF_LIFE_D * DAY_S))


@nb.njit(cache=True, nogil=True)
def _learn(p, patients, pairs, g, slot, who, claim, ts):  # type: ignore[no-untyped-def]
    """Add one claim (patient, amount, days, lines, family) to the provider's sums."""
    patient, amount, days, lines, family = claim
    s = p.sums[g, slot]
    s[AMOUNT] += amount
    s[DAYS] += days
    s[CLAIMS] += 1.0
    s[LINES] += lines
    p.family[g, slot], p.families[g, slot] = _vote(p.family[g, slot], p.families[g, slot], family)
    if patient == np.uint64(0):
        s[PATIENTS] += 1.0
        return
    s[PATIENTS] += _come_back(pairs[0][g], pairs[1][g], combine(patient, who), ts)
    at, fresh = claim_slot(patients[0][g], patients[1][g], patient, ts)
    other = np.uint64(0) if fresh else patients[2][g, at]
    patients[2][g, at] = who
    if other != np.uint64(0) and other != who:
        s[SHARED] += 1.0
        p.partner[g, slot], p.partners[g, slot] = _vote(p.partner[g, slot], p.partners[g, slot], other)


@nb.njit(cache=True, nogil=True)
def judge_providers(told, who, claims, kind, listed, ts, groups, p, patients, pairs, seen, cohorts, since, threshold):  # type: ignore[no-untyped-def]
    """(score [n], silent [n], features, z, usual [n, SIZE], peers [n], cohort [n]) of each claim's provider.

    told, who, kind (of claim, 0 to TYPES - 1), listed (cohort of the user's list, -1: none), ts, groups [n]; claims:
    (ident, patient, amount, days, lines, family) [n]; p Profiles; patients (keys, seen, provider); pairs (keys,
    seen) of patient and provider; seen (keys, seen) of claims counted already; cohorts
    float64[G, COHORTS, 1 + 2 * SIZE], the first TYPES of which are all peers; since float64[G, TYPES]: when the first
    claim of a kind came (0: none yet). Silent: told lately, or of few patients.
    """
    n = len(told)
    score, silent, peers, which = np.full(n, np.nan), np.zeros(n, np.bool_), np.zeros(n), np.full(n, -1)
    z, usual, features = np.full((n, SIZE), np.nan), np.full((n, SIZE), np.nan), np.full((n, SIZE), np.nan)
    ident, patient, amount, days, lines, family = claims
    for i in range(n):
        if not told[i]:
            continue
        g = groups[i]
        slot = _slot(p, cohorts, g, who[i], ts[i])
        if claim_slot(seen[0][g], seen[1][g], ident[i], ts[i])[1]:
            _learn(p, patients, pairs, g, slot, who[i], (patient[i], amount[i], days[i], lines[i], family[i]), ts[i])
        for k in range(2):
            if p.cohort[g, slot, k] > 0:
                _move(cohorts[g], p.cohort[g, slot, k] - 1, p.profile[g, slot], -p.weight[g, slot])
        x = _profile(p.sums[g, slot], p.partners[g, slot])
        mine = listed[i] if listed[i] >= 0 else TYPES + kind[i] * FAMILY_COUNT + p.family[g, slot]
        at = mine if cohorts[g, mine, 0] >= PEERS_ENOUGH else kind[i]
        features[i] = x
        if since[g, kind[i]] == 0.0:
            since[g, kind[i]] = ts[i]
        if cohorts[g, at, 0] >= FEW_PEERS and ts[i] >= since[g, kind[i]] + SETTLING_S:
            logit = _against(cohorts[g, at], x, p.sums[g, slot, CLAIMS], z[i], usual[i])
            score[i] = 1.0 / (1.0 + np.exp(-logit))
            peers[i], which[i] = cohorts[g, at, 0], at
            told_at = p.told[g, slot]
            silent[i] = logit < told_at[0] + max(WORSE, told_at[0]) and ts[i] < told_at[1] + TOLD_AGAIN_S
            silent[i] |= p.sums[g, slot, PATIENTS] < LEAST_PATIENTS
            if score[i] >= threshold and not silent[i]:
                told_at[0], told_at[1] = logit, ts[i]
        p.profile[g, slot] = x
        p.weight[g, slot] = p.sums[g, slot, CLAIMS] / (p.sums[g, slot, CLAIMS] + SETTLED)
        p.cohort[g, slot, 0], p.cohort[g, slot, 1] = mine + 1, kind[i] + 1
        for k in range(2):
            _move(cohorts[g], p.cohort[g, slot, k] - 1, x, p.weight[g, slot])
    return score, silent, features, z, usual, peers, which
