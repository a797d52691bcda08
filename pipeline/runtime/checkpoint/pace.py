"""How often checkpoints are written: as set, or less often where they would cost too much."""

SHARE = 0.05
"""Of the worker's time, at most for checkpoints."""
LONGEST_S = 30.0
"""What is processed again after a crash shall not grow without bound."""
SHORTEST_S = 10.0
"""A shorter interval was asked for on purpose and is kept as it is."""


class CheckpointPace:
    """Adds up what checkpoints cost, in seconds of a processor, and says how long to wait for the next."""

    def __init__(self) -> None:
        self._spent_s = 0.0

    def spend(self, seconds: float) -> None:
        """Time that a part of the present checkpoint took."""
        self._spent_s += seconds

    def wait_s(self, every_s: float) -> float:
        """Seconds until the next checkpoint of all partitions, `every_s` where the last one was cheap enough.

        >>> pace = CheckpointPace()
        >>> pace.spend(1.0)
        >>> pace.wait_s(15.0), pace.wait_s(15.0)
        (20.0, 15.0)
        """
        spent_s, self._spent_s = self._spent_s, 0.0
        if every_s < SHORTEST_S:
            return every_s
        return max(every_s, min(spent_s / SHARE, LONGEST_S))
