"""Which bait words a text holds: all that is kept of what a mail says."""

import re
from functools import cache
from pathlib import Path

_WORD = re.compile(r"[a-z]{2,24}")
LOOK_AT = 100_000
"""Characters of a body that are read; a longer one has said what it wants by then."""


@cache
def vocabulary() -> frozenset[str]:
    """The fixed list, from `bait_words.txt` beside this module."""
    lines = (Path(__file__).parent / "bait_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def bait_words(*texts: str) -> str:
    """Words of the list that occur, each once, in alphabetical order, separated by blanks."""
    found = {word for text in texts for word in _WORD.findall(text[:LOOK_AT].lower())}
    return " ".join(sorted(found & vocabulary()))
