"""Sigma's `*` and `?` without backtracking."""

import re
from collections.abc import Callable, Sequence

ANY, ONE = object(), object()
"""`*` and `?` among the parts of a pattern."""
Part = str | object
Matcher = Callable[[str], bool]


def matcher(parts: Sequence[Part], *, anchored: bool = True) -> Matcher:
    """A function: whether a text is of this form; `anchored` False: whether it holds a part of this form."""
    runs = _runs(parts)
    if not anchored:
        runs = [[], *runs, []]
    if len(runs) == 1 and all(isinstance(p, str) for p in runs[0]):
        whole = "".join(map(str, runs[0]))
        return lambda text: text == whole
    if all(isinstance(p, str) for run in runs for p in run):
        return _plain(["".join(map(str, run)) for run in runs])
    return _general([_compiled(run) for run in runs])


def _runs(parts: Sequence[Part]) -> list[list[Part]]:
    runs: list[list[Part]] = [[]]
    for part in parts:
        if part is ANY:
            runs.append([])
        else:
            runs[-1].append(part)
    return runs


def _plain(texts: list[str]) -> Matcher:
    first, *middle, last = texts
    middle = [m for m in middle if m]
    if not first and not last and len(middle) == 1:
        only = middle[0]
        return lambda text: only in text
    if not middle and not last:
        return lambda text: text.startswith(first)
    if not middle and not first:
        return lambda text: text.endswith(last)

    def found(text: str) -> bool:
        if not (text.startswith(first) and text.endswith(last)):
            return False
        at, end = len(first), len(text) - len(last)
        for m in middle:
            at = text.find(m, at, end)
            if at < 0:
                return False
            at += len(m)
        return at <= end

    return found


def _compiled(run: list[Part]) -> tuple[re.Pattern[str], int]:
    """A pattern of fixed length (so that it cannot backtrack), and that length."""
    pattern = "".join(re.escape(p) if isinstance(p, str) else "." for p in run)
    return re.compile(pattern, re.DOTALL), sum(len(p) if isinstance(p, str) else 1 for p in run)


def _general(runs: list[tuple[re.Pattern[str], int]]) -> Matcher:
    if len(runs) == 1:
        return lambda text: runs[0][0].fullmatch(text) is not None
    (first, begin), *middle, (last, tail) = runs

    def found(text: str) -> bool:
        end = len(text) - tail
        if first.match(text) is None or end < begin or last.match(text, end) is None:
            return False
        at = begin
        for pattern, _ in middle:
            match = pattern.search(text, at, end)
            if match is None:
                return False
            at = match.end()
        return at <= end

    return found
