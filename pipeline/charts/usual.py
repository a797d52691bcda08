"""What is usual: which units work with whose patients, whom a role serves, how common a family name is.

Taught by accesses that a relation of care explains; counts of how a role is spread over departments count every
person less the more they have opened, so that nobody makes their curiosity usual by repeating it.
"""

import numpy as np

from pipeline.charts import memory as mem
from pipeline.charts.columns import holds
from pipeline.charts.part import part
from pipeline.charts.people import works_in
from pipeline.charts.reasons import BILLING_WORDS, DAY, ENOUGH, RESEARCH_WORDS
from pipeline.charts.table import claim, find
from pipeline.features.hashing import combine, mix64

HALF_LIFE_D = 60.0
"""Of what is usual: rotas and services change over some months."""
COLLEAGUE_PATIENTS = 4.0
COLLEAGUE_USUAL = 0.1
"""A unit works with a department if it had to do with at least a tenth of its patients, and more than a few."""
PARTNER_USUAL = 0.3
"""A person works with a physician if it shared a third of these patients."""
COLLEAGUE_MOST = 0.7
SEEN, SEEN_USERS = 8.0, 3
FEW_SEEN, FEW_USERS = 16.0, 2
"""How often, and by how many of a unit, something is done before anything follows; by a unit of two twice as often."""
SERVES_TAUGHT = 20.0
SERVES_SPREAD = 0.6
SERVES_USERS = 3
SERVES_MOST = 0.65
LEAST_SPREAD = 2.5
"""Patients must be spread over so many departments themselves, for serving all of them to mean something."""
NO_CARE_USUAL = 0.25
"""A role seldom found where there is no care at all (a quarter of its charts) is not explained there by habit."""
_DAMPING = 10.0
"""Charts a person opens before each further one counts half: a thirtieth as much weighs as a fourth."""
RARE_SHARE, RARE_COUNT = 0.001, 5
"""A family name is no hint if more than one in a thousand bears it, and more than a handful."""
_SEEN = np.uint64(2)
_WITH = np.uint64(3)


@part
def bit_of(key):  # type: ignore[no-untyped-def]
    """(word 0 or 1, bit) by which someone is noted among 64 in two uint32."""
    h = mix64(np.uint64(key))
    return np.int64((h >> np.uint64(5)) & np.uint64(1)), np.uint32(1) << np.uint32(h & np.uint64(31))


@part
def bits(low, high):  # type: ignore[no-untyped-def]
    """How many bits are set in two uint32."""
    x = np.uint64(low) | (np.uint64(high) << np.uint64(32))
    count = 0
    while x:
        x &= x - np.uint64(1)
        count += 1
    return count


@part
def fading(then, now):  # type: ignore[no-untyped-def]
    """What is left of a count kept at `then`."""
    return 2.0 ** (-max(now - then, 0.0) / (HALF_LIFE_D * DAY))


@part
def unit_key(department, role):  # type: ignore[no-untyped-def]
    return combine(np.uint64(department) + np.uint64(1), np.uint64(role) + np.uint64(1))


@part
def unit_row(m, department, role, now):  # type: ignore[no-untyped-def]
    """(row, whether it is new) of the unit that a role in a department is; (-1, False) where neither is known."""
    if department == 0 and role == 0:
        return -1, False
    slot, new = claim(m.units, unit_key(department, role))
    m.counts[mem.N_UNITS] += new
    if new and department != 0:
        works_in(m, department, now)
    m.unit[slot, mem.Q_USED] = max(m.unit[slot, mem.Q_USED], np.uint32(now))
    return slot, new


@part
def find_unit(m, department, role):  # type: ignore[no-untyped-def]
    """Row of a unit, or -1."""
    if department == 0 and role == 0:
        return -1
    return find(m.units, unit_key(department, role))


@part
def note_role(m, unit, data, start, length):  # type: ignore[no-untyped-def]
    """What kind of work the words of a role (or department) tell of: mem.PAYMENT, mem.RESEARCH or none."""
    words, ends = BILLING_WORDS
    if holds(data, start, length, words, ends):
        m.unit[unit, mem.Q_KIND] |= np.uint32(mem.PAYMENT)
    words, ends = RESEARCH_WORDS
    if holds(data, start, length, words, ends):
        m.unit[unit, mem.Q_KIND] |= np.uint32(mem.RESEARCH)


