"""When every device last spoke and how long it may stay silent: the stream of its neighbours is the clock."""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.state_parts import InParts

DEVICES = 1024  # per key group
NAME = 40  # bytes of an address, as text
PAUSE_S = 300.0  # a longer gap in the whole key group is the sensor's, and is taken out of everybody's silence
BEATS = 60.0  # contacts before a device is said to have a rhythm
LEAST_S, MOST_S = 600.0, 86_400.0  # a silence shorter than this is nothing, one longer is not waited for
CUT_SHORT = 0.4  # of log bytes below the usual: two thirds of what the device says
SELDOM = 0.02  # part of a device's contacts that may break off without meaning anything
TOGETHER_S = 300.0  # silences that begin so close have one cause
FIRST, LAST, COUNT, LONGEST, TOLD, CODE, BROKEN, ENDING, ALIVE, TYPICAL = range(10)
NOW, LOST, NEXT = range(3)
TICK, BEAT, BREAK, SIGN = range(4)
"""What a row is: none of a device's; its contact; one that may have broken off, or found no answer; another sign."""
_SIZE, _OUT = 10, 8
_HUGE = 1e18


class Pulse(InParts):
    """Devices that fell silent, one at most a row: the first row of the key group after the device's deadline.

    The deadline is three times the longest pause the device ever made (ten minutes at least, a day at most), after
    sixty contacts over four such times. Time does not count while the whole key group is silent. A device is told
    once until it speaks again. O(1) a row, O(1,024) at a deadline; 1,024 devices of 140 bytes a key group.
    """

    def __init__(self, groups: int) -> None:
        self._devices = EntityState(groups, DEVICES, {"beat": ((_SIZE,), np.float64), "name": ((NAME,), np.uint8)})
        self._clock = EntityState(groups, 8, {"time": ((3,), np.float64)})
        self._parts = {"devices": self._devices, "clock": self._clock}

    def note(
        self, who: np.ndarray, what: np.ndarray, codes: np.ndarray, size: np.ndarray, data: np.ndarray,
        start: np.ndarray, length: np.ndarray, ts: np.ndarray, groups: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
        """(at int64[k], found float64[k, 8], names uint8[k, 40]): rows at which a device was missed: its silence and
        its longest pause in seconds, its class, how long it had been watched, whether its last contact broke off
        though it seldom does (1), whether it showed another sign of life since (1), devices with a rhythm, those of
        them silent since the same moment; the last as a negative number where one of them was told already.

        who uint64[n]; what int8[n] (TICK …); codes int8[n]; size float64[n], its bytes both ways; start, length of its
        name in `data`; ts float64[n]; groups int32[n].
        """
        d, c = self._devices.arrays(), self._clock.arrays()
        return _note(
            who, what, codes, size, data, start, length, ts, groups, d["keys"], d["seen"], d["beat"], d["name"],
            c["keys"], c["seen"], c["time"],
        )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _deadline(beat):  # type: ignore[no-untyped-def]
    """When the silence of a device [10] is remarkable, in time of the clock; huge where it has no rhythm."""
    wait_s = max(3.0 * beat[LONGEST], LEAST_S)
    if beat[COUNT] < BEATS or wait_s > MOST_S or beat[TOLD] > 0.0 or beat[LAST] - beat[FIRST] < 4.0 * wait_s:
        return _HUGE
    return beat[LAST] + wait_s + TOGETHER_S


@nb.njit(cache=True, nogil=True)
def _overdue(keys, beats, now):  # type: ignore[no-untyped-def]
    """(slot that is longest overdue or -1, next deadline); keys uint64[capacity], beats float64[capacity, 10]."""
    slot, first, coming = -1, _HUGE, _HUGE
    for k in range(len(keys)):
        if keys[k] != 0:
            due = _deadline(beats[k])
            if due < first and due <= now:
                slot, first = k, due
            elif due > now:
                coming = min(coming, due)
    return slot, now if slot >= 0 else coming  # others may be overdue too: the next row looks again


@nb.njit(cache=True, nogil=True)
def _together(keys, beats, slot):  # type: ignore[no-untyped-def]
    """(devices with a rhythm, those silent since the same moment as `slot`, negative where one was told)."""
    steady, together, told = 0.0, 0.0, 1.0
    for k in range(len(keys)):
        if keys[k] != 0 and beats[k, COUNT] >= BEATS:
            steady += 1.0
            if abs(beats[k, LAST] - beats[slot, LAST]) <= TOGETHER_S:
                together += 1.0
                told = -1.0 if beats[k, TOLD] > 0.0 else told
    return steady, together * told


@nb.njit(cache=True, nogil=True)
def _beat(beat, what, code, size, now):  # type: ignore[no-untyped-def]
    """Note one contact of a device [10], or a sign of life. What was told as silence is not learned as a pause.

    A contact that ended badly but carried what it usually does is a contact: many stacks close with a reset.
    """
    if what == SIGN:
        beat[ALIVE] = now
        return
    beat[CODE] = code
    amount = np.log1p(size)
    if what == BREAK and amount < beat[TYPICAL] - CUT_SHORT:
        if beat[ENDING] == 0.0:  # calls in vain, one after the other, are one break
            beat[BROKEN] += 1.0
            beat[ENDING] = 1.0 if beat[BROKEN] <= 1.0 + SELDOM * beat[COUNT] else -1.0
        return
    beat[ENDING] = 0.0
    beat[COUNT] += 1.0
    beat[TYPICAL] += (amount - beat[TYPICAL]) / min(beat[COUNT], 50.0)
    if beat[TOLD] == 0.0:
        beat[LONGEST] = max(beat[LONGEST] * 0.9999, now - beat[LAST])
    beat[TOLD] = 0.0
    beat[LAST] = max(beat[LAST], now)


@nb.njit(cache=True, nogil=True)
def _time(clock, fresh, ts):  # type: ignore[no-untyped-def]
    """The group's time [3] after an event: event time without what the whole group was silent."""
    if fresh:
        clock[NOW], clock[LOST], clock[NEXT] = ts, 0.0, _HUGE
    if ts - clock[NOW] > PAUSE_S:
        clock[LOST] += ts - clock[NOW]
    clock[NOW] = max(clock[NOW], ts)
    return clock[NOW] - clock[LOST]


@nb.njit(cache=True, nogil=True)
def _note(who, what, codes, size, data, start, length, ts, groups, keys, seen, beats, names, c_keys, c_seen, time):  # type: ignore[no-untyped-def]
    """See Pulse.note; columns [n]; state [G, capacity, …]."""
    at, k = np.empty(len(who), np.int64), 0
    out, found = np.empty((len(who), _OUT)), np.empty((len(who), NAME), np.uint8)
    for i in range(len(who)):
        g = groups[i]
        place, fresh = claim_slot(c_keys[g], c_seen[g], np.uint64(1), ts[i])
        clock = time[g, place]
        now = _time(clock, fresh, ts[i])
        if what[i] != TICK and who[i] != 0:
            slot = find_slot(keys[g], who[i])
            if slot < 0 and what[i] == BEAT:
                slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
                beats[g, slot] = 0.0
                beats[g, slot, FIRST], beats[g, slot, LAST] = now, now
                names[g, slot] = 0
                for c in range(min(length[i], NAME)):
                    names[g, slot, c] = data[start[i] + c]
            if slot >= 0:
                seen[g, slot] = max(seen[g, slot], ts[i])
                _beat(beats[g, slot], what[i], codes[i], size[i], now)
                clock[NEXT] = min(clock[NEXT], _deadline(beats[g, slot]))
        if now >= clock[NEXT]:
            slot, clock[NEXT] = _overdue(keys[g], beats[g], now)
            if slot >= 0:
                beat, row = beats[g, slot], out[k]
                row[6], row[7] = _together(keys[g], beats[g], slot)
                row[0], row[1], row[2] = now - beat[LAST], beat[LONGEST], beat[CODE]
                row[3], row[4] = beat[LAST] - beat[FIRST], max(beat[ENDING], 0.0)
                row[5] = 1.0 if beat[ALIVE] > beat[LAST] + LEAST_S else 0.0
                found[k] = names[g, slot]
                at[k] = i
                beat[TOLD] = 1.0
                k += 1
    return at[:k].copy(), out[:k].copy(), found[:k].copy()
