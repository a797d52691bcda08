"""Several pieces of state saved and loaded as one: names are joined by a dot."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np


class Part(Protocol):
    """Anything that keeps state by key group."""

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays of one group."""

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave."""


def state_of(parts: Mapping[str, Part], group: int) -> dict[str, np.ndarray]:
    """One group's arrays of every part, as `part.array`."""
    return {f"{name}.{key}": array for name, part in parts.items() for key, array in part.state(group).items()}


def load_into(parts: Mapping[str, Part], group: int, state: Mapping[str, np.ndarray]) -> None:
    """Put back what `state_of` gave; CheckpointError, from the part, when something does not fit."""
    for name, part in parts.items():
        prefix = name + "."
        part.load(
            group, {key.removeprefix(prefix): array for key, array in state.items() if key.startswith(prefix)}
        )
