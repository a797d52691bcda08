"""What a peer is: something else that reads the same events and raises alerts."""

from abc import ABC, abstractmethod

from benchmarks.quality.hospitals.raised import Raised
from pipeline.simulator import Emitted


class Peer(ABC):
    """Sees every event of its sources in one hospital in order, then gives its alerts."""

    name: str
    sources: tuple[str, ...] = ("network",)
    """`judged` are accesses as the charts worker gives them on."""

    @abstractmethod
    def see(self, event: Emitted) -> None:
        """One event."""

    @abstractmethod
    def finish(self) -> list[Raised]:
        """Everything it raises."""
