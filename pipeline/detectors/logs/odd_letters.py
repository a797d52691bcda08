"""Marks of text that was twisted so that nobody recognises it: counted letter by letter, in one pass."""

import numba as nb
import numpy as np

MARKS = (
    "broken_words", "glued_pieces", "shuffled_pieces", "letters_by_number", "letters_by_escape", "odd_case",
    "cut_variables",
)  # fmt: skip
LOOK_AT = 4096
"""Letters of a text that are looked at."""
WORDS = (
    "object", "system", "expression", "invoke", "string", "download", "client", "assembly", "encoding", "convert",
    "stream", "reflection", "version", "value", "foreach", "function", "return", "write", "output", "start", "process",
    "command", "content", "select", "where", "import", "module", "powershell", "windows", "hidden", "compression",
    "join", "split", "replace", "bytes", "comspec", "bypass", "profile", "execution", "policy", "static", "user",
    "agent", "headers", "security", "management", "automation", "utils", "variable", "create", "environment", "item",
    "path", "length", "proxy", "network", "credentials", "default", "script", "block", "public", "shell",
    "wscript", "exec", "temp", "program", "files", "appdata", "schtasks", "rundll32", "regsvr32", "certutil",
    "WebClient", "GetType", "GetField", "SetValue", "NonPublic", "DownloadString", "DownloadFile", "MemoryStream",
    "StreamReader", "DeflateStream", "GzipStream", "ReadToEnd", "PSVersionTable", "ScriptBlock", "ToString",
    "GetString", "GetBytes", "CreateObject", "ExecutionPolicy", "NoProfile", "WindowStyle", "EncodedCommand",
    "PowerShell", "AppData", "WScript", "RegSvr32", "NonInteractive", "IsNullOrEmpty", "ToCharArray", "ForEach",
    "SubString", "SystemRoot", "ComSpec", "RunDll32", "RunDLL32", "CertUtil", "SchTasks",
)  # fmt: skip
"""Words of Windows' shells as they are written; also in lower or upper case, or with a capital in front."""
_UPPER, _LOWER, _DIGIT, _BLANK, _QUOTE, _OTHER = range(6)
_PRIME = np.uint64(1_099_511_628_211)
_BASIS = np.uint64(14_695_981_039_346_656_037)


def _classes() -> np.ndarray:
    """uint8[256]: what sort of letter each byte is."""
    table = np.full(256, _OTHER, np.uint8)
    table[65:91], table[97:123], table[48:58] = _UPPER, _LOWER, _DIGIT
    table[[9, 10, 13, 32]] = _BLANK
    table[[34, 39]] = _QUOTE
    return table


def _hash(word: str) -> int:
    """FNV-1a, as the kernel does it letter by letter."""
    value = int(_BASIS)
    for byte in word.encode():
        value = (value ^ byte) * int(_PRIME) % 2**64
    return value


def _known() -> tuple[np.ndarray, np.ndarray]:
    """(hashes of the words in lower case, ascending; of the ways in which each is written, eight a word): uint64."""
    rows: dict[int, set[int]] = {}
    for word in WORDS:
        ways = (word, word.lower(), word.upper(), word.lower().capitalize(), word[0].lower() + word[1:])
        rows.setdefault(_hash(word.lower()), set()).update(map(_hash, ways))
    lower = sorted(rows)
    return np.array(lower, np.uint64), np.array([(sorted(rows[key]) * 8)[:8] for key in lower], np.uint64)


CLASS = _classes()
_LOWER_CASE, _WAYS = _known()


