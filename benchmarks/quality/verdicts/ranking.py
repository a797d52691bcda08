"""Plays alerts and late verdicts to the assessor, and ranks each day's alerts when it is over."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.quality.verdicts.analysts import Analysts
from pipeline.learning.assessor import Assessor
from pipeline.models.metrics import average_precision
from schemas.note import FindingNote, VerdictNote


@dataclass
class Ranked:
    """Alerts in the order in which they were told first, each with what was thought of it at its day's end.

    A verdict takes at least a day, so that none on the alert itself, or on another of its day, was known by then.
    """

    day: list[int] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    """Severity, then score: the order without verdicts."""
    p_true: list[float] = field(default_factory=list)
    priority: list[float] = field(default_factory=list)
    verdicts: int = 0
    shifts: dict[str, float] = field(default_factory=dict)
    """Of thresholds, by detector, as asked for last."""


def ranked(
    notes: Sequence[FindingNote], truth: dict[str, str], analysts: Analysts | None, start_ts: float, day_s: float
) -> Ranked:
    """Notes in order; a verdict on an alert comes a day after it was told first."""
    assessor, out = Assessor(), Ranked()
    due: list[tuple[float, int, VerdictNote]] = []
    today: dict[str, FindingNote] = {}
    known: set[str] = set()
    clock, day = start_ts, 0
    for note in notes:
        clock = max(clock, note.ts)
        now = int((clock - start_ts) // day_s)
        if now > day:
            _close(out, assessor, today, truth, day)
            today, day = {}, now
        while due and due[0][0] <= clock:
            assessor.take(heapq.heappop(due)[2])
            out.verdicts += 1
        assessor.take(note)
        if note.alert_id in known:
            today = today | {note.alert_id: note} if note.alert_id in today else today
        else:
            known.add(note.alert_id)
            today[note.alert_id] = note
            for said in analysts.judge(note.alert_id, truth[note.alert_id], clock + day_s) if analysts else ():
                heapq.heappush(due, (said.ts, len(known) * 2 + len(due) % 2, said))
        out.shifts |= {row["detector"]: float(row["shift"]) for _, row in assessor.list_rows()}
    _close(out, assessor, today, truth, day)
    return out


def _close(out: Ranked, assessor: Assessor, today: dict[str, FindingNote], truth: dict[str, str], day: int) -> None:
    for alert_id, note in today.items():
        found = assessor.assess(note)
        out.day.append(day)
        out.truth.append(truth[alert_id])
        out.plain.append(note.severity + note.score)
        out.p_true.append(found.p_true)
        out.priority.append(found.priority)


def figures(real: np.ndarray, order: np.ndarray, day: np.ndarray, count: int) -> tuple[float, float]:
    """(average precision within a day, weighed by its real ones; precision of the first `count` of each day)."""
    found = weight = 0.0
    for one in np.unique(day):
        mine = day == one
        if real[mine].any():
            found += average_precision(real[mine], order[mine]) * real[mine].sum()
            weight += real[mine].sum()
    return found / max(weight, 1.0), precision_at(real, order, day, count)


def precision_at(real: np.ndarray, order: np.ndarray, day: np.ndarray, count: int) -> float:
    """Share of real ones among the first `count` of each day, days together; ties count as their mean."""
    hits = shown = 0.0
    for one in np.unique(day):
        mine = np.flatnonzero(day == one)
        take = min(count, len(mine))
        cut = np.sort(order[mine])[-take]
        above, tied = mine[order[mine] > cut], mine[order[mine] == cut]
        hits += real[above].sum() + (take - len(above)) * real[tied].mean()
        shown += take
    return float(hits / max(shown, 1.0))
