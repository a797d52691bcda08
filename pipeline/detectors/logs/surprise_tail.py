"""How rare a surprise is among those before it, per key group: from nats to a probability."""

from typing import Any

import numpy as np

from pipeline.models.base import GroupState
from pipeline.models.density_kernels import FALL, RANKS


class SurpriseTail(GroupState):
    """State for `density_kernels.rank`, `calibrate` and `sum_tails`; the group in front.

    cal float64[2, RANKS + 1], num float64[5], idx int64[1] (surprises counted).
    """

    def __init__(self, groups: int) -> None:
        self.groups = groups
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, np.ndarray]:
        num = np.zeros(5)
        num[FALL] = 0.25
        return {"cal": np.zeros((2, RANKS + 1)), "num": num, "idx": np.zeros(1, np.int64)}

    def _identity(self) -> tuple[Any, ...]:
        return ()

    def arrays(self) -> dict[str, np.ndarray]:
        """The live arrays by name; kernels write into them."""
        return self._state
