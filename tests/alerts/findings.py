"""Findings as the engine gives them, for tests of what becomes of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from pipeline.alerts.alert_state import DAY_S
from schemas.alert import Alert
from schemas.finding import Evidence, Finding, Observable


@dataclass
class Hits:
    """Findings of one detector as the engine gives them."""

    detector: str
    groups: np.ndarray
    keys: np.ndarray
    ts: np.ndarray
    scores: np.ndarray
    a_day: int | None
    describe: Callable[[int], Finding]
    observe: Callable[[int], dict[tuple[str, str], str]]
    event_id: Callable[[int], str] | None = None
    alert_days: int = 1
    beside: tuple[str, ...] = ()
    throughout: tuple[str, ...] = ()
    severity: np.ndarray | None = None
    yields: np.ndarray | None = None
    at: np.ndarray | None = None

    @property
    def rows(self) -> np.ndarray:
        """All of the batch, or those said to be found."""
        return np.arange(len(self.ts)) if self.at is None else self.at


def hits(rows: list[tuple[int, int]], *, first: int = 0, a_day: int | None = None, withdrawable: bool = False) -> Hits:
    """Findings about things (numbers) at times (seconds); a thing's key group is its number modulo two."""
    scores = [0.5 + (thing * 7 + round(ts)) % 50 / 100 for thing, ts in rows]

    def describe(k: int) -> Finding:
        thing, ts = rows[k]
        return Finding(
            detector=made.detector, title="One", severity=3, source="network", ts=ts, entity=f"e{thing}",
            entity_type="ip", group_key=f"e{thing}", score=scores[k], threshold=0.5, message=f"e{thing} at {ts}",
            observables=[Observable(name=n, type=t, value=v) for (t, v), n in observe(k).items()], model_version="v",
            evidence=Evidence(topic="t", partition=0, offset=first + k, event_id=str(first + k)),
        )  # fmt: skip

    def observe(k: int) -> dict[tuple[str, str], str]:
        return {("ip", f"e{rows[k][0]}"): "src_ip", ("ip", f"d{rows[k][1]}"): "dst_ip"}

    made = Hits(
        "test.one", np.array([t % 2 for t, _ in rows], np.int32), np.array([t + 1 for t, _ in rows], np.uint64),
        np.array([float(s) for _, s in rows]), np.array(scores), a_day, describe, observe,
        (lambda k: str(first + k)) if withdrawable else None,
    )  # fmt: skip
    return made


def counts(alerts: list[Alert]) -> dict[str, list[int]]:
    """By entity, the counts that were told."""
    found: dict[str, list[int]] = {}
    for alert in alerts:
        found.setdefault(str(alert.unmapped["entity"]), []).append(alert.count)
    return found


few_rows = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3 * DAY_S)), min_size=1, max_size=60)
