"""What a peer is: something else that reads the same network events and raises alerts."""

from abc import ABC, abstractmethod

from benchmarks.quality.hospitals.raised import Raised
from pipeline.simulator import Emitted


class Peer(ABC):
    """Sees every network event of one hospital in order, then gives its alerts."""

    name: str

    @abstractmethod
    def see(self, event: Emitted) -> None:
        """One event."""

    @abstractmethod
    def finish(self) -> list[Raised]:
        """Everything it raises."""
