"""The compiled reader: JSON documents → columns in one pass, without a Python object per event.

It accepts only what pydantic accepts with the same values and flags every other document for pydantic (tests hold
both to each other), so it needs no error messages of its own.
"""

import numba as nb
import numpy as np

from pipeline.features.hashing import hash_slice
from pipeline.features.json_text import (
    scan_literal,
    scan_nested,
    scan_number,
    scan_scalar,
    scan_string,
    scan_text_list,
    skip_space,
    unescape,
)
from pipeline.features.leaf import leaf
from pipeline.features.words import same_bytes

_TEXT, _FLOAT, _INT, _BOOL, _JSON = 0, 1, 2, 3, 4
_MAX_LIST = 1024  # schemas.base.TextList
_MAX_ITEM = 1024  # schemas.base.Text


@leaf
def find_column(data, start, length, key_table, key_hashes):  # type: ignore[no-untyped-def]
    """Column number of the field name data[start:start+length], or -1."""
    h = hash_slice(data, start, length)
    slot = h % np.uint64(len(key_table))
    while key_table[slot] >= 0:
        if key_hashes[key_table[slot]] == h:
            return key_table[slot]
        slot = (slot + np.uint64(1)) % np.uint64(len(key_table))
    return -1


@leaf
def _allowed(h, c, allowed_start, allowed):  # type: ignore[no-untyped-def]
    """Whether h is the hash of one of the values column c may have."""
    for a in range(allowed_start[c], allowed_start[c + 1]):  # noqa: SIM110  (compiled: no generators)
        if allowed[a] == h:
            return True
    return False


@leaf
def _read_list(data, i, end, trusted):  # type: ignore[no-untyped-def]
    """Position after the list at i, or -1; one that pydantic wrote is taken by its brackets."""
    if trusted:
        return scan_nested(data, i, end)
    if data[i] != 91:
        return -1
    stop, count, longest = scan_text_list(data, i, end)
    return -1 if count > _MAX_LIST or longest > _MAX_ITEM else stop


