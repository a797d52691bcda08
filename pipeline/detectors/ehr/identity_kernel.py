"""One patient's demographics and member numbers held against each other; kept apart from the words."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.features.entity_table import claim_slot

DAY_S = 86_400.0
RING = 3  # member numbers of a patient
WITHIN_S = 180 * DAY_S
NONE, SEX, AGE, MEMBER, FLIPPED = 0, 1, 2, 4, 16  # what speaks against the identity
ONCE, AGAIN, SEVERAL, BOTH, MEMBERS = 0.4, 0.6, 0.75, 0.85, 0.6
AGREED = 2  # claims that agree before another is held against them, where nothing is registered
SLACK_Y = 1
EVERYWHERE, SOME = 0.1, 3.0  # where a tenth of patients differ, it is the feed that is wrong


class Patients(NamedTuple):
    """Arrays [G, capacity, ...] of patients."""

    keys: np.ndarray
    seen: np.ndarray
    person: np.ndarray
    """int64[..., 2]: sex and birth year."""
    former: np.ndarray
    """int64[..., 2]: those registered before, and since when they are no more (`changed`)."""
    changed: np.ndarray
    agreed: np.ndarray
    registered: np.ndarray
    wrong: np.ndarray
    """How many claims differed lately, the last time, and by which providers (the first, and whether others)."""
    last: np.ndarray
    provider: np.ndarray
    member: np.ndarray
    """uint64[..., RING, 2]: member number and payer."""
    since: np.ndarray


@nb.njit(cache=True, nogil=True)
def _members(member, since, mine, ts):  # type: ignore[no-untyped-def]
    """How many member numbers of this payer the patient had within WITHIN_S, this one included.

    member uint64[RING, 2] (number, payer), since float64[RING] (last seen, 0 free); the oldest gives way.
    """
    place, oldest = -1, 0
    for k in range(RING):
        if since[k] > 0.0 and member[k, 0] == mine[0] and member[k, 1] == mine[1]:
            place = k
        if since[k] < since[oldest]:
            oldest = k
    place = oldest if place < 0 else place
    member[place, 0], member[place, 1], since[place] = mine[0], mine[1], max(ts, 1.0)
    count = 0
    for k in range(RING):
        count += since[k] > 0.0 and member[k, 1] == mine[1] and since[k] + WITHIN_S >= ts
    return count


@nb.njit(cache=True, nogil=True)
def _differs(known, claimed):  # type: ignore[no-untyped-def]
    """SEX, AGE, their sum, or NONE: what of (sex, birth year) differs where both are known."""
    what = NONE
    if known[0] and claimed[0] and known[0] != claimed[0]:
        what += SEX
    if known[1] and claimed[1] and abs(known[1] - claimed[1]) > SLACK_Y:
        what += AGE
    return what


@nb.njit(cache=True, nogil=True)
def _opinion(what, wrong, providers, all_):  # type: ignore[no-untyped-def]
    """The score of a claim that differs, the `wrong`-th lately."""
    if all_[1] >= SOME and all_[1] > EVERYWHERE * all_[0]:
        return ONCE
    if what == SEX + AGE:
        return BOTH
    if wrong < 2.0:
        return ONCE
    return SEVERAL if providers[1] else AGAIN


@nb.njit(cache=True, nogil=True)
def _register(p, g, slot, person, ts):  # type: ignore[no-untyped-def]
    """Learn a registration; what of it went back to what was registered before another came (SEX, AGE)."""
    mine, former = p.person[g, slot], p.former[g, slot]
    what = _differs(mine, person)
    back = NONE
    if what:
        if p.registered[g, slot] and former.any() and ts < p.changed[g, slot] + WITHIN_S:
            back = what if _differs(former, person) == NONE else NONE
        former[:] = mine
        p.changed[g, slot] = ts
    for k in range(2):
        mine[k] = person[k] if person[k] else mine[k]
    p.registered[g, slot] = p.registered[g, slot] or person.any()
    return back


@nb.njit(cache=True, nogil=True)
def _claimed(p, g, slot, person, provider, served, ts, everybody):  # type: ignore[no-untyped-def]
    """(score, what differs) of a claim for `person` (sex, birth year) with service at `served`; it is learned."""
    mine, what = p.person[g, slot], _differs(p.person[g, slot], person)
    if p.agreed[g, slot] == 0 and (mine.any() or person.any()):
        everybody[0] += 1.0
    if what and served <= p.changed[g, slot] and _differs(p.former[g, slot], person) == NONE:
        return 0.0, NONE  # billed late, with what was registered then
    if what and not p.registered[g, slot] and p.agreed[g, slot] < AGREED:
        mine[:] = person
        p.agreed[g, slot] = 1
        return 0.0, NONE
    if what == NONE:
        p.agreed[g, slot] += 1
        for k in range(2):
            mine[k] = mine[k] if mine[k] else person[k]
        return 0.0, NONE
    p.agreed[g, slot] = max(p.agreed[g, slot], 1)
    by = p.provider[g, slot]
    if ts > p.last[g, slot] + WITHIN_S:
        everybody[1] += 1.0
        p.wrong[g, slot] = 0.0
        by[0], by[1] = provider, 0
    p.last[g, slot] = max(p.last[g, slot], ts)
    p.wrong[g, slot] += 1.0
    by[1] |= np.uint64(by[0] != provider)
    return _opinion(what, p.wrong[g, slot], by, everybody), what


@nb.njit(cache=True, nogil=True)
def judge_identity(who, claim, person, member, provider, served, ts, groups, p, everybody, most):  # type: ignore[no-untyped-def]
    """float64[4, n]: score, what differs, how many claims lately do, member numbers.

    who, claim (else a registration), provider, served, ts, groups [n]; person (sex, year), member (number, payer)
    [n, 2]; p Patients; everybody float64[G, 8, 2], of which the first row is used: patients compared and those that
    differed.
    """
    out = np.full((4, len(who)), np.nan)
    for i in range(len(who)):
        g = groups[i]
        slot, fresh = claim_slot(p.keys[g], p.seen[g], who[i], ts[i])
        if fresh:
            p.person[g, slot], p.former[g, slot], p.agreed[g, slot], p.registered[g, slot] = 0, 0, 0, False
            p.changed[g, slot], p.wrong[g, slot], p.last[g, slot], p.provider[g, slot] = -np.inf, 0.0, -np.inf, 0
            p.member[g, slot], p.since[g, slot] = 0, 0.0
        value, what, ids = 0.0, NONE, 0
        if claim[i]:
            value, what = _claimed(p, g, slot, person[i], provider[i], served[i], ts[i], everybody[g, 0])
        else:
            back = _register(p, g, slot, person[i], ts[i])
            if back:
                value, what = BOTH if back == SEX + AGE else SEVERAL, back + FLIPPED
        if claim[i] and member[i, 0] != np.uint64(0):
            ids = _members(p.member[g, slot], p.since[g, slot], member[i], ts[i])
            if ids >= most and value < MEMBERS:
                value, what = MEMBERS, MEMBER
        out[0, i], out[1, i], out[2, i], out[3, i] = value, what, p.wrong[g, slot], ids
    return out
