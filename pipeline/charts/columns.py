"""The fields of a batch that the explainer looks at, for its kernels."""

from typing import NamedTuple

import numba as nb
import numpy as np

from pipeline.charts.part import part
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text, mix64
from schemas.account import PUBLIC_MAIL

TEXTS = (
    "user", "department", "role", "action", "purpose", "outcome", "resource_id", "status", "practitioner",
    "practitioners", "service", "encounter", "family_token", "address_token", "name", "claim_id", "provider",
    "rendering", "patient",
)  # fmt: skip
(USER, DEPARTMENT, ROLE, ACTION, PURPOSE, OUTCOME, RESOURCE_ID, STATUS, PRACTITIONER, PRACTITIONERS, SERVICE, VISIT,
 FAMILY, ADDRESS, NAME, CLAIM_ID, PROVIDER, RENDERING, PATIENT) = range(len(TEXTS))  # fmt: skip
NUMBERS = ("ts", "start_ts", "end_ts", "deceased_ts", "from_ts", "through_ts", "break_glass")
TS, START, END, DIED, FROM, THROUGH, GLASS = range(len(NUMBERS))

KINDS = (
    "access", "encounter", "appointment", "order", "care_team", "claim", "benefit", "practitioner", "patient",
    "organization",
)  # fmt: skip
(IS_ACCESS, IS_ENCOUNTER, IS_APPOINTMENT, IS_ORDER, IS_CARE_TEAM, IS_CLAIM, IS_BENEFIT, IS_PRACTITIONER, IS_PATIENT,
 IS_ORGANIZATION) = range(len(KINDS))  # fmt: skip
_KIND_HASHES = np.array([hash_text(k) for k in KINDS], np.uint64)


class Rows(NamedTuple):
    """n rows."""

    data: np.ndarray
    """uint8."""
    start: np.ndarray
    """int64[TEXTS, n]."""
    length: np.ndarray
    """int32[TEXTS, n], -1 for unknown."""
    numbers: np.ndarray
    """float64[NUMBERS, n]."""
    kind: np.ndarray
    """int8[n], place in KINDS, -1 for others."""
    chart: np.ndarray
    """uint64[n], hash of the patient; 0 for unknown."""
    offsets: np.ndarray
    """int64[n], in the log."""


@nb.njit(cache=True, nogil=True)
def _kinds(hashes: np.ndarray, known: np.ndarray) -> np.ndarray:
    out = np.full(len(hashes), -1, np.int8)
    for i in range(len(hashes)):
        for k in range(len(known)):
            if hashes[i] == known[k]:
                out[i] = k
                break
    return out


def rows_of(batch: Batch, offsets: np.ndarray) -> Rows:
    """What kernels need of `batch` and the log offsets of its rows."""
    spans = [batch.spans(name) for name in TEXTS]
    return Rows(
        batch.data,
        np.stack([start for start, _ in spans]),
        np.stack([length for _, length in spans]),
        np.stack([batch.number(name) for name in NUMBERS]),
        _kinds(batch.hash("kind"), _KIND_HASHES),
        batch.hash("patient"),
        np.ascontiguousarray(offsets, np.int64),
    )


