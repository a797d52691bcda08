"""What rows that are given on take along, as only the key group knows it that they are given on from."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from pipeline.engine.engine import Outcome
from pipeline.runtime.relay.left_looks import LeftLooks
from pipeline.runtime.relay.shared_patients import SharedPatients

State = dict[str, np.ndarray]
_LOOKS = "left_"


class Along(Protocol):
    """A memory of its own beside the detectors, part of the state of its source."""

    def take(self, outcome: Outcome) -> Mapping[int, bytes]:
        """JSON fields (`,"a":1`) by row; the rows are noted."""

    def state(self, group: int) -> State:
        """Arrays that restore one key group."""

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""


class OfCharts:
    """Claims take along who else billed for the patient, accesses when they were left."""

    def __init__(self, groups: int) -> None:
        self._patients, self._looks = SharedPatients(groups), LeftLooks(groups)

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """No row is of both."""
        return self._patients.take(outcome) | self._looks.take(outcome)

    def state(self, group: int) -> State:
        """Those of looks by a name of their own."""
        looks = {_LOOKS + name: array for name, array in self._looks.state(group).items()}
        return self._patients.state(group) | looks

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back both."""
        self._patients.load(group, {n: a for n, a in state.items() if not n.startswith(_LOOKS)})
        self._looks.load(group, {n.removeprefix(_LOOKS): a for n, a in state.items() if n.startswith(_LOOKS)})