@nb.njit(cache=True, nogil=True)
def marks(data, start, length):  # type: ignore[no-untyped-def]
    """float64[m, 7] of texts data[start:start + length] (uint8; length -1: none), in the order of `MARKS`.

    broken_words: words that are cut by three or more carets, backticks or quotes · glued_pieces: quoted pieces of up
    to six letters joined by + · shuffled_pieces: {2}{0}{1} out of order · letters_by_number: casts to a letter, or a
    run of numbers that could be letters · letters_by_escape: \\x41, \\u0041, \\101 in a row · odd_case: `WORDS` as
    nobody writes them · cut_variables: %a:~3,1% (but of date and time), ${a:3:1} (one or two letters: longer ones are
    short names of versions, and a number alone is what stands for a variable that is not set).
    """
    out = np.zeros((len(start), 7))
    for i in range(len(start)):
        if length[i] > 0:
            text = data[start[i] : start[i] + min(length[i], LOOK_AT)]
            _pieces(text, out[i])
            _numbers(text, out[i])
            _words(text, out[i])
    return out


@nb.njit(cache=True, nogil=True)
def _is_letter(c):  # type: ignore[no-untyped-def]
    return c <= _LOWER  # upper or lower


@nb.njit(cache=True, nogil=True)
def _is_hex(b):  # type: ignore[no-untyped-def]
    return 48 <= b <= 57 or 97 <= b | 32 <= 102


@nb.njit(cache=True, nogil=True)
def _is_code(text, k):  # type: ignore[no-untyped-def]
    """Whether x41, u0041 or 101 stands there, three letters of which are in the text; other alphabets than ours are
    written as \\u0431 by honest programs."""
    if text[k] == 120:
        return _is_hex(text[k + 1]) and _is_hex(text[k + 2])
    if text[k] == 117:
        ours = k + 4 < len(text) and text[k + 1] == 48 and text[k + 2] == 48 and 50 <= text[k + 3] <= 55
        return ours and _is_hex(text[k + 4])
    return 48 <= text[k] <= 49 and 48 <= text[k + 1] <= 55 and 48 <= text[k + 2] <= 55


@nb.njit(cache=True, nogil=True)
def _is_clock(text, k):  # type: ignore[no-untyped-def]
    """Whether date or time stands there: honest scripts cut a day and an hour out of them."""
    if text[k + 3] | 32 != 101:
        return False
    date = text[k] | 32 == 100 and text[k + 1] | 32 == 97 and text[k + 2] | 32 == 116
    return date or (text[k] | 32 == 116 and text[k + 1] | 32 == 105 and text[k + 2] | 32 == 109)


@nb.njit(cache=True, nogil=True)
def _is_short_cut(text, k):  # type: ignore[no-untyped-def]
    """Whether 3:1} or 12:2} stands there: from where, and one or two letters."""
    end = min(len(text), k + 4)
    while k < end and CLASS[text[k]] == _DIGIT:
        k += 1
    return k + 2 < len(text) and text[k] == 58 and 49 <= text[k + 1] <= 50 and text[k + 2] == 125


@nb.njit(cache=True, nogil=True)
def _skip_blanks(text, k, most):  # type: ignore[no-untyped-def]
    end = min(len(text), k + most)
    while k < end and text[k] == 32:
        k += 1
    return k


@nb.njit(cache=True, nogil=True)
def _pieces(text, out):  # type: ignore[no-untyped-def]
    """Words that are cut from within, short quoted pieces that are joined, and {2}{0}{1}. text uint8[n]."""
    n, breaks, since_quote, placeholder = len(text), 0, 1_000, -1
    for j in range(n):
        b, c = text[j], CLASS[text[j]]
        if c == _BLANK:
            breaks = 0
        cuts = (b == 94 or b == 96 or c == _QUOTE) and 0 < j < n - 1
        if cuts and _is_letter(CLASS[text[j - 1]]) and _is_letter(CLASS[text[j + 1]]):
            breaks += 1
            out[0] += breaks == 3
        if c == _QUOTE:
            k = _skip_blanks(text, j + 1, 2)
            if k < n and text[k] == 43 and since_quote <= 6:
                k = _skip_blanks(text, k + 1, 2)
                out[1] += k < n and CLASS[text[k]] == _QUOTE
            since_quote = 0
        else:
            since_quote += 1
        if b == 123 and j + 2 < n and CLASS[text[j + 1]] == _DIGIT:
            k, number = j + 1, 0
            while k < min(n, j + 4) and CLASS[text[k]] == _DIGIT:
                number = number * 10 + int(text[k]) - 48
                k += 1
            if k < n and text[k] == 125:
                out[2] += j > 0 and text[j - 1] == 125 and number != placeholder + 1
                placeholder = number