def no_rows() -> Rows:
    """A batch without rows."""
    return Rows(
        np.zeros(1, np.uint8), np.zeros((len(TEXTS), 0), np.int64), np.zeros((len(TEXTS), 0), np.int32),
        np.zeros((len(NUMBERS), 0)), np.zeros(0, np.int8), np.zeros(0, np.uint64), np.zeros(0, np.int64),
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def folded(data, start, length):  # type: ignore[no-untyped-def]
    """uint64 hash of a text without regard to the case of ASCII and Latin-1 and to which of `-_ ` parts its words; 0
    where unknown."""
    if length <= 0:
        return np.uint64(0)
    h = np.uint64(0xCBF29CE484222325)  # FNV-1a, offset basis and prime
    for i in range(start, start + length):
        b = data[i]
        if 65 <= b <= 90:
            b += 32
        elif b == 95 or b == 45:
            b = 32
        elif 0x80 <= b <= 0x9E and b != 0x97 and i > start and data[i - 1] == 0xC3:  # capitals of Latin-1 in UTF-8
            b += 32
        h = (h ^ np.uint64(b)) * np.uint64(0x100000001B3)
    h = mix64(h)
    return h if h != np.uint64(0) else np.uint64(1)


@nb.njit(cache=True, nogil=True, inline="always")
def text_key(rows, field, r):  # type: ignore[no-untyped-def]
    """`folded` of one row's text."""
    return folded(rows.data, rows.start[field, r], rows.length[field, r])


def word_table(*words: str) -> tuple[np.ndarray, np.ndarray]:
    """`words` and their ends, as `holds` takes them."""
    return np.frombuffer("".join(words).encode(), np.uint8).copy(), np.cumsum([len(w) for w in words])


_PUBLIC, _PUBLIC_ENDS = word_table(*PUBLIC_MAIL)


@nb.njit(cache=True, nogil=True)
def _is_public(data, start, end):  # type: ignore[no-untyped-def]
    """Whether a domain begins as one of PUBLIC_MAIL, in whatever case."""
    begin = 0
    for stop in _PUBLIC_ENDS:
        at = start
        while begin < stop and at < end and (data[at] | 32 if 65 <= data[at] <= 90 else data[at]) == _PUBLIC[begin]:
            at, begin = at + 1, begin + 1
        if begin == stop:
            return True
        begin = stop
    return False


@nb.njit(cache=True, nogil=True)
def account_key(data, start, length, escape):  # type: ignore[no-untyped-def]
    """`folded` of what `schemas.account.account_of` makes of a person's identifier: record systems, directories and
    logs write one account in several ways. `escape`: bytes that a backslash takes, 2 in JSON."""
    begin, end = start, start + max(length, 0)
    for i in range(start + escape - 1, end - 1):
        if data[i] == 92 and (escape == 1 or data[i - 1] == 92):
            begin = i + 1
    for i in range(begin + 1, end):
        if data[i] == 64:
            end = end if _is_public(data, i + 1, end) else i
            break
    return folded(data, begin, end - begin)


@nb.njit(cache=True, nogil=True, inline="always")
def person_key(rows, field, r):  # type: ignore[no-untyped-def]
    """`account_key` of one row's text."""
    return account_key(rows.data, rows.start[field, r], rows.length[field, r], 1)


@nb.njit(cache=True, nogil=True, inline="always")
def short(key):  # type: ignore[no-untyped-def]
    """uint32 that stands for a 64-bit hash among the few of one patient; 0 only for 0."""
    low = np.uint32(key & np.uint64(0xFFFFFFFF))
    return np.uint32(1) if low == np.uint32(0) and key != np.uint64(0) else low


@part
def holds(data, start, length, words, ends):  # type: ignore[no-untyped-def]
    """Whether the text holds one of `words` (uint8, end to end, word k up to ends[k]), in whatever case."""
    begin = 0
    for stop in ends:
        size = stop - begin
        for at in range(start, start + length - size + 1):
            same = True
            for k in range(size):
                b = data[at + k]
                if 65 <= b <= 90:
                    b += 32
                if b != words[begin + k]:
                    same = False
                    break
            if same:
                return True
        begin = stop
    return False


def folded_keys(*words: str) -> np.ndarray:
    """uint64[k]: `folded` of each."""
    out = []
    for word in words:
        raw = np.frombuffer(word.encode(), np.uint8)
        out.append(folded(raw, 0, len(raw)))
    return np.array(out, np.uint64)


@part
def among(key, keys):  # type: ignore[no-untyped-def]
    """Whether `key` is one of a few."""
    for k in keys:  # noqa: SIM110  (compiled: no generators)
        if k == key:
            return True
    return False


@part
def read_people(rows, r, out):  # type: ignore[no-untyped-def]
    """Fill `out` (uint64[m]) with everyone a row names, once each, the chief one first; how many.

    A name with escapes, but for the backslash after a domain, is no name that a user could be matched by: it counts as
    another.
    """
    count = 0
    for field in (PRACTITIONER, RENDERING, PROVIDER):
        key = person_key(rows, field, r)
        if key != np.uint64(0) and count < len(out) and not among(key, out[:count]):
            out[count] = key
            count += 1
    data = rows.data
    at = rows.start[PRACTITIONERS, r]
    end = at + max(rows.length[PRACTITIONERS, r], 0)
    while at < end and count < len(out):
        while at < end and data[at] != 34:
            at += 1
        close = at + 1
        while close < end and data[close] != 34:
            close += 2 if data[close] == 92 else 1
        if close >= end:
            break
        key = account_key(data, at + 1, close - at - 1, 2)
        if key != np.uint64(0) and not among(key, out[:count]):
            out[count] = key
            count += 1
        at = close + 1
    return count
