"""What happened to models, until it is written down: versions that began, drifts, comparisons; and what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.engine.bout import Bout
from pipeline.learning.drift import Drift

_RECENT_EVENTS = 1_000_000
"""Cost is an average over about so many events, so that a slow start is forgotten."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From `at_ts` on (event time) a key group's models are of `version`, or have it in shadow (cause drift)."""

    group: int
    detector: str
    """* at a start: all of them."""
    version: str
    at_ts: float
    cause: str
    """start, drift, promote, rollback."""
    by: str = ""
    reason: str = ""


@dataclass
class Life:
    """Gathers; whoever writes it down empties it. Nothing here decides anything."""

    turns: list[Turn] = field(default_factory=list)
    drifts: list[Drift] = field(default_factory=list)
    compared: set[tuple[int, str, tuple[int, int]]] = field(default_factory=set)
    """Key group, detector and thing whose counts changed."""
    ended: list[tuple[int, Bout]] = field(default_factory=list)
    """Key group and challenger."""
    moved: set[int] = field(default_factory=set)
    """Key groups with events."""
    began_ts: dict[int, float] = field(default_factory=dict)
    """Event time at which each key group's models began."""
    _base_s: dict[str, float] = field(default_factory=dict)
    _events: float = 0.0

    def begin(self, group: int, ts: float, version: str) -> None:
        """A key group has an event: its first, or one of many."""
        self.moved.add(group)
        if group not in self.began_ts:
            self.began_ts[group] = ts
            self.turns.append(Turn(group, "*", version, ts, "start"))

    def forget(self, group: int) -> None:
        """A key group is given another state. What was gathered stays: it is true of its offsets, and is told again."""
        self.began_ts.pop(group, None)
        self.moved.discard(group)

    def end(self, group: int, bout: Bout) -> None:
        """A challenger is taken away."""
        bout.revision += 1
        self.ended.append((group, bout))

    def written(self) -> None:
        """What was gathered is written down."""
        self.turns, self.drifts, self.compared, self.ended, self.moved = [], [], set(), [], set()

    def took(self, spent_s: dict[str, float], events: int) -> None:
        """So many events more; `spent_s` is what each detector took in all. The first batch is for warming up."""
        if not self._base_s:
            self._base_s = dict(spent_s)
            return
        self._events += events
        if self._events > 2 * _RECENT_EVENTS:
            for name, total in spent_s.items():
                base = self._base_s.get(name, 0.0)
                self._base_s[name] = base + (total - base) / 2
            self._events /= 2

    def cost_us(self, spent_s: Mapping[str, float], name: str) -> float:
        """Microseconds of a detector an event of the source."""
        return 1e6 * (spent_s.get(name, 0.0) - self._base_s.get(name, 0.0)) / max(self._events, 1.0)
