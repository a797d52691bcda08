"""Drafts due later than the slice of time being made, by the hour: looked at again only when their hour comes."""

from collections import defaultdict

from pipeline.simulator.rhythm import HOUR_S
from pipeline.simulator.tape import Draft


class Later:
    """Memory: what is still to come."""

    def __init__(self) -> None:
        self._by_hour: dict[int, list[Draft]] = defaultdict(list)

    def put(self, drafts: list[Draft]) -> None:
        """Keep drafts of any time to come."""
        for draft in drafts:
            self._by_hour[int(draft[0] // HOUR_S)].append(draft)

    def take(self, high: float) -> list[Draft]:
        """Everything of the hours that begin before `high`."""
        due: list[Draft] = []
        for hour in sorted(h for h in self._by_hour if h * HOUR_S < high):
            due += self._by_hour.pop(hour)
        return due
