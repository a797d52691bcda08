"""Literals that a text must hold for a value to match: what the pre-filter looks for.

A literal is written as the pre-filter sees texts: lower case, without backslashes (they are doubled in JSON), only
printable ASCII, and nothing that could be a number, as numbers stand in JSON in more than one way.
"""

import re
from collections.abc import Iterable
from re import _constants as op  # type: ignore[attr-defined]  # no public form of a parsed pattern
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

SHORTEST = 4
"""Bytes: the pre-filter looks at four at a time."""
_PIECES = re.compile(r"[\x20-\x7e]+")
_NUMBER = re.compile(r"[0-9.e+-]*$")
Literals = frozenset[bytes] | None
"""At least one of these must occur; None: nothing is known."""


def literal_in(texts: Iterable[str]) -> bytes | None:
    """The most telling literal that any text holding all of `texts` must hold; None where all are too short."""
    best = b""
    for text in texts:
        # Quotes are escaped in JSON by the backslash that is dropped everywhere, so they stay.
        for piece in _PIECES.findall(text.replace("\\", "").lower()):
            if len(piece) > len(best) and not _NUMBER.match(piece):
                best = piece.encode()
    return best if len(best) >= SHORTEST else None


def any_of(parts: Iterable[Literals]) -> Literals:
    """What must occur where one of several values has to match."""
    found: set[bytes] = set()
    for part in parts:
        if part is None:
            return None
        found |= part
    return frozenset(found)


def regex_literals(pattern: str, flags: int) -> Literals:
    """What must occur where a regular expression matches."""
    try:
        return _needed(parser.parse(pattern, flags))
    except (re.error, RecursionError, OverflowError):
        return None


def _needed(tree: Any) -> Literals:
    best: Literals = None
    run: list[str] = []

    def better(found: Literals) -> None:
        nonlocal best
        if found is not None and (best is None or min(map(len, found)) > min(map(len, best))):
            best = found

    def end_run() -> None:
        literal = literal_in(["".join(run)])
        better(frozenset((literal,)) if literal else None)
        run.clear()

    for code, argument in tree:
        if code is op.LITERAL:
            run.append(chr(argument))
            continue
        end_run()
        if code is op.SUBPATTERN:
            better(_needed(argument[3]))
        elif code is op.BRANCH:
            better(any_of(_needed(b) for b in argument[1]))
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[0] > 0:
            better(_needed(argument[2]))
    end_run()
    return best
