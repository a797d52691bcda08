"""What was usual when a row was scored, for an explanation: ranges of one's own and of peers, and the least that
would have been found."""

import math
from collections.abc import Sequence

from pipeline.features.norm import OWN_ENOUGH, PEERS_ENOUGH, SPREAD
from schemas.finding import Feature

EIGHT_IN_TEN = 1.28
"""Standard deviations either side of the mean between which eight in ten normal samples lie."""
_LARGEST = 600.0  # log of an amount beyond which there is no amount


class UsualRange:
    """The norms of `pipeline.features.norm` of one entity and of its peers, as they stood before the row.

    `norms`: windows seen, mean and variance in log1p of its own, then of its peers. Inverts `norm.surprise`.
    """

    def __init__(self, norms: Sequence[float]) -> None:
        self._own_seen, self._own_mean, self._own_var, self._seen, self._mean, self._var = map(float, norms)
        self.knows_own = self._own_seen >= OWN_ENOUGH
        self.knows_peers = self._seen >= PEERS_ENOUGH

    def feature(self, name: str, value: float, unit: str = "", contribution: float | None = None) -> Feature:
        """The amount with both ranges, as far as they are known."""
        low, high = _range(self._own_mean, self._own_var) if self.knows_own else (None, None)
        peer_low, peer_high = _range(self._mean, self._var) if self.knows_peers else (None, None)
        return Feature(
            name=name, value=_round(value), unit=unit, usual_low=low, usual_high=high, peer_low=peer_low,
            peer_high=peer_high, contribution=contribution,
        )  # fmt: skip

    def least(self, deviations: float) -> float:
        """The amount that deviates so much; infinite while nothing is known."""
        if not self.knows_own and not self.knows_peers:
            return math.inf
        lend = OWN_ENOUGH if self.knows_peers else 0.0
        weight = self._own_seen + lend
        mean = (self._own_seen * self._own_mean + lend * self._mean) / weight
        var = (self._own_seen * self._own_var + lend * self._var) / weight
        level = mean + deviations * _spread(mean, var)
        if self.knows_peers:
            level = max(level, self._mean + (deviations - 2.0) * _spread(self._mean, self._var))
        return math.expm1(min(level, _LARGEST))


def _spread(mean: float, var: float) -> float:
    """`norm.spread_of` without its compiler."""
    return math.sqrt(max(var, SPREAD * SPREAD + math.exp(-max(mean, 0.0))))


def _range(mean: float, var: float) -> tuple[float, float]:
    room = EIGHT_IN_TEN * _spread(mean, var)
    return _round(math.expm1(max(mean - room, 0.0))), _round(math.expm1(min(mean + room, _LARGEST)))


def _round(amount: float) -> float:
    """Three digits that mean something."""
    if not math.isfinite(amount) or amount == 0.0:
        return 0.0 if amount != amount else amount
    return round(amount, 2 - math.floor(math.log10(abs(amount))))
