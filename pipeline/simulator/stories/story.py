"""What a story is: a part played on a stage, by the same verbs that benign life uses."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from pipeline.simulator.labels import StoryLabel
from pipeline.simulator.tape import Tape
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.staff import Person

T = TypeVar("T")
DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(slots=True)
class Stage:
    """Where and when a story plays: from start_ts for length_s. The tape of its scene is labelled."""

    scene: Scene
    start_ts: float
    length_s: float
    difficulty: str
    entities: dict[str, list[str]] = field(default_factory=dict)

    def by(self, easy: T, medium: T, hard: T) -> T:
        """The value for this difficulty."""
        return (easy, medium, hard)[DIFFICULTIES.index(self.difficulty)]

    def at(self, part: float) -> float:
        """Event time at a part (0 to 1) of the story."""
        return self.start_ts + part * self.length_s

    def someone(self, *roles: str) -> Person:
        """Someone with one of the roles who is at work when the story begins; anyone of the roles if nobody is."""
        world = self.scene.world
        everyone = world.of_role(*roles)
        return self.scene.draws.pick([p for p in everyone if p.works(self.start_ts)] or everyone)

    def note(self, sort: str, *values: str) -> None:
        """Record whom the story touches."""
        known = self.entities.setdefault(sort, [])
        known.extend(v for v in values if v not in known)


class Story(ABC):
    """One kind of attack, or (kind `benign:…`) one harmless oddity."""

    kind: ClassVar[str]
    techniques: ClassVar[tuple[str, ...]] = ()
    expected: ClassVar[tuple[str, ...]] = ()
    length_s: ClassVar[float] = 1800.0
    """How long it lasts when there is time; shortened to fit the span."""
    records: ClassVar[bool] = False
    """Whether it shows in accesses, clinical context or claims, and nowhere else."""
    least_s: ClassVar[float] = 0.0
    """Shorter spans cannot show it: a benchmark leaves it out there."""
    hour: ClassVar[float | None] = None
    """Hour of the day at which it begins, where the span is long enough to have one."""

    def expects(self, _difficulty: str) -> tuple[str, ...]:
        """Detectors that should find it at a difficulty."""
        return self.expected

    @abstractmethod
    def play(self, stage: Stage) -> None:
        """Write the events and note the entities."""


def label_of(story: Story, story_id: str, stage: Stage, tape: Tape) -> StoryLabel:
    """The truth about what was just played."""
    times = [draft[0] for draft in tape.items]
    first, last = min(times, default=stage.start_ts), max(times, default=stage.start_ts)
    entities = {sort: tuple(values) for sort, values in stage.entities.items()}
    return StoryLabel(
        story=story_id,
        kind=story.kind,
        difficulty=stage.difficulty,
        techniques=story.techniques,
        entities=entities,
        first_ts=first,
        last_ts=last,
        events=len(times),
        expected=story.expects(stage.difficulty),
    )
