"""Kernels of `network.rhythm`: how regular contacts are, and what else speaks for or against an implant."""

import numba as nb
import numpy as np

from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine, mix64

DAY_S = 86_400.0
TOLD_S = 2 * DAY_S  # a rhythm that has been told for so long fades: its alert stands, or somebody allowed it
WIDE, CHANCE_WIDE = 0.5, 0.4  # share of random (exponential) intervals within ±50 % of their median: .35
CLOSE, CHANCE_CLOSE = 0.1, 0.15  # … and within ±10 %: .07; both raised, as people are not quite random
REGULAR = 0.5  # rhythm from which a source counts as a machine that repeats itself
BEATS = 4.0  # intervals that a source must have been known for before what it begins is new: a beat was due long ago
BUSY = 0.8  # share of its span that a rhythm without pauses fills: a program, not a page that is open now and then
SEVERAL = 1.5  # times as many visits as the beat allows: not one program was there but several, behind one address
SIZELESS = 0.5  # likeness where no sizes are told, as of tunnels that a proxy is asked for
JOB, LARGE = 0.6, 1e6  # weight of what was there before and sends so many bytes each time: a copy, a backup
UNLIKE = 7.0  # times longer that contacts of ever different sizes must last: pages that ask for news vary in size
CROWD = 16.0  # sources of a group beyond which it takes no longer to see that rhythm is common there
OUT = 8
SCORE, INTERVAL, JITTER, VISITS, SPAN, ALIKE, FLEET, SUDDEN = range(OUT)
PAIR_COLUMNS = ("keys", "seen", "gaps", "sent", "got", "last", "began", "first", "visits", "known_s")
DOOR_COLUMNS = ("keys", "seen", "known_s")
TARGET_COLUMNS = ("keys", "seen", "items", "at")
SOURCE_COLUMNS = ("keys", "seen", "first")
GROUP_COLUMNS = ("keys", "seen", "crowd", "crowd_at", "steady", "steady_at")


@nb.njit(cache=True, nogil=True)
def _sorted(ring: np.ndarray, n: int) -> np.ndarray:
    order = ring[:n].copy()
    for i in range(1, n):
        y, j = order[i], i
        while j > 0 and order[j - 1] > y:
            order[j] = order[j - 1]
            j -= 1
        order[j] = y
    return order


