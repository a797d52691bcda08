"""A River model with a defect: one value makes it raise, after it has learned half of it."""

import math
from typing import Any

from river import anomaly

POISON = 666_666_666.0


class Touchy(anomaly.HalfSpaceTrees):
    """Half-space trees that cannot bear POISON bytes."""

    def learn_one(self, x: dict[Any, float]) -> None:
        super().learn_one(x)
        if any(math.isclose(value, math.log1p(POISON), rel_tol=1e-12) for value in x.values()):
            raise ValueError("a message that quotes Jane Roe")