@part
def pair_key(one, other):  # type: ignore[no-untyped-def]
    """uint64 of who has patients (uint32) and who works with them (uint64)."""
    return combine(np.uint64(one), mix64(other ^ _WITH))


@part
def bump_pair(m, key, person, now):  # type: ignore[no-untyped-def]
    """One more patient of a pair, by this person (uint32)."""
    slot, new = claim(m.pairs, key)
    m.counts[mem.N_PAIRS] += new
    m.pair_n[slot, mem.RN_COUNT] = m.pair_n[slot, mem.RN_COUNT] * fading(m.pair_n[slot, mem.RN_TS], now) + 1.0
    m.pair_n[slot, mem.RN_TS] = max(m.pair_n[slot, mem.RN_TS], now)
    m.pair[slot, mem.R_USED] = max(m.pair[slot, mem.R_USED], np.uint32(now))
    word, bit = bit_of(person)
    m.pair[slot, mem.R_USERS + word] |= bit


@part
def pair_count(m, key, now):  # type: ignore[no-untyped-def]
    """(patients of a pair, people it was)."""
    slot = find(m.pairs, key)
    if slot < 0:
        return 0.0, 0
    count = m.pair_n[slot, mem.RN_COUNT] * fading(m.pair_n[slot, mem.RN_TS], now)
    return count, bits(m.pair[slot, mem.R_USERS], m.pair[slot, mem.R_USERS + 1])


@part
def seen_enough(count, people):  # type: ignore[no-untyped-def]
    """Whether what so many people of a unit did so often tells anything yet."""
    return (count >= SEEN and people >= SEEN_USERS) or (count >= FEW_SEEN and people >= FEW_USERS)


@part
def share_of(m, key, count, now):  # type: ignore[no-untyped-def]
    """What `count` is of all that a pair (uint64 key) has, at most 1."""
    whole, _ = pair_count(m, key, now)
    return min(count / max(whole, count), 1.0)


@part
def strength_of(share, usual):  # type: ignore[no-untyped-def]
    """How strongly it explains an access that a unit has this share of something; 0 below what is usual, all from a
    half on."""
    if share < usual:
        return 0.0
    return ENOUGH + (COLLEAGUE_MOST - ENOUGH) * min((share - usual) / (0.5 - usual), 1.0)


@part
def works_with(m, one, other, people, usual, now):  # type: ignore[no-untyped-def]
    """How strongly `other` (uint64) working with patients of `one` (uint32) explains an access; 0 if not usual."""
    count, bearers = pair_count(m, pair_key(one, other), now)
    if count < COLLEAGUE_PATIENTS or bearers < people:
        return 0.0
    return strength_of(share_of(m, pair_key(one, np.uint64(one)), count, now), usual)


@part
def is_watched(m):  # type: ignore[no-untyped-def]
    """Whether accesses have begun: care that was told of before is none after which anybody could have come."""
    return m.shares[mem.S_ACCESSES] > 0.0


@part
def has_patient(m, department, chief, now):  # type: ignore[no-untyped-def]
    """A department and a physician (uint32, 0 for unknown) have one patient more."""
    if department != 0:
        if is_watched(m):
            bump_pair(m, pair_key(department, np.uint64(department)), department, now)
        slot, new = claim(m.pairs, pair_key(department, _SEEN))
        m.counts[mem.N_PAIRS] += new
        weight = m.pair_n[slot, mem.RN_COUNT]
        m.pair_n[slot, mem.RN_COUNT] = weight + 1.0
        m.pair[slot, mem.R_USED] = max(m.pair[slot, mem.R_USED], np.uint32(now))
        m.shares[mem.S_W] += 1.0
        m.shares[mem.S_WLOGW] += _wlogw(weight + 1.0) - _wlogw(weight)
    if chief != 0 and is_watched(m):
        bump_pair(m, pair_key(chief, np.uint64(chief)), chief, now)


@part
def _wlogw(w):  # type: ignore[no-untyped-def]
    return w * np.log(w) if w > 0 else 0.0


@part
def spread(w, wlogw):  # type: ignore[no-untyped-def]
    """Over how many departments something is spread as if evenly: the exponential of its entropy."""
    return np.exp(np.log(w) - wlogw / w) if w > 0 else 1.0


