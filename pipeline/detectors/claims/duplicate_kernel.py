"""Compares claims and their lines with those before; kept apart so that the detector reads at one glance."""

import numba as nb
import numpy as np

from pipeline.features.claim_lines import IS_REPEATED
from pipeline.features.entity_table import claim_slot

NONE, WHOLE, LINE, WITHIN, DATE, MODIFIER, AMOUNT = range(7)
"""What a claim repeats: nothing, a whole claim, a line of another claim, a line of its own; or a line of another
claim but for the date, the modifiers or the amount."""
NEAR_DAYS = 3
NEAR_AMOUNT = 0.2  # share by which an amount may differ and still look like the same service
SCORES = np.array([0.0, 1.0, 0.9, 0.7, 0.7, 0.8, 0.75])
UNSURE = 0.4  # a near duplicate of a procedure about which too little is known
SERIES = 2.0  # patients beside those of a provider, whose days moved were copies: so little is known of the first ones
KNOWN = 100.0  # patients beside those of others, of whom half a one comes back (Jeffreys)
CHANCE = 0.03  # so likely or less that chance alone brings a provider's patients back on another day so often
LOOK_BACK = 64  # lines of one claim that a line is compared with
FADE = 20_000.0  # patients after which a habit's counts are halved


@nb.njit(cache=True, nogil=True)
def _near(claims, slot, g, days, modifiers, amount, quantity, j):  # type: ignore[no-untyped-def]
    """How line j differs from the last service of its kind: DATE, MODIFIER, AMOUNT, or NONE for more than one."""
    gap = abs(days[j] - claims[3][g, slot])
    before = claims[5][g, slot]
    same_amount = abs(amount[j] - before) <= 0.005
    close = abs(amount[j] - before) <= NEAR_AMOUNT * max(abs(before), abs(amount[j]))
    same_units = quantity[j] == claims[6][g, slot] or (
        quantity[j] != quantity[j] and claims[6][g, slot] != claims[6][g, slot]
    )
    same_modifiers = modifiers[j] == claims[4][g, slot]
    if gap > NEAR_DAYS or not same_units:
        return NONE
    if gap > 0:
        return DATE if same_modifiers and same_amount else NONE
    if not same_modifiers:
        return MODIFIER if same_amount else NONE
    return AMOUNT if close and not same_amount else NONE


@nb.njit(cache=True, nogil=True)
def _within(key, first, j):  # type: ignore[no-untyped-def]
    """Whether an earlier line of the same claim has the same key as line j."""
    return bool((key[max(first, j - LOOK_BACK) : j] == key[j]).any())


@nb.njit(cache=True, nogil=True)
def _habit(habits, g, procedure, ts):  # type: ignore[no-untyped-def]
    """The counts [3] of a procedure: patients who had it, patients who had it again soon; or of a provider's: patients
    who had it on a second day soon, on a third one, and at all."""
    slot, fresh = claim_slot(habits[0][g], habits[1][g], procedure, ts)
    if fresh:
        habits[2][g, slot] = 0.0
    return habits[2][g, slot]


@nb.njit(cache=True, nogil=True)
def _in_series(counts, runs):  # type: ignore[no-untyped-def]
    """Share of this provider's patients that had the service on a second day soon who have it on a third, too: courses
    of wound care, dialysis or therapy go on, a copy with its day moved does not. 1 on the third day itself."""
    return 1.0 if runs > 0 else counts[1] / (counts[0] + SERIES)


@nb.njit(cache=True, nogil=True)
def _beyond_chance(counts, mine):  # type: ignore[no-untyped-def]
    """In [0, 1]: how much it says that one more of a provider's patients has the service on another day soon, of whom
    some come back so as others' do. Where hardly anybody's do, the first says all."""
    others = max(counts[0] - mine[2], 0.0)
    share = (max(counts[1] - mine[0], 0.0) + 0.5) / (others + KNOWN)
    expected, seen = share * mine[2], mine[0] + 1.0
    term, fewer = np.exp(-expected), 0.0
    for k in range(min(int(seen), 1000)):
        fewer += term
        term *= expected / (k + 1.0)
    return min(CHANCE / max(1.0 - fewer, 1e-9), 1.0)


@nb.njit(cache=True, nogil=True)
def _apart(one, other):  # type: ignore[no-untyped-def]
    """Whether two (uint64) are known, and not the same."""
    return one != other and min(one, other) != np.uint64(0)


