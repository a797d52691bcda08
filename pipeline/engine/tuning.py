"""What verdicts, or the user, say of thresholds: the list `tuning`, within limits that no row can leave."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.features.lists import Lists
from schemas.until import ends

LOWEST, HIGHEST = -0.2, 0.5
"""A threshold goes down by a fifth of its height at most, and up by half of what is left to 1: who floods the topic of
verdicts, or mistypes a row, cannot blind a detector."""
CRITICAL = 5
"""Detectors of this severity are never made less sensitive."""
AUTOMATIC = "verdicts"
"""Column `by` of rows that no person wrote; a person's row goes before them."""


def fault_of(row: Mapping[str, str]) -> str | None:
    """Why a row of the list can shift nothing; None for one that can."""
    for column in ("detector", "shift", "by", "reason", "until"):
        if not row.get(column, "").strip():
            return f"{column} is missing: a row names detector, shift, by, reason and until"
    if ends(row["until"]) is None:
        return "until is no date: write YYYY-MM-DD, from which day on it shifts nothing"
    shift = _number(row["shift"])
    if shift is None or not LOWEST <= shift <= HIGHEST:
        return f"shift is no number from {LOWEST} to {HIGHEST}"
    return None


class Tuning:
    """The shift of one detector's threshold, as the list says at present."""

    def __init__(self, rows: Sequence[Mapping[str, str]], severity: int) -> None:
        """Of several good rows the last by a person counts, and without one the last."""
        good = [row for row in rows if fault_of(row) is None]
        row = max(enumerate(good), key=lambda at: (at[1]["by"] != AUTOMATIC, at[0]))[1] if good else None
        self.shift = float(row["shift"]) if row else 0.0
        self.until = ends(row["until"]) or 0.0 if row else 0.0
        if severity >= CRITICAL:
            self.shift = min(self.shift, 0.0)

    def needed(self, threshold: np.ndarray, ts: np.ndarray) -> np.ndarray:
        """float64[n]: the score a finding needs, of thresholds and event times [n].

        Up by a share of what is left to 1, down by a share of the threshold.
        """
        rest = 1.0 - threshold if self.shift > 0 else threshold
        return np.where(ts < self.until, threshold + self.shift * rest, threshold)


def tunings(lists: Lists, severities: Mapping[str, int]) -> dict[str, Tuning]:
    """By detector id, for those that are shifted at all; `severities` by detector id."""
    listed = lists["tuning"]
    found = {name: Tuning(listed.get(name), severity) for name, severity in severities.items()}
    return {name: tuning for name, tuning in found.items() if tuning.shift}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
