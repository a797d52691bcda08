"""How much a name or an incident is worth looking at: findings by severity, likelihood, criticality and variety."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.incidents.asset import UNLISTED, Asset
from pipeline.incidents.member import Member
from pipeline.incidents.options import HOUR_S, IncidentOptions

_HALF = 50.0
"""Points at which the risk is 50: twice as many make 75, so that the order of what is bad stays seen."""
_CRITICALITY = {1: 0.7, 2: 1.0, 3: 1.15, 4: 1.3, 5: 1.5}
_RARE = 5
"""A detector that finds something for more reasons than these in a day, half of what people have time for, shares the
weight of these among them: what many do at once is seldom an attack of each. A critical finding keeps its weight."""
_CRITICAL = 5
_MOST = 100
"""What a detector says in one incident adds less each time, the second half, the third a third …: it is mostly one
thing, or one error. So many are summed."""
_VARIETY = 0.25
"""Each further tactic adds a quarter: one detector erring twice is likelier than two that err on different things."""


_SILENT = 2
"""A detector that finds something for at most so many reasons in two days hardly ever speaks."""
_MEDIUM = 3


@dataclass(frozen=True, slots=True)
class Risk:
    """Of an entity or an incident at a moment."""

    at: float
    """Event time: of the last finding."""
    value: float
    """0..100"""
    tactics: tuple[str, ...]
    """With a finding that is likely enough."""


class Risks:
    """Adds up risk from members."""

    def __init__(
        self,
        options: IncidentOptions,
        assets: Callable[[str, str], Asset | None],
        causes: Callable[[Member], int] = lambda _: 1,
    ) -> None:
        """`causes`: for how many reasons an alert's detector found something that day."""
        self._half_life_s = options.half_life_h * HOUR_S
        self._p_true = options.tactic_p_true
        self._assets = assets
        self._causes = causes

    def asset(self, kind: str, value: str) -> Asset:
        """From the inventory; of middling criticality where it says nothing."""
        return self._assets(kind, value) or UNLISTED

    def of(self, members: Iterable[Member], at: float = 0.0) -> Risk:
        """Of these alerts together, at the last of their findings or at a later moment."""
        alive = [m for m in members if m.alive]
        if not alive:
            return Risk(at, 0.0, ())
        at = max(at, *(m.last_ts for m in alive))
        by_detector: dict[str, list[float]] = {}
        rare: dict[tuple[object, ...], float] = {}
        for m in alive:
            weight = self._rarity(m, rare) * _CRITICALITY[self.asset(*m.subject).criticality]
            faded = m.points * weight * 2.0 ** ((m.last_ts - at) / self._half_life_s)
            by_detector.setdefault(m.detector, []).append(faded)
        points = sum(
            p / place
            for found in by_detector.values()
            for place, p in enumerate(sorted(found, reverse=True)[:_MOST], start=1)
        )
        tactics = tuple(sorted({m.tactic for m in alive if m.tactic and self.counts(m, rare)}))
        points *= 1.0 + _VARIETY * max(len(tactics) - 1, 0)
        return Risk(at, 100.0 * (1.0 - 2.0 ** (-points / _HALF)), tactics)

    def of_silent(self, members: Iterable[Member], at: float) -> float:
        """The same of the hint that would weigh most of those that are far above their threshold and of detectors which
        hardly ever speak, were they of medium severity: severity says how often such a thing is harmless elsewhere, and
        here it does not happen."""
        most = 0.0
        for m in members:
            if m.alive and not m.suppressed and m.strong and m.severity < _MEDIUM and self._causes(m) <= _SILENT:
                faded = m.points_at(_MEDIUM) * 2.0 ** ((m.last_ts - at) / self._half_life_s)
                most = max(most, faded * _CRITICALITY[self.asset(*m.subject).criticality])
        return 100.0 * (1.0 - 2.0 ** (-most / _HALF))

    def counts(self, m: Member, rare: dict[tuple[object, ...], float] | None = None) -> bool:
        """Whether an alert may stand for its tactic; `rare`: rarities that are known."""
        return (
            m.alive and not m.suppressed and m.sureness * self._rarity(m, {} if rare is None else rare) >= self._p_true
        )

    def _rarity(self, m: Member, rare: dict[tuple[object, ...], float]) -> float:
        if m.severity >= _CRITICAL:
            return 1.0
        key = (m.detector, m.day, m.strong, bool(m.names.outside))
        if key not in rare:
            rare[key] = min(_RARE / max(self._causes(m), 1), 1.0)
        return rare[key]