@nb.njit(cache=True, nogil=True)
def read_documents(data, offsets, scratch, form, numbers, start, length, accepted, patches, trusted):  # type: ignore[no-untyped-def]
    """Read document r = data[offsets[r]:offsets[r+1]] (uint8) into row r of the columns.

    `form` is `Layout.form`. numbers: float64[Cn, n], NaN where unset. start, length: int64/int32[Ct, n], length -1
    where unset; they point into `data`, which holds the models' default texts behind the documents and receives
    strings that had escapes from `scratch` on.
    accepted: bool[n]. patches: int64[P, 4] (column, row, start, end) of numbers that need correct rounding.
    `trusted`: the text was written by pydantic. Gives the number of patches.

    One long function on purpose: passing its twenty arrays on to smaller ones costs more than the reading itself.
    """
    key_table, key_hashes, tables, slots, kind_column, kind_required, kinds, member, required, defaults = form
    types, low, high, allowed_start, allowed, nullable = tables
    defaulted, default_at, default_size = defaults
    out = scratch
    patched = 0
    follows = np.zeros(len(types) + 1, np.int64)
    name_at = np.zeros(len(types), np.int64)
    name_size = np.full(len(types), -2, np.int64)  # of no field yet: the byte it leads to is never the name's end
    for row in range(len(offsets) - 1):
        end = offsets[row + 1]
        seen_0 = np.uint64(0)
        seen_1 = np.uint64(0)
        kind_hash = np.uint64(0)
        before = patched
        done = False
        i = skip_space(data, offsets[row], end)
        if i >= end or data[i] != 123:
            continue
        i = skip_space(data, i + 1, end)
        before_it = len(types)
        while i < end and data[i] == 34:
            # Documents of one producer name their fields in one order: the field that followed last time, first.
            c = follows[before_it]
            size = name_size[c]
            if i + size + 2 <= end and data[i + size + 1] == 34 and same_bytes(data, i + 1, data, name_at[c], size):
                close = i + size + 1
            else:
                close, escaped = scan_string(data, i + 1, end)
                if close < 0 or escaped:
                    break
                c = find_column(data, i + 1, close - i - 1, key_table, key_hashes)
                if c >= 0:
                    follows[before_it] = c
                    name_at[c], name_size[c] = i + 1, close - i - 1
            if c >= 0:
                before_it = c
            i = skip_space(data, close + 1, end)
            if i >= end or data[i] != 58:
                break
            i = skip_space(data, i + 1, end)
            if i >= end:
                break
            b = data[i]
            if c >= 0:
                bit = np.uint64(1) << np.uint64(c & 63)
                if (seen_0 if c < 64 else seen_1) & bit:
                    break  # a repeated field: which one counts is pydantic's to say
                if c < 64:
                    seen_0 |= bit
                else:
                    seen_1 |= bit
            if c < 0:
                i = scan_scalar(data, i, end)
            elif b == 110:
                i = scan_literal(data, i, end)[0] if nullable[c] else -1
            else:
                slot = slots[c]
                t = types[c]
                if t == _TEXT:
                    if b != 34:
                        break
                    close, escaped = scan_string(data, i + 1, end)
                    if close < 0:
                        break
                    begin, size = i + 1, close - i - 1
                    if escaped:
                        stop = unescape(data, begin, close, out)
                        if stop < 0:
                            break
                        begin, size, out = out, stop - out, stop
                    # Bytes, where the model counts characters: a longer text may still be allowed.
                    if not trusted and (size > high[c] or size < low[c]):
                        break
                    if allowed_start[c + 1] > allowed_start[c]:
                        h = hash_slice(data, begin, size)
                        if not _allowed(h, c, allowed_start, allowed):
                            break
                        if c == kind_column:
                            kind_hash = h
                    start[slot, row] = begin
                    length[slot, row] = size
                    i = close + 1
                elif t == _JSON:
                    stop = _read_list(data, i, end, trusted)
                    start[slot, row] = i
                    length[slot, row] = stop - i
                    i = stop
                elif t == _BOOL:
                    i, truth = scan_literal(data, i, end)
                    numbers[slot, row] = truth
                else:
                    if b != 45 and (b < 48 or b > 57):
                        break
                    stop, value, integer, exact = scan_number(data, i, end)
                    if stop < 0 or (t == _INT and not (integer and exact)):
                        break
                    if not exact:
                        if patched >= len(patches):
                            break
                        patches[patched, 0], patches[patched, 1] = c, row
                        patches[patched, 2], patches[patched, 3] = i, stop
                        patched += 1
                    elif value < low[c] or value > high[c]:
                        break
                    numbers[slot, row] = value
                    i = stop
            if i < 0:
                break
            i = skip_space(data, i, end)
            if i < end and data[i] == 125:
                done = skip_space(data, i + 1, end) == end
                break
            if i >= end or data[i] != 44:
                break
            i = skip_space(data, i + 1, end)
        kind = 0
        if kind_hash:
            while kinds[kind] != kind_hash:
                kind += 1
        elif kind_required:
            done = False
        if not done or required[kind, 0] & ~seen_0 or required[kind, 1] & ~seen_1:
            patched = before
            continue
        accepted[row] = True
        for word in range(2):
            missing = defaulted[kind, word] & ~(seen_1 if word else seen_0)
            c = 64 * word
            while missing:
                if missing & np.uint64(1):
                    start[slots[c], row] = offsets[-1] + default_at[c]
                    length[slots[c], row] = default_size[c]
                missing >>= np.uint64(1)
                c += 1
            extra = (seen_1 if word else seen_0) & ~member[kind, word]
            bit_number = 64 * word
            while extra:
                if extra & np.uint64(1):
                    if types[bit_number] == _TEXT or types[bit_number] == _JSON:
                        length[slots[bit_number], row] = -1
                    else:
                        numbers[slots[bit_number], row] = np.nan
                extra >>= np.uint64(1)
                bit_number += 1
    return patched