@nb.njit(cache=True, nogil=True)
def _line(i, j, ident, visit, ts, g, first, lines, exact, services, habits, usual, enough):  # type: ignore[no-untyped-def]
    """(score, how, days apart, recurrence) of line j of claim i; then the line is learned."""
    key, pair, course, procedure, modifiers, marks, days, amount, quantity = lines
    own = _within(key, first[i], j)
    slot, fresh = claim_slot(exact[0][g], exact[1][g], key[j], ts)
    if fresh:
        exact[2][g, slot] = ident
    how = LINE if not fresh and exact[2][g, slot] != ident else (WITHIN if own else NONE)
    counts = _habit(habits, g, procedure[j], ts)
    slot, fresh = claim_slot(services[0][g], services[1][g], pair[j], ts)
    gap = 0
    if fresh:
        if counts[0] >= FADE:
            counts *= 0.5
        counts[0] += 1.0
        _habit(habits, g, course[j], ts)[2] += 1.0
        services[7][g, slot] = False
        services[9][g, slot] = 0
    rate = (counts[1] + 0.5) / (counts[0] + 1.0)
    value = SCORES[how]
    if not fresh and how != LINE:
        other = services[2][g, slot] != ident
        gap = abs(days[j] - services[3][g, slot])
        if how == NONE and other:
            how = _near(services, slot, g, days, modifiers, amount, quantity, j)
        if how == DATE and _apart(services[10][g, slot], visit[1]):
            how = NONE  # two visits to two people of a house that bills under one number
        value = SCORES[how] * max(1.0 - rate / usual, 0.0)
        going_on = _habit(habits, g, course[j], ts)
        if how == DATE:
            value *= (1.0 - _in_series(going_on, services[9][g, slot])) * _beyond_chance(counts, going_on)
        runs = services[9][g, slot]
        if other and 0 < gap <= NEAR_DAYS and runs < 2:
            going_on[runs] += 1.0
            services[9][g, slot] = runs + 1
        if (other and _apart(services[8][g, slot], visit[0])) or counts[0] < enough:
            value = min(value, UNSURE)
        if (_within(pair, first[i], j) or (other and gap <= NEAR_DAYS)) and not services[7][g, slot]:
            services[7][g, slot] = True
            counts[1] += 1.0
    services[2][g, slot] = ident
    services[3][g, slot] = days[j]
    services[4][g, slot] = modifiers[j]
    services[5][g, slot] = amount[j]
    services[6][g, slot] = quantity[j]
    services[8][g, slot] = visit[0]
    services[10][g, slot] = visit[1]
    if marks[j] & IS_REPEATED:
        return 0.0, NONE, gap, rate
    return value, how, gap, rate


@nb.njit(cache=True, nogil=True)
def judge_claims(told, ident, visits, whole, ts, groups, first, lines, exact, services, habits, usual, enough):  # type: ignore[no-untyped-def]
    """float64[5, n]: score, how, line (-1: the whole claim), days apart, share of patients with recurrence.

    told, ident, whole, ts, groups [n]; visits: (encounter, who rendered) [n]; first [n + 1]; lines: (exact key,
    patient-and-procedure key, provider-and-procedure key, procedure, modifiers, marks, day, amount, quantity) [m];
    exact (keys, seen, claim), services (keys, seen, claim, day, modifiers, amount, quantity, recurs, stay, runs,
    renders), habits (keys, seen, count [G, capacity, 3]).
    """
    out = np.full((5, len(told)), np.nan)
    for i in range(len(told)):
        if not told[i]:
            continue
        g = groups[i]
        out[0, i] = 0.0
        out[1, i] = NONE
        out[2, i] = -1.0
        out[3, i] = 0.0
        if whole[i] != np.uint64(0):
            slot, fresh = claim_slot(exact[0][g], exact[1][g], whole[i], ts[i])
            if fresh:
                exact[2][g, slot] = ident[i]
            elif exact[2][g, slot] != ident[i]:
                out[0, i] = SCORES[WHOLE]
                out[1, i] = WHOLE
        visit = (visits[0][i], visits[1][i])
        for j in range(first[i], first[i + 1]):
            if lines[3][j] == np.uint64(0) or lines[7][j] != lines[7][j]:
                continue  # a line without a price only names a service, and may stand on many claims
            value, how, gap, rate = _line(
                i, j, ident[i], visit, ts[i], g, first, lines, exact, services, habits, usual, enough
            )
            if value > out[0, i]:
                out[0, i] = value
                out[1, i] = how
                out[2, i] = float(j - first[i])
                out[3, i] = float(gap)
                out[4, i] = rate
    return out
