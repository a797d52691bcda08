"""Patients that providers share, against chance; kept apart from the words."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.features.entity_table import claim_slot
from pipeline.features.fading_count import fading_count
from pipeline.features.hashing import combine
from pipeline.models.count_tail import excess_nats

DAY_S = 86_400.0
PARTNERS = 8  # as many as a claim comes with
HALF_LIFE_S = 30.0 * DAY_S
AGAIN_S = 45 * DAY_S  # a patient counts once in so long, whatever the number of claims
EVERYBODY = np.uint64(1)
# What the share of a partner among all is drawn to, and that among peers to it, in patients: so much is assumed of
# whom nobody knows. That of two together is drawn to several times their product, as some patients see many doctors;
# the least that it is taken for lets no single patient mean anything.
PRIOR_SHARE, PRIOR_PATIENTS, PEER_PATIENTS, TOGETHER, LEAST_SHARE = 0.02, 20.0, 20.0, 5.0, 0.0005
LEAST_SHARED = 2.5  # patients: one or two in common are no sign
KNOWN, UNKNOWN_CAP = 20.0, 0.4  # patients of others before it is known who sees everybody
TOLD_AGAIN_S, WORSE = 30 * DAY_S, 1.0  # a provider is told again after so long, or so much later in the score's logit
EVIDENCE = ("nats", "shared", "patients", "usual", "one", "other")


class Providers(NamedTuple):
    """Arrays [G, capacity, ...]."""

    keys: np.ndarray
    seen: np.ndarray
    patients: np.ndarray
    """float64: fading, as of `at`."""
    at: np.ndarray
    family: np.ndarray
    """int64: what it mostly does, by majority vote."""
    votes: np.ndarray
    told: np.ndarray
    """float64[..., 2]: logit told last, and when."""


@nb.njit(cache=True, nogil=True)
def _is_new(table, g, key, ts):  # type: ignore[no-untyped-def]
    """Whether this was not met within AGAIN_S; it is noted."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    new = fresh or ts - table[2][g, slot] > AGAIN_S
    if new:
        table[2][g, slot] = ts
    return new


@nb.njit(cache=True, nogil=True)
def _provider(p, g, who, family, ts, more):  # type: ignore[no-untyped-def]
    """(slot, patients) of a provider, faded to `ts`."""
    slot, fresh = claim_slot(p.keys[g], p.seen[g], who, ts)
    if fresh:
        p.patients[g, slot] = 0.0
        p.at[g, slot] = ts
        p.votes[g, slot] = 0.0
        p.told[g, slot] = -np.inf
    if p.family[g, slot] == family:
        p.votes[g, slot] += 1.0
    elif p.votes[g, slot] < 1.0:
        p.family[g, slot], p.votes[g, slot] = family, 1.0
    else:
        p.votes[g, slot] -= 1.0
    passed = max(ts - p.at[g, slot], 0.0) / HALF_LIFE_S
    p.patients[g, slot] = p.patients[g, slot] * 0.5**passed + more
    p.at[g, slot] = max(p.at[g, slot], ts)
    return slot, p.patients[g, slot]


@nb.njit(cache=True, nogil=True)
def _usual(peers, g, cohort, others, mine, prior, ts, more):  # type: ignore[no-untyped-def]
    """Share of patients of other providers that `others` (uint64) bill for as well, drawn to `prior`, among all and
    among peers. `mine`: (patients shared, patients) of the provider itself."""
    share = prior
    for key, weight in ((EVERYBODY, PRIOR_PATIENTS), (cohort, PEER_PATIENTS)):
        shared = max(fading_count(peers, g, combine(key, others), ts, more, HALF_LIFE_S) - mine[0], 0.0)
        patients = max(fading_count(peers, g, key, ts, 0.0, HALF_LIFE_S) - mine[1], 0.0)
        share = (shared + weight * share) / (max(patients, shared) + weight)
    return share


@nb.njit(cache=True, nogil=True)
def _both(one, other):  # type: ignore[no-untyped-def]
    """uint64 of two providers, whichever comes first."""
    return combine(min(one, other), max(one, other))


@nb.njit(cache=True, nogil=True)
def judge_rings(who, patient, family, partners, ts, groups, p, peers, pairs, patients, limits):  # type: ignore[no-untyped-def]
    """(float64[1 + EVIDENCE, m]: score and evidence, silent bool[m]) of claims, learned with each.

    who, patient, family, ts, groups [m]; partners uint64[m, PARTNERS], 0 where there are less; p Providers; peers and
    pairs (keys, seen, count, at), patients (keys, seen, at) [G, capacity]; limits: nats, threshold.
    """
    out, silent, usual = np.full((7, len(who)), np.nan), np.zeros(len(who), np.bool_), np.zeros(PARTNERS)
    for i in range(len(who)):
        g = groups[i]
        first = 1.0 if _is_new(patients, g, combine(who[i], patient[i]), ts[i]) else 0.0
        slot, n = _provider(p, g, who[i], family[i], ts[i], first)
        cohort = np.uint64(p.family[g, slot] + 2)
        for key in (EVERYBODY, cohort):
            fading_count(peers, g, key, ts[i], first, HALF_LIFE_S)
        nats = 0.0
        for j in range(PARTNERS):
            if partners[i, j] == np.uint64(0):
                break
            for k in range(j + 1):  # itself first: how usual it is alone
                others = partners[i, j] if k == 0 else _both(partners[i, j], partners[i, k - 1])
                key = combine(who[i], others)
                new = 1.0 if _is_new(patients, g, combine(key, patient[i]), ts[i]) else 0.0
                shared = fading_count(pairs, g, key, ts[i], new, HALF_LIFE_S)
                prior = PRIOR_SHARE if k == 0 else min(TOGETHER * usual[j] * usual[k - 1], usual[j])
                share = _usual(peers, g, cohort, others, (shared, n), prior, ts[i], new)
                if k == 0:
                    usual[j] = share
                    continue
                share = max(share, LEAST_SHARE)
                found = excess_nats(shared, max(n, shared), share) if shared >= LEAST_SHARED else 0.0
                if found > nats:
                    nats = found
                    out[2, i], out[4, i], out[5, i], out[6, i] = shared, share, float(j), float(k - 1)
        out[0, i], out[1, i], out[3, i] = nats / (nats + limits[0]), nats, n
        if fading_count(peers, g, EVERYBODY, ts[i], 0.0, HALF_LIFE_S) - n < KNOWN:
            out[0, i] = min(out[0, i], UNKNOWN_CAP)
        told, logit = p.told[g, slot], np.log(max(nats, 1e-9) / limits[0])
        silent[i] = logit < told[0] + WORSE and ts[i] < told[1] + TOLD_AGAIN_S
        if out[0, i] >= limits[1] and not silent[i]:
            told[0], told[1] = logit, ts[i]
    return out, silent
