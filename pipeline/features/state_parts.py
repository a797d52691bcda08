"""A detector's state made of several parts, under one roof for checkpoints."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from pipeline.errors import CheckpointError


class Stateful(Protocol):
    """Anything that saves and loads arrays by key group."""

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays that restore this group."""

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave."""


def join_states(parts: Mapping[str, Stateful], group: int) -> dict[str, np.ndarray]:
    """One group's arrays of all parts, named `part.array`; as they lie where a part gives them so."""
    return {
        f"{name}.{k}": v for name, part in parts.items() for k, v in getattr(part, "views", part.state)(group).items()
    }


def split_states(parts: Mapping[str, Stateful], group: int, state: Mapping[str, np.ndarray]) -> None:
    """Hand each part its arrays back. CheckpointError: the state names parts that this version does not have."""
    unknown = sorted({k.partition(".")[0] for k in state} - set(parts))
    if unknown:
        raise CheckpointError(f"detector state holds a part {unknown[0]!r}: it is of another version")
    for name, part in parts.items():
        part.load(group, {k.partition(".")[2]: v for k, v in state.items() if k.partition(".")[0] == name})


class InParts:
    """Keeps what it remembers in parts, one group of all of them under one roof."""

    _parts: Mapping[str, Any] = MappingProxyType({})
    """What it remembers, `Stateful` each, by name: saved, moved and loaded with the key group."""

    def state(self, group: int) -> dict[str, np.ndarray]:
        """Arrays that restore this group's state, good until the next event; empty where there are no parts."""
        return join_states(self._parts, group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. Raises CheckpointError when it does not fit."""
        split_states(self._parts, group, state)
