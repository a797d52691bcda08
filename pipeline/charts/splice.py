"""Adds what was judged to documents as they stand: JSON text goes in before the last brace, nothing is parsed."""

import re

import numba as nb
import numpy as np

from pipeline.charts.fields import FORMS, NAMES, O_REF, TEXTS
from pipeline.charts.part import part
from pipeline.charts.people import MAX_REF
from pipeline.charts.reasons import REASONS
from pipeline.features.documents import Documents
from pipeline.features.json_writing import digits
from pipeline.features.words import copy_onward


def _table(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    text = "".join(words).encode()
    return np.frombuffer(text, np.uint8).copy(), np.cumsum([0, *map(len, words)])


_KEYS, _KEY_AT = _table([f',"{name}":' for name in NAMES])
_WORDS, _WORD_AT = _table([f'"{reason}"' for reason in REASONS])
_TEXTS, _TEXT_AT = _table([f',"{name}":"' for name in TEXTS])
_TRUTH, _TRUTH_AT = _table(["false", "true"])
_FRACTION, _WHOLE, _BOOL, _WORD = 1, 0, -1, -2
_SPACE = len(_KEYS) + 24 * len(NAMES) + max(map(len, REASONS)) + len(_TEXTS) + len(TEXTS) * (MAX_REF + 1) + 16
"""Bytes that judging adds to a document at most."""
_EVENT_ID = re.compile(rb'"event_id"\s*:\s*"([^"\\]*)"')
_MARK = b":withdrawn"
_ID_SIZE = 64  # schemas.base.Event.event_id


@part
def _number(out, at, value, places):  # type: ignore[no-untyped-def]
    """Write a number with so many places after the point, without needless zeros; the place after it."""
    scale = 1
    for _ in range(places):
        scale *= 10
    whole = np.int64(np.rint(abs(value) * scale))
    if value < 0 and whole > 0:
        out[at] = 45
        at += 1
    at = digits(out, at, whole // scale, 1)
    rest = whole % scale
    if places == 0 or rest == 0:
        return at
    out[at] = 46
    at = digits(out, at + 1, rest, places)
    while out[at - 1] == 48:
        at -= 1
    return at


@part
def _copy(source, start, end, out, at):  # type: ignore[no-untyped-def]
    copy_onward(source, start, end - start, out, at)
    return at + end - start


@part
def _fields(out, at, values, refs, texts):  # type: ignore[no-untyped-def]
    """Write all fields that are set, and `texts` (place and size in `refs` of each); the place after them."""
    for f in range(len(values)):
        value = values[f]
        if value != value:
            continue
        at = _copy(_KEYS, _KEY_AT[f], _KEY_AT[f + 1], out, at)
        form = FORMS[f]
        if form == _BOOL:
            truth = 1 if value != 0.0 else 0
            at = _copy(_TRUTH, _TRUTH_AT[truth], _TRUTH_AT[truth + 1], out, at)
        elif form == _WORD:
            word = np.int64(value)
            at = _copy(_WORDS, _WORD_AT[word], _WORD_AT[word + 1], out, at)
        else:
            at = _number(out, at, value, form)
    for k in range(len(TEXTS)):
        ref, size = texts[2 * k], texts[2 * k + 1]
        if size > 0:
            at = _copy(_TEXTS, _TEXT_AT[k], _TEXT_AT[k + 1], out, at)
            at = _copy(refs, ref, ref + size, out, at)
            out[at] = 34
            at += 1
    return at


@nb.njit(cache=True, nogil=True)
def splice(data, kept, from_kept, begin, end, todo, values, refs, out, bounds):  # type: ignore[no-untyped-def]
    """Write m documents with their fields end to end into `out` (uint8), document j at bounds[j]:bounds[j + 1].

    Document j is begin[j]:end[j] (int64[m]) of `data`, or of `kept` where from_kept[j] (uint8 both, bool[m]); `todo`
    int64[m, OUT_WORDS] and `values` float64[m, fields] say what is added, `refs` uint8 holds names of reasons.
    """
    at = 0
    for j in range(len(begin)):
        source = kept if from_kept[j] else data
        last = end[j] - 1
        while last > begin[j] and source[last] != 125:
            last -= 1
        at = _copy(source, begin[j], last, out, at)
        at = _fields(out, at, values[j], refs, todo[j, O_REF:])
        out[at] = 125
        at += 1
        bounds[j + 1] = at


def with_fields(
    data: np.ndarray,
    kept: np.ndarray,
    places: tuple[np.ndarray, np.ndarray, np.ndarray],
    todo: np.ndarray,
    values: np.ndarray,
    refs: np.ndarray,
) -> Documents:
    """`splice`; `places` are its from_kept, begin, end."""
    from_kept, begin, end = places
    out = np.empty(int((end - begin).sum()) + _SPACE * len(begin) + 8, np.uint8)
    bounds = np.zeros(len(begin) + 1, np.int64)
    splice(data, kept, from_kept, begin, end, todo, values, refs, out, bounds)
    return Documents(out[: bounds[-1]], bounds)


def renamed(document: bytes) -> bytes:
    """The document under the identifier of its withdrawal."""

    def mark(found: re.Match[bytes]) -> bytes:
        start, end = found.start(1) - found.start(), found.end(1) - found.start()
        whole = found.group()
        return whole[:start] + whole[start:end][: _ID_SIZE - len(_MARK)] + _MARK + whole[end:]

    return _EVENT_ID.sub(mark, document, count=1)
