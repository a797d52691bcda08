"""What an intruder is likely to do next, by the order of techniques in past incidents."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import orjson

from pipeline.errors import CheckpointError
from pipeline.forecast.attack_order import likelihood

MAX_INCIDENTS = 2_000
"""Incidents remembered, the oldest go first: what was usual years ago is not."""
MAX_LENGTH = 32
"""Techniques of one incident that are looked at."""
MAX_TECHNIQUES = 512
Context = tuple[str, ...]


class NextTechnique:
    """Counts what followed the last two techniques, the last one, any earlier one, and anything at all.

    The longer context decides as far as it was seen: each is mixed with the next shorter one by how often it occurred
    and how many things followed it (Witten, Bell 1991); below them all stands the order of ATT&CK's tactics. A
    technique counts where it first appears, and is never told as next when it was there already. `vocabulary`: what
    may be told before it was ever seen. Cost: some 100 µs a question. State: at most 2,000 incidents of 32 ids, 1 MiB.
    """

    def __init__(self, tactic_of: Callable[[str], str] = lambda _: "", vocabulary: Iterable[str] = ()) -> None:
        self._tactic_of = tactic_of
        self._vocabulary = tuple(dict.fromkeys(vocabulary))[:MAX_TECHNIQUES]
        self._incidents: dict[str, Context] = {}
        self._counts: dict[Context, Counter[str]] = {}

    def learn(self, sequence: Sequence[str], incident: str = "") -> None:
        """Learn an incident's techniques in the order of their first findings.

        With the incident's id, what was learned of it before is replaced, so that it may be told as often as it grows.
        """
        order = _distinct(sequence)
        name = incident or f"#{len(self._incidents)}:{','.join(order)}"
        before = self._incidents.pop(name, None)
        if before is not None:
            self._add(before, -1)
        if len(order) > 1:
            self._incidents[name] = order
            self._add(order, 1)
        if len(self._incidents) > MAX_INCIDENTS:
            self._add(self._incidents.pop(next(iter(self._incidents))), -1)

    def next(self, sequence: Sequence[str], most: int = 5) -> list[tuple[str, float]]:
        """(technique, probability) of what comes next, likeliest first; given that something comes."""
        seen = _distinct(sequence)
        known = dict.fromkeys((*self._counts.get(_ANY, ()), *self._vocabulary))
        candidates = [t for t in known if t not in seen]
        if not candidates:
            return []
        chance: Mapping[str, float] = likelihood(candidates, seen, self._tactic_of)
        for context in _contexts(seen):
            chance = self._mixed(context, candidates, chance)
        ranked = sorted(chance.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(technique, round(p, 4)) for technique, p in ranked[:most]]

    def state(self) -> dict[str, np.ndarray]:
        """All incidents remembered."""
        return {"incidents": np.frombuffer(orjson.dumps(list(self._incidents.items())), np.uint8)}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Put back; {} resets. Raises CheckpointError when it cannot be read."""
        self._incidents, self._counts = {}, {}
        if not state:
            return
        try:
            for name, order in orjson.loads(state["incidents"].tobytes()):
                self._incidents[name] = tuple(order)
                self._add(tuple(order), 1)
        except (KeyError, ValueError, TypeError) as error:
            raise CheckpointError(f"the order of techniques cannot be read ({type(error).__name__})") from error

    def _add(self, order: Context, by: int) -> None:
        for at, technique in enumerate(order):
            for context in _contexts(order[:at]):
                counts = self._counts.setdefault(context, Counter())
                counts[technique] += by
                if counts[technique] <= 0:
                    del counts[technique]
                if not counts:
                    del self._counts[context]

    def _mixed(self, context: Context, candidates: Sequence[str], below: Mapping[str, float]) -> Mapping[str, float]:
        counts = self._counts.get(context)
        left = {t: counts[t] for t in candidates if counts[t]} if counts else {}
        if not left:
            return below
        total, kinds = sum(left.values()), len(left)
        return {t: (left.get(t, 0) + kinds * below[t]) / (total + kinds) for t in candidates}


_ANY: Context = ()


def _distinct(sequence: Sequence[str]) -> Context:
    return tuple(dict.fromkeys(sequence))[:MAX_LENGTH]


def _contexts(seen: Context) -> list[Context]:
    """From the least telling to the most: anything, each earlier technique by itself, the last, the last two."""
    earlier = [("*", technique) for technique in seen[-4:-1]]
    return [_ANY, *earlier, *([seen[-1:]] if seen else []), *([seen[-2:]] if len(seen) > 1 else [])]