@part
def teach_spread(m, unit, slot, person, department, in_care):  # type: ignore[no-untyped-def]
    """A person of `unit` opened one more chart, of a patient whom this department (uint32, 0 for none) treats."""
    if unit < 0:
        return
    weight = 1.0
    if slot >= 0:
        weight = _DAMPING / (_DAMPING + m.user_n[slot, mem.UN_TAUGHT])
        m.user_n[slot, mem.UN_TAUGHT] += 1.0
    word, bit = bit_of(person)
    m.unit[unit, mem.Q_USERS + word] |= bit
    m.unit_n[unit, mem.QN_TAUGHT] += weight
    if not in_care:  # as far as care would be known: nothing is told by a stream that has just begun
        known = m.shares[mem.S_EXPLAINED] / max(m.shares[mem.S_ACCESSES], 1.0)
        m.unit_n[unit, mem.QN_NO_CARE] += weight * min(known, 1.0)
    if department != 0:
        at, new = claim(m.pairs, combine(m.units[unit], np.uint64(department)))
        m.counts[mem.N_PAIRS] += new
        m.pair[at, mem.R_USED] = max(m.pair[at, mem.R_USED], m.unit[unit, mem.Q_USED])
        before = m.pair_n[at, mem.RN_COUNT]
        m.pair_n[at, mem.RN_COUNT] = before + weight
        m.unit_n[unit, mem.QN_W] += weight
        m.unit_n[unit, mem.QN_WLOGW] += _wlogw(before + weight) - _wlogw(before)


@part
def serves_all(m, unit, in_care):  # type: ignore[no-untyped-def]
    """How strongly a unit that is found in every department explains an access; 0 if it is not one."""
    if unit < 0:
        return 0.0
    taught, away = m.unit_n[unit, mem.QN_TAUGHT], m.unit_n[unit, mem.QN_NO_CARE]
    all_over = spread(m.shares[mem.S_W], m.shares[mem.S_WLOGW])
    if taught < SERVES_TAUGHT or all_over < LEAST_SPREAD:
        return 0.0
    if bits(m.unit[unit, mem.Q_USERS], m.unit[unit, mem.Q_USERS + 1]) < SERVES_USERS:
        return 0.0
    if not in_care and away / taught < NO_CARE_USUAL:
        return 0.0
    over = spread(m.unit_n[unit, mem.QN_W], m.unit_n[unit, mem.QN_WLOGW]) / all_over
    if over < SERVES_SPREAD:
        return 0.0
    usual = m.unit_n[unit, mem.QN_DIRECTLESS] / max(m.unit_n[unit, mem.QN_JUDGED], 1.0)
    return ENOUGH + (SERVES_MOST - ENOUGH) * usual * min((over - SERVES_SPREAD) / (1.0 - SERVES_SPREAD), 1.0)


@part
def judged_unit(m, unit, strength, direct, now):  # type: ignore[no-untyped-def]
    """One more access of a unit has been judged."""
    if unit < 0:
        return
    left = fading(m.unit_n[unit, mem.QN_TS], now)
    m.unit_n[unit, mem.QN_JUDGED] = m.unit_n[unit, mem.QN_JUDGED] * left + 1.0
    m.unit_n[unit, mem.QN_NONE] = m.unit_n[unit, mem.QN_NONE] * left + (strength < ENOUGH)
    m.unit_n[unit, mem.QN_DIRECTLESS] = m.unit_n[unit, mem.QN_DIRECTLESS] * left + (not direct)
    m.unit_n[unit, mem.QN_TS] = max(m.unit_n[unit, mem.QN_TS], now)


@part
def unexplained_share(m, unit):  # type: ignore[no-untyped-def]
    """Usual share of accesses of a unit that nothing explains; NaN before ten."""
    if unit < 0 or m.unit_n[unit, mem.QN_JUDGED] < 10.0:
        return np.nan
    return min(m.unit_n[unit, mem.QN_NONE] / m.unit_n[unit, mem.QN_JUDGED], 1.0)


@part
def count_family(m, family, step):  # type: ignore[no-untyped-def]
    """One person more, or less, of this family name (uint32)."""
    if family != 0:
        at = np.int64(family) % mem.FAMILIES
        m.families[at] = max(np.int64(m.families[at]) + step, 0)
        m.counts[mem.N_FAMILIES] += step


@part
def rare_family(m, family):  # type: ignore[no-untyped-def]
    """Whether a family name is so rare that sharing it is a hint."""
    count = m.families[np.int64(family) % mem.FAMILIES]
    return count <= max(RARE_COUNT, RARE_SHARE * m.counts[mem.N_FAMILIES])