@nb.njit(cache=True, nogil=True)
def _numbers(text, out):  # type: ignore[no-untyped-def]
    """Numbers that could be letters, letters as escapes, and parts of variables. text uint8[n]."""
    n, casts = len(text), 0
    numbers, falls, value, digits, last, escapes, escaped = 0, 0, 0, 0, -1, 0, -9
    for j in range(n):
        b, c = text[j], CLASS[text[j]]
        if c == _DIGIT:
            value, digits = value * 10 + int(b) - 48 if digits < 4 else 9_999, digits + 1
        elif digits:
            # Versions, addresses and times have dots and colons between their numbers.
            if digits <= 3 and 9 <= value <= 126 and b != 46 and b != 58 and not _is_letter(c):
                numbers += 1
                falls += value < last
                last = value
                if numbers >= 12 and falls >= 3:
                    out[3] = max(out[3], float(numbers))
            else:
                numbers, falls, last = 0, 0, -1
            value, digits = 0, 0
        elif _is_letter(c):
            numbers, falls, last = 0, 0, -1
        if b == 92 and j + 3 < n and _is_code(text, j + 1):
            escapes = escapes + 1 if j - escaped <= 6 else 1
            escaped = j
            out[4] = max(out[4], float(escapes))
        if b == 126 and j > 4 and j + 1 < n and text[j - 1] == 58 and not _is_clock(text, j - 5):
            out[6] += CLASS[text[j + 1]] == _DIGIT or text[j + 1] == 45
        if b == 58 and j > 2 and j + 1 < n and CLASS[text[j + 1]] == _DIGIT:
            k = j - 1
            while k > max(0, j - 24) and (_is_letter(CLASS[text[k]]) or text[k] == 95 or text[k] == 64):
                k -= 1
            if 0 < k < j - 1 and text[k] == 123 and text[k - 1] == 36:
                out[6] += _is_short_cut(text, j + 1)
        if j + 4 < n and b | 32 == 99 and text[j + 1] | 32 == 104:  # [char], chr(, chrw(
            cast = text[j + 2] | 32 == 97 and text[j + 3] | 32 == 114 and text[j + 4] == 93
            called = text[j + 3] == 40 or (text[j + 3] | 32 == 119 and text[j + 4] == 40)
            casts += cast or (text[j + 2] | 32 == 114 and called)
    if casts >= 5:  # a few draw frames and arrows
        out[3] = max(out[3], 4.0 * casts)


@nb.njit(cache=True, nogil=True)
def _words(text, out):  # type: ignore[no-untyped-def]
    """Known words in a case in which nobody writes them. text uint8[n]."""
    begin, inner, small = -1, 0, 0
    for j in range(len(text) + 1):
        c = CLASS[text[j]] if j < len(text) else np.uint8(_BLANK)
        if c <= _LOWER or (c == _DIGIT and begin >= 0):
            inner += c == _UPPER and begin >= 0
            small += c == _LOWER
            begin = j if begin < 0 else begin
            continue
        if inner and small and j - begin >= 4:  # all other words are as anybody may write them
            out[5] += _is_odd(text[begin:j])
        begin, inner, small = -1, 0, 0


@nb.njit(cache=True, nogil=True)
def _is_odd(word):  # type: ignore[no-untyped-def]
    """Whether a word (uint8[n]) is one of `WORDS`, and not written as one."""
    lower, raw = _BASIS, _BASIS
    for b in word:
        lower = (lower ^ np.uint64(b | 32 if CLASS[b] == _UPPER else b)) * _PRIME
        raw = (raw ^ np.uint64(b)) * _PRIME
    k = np.searchsorted(_LOWER_CASE, lower)
    if k == len(_LOWER_CASE) or _LOWER_CASE[k] != lower:
        return False
    usual = False
    for way in range(_WAYS.shape[1]):
        usual |= _WAYS[k, way] == raw
    return not usual
