"""Where a request leaves the text of a value and goes on as code: a database's, a page's, a template's.

Texts come from `plain_requests`.
"""

import numba as nb
import numpy as np

from pipeline.detectors.logs.web_requests import BRACED, QUOTED
from pipeline.features.hashed_words import among, blank, hashes, letter, word

_OPERATORS = hashes(("or", "and", "xor", "having", "like", "rlike", "regexp", "between", "is", "in", "not", "div",
                      "union", "order", "group", "limit", "procedure", "collate", "where", "into"))  # fmt: skip
_JOINING = hashes(("or", "and", "xor"))


@nb.njit(cache=True, nogil=True)
def _comment(text, j, end):  # type: ignore[no-untyped-def]
    """Whether a database's comment begins here that makes it forget the rest: `--`, `#`, `/*`, with nothing behind."""
    while j < end and (blank(text[j]) or text[j] == 41 or text[j] == 59):
        j += 1
    if j >= end:
        return False
    doubled = j + 1 < end and ((text[j] == 45 and text[j + 1] == 45) or (text[j] == 47 and text[j + 1] == 42))
    if doubled:
        j += 2
    elif text[j] == 35:
        j += 1
    else:
        return False
    return j >= end or blank(text[j]) or text[j] == 38 or text[j] == 45 or text[j] == 39


@nb.njit(cache=True, nogil=True)
def _compares(text, j, end):  # type: ignore[no-untyped-def]
    """Whether a comparison, a call or a comment follows within forty characters of the same value."""
    last = min(end, j + 40)
    for k in range(j, last):
        b = text[k]
        if b == 38 and k + 1 < end and text[k + 1] != 38 and text[k - 1] != 38:
            return False
        if b == 61 or b == 60 or b == 62 or b == 126 or (b == 40 and letter(text[k - 1])):
            return True
        if b != 32 and _comment(text, k, end):
            return True
        if (
            b == 39
            and k >= j + 5
            and text[k - 5] == 108
            and text[k - 4] == 105
            and text[k - 3] == 107
            and text[k - 2] == 101
        ):
            return True  # like '
    return False


@nb.njit(cache=True, nogil=True)
def broken_quotes(text, start, length, marks):  # type: ignore[no-untyped-def]
    """bool[m]: a quote ends the value's own text and what follows reads on as a database's language does.

    Only at a quote that has no partner before it in its value: the language of a search page (JQL, OData) opens and
    closes its own. Also a comparison of numbers behind `or` and `and` without any quote (`1 or 2>1`).
    """
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if not marks[i] & QUOTED:
            continue
        end, j = start[i] + length[i], start[i]
        while j < end and text[j] != 63:
            j += 1
        single, double = 0, 0
        while j < end and not out[i]:
            b = text[j]
            j += 1
            if b == 38 or b == 63:
                single, double = 0, 0
            single, double = single + (b == 39), double + (b == 34)
            if (b == 39 and single % 2) or (b == 34 and double % 2):
                out[i] = _reads_on(text, j, end)
            elif b == 32 and (48 <= text[j - 2] <= 57 or text[j - 2] == 41):
                value, stop, _ = word(text, j, end)
                out[i] = among(value, _JOINING) and _numbers(text, stop, end)
    return out


@nb.njit(cache=True, nogil=True)
def _reads_on(text, j, end):  # type: ignore[no-untyped-def]
    if _comment(text, j, end):
        return True
    k = j
    while k < end and (blank(text[k]) or text[k] == 41):
        k += 1
    if k + 1 >= end:
        return False
    doubled = text[k] == text[k + 1] and (text[k] == 124 or text[k] == 38)  # || and && join as words do
    if doubled or text[k] == 43:
        n = k + 1 + doubled
        while n < end and blank(text[n]):
            n += 1
        return n < end and (
            text[n] == 40 or text[n] == 39 or text[n] == 34 or (letter(text[n]) and _compares(text, n, end))
        )
    if text[k] == 59:
        return False
    if text[k + 1] == text[j - 1] and (text[k] in (94, 42, 45, 38, 61, 47)):
        return True  # '-' computes with two texts and compares nothing: it is always true
    value, stop, size = word(text, k, end)
    apart = k > j or (stop < end and not letter(text[stop]))
    return size > 1 and apart and among(value, _OPERATORS) and stop < end and _compares(text, stop, end)


