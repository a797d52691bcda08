"""Findings of one event: what a rule says in other words than a detector, or another rule, is told once."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.hits import HitsLike


class SameEvent:
    """Which findings of a batch yield to another of their event. All findings of an event lie in one batch, so that
    what is told does not depend on its cut."""

    def __init__(self, hits: Sequence[HitsLike]) -> None:
        self._yielding: dict[int, list[tuple[HitsLike, int]]] = {}
        self._taken: set[tuple[str, int]] = set()
        for h in hits:
            if h.yields is not None:
                for k in np.flatnonzero(h.yields).tolist():
                    self._yielding.setdefault(int(h.rows[k]), []).append((h, k))

    def __bool__(self) -> bool:
        return bool(self._yielding)

    def take(self, h: HitsLike, k: int, state: AlertState) -> list[tuple[HitsLike, int]]:
        """What yields to the k-th finding of `h`, which is counted in this alert: nothing graver, and nothing where
        the alert itself is not told. Each is taken once."""
        found = []
        for guest, j in self._yielding.get(int(h.rows[k]), ()):
            free = (guest.detector, j) not in self._taken and (guest.detector, j) != (h.detector, k)
            assert guest.severity is not None  # noqa: S101  (what yields says how grave it is)
            if free and not state.suppressed and guest.severity[j] <= state.severity:
                self._taken.add((guest.detector, j))
                found.append((guest, j))
        return found

    def in_turn(self, h: HitsLike) -> Iterator[int]:
        """Findings of `h` that nothing took, in log order, the gravest of an event first, of equals one that stands by
        itself, so that it takes the others in."""
        assert h.severity is not None and h.yields is not None  # noqa: S101  (as above)
        for k in np.lexsort((h.yields, -h.severity.astype(np.int64), h.rows)).tolist():
            if (h.detector, k) not in self._taken:
                yield k
