"""Which open alert a finding belongs to: what lasts for days, or is found by several detectors, is told once."""

from collections.abc import Iterator, Mapping, Sequence

from pipeline.alerts.alert_state import DAY_S, AlertState
from pipeline.alerts.hits import HitsLike

Key = tuple[str, int, int]
"""Detector, hash of the thing, first day."""
NEAR_S = 1.5 * DAY_S
"""What one thing is told of within the shift after the next night is one case: shifts begin at the same hour, give or
take some."""


class Cases:
    """Day on which the latest alert began, by detector and thing, per key group. About 100 bytes an open alert."""

    def __init__(self) -> None:
        self._began: dict[int, dict[tuple[str, int], int]] = {}

    def first(self, h: HitsLike, group: int, key: int, day: int) -> int | None:
        """First day of the alert that a finding of this day continues; None where there is none.

        What waited is told late, and of a day before: it is no case of its own.
        """
        first = self._began.get(group, {}).get((h.detector, key))
        return first if first is not None and abs(day - first) < h.alert_days else None

    def begin(self, h: HitsLike, group: int, key: int, day: int) -> int:
        """The day, on which an alert begins; one that comes late does not end a later one."""
        began = self._began.setdefault(group, {})
        began[h.detector, key] = max(day, began.get((h.detector, key), day))
        return day

    def host(self, h: HitsLike, k: int, alerts: Mapping[Key, AlertState]) -> AlertState | None:
        """The alert in which the k-th finding is counted: told about the same thing within NEAR_S of it, or in the days
        it lasts for what `h` tells `throughout`, by a detector that `h` stands beside. `alerts`: those open in its key
        group."""
        group, key, ts = int(h.groups[k]), int(h.keys[k]), float(h.ts[k])
        for detector in h.beside:
            first = self._began.get(group, {}).get((detector, key))
            state = None if first is None else alerts.get((detector, key, first))
            if state is None or state.suppressed or state.void:
                continue
            lasts = detector in h.throughout and ts < (state.day + state.alert_days) * DAY_S
            if lasts or abs(ts - state.last_ts) < NEAR_S:
                return state
        return None

    def forget(self, group: int, key: Key) -> None:
        """An alert was closed."""
        began = self._began.get(group, {})
        if began.get(key[:2]) == key[2]:
            del began[key[:2]]

    def reset(self, group: int, alerts: Mapping[Key, AlertState]) -> None:
        """Begin from these open alerts."""
        began: dict[tuple[str, int], int] = {}
        for (detector, thing, day), state in alerts.items():
            if state.alert_days > 1:
                began[detector, thing] = max(day, began.get((detector, thing), day))
        self._began[group] = began


def in_turn(hits: Sequence[HitsLike]) -> Iterator[tuple[HitsLike, int]]:
    """(detector's findings, number) in log order, as what stands beside what must not depend on where the log was cut;
    of one event those first that stand beside fewer."""
    ranks = sorted(range(len(hits)), key=lambda i: (len(hits[i].beside), hits[i].detector))
    every = [(int(row), rank, k) for rank, i in enumerate(ranks) for k, row in enumerate(hits[i].rows.tolist())]
    for _, rank, k in sorted(every):
        yield hits[ranks[rank]], k
