"""What is found again and again and expected each time: entries for the allow-list, which a person may accept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

DAY_S = 86_400.0
ENOUGH, ENOUGH_DAYS, ENOUGH_PEOPLE = 3, 2, 2
SHORTEST_D, LONGEST_D, PER_VERDICT_D = 30, 90, 10
"""An entry is suggested for a month with three verdicts, and ten days longer with each further one, up to a quarter."""
_MAX_PAIRS, _MAX_ALERTS = 5_000, 64


@dataclass(slots=True)
class _Pair:
    """What was said of one detector (or rule) and entity."""

    detector: str
    entity_type: str
    entity: str
    benign: dict[str, tuple[float, tuple[str, ...]]] = field(default_factory=dict)
    """By alert: its time, and who allowed it."""
    real: dict[str, None] = field(default_factory=dict)
    """Alerts that were real after all."""
    until: float = 0.0
    turn: int = 0
    """How often an entry has been proposed and has ended."""
    open: bool = False


class AllowProposals:
    """At least three verdicts `benign_expected` on one detector and entity, of two days or two people, and none `true`.

    A true verdict takes the proposal back. When the proposed time is over, the evidence begins anew. State: 5,000
    pairs of 64 alerts.
    """

    def __init__(self) -> None:
        self._pairs: dict[str, _Pair] = {}
        self._changed: dict[str, None] = {}

    def judged(
        self, pair: tuple[str, str, str], alert_id: str, verdict: str, supporters: Sequence[str], ts: float
    ) -> None:
        """An alert of `pair` (detector or rule, entity type, entity), last seen at `ts`, was judged or judged anew."""
        key = "\x1f".join(pair)
        known = self._pairs.pop(key, None)
        if known is None and verdict not in ("benign_expected", "true"):
            return
        known = self._pairs[key] = known or _Pair(*pair)
        if len(self._pairs) > _MAX_PAIRS:
            del self._pairs[next(iter(self._pairs))]
        if known.until and ts >= known.until:
            known.benign, known.until, known.turn, known.open = {}, 0.0, known.turn + 1, False
        known.benign.pop(alert_id, None)
        known.real.pop(alert_id, None)
        if verdict == "benign_expected":
            known.benign[alert_id] = (ts, tuple(supporters))
        elif verdict == "true":
            known.real[alert_id] = None
        for kept in (known.benign, known.real):
            if len(kept) > _MAX_ALERTS:
                del kept[next(iter(kept))]
        enough = self._enough(known)
        if enough:
            latest = max(ts for ts, _ in known.benign.values())
            length = min(SHORTEST_D + PER_VERDICT_D * (_votes(known) - ENOUGH), LONGEST_D)
            known.until = max(known.until, latest + length * DAY_S)
        if enough or known.open:
            self._changed[key] = None
        known.open = enough or known.open

    def _enough(self, pair: _Pair) -> bool:
        if pair.real or _votes(pair) < ENOUGH:
            return False
        days = {int(ts // DAY_S) for ts, _ in pair.benign.values()}
        return len(days) >= ENOUGH_DAYS or len(_people(pair)) >= ENOUGH_PEOPLE

    def rows(self) -> list[dict[str, Any]]:
        """Of the table `proposals`, without precision: what is new since last asked."""
        out = []
        for key in self._changed:
            pair = self._pairs.get(key)
            if pair is not None:
                out.append(self._row(pair))
        self._changed = {}
        return out

    def _row(self, pair: _Pair) -> dict[str, Any]:
        until = datetime.fromtimestamp(pair.until, UTC).date().isoformat()
        days, people, votes = {int(ts // DAY_S) for ts, _ in pair.benign.values()}, _people(pair), _votes(pair)
        named = "\x1f".join(("allow", pair.detector, pair.entity_type, pair.entity, str(pair.turn)))
        reason = f"judged expected {votes} times by {len(people)} on {len(days)} days"
        return {
            "proposal_id": hashlib.blake2b(named.encode(), digest_size=6).hexdigest(),
            "list": "allow",
            "row": {"detector": pair.detector, "entity": pair.entity, "until": until, "owner": "", "reason": reason},
            "detector": pair.detector,
            "entity_type": pair.entity_type,
            "entity": pair.entity,
            "reason": reason,
            "until": until,
            "evidence": votes,
            "people": len(people),
            "days": len(days),
            "withdrawn": int(not self._enough(pair)),
            "at": max((ts for ts, _ in pair.benign.values()), default=0.0),
        }

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        pairs = {
            key: [p.detector, p.entity_type, p.entity, p.benign, list(p.real), p.until, p.turn, p.open]
            for key, p in self._pairs.items()
        }
        return {"pairs": pairs, "changed": list(self._changed)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self._pairs = {
            key: _Pair(
                detector, kind, entity, {a: (float(ts), tuple(who)) for a, (ts, who) in benign.items()},
                dict.fromkeys(real), *rest,
            )
            for key, (detector, kind, entity, benign, real, *rest) in state.get("pairs", {}).items()
        }  # fmt: skip
        self._changed = dict.fromkeys(state.get("changed", ()))


def _votes(pair: _Pair) -> int:
    return sum(len(who) for _, who in pair.benign.values())


def _people(pair: _Pair) -> set[str]:
    return {person for _, who in pair.benign.values() for person in who}
