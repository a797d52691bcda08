"""Where a patient was on a day, by what was billed; kept apart from the words."""

import numba as nb
import numpy as np

from pipeline.features.entity_table import claim_slot, find_slot

RING = 6  # stays and visits of a patient that are compared
BILLERS = 12  # persons of one patient's day
SOMEWHERE, VISIT, STAY = 1, 2, 3
THAT_DAY, PERHAPS, NEVER = range(3)  # whether care is recorded: many may bill for a day on which the patient was there
NONE, LIMITS, TWO_PLACES, NOBODY_SAW, MANY = range(5)
TWO_STAYS, STAY_AND_VISIT = 0.8, 0.6
NIGHTS = 2  # a transfer shares a day, and a night where dates are rough
UNSEEN_FROM, MANY_FROM = 3, 8
FIRST, STEP, MOST = 0.6, 0.1, 0.9


@nb.njit(cache=True, nogil=True)
def recall_persons(who, claim, person, ts, groups, keys, seen, what):  # type: ignore[no-untyped-def]
    """int64[m, 2]: sex and birth year as registered, else as the claim says (0 unknown); registrations are learned.

    who, claim (else a registration), ts, groups [m]; person (sex, year) [m, 2]; state [G, capacity, 2].
    """
    out = person.copy()
    for i in range(len(who)):
        g = groups[i]
        if claim[i]:
            slot = find_slot(keys[g], who[i])
            for k in range(2):
                if slot >= 0 and what[g, slot, k]:
                    out[i, k] = what[g, slot, k]
            continue
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        if fresh:
            what[g, slot] = 0
        for k in range(2):
            if person[i, k]:
                what[g, slot, k] = person[i, k]
    return out


@nb.njit(cache=True, nogil=True)
def _elsewhere(a, b):  # type: ignore[no-untyped-def]
    """The score of two (facility, first day, last day, presence) that cannot both be true; 0 where they can."""
    if a[0] == b[0] or a[0] == np.uint64(0) or b[0] == np.uint64(0):
        return 0.0
    first, last = max(a[1], b[1]), min(a[2], b[2])
    if a[3] == STAY and b[3] == STAY:
        return TWO_STAYS if last - first >= NIGHTS else 0.0
    stay, visit = (a, b) if a[3] == STAY else (b, a)
    inside = stay[1] < visit[1] and visit[2] < stay[2]
    return STAY_AND_VISIT if stay[3] == STAY and visit[3] == VISIT and inside else 0.0


@nb.njit(cache=True, nogil=True)
def _place(places, g, who, mine, ts):  # type: ignore[no-untyped-def]
    """The worst conflict of a patient's presence with those remembered; then it is remembered."""
    slot, fresh = claim_slot(places[0][g], places[1][g], who, ts)
    facility, span = places[2][g, slot], places[3][g, slot]
    if fresh:
        facility[:] = 0
        places[4][g, slot] = 0
    worst = 0.0
    for k in range(RING):
        other = (facility[k], np.int64(span[k, 0]), np.int64(span[k, 1]), np.int64(span[k, 2]))
        worst = max(worst, _elsewhere(mine, other))
    k = places[4][g, slot] % RING
    facility[k] = mine[0]
    span[k, 0], span[k, 1], span[k, 2] = mine[1], mine[2], mine[3]
    places[4][g, slot] += 1
    return worst


@nb.njit(cache=True, nogil=True)
def _note(ring, item):  # type: ignore[no-untyped-def]
    """Distinct items of a ring uint64[BILLERS] with this one included; a full ring stays as it is."""
    for k in range(len(ring)):
        if ring[k] == item:
            break
        if ring[k] == np.uint64(0):
            ring[k] = item
            break
    return np.count_nonzero(ring)


@nb.njit(cache=True, nogil=True)
def judge_presence(claim, who, day, biller, presence, care, ts, groups, places, days):  # type: ignore[no-untyped-def]
    """float64[3, m]: score, how, billing persons; NaN where it is no claim.

    claim, who (patient), day (patient and day), biller, care (THAT_DAY to NEVER), ts, groups [m]; presence (facility,
    first, last, kind) [m]; places (keys, seen, facility, span, next), days (keys, seen, who) [G, capacity, ...].
    """
    out = np.full((3, len(who)), np.nan)
    for i in range(len(who)):
        if not claim[i]:
            continue
        g, kind = groups[i], presence[3][i]
        out[0, i], out[1, i], out[2, i] = 0.0, NONE, 0.0
        if kind >= VISIT and presence[0][i] != np.uint64(0):
            worst = _place(places, g, who[i], (presence[0][i], presence[1][i], presence[2][i], kind), ts[i])
            if worst > 0.0:
                out[0, i], out[1, i] = worst, TWO_PLACES
        if kind == 0 or kind == STAY or biller[i] == np.uint64(0):
            continue
        slot, fresh = claim_slot(days[0][g], days[1][g], day[i], ts[i])
        if fresh:
            days[2][g, slot] = 0
        rings = days[2][g, slot]
        many = _note(rings[0], biller[i]) if kind == VISIT and care[i] != THAT_DAY else 0
        unseen = _note(rings[1], biller[i]) if care[i] == NEVER else 0
        for count, least, how in ((unseen, UNSEEN_FROM, NOBODY_SAW), (many, MANY_FROM, MANY)):
            value = min(FIRST + STEP * (count - least), MOST)
            if count >= least and value > out[0, i]:
                out[0, i], out[1, i], out[2, i] = value, how, count
    return out
