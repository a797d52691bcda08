"""What rows that are given on take along, as only the key group knows it that they are given on from."""

from collections.abc import Mapping
from typing import Protocol

from pipeline.engine.engine import Outcome
from pipeline.features.state_parts import InParts, Stateful
from pipeline.runtime.relay.deaths import Deaths
from pipeline.runtime.relay.hour_habits import HourHabits
from pipeline.runtime.relay.left_looks import LeftLooks
from pipeline.runtime.relay.role_habits import RoleHabits
from pipeline.runtime.relay.shared_patients import SharedPatients


class Along(Stateful, Protocol):
    """A memory of its own beside the detectors, part of the state of its source."""

    def take(self, outcome: Outcome) -> Mapping[int, bytes]:
        """JSON fields (`,"a":1`) by row; the rows are noted."""


class OfCharts(InParts):
    """Claims take along who else billed for the patient and how long that one was dead, accesses when they were left,
    how they fit the role, and what colleagues do at the hour."""

    def __init__(self, groups: int) -> None:
        self._parts: Mapping[str, Along] = {
            "patients": SharedPatients(groups), "looks": LeftLooks(groups), "roles": RoleHabits(groups),
            "hours": HourHabits(groups), "deaths": Deaths(groups),
        }  # fmt: skip

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """All fields of a row, one after the other."""
        fields: dict[int, bytes] = {}
        for part in self._parts.values():
            for row, more in part.take(outcome).items():
                fields[row] = fields.get(row, b"") + more
        return fields
