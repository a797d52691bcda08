"""Hours that are not over yet: what lanes counted in them, what was found in them, and when they may be closed.

Lanes are not equally far. An hour closes when every lane that still speaks is past it by an hour, or when some are by
six.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.note import VolumeNote

HOUR_S = 3600.0
GRACE_H = 1
"""Hours by which every lane has to be past an hour: it may still be telling of the one that is just over."""
LATENESS_H = 6
"""Hours after which an hour closes whoever is missing: what `Volumes` takes late at most."""
AHEAD_H = 48
"""A finding further ahead of the lanes has a wrong clock."""
LONGEST_QUIET_H = 14 * 24
"""Quiet hours in a row are told one by one when the lanes leap by less."""
MAX_LANES = 2048
MAX_CELLS = 8192
"""Names of an hour; more come from a flood of names and are left out."""
Key = tuple[str, str, str]
"""Scope, name, and what is counted: `events` or `risk`."""


class OpenHours:
    """Counts by hour. Bounded: (LATENESS_H + AHEAD_H) hours of MAX_CELLS names."""

    def __init__(self, *, every: bool = False) -> None:
        self._every = every
        self._lanes: dict[str, float] = {}
        self._events: dict[int, dict[Key, dict[str, int]]] = {}
        self._risk: dict[int, dict[Key, float]] = {}
        self._next: int | None = None
        self.left_out = 0
        """Notes of hours that were closed, or beyond all bounds."""

    def take(self, note: VolumeNote) -> bool:
        """Count a lane's note: the highest count of a lane is what came; whether hours may be over by it.

        Lanes are told apart by source and key group, as a group may move to another partition.
        """
        source, _, rest = note.lane.partition("/")
        lane = f"{source}/{rest.rpartition('/')[2]}"
        moved = self.hear(lane, note.ts)
        hour = int(note.hour_ts // HOUR_S)
        cells = self._events.setdefault(hour, {}) if self._open(hour) else None
        key = (note.scope, note.name, "events")
        if cells is None or (key not in cells and len(cells) >= MAX_CELLS):
            self.left_out += 1
            return moved
        counts = cells.setdefault(key, {})
        counts[lane] = max(counts.get(lane, 0), note.count)
        return moved

    def hear(self, lane: str, ts: float) -> bool:
        """A lane has come to `ts`; whether that is another hour than before."""
        before = self._lanes.pop(lane, 0.0)
        self._lanes[lane] = ts
        if len(self._lanes) > MAX_LANES:
            del self._lanes[next(iter(self._lanes))]
        return ts // HOUR_S != before // HOUR_S

    def add_risk(self, ts: float, keys: Sequence[Key], points: float) -> int | None:
        """Points that arose at a time, or, where that hour is closed, became known in the present one; the hour."""
        hour = max(int(ts // HOUR_S), self._next or 0)
        cells = self._risk.setdefault(hour, {}) if self._open(hour) else {}
        if not self._open(hour) or len(cells) >= MAX_CELLS:
            self.left_out += 1
            return None
        for key in keys:
            cells[key] = cells.get(key, 0.0) + points
        return hour

    def take_back(self, hour: int, keys: Sequence[Key], points: float) -> None:
        """Points of an hour that is not closed were none."""
        cells = self._risk.get(hour, {})
        for key in keys:
            if key in cells:
                cells[key] = max(cells[key] - points, 0.0)

    def close(self) -> Iterator[tuple[int, dict[Key, float], bool]]:
        """(hour since 1970, numbers that are not 0, whether any lane spoke of it) of each hour that is over now.

        Hours of which nothing at all is known are left out, unless `every` one is wanted.
        """
        last = self._last()
        if last is None:
            return
        if self._next is None:
            first = min(self._events, default=last + 1)
            if last < first + LATENESS_H and not self._every:
                return  # not every lane has spoken yet
            self._next = last if self._every else first
        while self._next <= last:
            hour = self._next
            counted, risk = self._events.pop(hour, {}), self._risk.pop(hour, {})
            if not counted and not risk and (not self._every or last - hour > LONGEST_QUIET_H):
                later = [h for cells in (self._events, self._risk) for h in cells if h > hour]
                self._next = min([*later, last + 1])
                continue
            self._next = hour + 1
            found: dict[Key, float] = {key: float(sum(lanes.values())) for key, lanes in counted.items()}
            yield hour, found | risk, bool(counted) or self._every
        for gone in [h for h in self._risk if h < self._next or h > last + LATENESS_H + AHEAD_H]:
            self.left_out += len(self._risk.pop(gone))

    def state(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "lanes": list(self._lanes.items()),
            "events": [[h, [[*k, list(v.items())] for k, v in cells.items()]] for h, cells in self._events.items()],
            "risk": [[h, [[*k, v] for k, v in cells.items()]] for h, cells in self._risk.items()],
            "next": self._next,
            "left_out": self.left_out,
        }

    def load(self, state: dict[str, Any]) -> None:
        """From what `state` gave."""
        self._lanes = dict(state["lanes"])
        self._events = {h: {(s, n, w): dict(v) for s, n, w, v in cells} for h, cells in state["events"]}
        self._risk = {h: {(s, n, w): v for s, n, w, v in cells} for h, cells in state["risk"]}
        self._next, self.left_out = state["next"], state["left_out"]

    def _open(self, hour: int) -> bool:
        if self._next is None:
            # Nothing has closed yet: the newest hours are kept.
            return hour in self._events or hour in self._risk or len(self._events) + len(self._risk) < 4 * AHEAD_H
        front = self.front()
        limit = self._next if front is None else max(self._next, int(front // HOUR_S))
        return self._next <= hour <= limit + AHEAD_H

    def front(self) -> float | None:
        """Where the lanes are: the second furthest, as one may have a wrong clock."""
        if not self._lanes:
            return None
        furthest = sorted(self._lanes.values())[-2:]
        return furthest[0]

    def _last(self) -> int | None:
        """The latest hour that is over."""
        front = self.front()
        if front is None:
            return None
        speaking = [ts for ts in self._lanes.values() if ts >= front - LATENESS_H * HOUR_S]
        by_all = int(min(speaking) // HOUR_S) - 1 - GRACE_H
        return max(by_all, int(front // HOUR_S) - 1 - LATENESS_H)
