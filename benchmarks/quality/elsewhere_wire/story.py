"""What a story is, and what those who tell one have at hand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from benchmarks.quality.elsewhere_wire.clinic import Clinic
from benchmarks.quality.elsewhere_wire.journal import Journal
from benchmarks.quality.elsewhere_wire.site import Machine, Site
from benchmarks.quality.elsewhere_wire.speech import Speech

LEVELS = ("easy", "medium", "hard")
Area = Literal["network", "devices", "logs"]


@dataclass(frozen=True, slots=True)
class Story:
    """Who did what when. `actors` are what an alert may have as its entity, `marks` what its evidence may name."""

    kind: str
    level: str
    area: Area
    actors: frozenset[str]
    marks: tuple[str, ...]
    first_ts: float
    last_ts: float


@dataclass(frozen=True, slots=True)
class Play:
    """The house and its sensors."""

    site: Site
    say: Speech
    note: Journal
    clinic: Clinic

    def of(self, level: int, easy: float, medium: float, hard: float) -> float:
        """By difficulty."""
        return (easy, medium, hard)[level]

    def start(self, earliest: float = 8.0, latest: float = 14.0) -> float:
        """Some time of Monday."""
        return self.site.at(self.site.chance.uniform(earliest, latest))

    def told(
        self,
        kind: str,
        level: int,
        who: Iterable[Machine | str],
        times: tuple[float, float],
        marks: tuple[str, ...] = (),
        area: Area = "network",
    ) -> Story:
        """The truth, for the report only."""
        names: set[str] = set()
        for m in who:
            names |= (
                {m}
                if isinstance(m, str)
                else {
                    m.ip,
                    m.name,
                    m.name.lower(),
                    m.mac,
                    m.user,
                    f"{m.name}.stmark.lan",
                    f"{m.name.lower()}.stmark.lan",
                }
            )
        return Story(kind, LEVELS[level], area, frozenset(names - {""}), marks, times[0], min(times[1], self.site.end))


Telling = Callable[[Play, int], Story]
