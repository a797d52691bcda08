"""How alerts of one kind were judged so far: by detector, entity, pair of both, address involved."""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.learning.verdict_book import LABELS, MAX_PEOPLE

ALONE = 10.0
"""One person's verdicts on one thing weigh no more than ten, and what others say of it on top: a burst by one account
is one opinion."""
_KEEP = 100.0
"""Beyond so many of one person on one thing the older ones fade: detectors and habits change."""
MAX_KEYS = 20_000
_OTHERS = ""
Counts = tuple[float, float, float]


class Tallies:
    """Verdicts by key and person, weighed when asked: (true, false, benign_expected).

    State: 20,000 keys, those longest untouched leave first; 16 people a key, any further ones count as one.
    """

    def __init__(self, trust: Callable[[str], float]) -> None:
        self._trust = trust
        self._by_key: dict[str, dict[str, list[float]]] = {}
        self._weighed: dict[str, Counts] = {}
        """Answers, until the next verdict."""

    def add(self, key: str, who: str, verdict: str, weight: float) -> None:
        """Count one verdict; a negative weight takes one back."""
        self._weighed.clear()
        people = self._by_key.pop(key, {})
        self._by_key[key] = people
        if who not in people and len(people) >= MAX_PEOPLE:
            who = _OTHERS
        counts = people.setdefault(who, [0.0, 0.0, 0.0])
        at = LABELS.index(verdict)
        counts[at] = max(counts[at] + weight, 0.0)
        total = sum(counts)
        if total > _KEEP:
            counts[:] = [n * _KEEP / total for n in counts]
        if len(self._by_key) > MAX_KEYS:
            del self._by_key[next(iter(self._by_key))]

    def of(self, key: str) -> Counts:
        """(true, false, benign_expected) as they weigh."""
        people = self._by_key.get(key)
        if not people:
            return (0.0, 0.0, 0.0)
        known = self._weighed.get(key)
        if known is None:
            known = self._weighed[key] = self._weigh(people)
        return known

    def trusted_anew(self) -> None:
        """Somebody's trust changed."""
        self._weighed.clear()

    def _weigh(self, people: Mapping[str, list[float]]) -> Counts:
        trusted = {who: self._trust(who) for who in people}
        weights = {who: sum(counts) * trusted[who] for who, counts in people.items()}
        capped = {who: min(w, ALONE) for who, w in weights.items()}
        everybody = sum(capped.values())
        true = false = benign = 0.0
        for who, counts in people.items():
            weight = weights[who]
            if weight <= 0.0:
                continue
            share = trusted[who] * min(ALONE + everybody - capped[who], weight) / weight
            true, false, benign = true + share * counts[0], false + share * counts[1], benign + share * counts[2]
        return (true, false, benign)

    def shares(self, key: str, who: str) -> tuple[Counts, float]:
        """(what one person said, how many verdicts of others there are)."""
        people = self._by_key.get(key, {})
        mine = people.get(who, [0.0, 0.0, 0.0])
        return (mine[0], mine[1], mine[2]), sum(sum(counts) for other, counts in people.items() if other != who)

    def support(self, key: str, verdict: str) -> list[float]:
        """Verdicts of this kind by person, most first."""
        at = LABELS.index(verdict)
        return sorted((counts[at] for counts in self._by_key.get(key, {}).values()), reverse=True)

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"by_key": self._by_key}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        given = state.get("by_key", {})
        self._weighed = {}
        self._by_key = {k: {w: [float(n) for n in counts] for w, counts in p.items()} for k, p in given.items()}
