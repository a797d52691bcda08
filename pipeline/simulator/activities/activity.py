"""The shapes of benign life: sessions people start, pulses machines repeat, what stays bring, and what is planned."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from pipeline.simulator import rhythm
from pipeline.simulator.draws import Draws
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.stay import Stay
from pipeline.simulator.world.world import World


class Activity(ABC):
    """Sessions that begin at random moments. `share`: its part of all events that are not planned or pulses."""

    share: ClassVar[float]
    records: ClassVar[bool] = False
    """Whether it shows in accesses, clinical context or claims."""

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

    records: ClassVar[bool] = False

    @abstractmethod
    def pulses(self, world: World, draws: Draws) -> list[Pulse]:
        """All its pulses; the phase is drawn by the caller."""


class Planned(ABC):
    """What is known before the first event: inventory, people and departments, shift changes."""

    records: ClassVar[bool] = False

    @abstractmethod
    def play(self, s: Scene) -> None:
        """Write all its events of the span `world.start_ts` to `world.end_ts`."""


class OfStays(ABC):
    """What every stay brings about. It is asked once a stay, early enough, and hospitals of any size and span need no
    more memory than what is still to come of the stays asked for."""

    records: ClassVar[bool] = True
    lead_s: ClassVar[float] = 0.0
    """How long before a stay its first event may be."""
    tail_s: ClassVar[float] = 0.0
    """How long after its end the last one may be, so that stays before the span are asked for as well."""

    @abstractmethod
    def tell(self, s: Scene, stay: Stay) -> None:
        """Write all its events from `lead_s` before the stay; those outside the span are left out by the caller."""
