"""Who steps through the numbers of records, one request after the other: `/api/patients/1001`, `/1002`, `/1003`."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import mix64
from pipeline.features.leaf import leaf

FAR = 16  # workers beside each other mix up the order by as many numbers as there are workers
BACK = 4.0  # of the run is lost by a number that lies elsewhere
PAUSE_S = 60.0  # a run ends with it
LONGEST = 2048  # bytes of a request that are looked at
DIGITS = 17  # more are no number that somebody counts up

# columns of `num`, float64
START, LAST, LOW, HIGH, RUN, REFUSED, ANSWERED, WALKED = range(8)
SIZE = 8
BITS = 256  # a number's, by its hash: what was asked for before is no step; more than some 200 are not counted


def _word(text: str) -> np.uint64:
    value = 0
    for letter in text.encode():
        value = (value * 31 + letter) & 0xFFFFFFFFFFFFFFFF
    return np.uint64(value)


# Counted in order by every viewer and pager, and no records.
COUNTED = np.array([_word(w) for w in (
    "page", "pages", "p", "frame", "frames", "tile", "tiles", "chunk", "chunks", "part", "parts", "slice", "slices",
    "segment", "segments", "seg", "image", "images", "img", "offset", "start", "step", "version", "v", "rendered",
)])  # fmt: skip
# Parameters that hold the number of a record, beside all that end in "id".
NUMBERS = np.array([_word(w) for w in (
    "mrn", "patient", "number", "record", "account", "user", "case", "visit", "encounter", "order", "document",
    "invoice", "file", "doc", "uid", "no",
)])  # fmt: skip


class IdRuns(EntityState):
    """Runs of neighbouring numbers per client and template of a request: O(length) a row, 112 bytes a key."""

    def __init__(self, groups: int, capacity: int) -> None:
        super().__init__(groups, capacity, {"num": ((SIZE,), np.float64), "bits": ((BITS >> 6,), np.uint64)})

    def add(
        self,
        data: np.ndarray,
        spans: tuple[np.ndarray, np.ndarray],
        client: np.ndarray,
        refused: np.ndarray,
        when: tuple[np.ndarray, np.ndarray],
    ) -> np.ndarray:
        """float64[4, m]: numbers stepped through in order, numbers asked for and refused, seconds a number, seconds
        since the client first walked here. data uint8[], spans (start, length) of URIs in it, client uint64[m],
        refused bool[m], when (seconds, groups int32[m]). 0 where the URI holds no number of a record.
        """
        a = self.arrays()
        out = np.zeros((4, len(client)))
        _add(out, data, *spans, client, refused, *when, a["keys"], a["seen"], a["num"], a["bits"], COUNTED, NUMBERS)
        return out


@leaf
def _among(word: np.uint64, words: np.ndarray) -> bool:
    found = False
    for k in range(len(words)):
        found |= words[k] == word
    return found


@leaf
def _number(data, at, end, is_query, counted, numbers):  # type: ignore[no-untyped-def]
    """First digit of the number that ends at `end`, or -1: none, or none of a record."""
    first = end
    while first > at and 48 <= data[first - 1] <= 57:
        first -= 1
    if first == end or end - first > DIGITS:
        return -1
    stop = first
    while stop > at and (data[stop - 1] in (45, 47, 95, 61)):
        stop -= 1
    begin = stop
    while begin > at and 97 <= (data[begin - 1] | 32) <= 122:
        begin -= 1
    word = np.uint64(0)
    for k in range(begin, stop):
        word = word * np.uint64(31) + np.uint64(data[k] | 32)
    if not is_query:
        return -1 if _among(word, counted) else first
    ends_in_id = stop - begin >= 2 and data[stop - 2] | 32 == 105 and data[stop - 1] | 32 == 100
    return first if ends_in_id or _among(word, numbers) else -1


@leaf
def _find(data, start, size, counted, numbers):  # type: ignore[no-untyped-def]
    """(first digit, end) of the number of a record in a URI, the last one; a parameter's before the path's; -1, -1."""
    stop = start + min(size, LONGEST)
    path = start
    while path < stop and data[path] != 63:
        path += 1
    at = path + 1
    for k in range(path + 1, stop + 1):
        if k == stop or data[k] == 38:
            first = _number(data, at, k, True, counted, numbers) if k > at else -1
            if first >= 0:
                return first, k
            at = k + 1
    end = path
    while end > start:
        if end == path or data[end] == 47:
            first = _number(data, start, end, False, counted, numbers)
            if first >= 0:
                return first, end
        end -= 1
    return -1, -1


@leaf
def _note(own, bits, number, place, refused, ts):  # type: ignore[no-untyped-def]
    """One request for a number; own [SIZE] and bits [BITS / 64] as they were before, place: the number's bit."""
    if ts - own[LAST] > PAUSE_S or own[START] == 0.0:
        own[RUN] = own[REFUSED] = own[ANSWERED] = 0.0
        own[START], own[LOW], own[HIGH] = ts, number, number
        for k in range(len(bits)):
            bits[k] = np.uint64(0)
    own[LAST] = max(ts, own[LAST])
    bit = np.uint64(1) << np.uint64(place & 63)
    if bits[place >> 6] & bit:
        return  # asked again
    bits[place >> 6] |= bit
    if refused:
        own[REFUSED] += 1.0
    else:
        own[ANSWERED] += 1.0
    if own[LOW] - FAR <= number <= own[HIGH] + FAR:
        own[RUN] += 1.0
        own[LOW], own[HIGH] = min(own[LOW], number), max(own[HIGH], number)
    else:
        own[RUN] = max(own[RUN] - BACK, 0.0)
        if own[RUN] == 0.0:
            own[LOW] = own[HIGH] = number


@leaf
def _add(out, data, start, length, client, refused, ts, groups, keys, seen, num, bits, counted, numbers):  # type: ignore[no-untyped-def]
    """Fill out float64[4, m]; state [G, capacity, …]."""
    for i in range(len(client)):
        if client[i] == 0 or length[i] <= 0:
            continue
        first, end = _find(data, start[i], length[i], counted, numbers)
        if first < 0:
            continue
        key, number = client[i], 0.0
        for k in range(start[i], start[i] + min(length[i], LONGEST)):
            if first <= k < end:
                number = number * 10.0 + float(data[k] - 48)
            else:
                key = key * np.uint64(1099511628211) + np.uint64(data[k])
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], max(mix64(key), np.uint64(1)), ts[i])
        own = num[g, slot]
        if fresh:
            own[:] = 0.0
        _note(own, bits[g, slot], number, int(mix64(np.uint64(number)) % np.uint64(BITS)), refused[i], ts[i])
        asked = max(own[RUN], own[REFUSED])
        out[0, i], out[1, i] = own[RUN], own[REFUSED] if own[REFUSED] >= own[ANSWERED] else 0.0
        out[2, i] = max(own[LAST] - own[START], 0.0) / max(asked, 1.0)
        out[3, i] = ts[i] - own[WALKED] if own[WALKED] > 0.0 else 0.0
        if own[WALKED] == 0.0 and own[RUN] >= FAR:
            own[WALKED] = ts[i]
