"""Columns that give the label away: second labels, which no model may see, and suspects, which the user must judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.models.metrics import roc_auc
from pipeline.tables import names
from pipeline.tables.frame import Frame
from pipeline.tables.labels import Labels, means_benign
from pipeline.tables.table import Column, Table
from pipeline.tables.words import words

SUSPECT = 0.99
"""ROC AUC of a single column from which the user is warned: hardly any honest measurement tells attacks alone."""
AGREES = 0.999
"""A column is a second label when so many rows have, by its value, the label that most rows of this value have."""
PARTLY = 0.05
"""A column that is named as a mark of attacks is one when it marks so many of them and nothing else."""
MOST_VALUES = 200
"""Second labels have few different values: attack types, not identifiers."""
SAMPLE = 50_000
_BINS = 64


@dataclass(frozen=True)
class Suspect:
    """A feature that tells the label almost alone."""

    column: str
    auc: float


def second_labels(table: Table, labels: Labels, without: set[str]) -> dict[str, str]:
    """Columns that are the label in other words → why they are left out.

    The rule: few values, which decide the label in 99.9 % of the rows, and either a name that labels have
    (`attack_cat`, `class`, `type` …; in a file without names any column) or a value that says benign (`normal` …). A
    column called `attack…`, `anomaly…` or `label…` is one, too, when some of its values mark nothing but attacks.
    """
    found = {}
    for name in table.names:
        if name in without or name == labels.column:
            continue
        decided = _decides(
            table[name], labels, named=names.is_label(name) or not table.header, marks=names.marks_attacks(name)
        )
        if decided:
            found[name] = f"it is a second label: {decided}"
    return found


def _decides(column: Column, labels: Labels, *, named: bool, marks: bool) -> str:
    codes, texts = _few_values(column)
    if not texts or len(texts) < 2:
        return ""
    says = any(means_benign(t) for t in texts)
    if not named and not says and not marks:
        return ""
    rows = labels.known
    attacks = np.bincount(codes[rows], labels.attack[rows], len(texts))
    total = np.bincount(codes[rows], minlength=len(texts))
    agree = np.maximum(attacks, total - attacks).sum() / max(total.sum(), 1)
    mixed = (attacks * 2 > total).any() and (attacks * 2 < total).any()
    # Where attacks are rare, always guessing benign agrees as well: both classes have to be decided.
    caught = attacks[attacks * 2 > total].sum() / max(attacks.sum(), 1)
    pure = attacks[attacks >= AGREES * np.maximum(total, 1)].sum() / max(attacks.sum(), 1)
    if marks and pure >= PARTLY:
        return f"its name says so, and some of its values stand on {labels.column}'s attacks only"
    if not (mixed and agree >= AGREES and caught >= 0.99):
        return ""
    why = "its name and values" if named and says else "its name and values" if named else "its values"
    return f"{why} decide {labels.column}"


def _few_values(column: Column) -> tuple[np.ndarray, list[str]]:
    if isinstance(column, np.ndarray) and len(np.unique(column[:5_000])) > MOST_VALUES:
        return np.zeros(0, np.int64), []
    seen = words(column)
    if len(seen.distinct) > MOST_VALUES:
        return np.zeros(0, np.int64), []
    return seen.codes, [w.decode("utf-8", "replace") for w in seen.distinct]


def suspects(frame: Frame, labels: Labels) -> list[Suspect]:
    """Features that rank attacks above benign rows almost perfectly on their own, the strongest first.

    Each is cut into bins (categories are their own); how often a bin is an attack is counted on every second
    row and tried on the others.
    """
    rows = np.flatnonzero(labels.known)
    rows = rows[:: max(len(rows) // SAMPLE, 1)]
    y = labels.attack[rows]
    found = []
    for j, name in enumerate(frame.numeric):
        found.append(Suspect(name, _alone(_binned(frame.X[rows, j]), y)))
    for j, name in enumerate(frame.categorical):
        found.append(Suspect(name, _alone(np.unique(frame.C[rows, j], return_inverse=True)[1], y)))
    return sorted((s for s in found if s.auc >= SUSPECT), key=lambda s: -s.auc)


def _binned(values: np.ndarray) -> np.ndarray:
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return np.zeros(len(values), np.int64)
    edges = np.unique(known[np.linspace(0, len(known) - 1, _BINS + 1).astype(int)])
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, np.nan_to_num(values), side="right"))


def _alone(code: np.ndarray, y: np.ndarray) -> float:
    fit, attempt = slice(0, None, 2), slice(1, None, 2)
    if not (0 < y[attempt].sum() < len(y[attempt])):
        return 0.5
    size = int(code.max()) + 1
    attacks, total = np.bincount(code[fit], y[fit], size), np.bincount(code[fit], minlength=size)
    rate = (attacks + y[fit].mean()) / (total + 1.0)
    return roc_auc(y[attempt], rate[code[attempt]])
