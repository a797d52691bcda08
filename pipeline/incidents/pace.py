"""How much it takes to be told, by how much was told lately: people have time for so many incidents a day."""

from typing import Any

from pipeline.incidents.links import DAY_S
from pipeline.incidents.options import IncidentOptions

_KEPT = 256
"""Openings that are remembered; of a wave of more than these the first are forgotten, and it is a wave still."""


class Pace:
    """The bar that a risk has to pass, between `risk_floor` and `risk_threshold`: in proportion to the incidents of the
    last 24 hours, whole with `a_day` of them.

    A fixed bar loses single hints on days when nobody has anything else to look at. Nobody can raise this one above
    the threshold by making incidents; who makes more than `a_day` that pass the whole threshold lowers it to the floor,
    since amid evident attacks a hint is likelier one of them. State: a time and a flag for each incident of a week.
    """

    def __init__(self, options: IncidentOptions) -> None:
        self._options = options
        self._opened: dict[str, tuple[float, bool]] = {}

    def bar(self, at: float) -> float:
        """Risk from which on an incident is told at a time."""
        o = self._options
        lately = [plain for ts, plain in self._opened.values() if abs(at - ts) < DAY_S]
        if sum(lately) >= o.a_day:
            return o.risk_floor
        return o.risk_floor + (o.risk_threshold - o.risk_floor) * min(len(lately) / o.a_day, 1.0)

    def opened(self, uid: str, at: float, *, plain: bool) -> None:
        """An incident was told; `plain`: it would have been on any day."""
        self._opened[uid] = (at, plain)
        if len(self._opened) > _KEPT:
            del self._opened[next(iter(self._opened))]

    def is_hint(self, uid: str) -> bool:
        """Whether an incident was told because there was time for it."""
        return not self._opened.get(uid, (0.0, True))[1]

    def grown(self, uid: str) -> None:
        """What was a hint is now told on any day."""
        self._opened[uid] = (self._opened[uid][0], True)

    def forget_before(self, ts: float) -> None:
        """Drop openings of long ago."""
        self._opened = {uid: known for uid, known in self._opened.items() if known[0] >= ts}

    def to_plain(self) -> list[list[Any]]:
        """JSON-ready."""
        return [[uid, at, plain] for uid, (at, plain) in self._opened.items()]

    def from_plain(self, plain: list[list[Any]]) -> None:
        """Inverse of `to_plain`."""
        self._opened = {str(uid): (float(at), bool(by_itself)) for uid, at, by_itself in plain}