@nb.njit(cache=True, nogil=True)
def _near(order: np.ndarray, share: float, slack: float) -> float:
    """Share of the sorted values that lie within `share` of their median, or within `slack` of it."""
    n = len(order)
    middle = order[n // 2] if n % 2 else 0.5 * (order[n // 2 - 1] + order[n // 2])
    room = max(share * middle, slack) + 1e-9
    count = 0
    for v in order:
        count += abs(v - middle) <= room
    return count / n


@nb.njit(cache=True, nogil=True)
def _surprise(share: float, chance: float, n: int) -> float:
    """Nats against chance: Chernoff's bound on `share` of n where each has probability `chance`."""
    if share <= chance:
        return 0.0
    other = (1.0 - share) * np.log((1.0 - share) / (1.0 - chance)) if share < 1.0 else 0.0
    return n * (share * np.log(share / chance) + other)


@nb.njit(cache=True, nogil=True)
def _rhythm(gaps, visits, out):  # type: ignore[no-untyped-def]
    """(rhythm in [0, 1) of one pair's last intervals, those sorted); fills interval and visits of `out` [OUT]."""
    n = min(visits - 1, len(gaps))
    order = _sorted(gaps, n)
    nats = max(_surprise(_near(order, WIDE, 0.0), CHANCE_WIDE, n), _surprise(_near(order, CLOSE, 0.5), CHANCE_CLOSE, n))
    out[INTERVAL] = order[n // 2]
    out[VISITS] = visits
    return 1.0 - np.exp(-nats * np.log(2.0) / 10.0), order


@nb.njit(cache=True, nogil=True)
def _likeness(order, sent, got, visits, out):  # type: ignore[no-untyped-def]
    """Bytes that a contact usually sends; fills likeness and jitter of `out` [OUT]: two sorts and more, so only for
    what may be told."""
    n, m = len(order), min(visits, len(sent))
    middle = order[n // 2]
    up, down = _sorted(sent, m), _sorted(got, m)
    # Unknown sizes are below zero.
    out[ALIKE] = SIZELESS if up[m // 2] < 0.0 else 0.5 * (_near(up, 0.2, 64.0) + _near(down, 0.2, 64.0))
    out[JITTER] = _sorted(np.abs(order - middle), n)[n // 2] / max(middle, 1e-9)
    return up[m // 2]


@nb.njit(cache=True, nogil=True)
def _weigh(rhythm, out, sent, crowd, others, settled_s, alone, many):  # type: ignore[no-untyped-def]
    """The score of a rhythm by what else is known: suddenness, pauses, other users, other machines that repeat
    themselves."""
    common = ((1.0 + alone) / (1.0 + max(out[FLEET], alone))) ** 2
    lasting = 1.0 / (1.0 + max(out[SPAN] - TOLD_S, 0.0) / TOLD_S)
    if out[SUDDEN] == 1.0:
        likely, wait_s = 0.5 + 0.5 * out[ALIKE], settled_s * (1.0 + UNLIKE * (1.0 - out[ALIKE]))
    else:
        # It was there when we began to watch: in a large network with many such rhythms, as telemetry is.
        likely = (0.4 + 0.6 * out[ALIKE]) / (1.0 + others / many) * (JOB if sent >= LARGE else 1.0)
        wait_s = settled_s * min(max(crowd, 1.0), CROWD)
    fills = out[VISITS] * out[INTERVAL] / max(out[SPAN], 1.0)
    busy = min(fills / BUSY, 1.0) * (SEVERAL / max(fills, SEVERAL)) ** 2
    return rhythm * likely * common * lasting * busy * out[SPAN] / (out[SPAN] + wait_s)


@nb.njit(cache=True, nogil=True)
def _enter(door, pairs, g, pair, ts, known_s):  # type: ignore[no-untyped-def]
    """Slot of a pair's rings, -1 at its first sight: only what comes again takes room there."""
    keys, seen, gaps, sent, got, last, began, first, visits, known = pairs
    slot = find_slot(keys[g], pair)
    if slot >= 0:
        seen[g, slot] = max(seen[g, slot], ts)
        return slot
    before = find_slot(door[0][g], pair)
    earlier = door[1][g, before] if before >= 0 else 0.0
    place, _ = claim_slot(door[0][g], door[1][g], pair, ts)
    if before < 0:
        door[2][g, place] = known_s
        return -1
    slot, _ = claim_slot(keys[g], seen[g], pair, ts)
    gaps[g, slot] = 0
    sent[g, slot] = 0
    got[g, slot] = 0
    first[g, slot] = earlier
    last[g, slot] = earlier
    began[g, slot] = earlier
    visits[g, slot] = 0
    known[g, slot] = door[2][g, place]
    return slot


@nb.njit(cache=True, nogil=True)
def _visit(pairs, g, slot, ts, bytes_out, bytes_in, same_visit_s):  # type: ignore[no-untyped-def]
    """Add a contact to its pair's rings; False when it belongs to the visit before. Intervals lie between beginnings of
    visits: what tries thrice in a second and then waits is as steady as what tries once."""
    _, _, gaps, sent, got, last, began, _first, visits, _ = pairs
    ring, count = gaps.shape[2], visits[g, slot]
    if ts - last[g, slot] < same_visit_s:
        here = (count - 1) % ring
        sent[g, slot, here] += np.float32(bytes_out)
        got[g, slot, here] += np.float32(bytes_in)
        last[g, slot] = max(last[g, slot], ts)
        return False
    if count == 0:  # the first contact left its time at the door, not its size
        visits[g, slot] = 1
        sent[g, slot, 0] = np.float32(bytes_out)
        got[g, slot, 0] = np.float32(bytes_in)
        count = 1
    gaps[g, slot, (count - 1) % ring] = np.float32(ts - began[g, slot])
    sent[g, slot, count % ring] = np.float32(bytes_out)
    got[g, slot, count % ring] = np.float32(bytes_in)
    visits[g, slot] += 1
    last[g, slot] = ts
    began[g, slot] = ts
    return True


@nb.njit(cache=True, nogil=True)
def _distinct(state, g, key, item, ts):  # type: ignore[no-untyped-def]
    """(distinct items of key within a day, whether the key is new); state: keys, seen, items, at."""
    place, new = claim_slot(state[0][g], state[1][g], key, ts)
    if new:
        state[2][g, place] = 0
        state[3][g, place] = 0
    return note_distinct(state[2][g, place], state[3][g, place], mix64(item), ts, DAY_S), new


@nb.njit(cache=True, nogil=True)
def note_visits(  # type: ignore[no-untyped-def]
    pair, source, target, inside, ts, groups, bytes_out, bytes_in, pairs, door, targets, sources, group, limits
):
    """float64[m, OUT] for contacts in order.

    Columns [m]; pairs, door, targets, sources, group: the arrays named by *_COLUMNS, key group in front; limits:
    (same_visit_s, min_visits, min_span_s, settled_s, known_s, whether inside counts without being sudden, sources that
    are few, other sources with a rhythm that halve the weight of one that was there before).
    """
    out = np.zeros((len(pair), OUT))
    one = np.uint64(1)
    for i in range(len(pair)):
        g, t = groups[i], ts[i]
        crowd, _ = _distinct(group[:4], g, one, source[i], t)
        own, new = claim_slot(sources[0][g], sources[1][g], source[i], t)
        if new:
            sources[2][g, own] = t
        fleet, new_target = _distinct(targets, g, target[i], combine(source[i], np.uint64(7)), t)
        # How long its source had been known when it was the first here to go there.
        known_s = t - sources[2][g, own] if new_target else 0.0
        slot = _enter(door, pairs, g, pair[i], t, np.float32(known_s))
        if slot < 0:
            continue
        row = out[i]
        fresh = _visit(pairs, g, slot, t, bytes_out[i], bytes_in[i], limits[0])
        visits, span = pairs[8][g, slot], t - pairs[7][g, slot]
        if not fresh or visits < limits[1] or span < limits[2]:
            continue
        row[SPAN], row[FLEET] = span, fleet
        rhythm, order = _rhythm(pairs[2][g, slot], visits, row)
        row[SUDDEN] = pairs[9][g, slot] >= max(limits[4], BEATS * row[INTERVAL])
        place = find_slot(group[0][g], one)
        others = 0.0
        if rhythm >= REGULAR:
            steady = note_distinct(group[4][g, place], group[5][g, place], mix64(source[i]), t, DAY_S)
            others = steady - 1.0
        if inside[i] and row[SUDDEN] == 0.0 and limits[5] == 0.0:
            continue
        if rhythm == 0.0:
            continue
        usually = _likeness(order, pairs[3][g, slot], pairs[4][g, slot], visits, row)
        row[SCORE] = _weigh(rhythm, row, usually, float(crowd), others, limits[3], limits[6], limits[7])
    return out
