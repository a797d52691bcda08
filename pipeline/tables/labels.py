"""A column of labels: which of its values are benign, and which rows say nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.errors import UsageError
from pipeline.tables.cells import number
from pipeline.tables.table import Table
from pipeline.tables.words import words

STRONG = re.compile(
    r"(?<!ab)(?<!non)(?<!not)(?<!un)(normal|benign|background|legit(imate)?|inliers?|harmless|innocuous|goodware|nonattack"
    r"|nonanomal(y|ous)|nonmalicious|notmalicious|notattack|noattack|noanomaly|nofraud|nonfraud|notfraud|goodtraffic"
    r"|cleantraffic|whitelisted|noattacks)(?!ly)"
)
"""Words that mean benign wherever they stand, spelling apart: `Normal.`, `BenignTraffic`, `flow=Background-UDP`."""
_BAD = re.compile(r"malicious|botnet|anomal|intrusion|malware|abnormal|suspicious|attack(?!er)")
WEAK = (
    "0",
    "false",
    "no",
    "n",
    "good",
    "ok",
    "clean",
    "ham",
    "safe",
    "negative",
    "healthy",
    "regular",
    "none",
    "-",
    "",
)
"""Values that mean benign when nothing else does, the first of them that occurs."""
MOST_CLASSES = 2_000
_SHOWN = 12
_VOID = {"", "nan", "null", "n/a", "na", "<na>", "?", "unknown", "unlabeled", "unlabelled"}


@dataclass(frozen=True)
class Labels:
    """`attack` bool[n]; `known` bool[n] is False for rows without a label, which count for nothing."""

    column: str
    attack: np.ndarray
    known: np.ndarray
    kind: np.ndarray
    """int64[n] into `kinds`: the label as written."""
    kinds: list[str]
    benign: tuple[str, ...]
    """The values taken as benign."""
    guessed: bool
    """Whether wardwatch chose them."""

    def counts(self) -> dict[str, int]:
        """Rows by label, most frequent first."""
        counted = np.bincount(self.kind, minlength=len(self.kinds))
        return {self.kinds[k] or "(empty)": int(counted[k]) for k in np.argsort(-counted, kind="stable") if counted[k]}

    def take(self, rows: np.ndarray) -> Labels:
        """The labels of these rows."""
        return Labels(
            self.column, self.attack[rows], self.known[rows], self.kind[rows], self.kinds, self.benign, self.guessed
        )


def read_labels(table: Table, column: str, benign: Sequence[str]) -> Labels:
    """The labels in a column. Raises UsageError where benign is unclear, or where there is one class only."""
    seen = words(table[column])
    texts = [w.decode("utf-8", "backslashreplace") for w in seen.distinct]
    if len(texts) > MOST_CLASSES and not benign:
        raise UsageError(
            f"column {column} has {len(texts):,} different values, too many for a label; name benign ones with --benign"
        )
    chosen = _given(texts, benign, column) if benign else _guessed(texts, column)
    is_benign = np.array([k in chosen for k in range(len(texts))])
    void = np.array([t.strip().lower() in _VOID for t in texts]) & ~is_benign
    attack = (~is_benign & ~void)[seen.codes]
    known = ~void[seen.codes]
    if not attack.any() or attack[known].all():
        one = "attacks" if attack.any() else "benign rows"
        shown = ", ".join(repr(texts[k]) for k in chosen)
        raise UsageError(
            f"column {column} has {one} only ({_listed(texts)}; benign: {shown}): there is nothing to tell apart"
        )
    return Labels(column, attack, known, seen.codes, texts, tuple(texts[k] for k in chosen), not benign)


def _given(texts: list[str], benign: Sequence[str], column: str) -> list[int]:
    chosen: list[int] = []
    for value in benign:
        found = [k for k, text in enumerate(texts) if _same(text, value)]
        if not found:
            near = difflib.get_close_matches(value.lower(), [t.lower() for t in texts], n=1, cutoff=0.6)
            hint = f"did you mean {next(t for t in texts if t.lower() == near[0])!r}? " if near else ""
            raise UsageError(f"--benign: no row of column {column} is {value[:40]!r}; {hint}there are {_listed(texts)}")
        chosen += [k for k in found if k not in chosen]
    return chosen


def _same(text: str, value: str) -> bool:
    if text.strip().lower() == value.strip().lower():
        return True
    a, b = number(text.encode()), number(value.encode())
    return a is not None and a == b


def _guessed(texts: list[str], column: str) -> list[int]:
    strong = [k for k, text in enumerate(texts) if means_benign(text)]
    if strong:
        return strong
    plain = {_weak(text): k for k, text in reversed(list(enumerate(texts)))}
    if set(plain) - _VOID == {"-1", "1"}:
        raise UsageError(_unclear(column, texts, "-1 is benign in some data sets and an attack in others"))
    for word in WEAK:
        if word in plain:
            return [k for k, text in enumerate(texts) if _weak(text) == word]
    raise UsageError(_unclear(column, texts, "none of them is a usual word for it"))


def means_benign(text: str) -> bool:
    """Whether a value says by itself that the row is benign.

    >>> [means_benign(t) for t in ("BENIGN", "normal.", "BenignTraffic", "abnormal", "flow=Background", "Not normal")]
    [True, True, True, False, True, False]
    """
    letters = "".join(c for c in text.lower() if c.isalpha())
    found = STRONG.search(letters)
    return found is not None and _BAD.search(letters[: found.start()] + letters[found.end() :]) is None


def _weak(text: str) -> str:
    word = text.strip().lower()
    value = number(word.encode()) if word else None
    return f"{value:g}" if value is not None and value == value else word


def _unclear(column: str, texts: list[str], why: str) -> str:
    return (
        f"which values of column {column} are benign is unclear ({why}): it has {_listed(texts)};"
        " name them with --benign"
    )


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return ", ".join(repr(t[:40]) for t in sorted(texts)[:_SHOWN]) + more