@nb.njit(cache=True, nogil=True)
def _numbers(text, j, end):  # type: ignore[no-untyped-def]
    """Whether two numbers are compared at text[j]."""
    for side in range(2):
        while j < end and (blank(text[j]) or text[j] == 40):
            j += 1
        if j >= end or not 48 <= text[j] <= 57:
            return False
        while j < end and 48 <= text[j] <= 57:
            j += 1
        while j < end and blank(text[j]):
            j += 1
        if side == 0:
            if j >= end or not (text[j] == 60 or text[j] == 61 or text[j] == 62):
                return False
            while j < end and (text[j] == 60 or text[j] == 61 or text[j] == 62):
                j += 1
    return True


@nb.njit(cache=True, nogil=True)
def handlers(text, start, length, marks):  # type: ignore[no-untyped-def]
    """bool[m]: something runs on an event of the page: `on…=` in a tag, or behind a quote that may end an attribute."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if not marks[i] & QUOTED:
            continue
        end, tag, quote = start[i] + length[i], False, False
        for j in range(start[i] + 1, end - 4):
            b = text[j - 1]
            tag, quote = tag or b == 60, quote or b == 34 or b == 39
            if not (tag or quote) or text[j] != 111 or text[j + 1] != 110:
                continue
            if not (blank(b) or b == 47 or b == 34 or b == 39 or b == 59):
                continue
            k = j + 2
            while k < end and 97 <= text[k] <= 122:
                k += 1
            named = (3 if tag else 4) <= k - j - 2 <= 24
            while k < end and blank(text[k]):
                k += 1
            if named and k + 1 < end and text[k] == 61 and text[k + 1] != 61:
                out[i] = True
                break
    return out


@nb.njit(cache=True, nogil=True)
def tags(text, start, length, marks):  # type: ignore[no-untyped-def]
    """bool[m]: a tag of any name with an attribute, or a declaration; `<name>` is often a place that was not filled."""
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if not marks[i] & QUOTED:
            continue
        end = start[i] + length[i]
        for j in range(start[i], end - 2):
            if text[j] != 60:
                continue
            k = j + 1
            declared = text[k] == 33 or text[k] == 63
            k += declared
            first = k
            while k < end and (97 <= text[k] <= 122 or (k > first and letter(text[k]))):
                k += 1
            if k == first or k >= end or not (blank(text[k]) or text[k] == 47):
                continue
            while k < end and text[k] != 61 and text[k] != 62 and text[k] != 60:
                k += 1
            if declared or (k < end and text[k] != 60):
                out[i] = True
                break
    return out


@nb.njit(cache=True, nogil=True)
def templates(text, start, length, marks):  # type: ignore[no-untyped-def]
    """bool[m]: a template computes something: `{{…}}`, `${…}`, `#{…}` or `*{…}` with a call, a product, a list or `__`.

    A bare name in such brackets is a page that forgot to fill it in.
    """
    out = np.zeros(len(start), np.bool_)
    for i in range(len(start)):
        if not marks[i] & BRACED:
            continue
        end = start[i] + length[i]
        for j in range(start[i] + 1, end - 3):
            b = text[j - 1]
            if text[j] != 123 or not (b == 123 or b == 36 or b == 35 or b == 42):
                continue
            k = j + 1
            while k < end - 1 and k < j + 80 and text[k] != 125 and not out[i]:
                c = text[k]
                out[i] = c == 40 or c == 91 or (c == 95 and text[k + 1] == 95) or (c == 42 and letter(text[k + 1]))
                k += 1
            if out[i]:
                break
    return out
