"""The three shapes of benign life: sessions people start, pulses machines repeat, and what is planned."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from pipeline.simulator import rhythm
from pipeline.simulator.draws import Draws
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.world import World


class Activity(ABC):
    """Sessions that begin at random moments. `share`: its part of all events that are not planned or pulses."""

    share: ClassVar[float]

    def level(self, ts: float) -> float:
        """Relative activity at a time; the working day of people unless overridden."""
        return rhythm.human(ts)

    def capacity(self, _world: World) -> float:
        """At most so many sessions in the whole span."""
        return float("inf")

    @abstractmethod
    def session(self, s: Scene, ts: float) -> None:
        """Write the events of one session that begins at `ts`; none may lie more than a second before it."""


@dataclass(slots=True)
class Pulse:
    """Something a machine repeats for ever. `jitter`: part of the period by which a firing may be late."""

    period_s: float
    jitter: float
    fire: Callable[[Scene, float], None]
    next_ts: float = 0.0


class Periodic(ABC):
    """Machines that repeat themselves: resembles beaconing and is not."""

    @abstractmethod
    def pulses(self, world: World, draws: Draws) -> list[Pulse]:
        """All its pulses; the phase is drawn by the caller."""


class Planned(ABC):
    """What is known before the first event: inventory, clinical context, shift changes."""

    @abstractmethod
    def play(self, s: Scene) -> None:
        """Write all its events of the span `world.start_ts` to `world.end_ts`."""
