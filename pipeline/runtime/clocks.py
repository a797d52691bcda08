"""How far a lane has come, and what a wrong clock in it may do."""

import numpy as np

_JUMP_S = 86_400.0
"""Events of one chunk, and chunks of one lane, do not lie further apart unless a clock was wrong."""


def clock_of(ts: np.ndarray) -> float:
    """The event time a chunk has come to (ts float64[n], n > 0): its latest, but none more than a day beyond the
    middle, which a wrong clock made."""
    latest = float(ts.max())
    if latest <= ts.min() + _JUMP_S:  # nearly always: no middle has to be found
        return latest
    return float(ts[ts <= np.median(ts) + _JUMP_S].max())


def moved_on(before: float, clock: float) -> float:
    """A lane's clock once it is told `clock` (0: nothing is known). It never goes back a little; where it is back by
    more than a day it was wrong before."""
    return clock if clock and clock < before - _JUMP_S else max(clock, before)
