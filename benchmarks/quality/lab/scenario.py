"""One scene of the laboratory: who does it, and what the hospital should be told."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.quality.halves import HALVES

if TYPE_CHECKING:
    from benchmarks.quality.lab.stage import Stage

Play = Callable[["Stage"], None]


@dataclass(frozen=True)
class Scenario:
    """`by`: machines of the house or addresses whose alerts are right; none where it is honest work. `half`: of the
    first draw all were looked into in the end; the second draw is only counted."""

    name: str
    by: tuple[str, ...]
    tools: tuple[str, ...]
    play: Play
    half: str = HALVES[0]


_KNOWN: dict[str, Scenario] = {}


def scenario(name: str, *tools: str, by: tuple[str, ...] = (), half: str = HALVES[0]) -> Callable[[Play], Play]:
    """Registers a scene under its name with the programs it needs."""

    def register(play: Play) -> Play:
        assert name not in _KNOWN, f"two scenes are called {name}"
        _KNOWN[name] = Scenario(name, by, tools, play, half)
        return play

    return register


def all_scenarios() -> dict[str, Scenario]:
    """Every scene of `scenarios`, found by scanning, in order of name."""
    from benchmarks.quality.lab import scenarios

    for info in pkgutil.iter_modules(scenarios.__path__):
        importlib.import_module(f"{scenarios.__name__}.{info.name}")
    return dict(sorted(_KNOWN.items()))
