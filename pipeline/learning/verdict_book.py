"""Who said what of which alert, and what follows where several people spoke."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LABELS = ("true", "false", "benign_expected")
UNDECIDED = "undecided"
MAX_ALERTS = 5_000
"""Alerts whose verdicts are remembered one by one: what is older has taught what it could, and is not corrected."""
MAX_PEOPLE = 16
_MAX_KNOWN = 1_000
"""People whose agreement with others is remembered."""
_DOUBTED_FROM, _DOUBTED_ALL = 0.8, 0.5
"""Who agrees with others four times of five counts whole, who agrees as a coin does counts nothing."""
_PRIOR = 10.0
"""Alerts that everybody is taken to have shared before, agreeing four times of five."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's latest word on one alert."""

    verdict: str
    ts: float
    direct: bool = True
    """Of the alert itself; False: of the incident it belongs to."""
    verdict_id: str = ""

    def outranks(self, other: "Vote | None") -> bool:
        """What is said of an alert goes before what is said of its incident; then the later word counts."""
        if other is None:
            return True
        return (self.direct, self.ts, self.verdict_id) > (other.direct, other.ts, other.verdict_id)

    def plain(self) -> list[Any]:
        """JSON-ready."""
        return [self.verdict, self.ts, self.direct, self.verdict_id]

    @classmethod
    def of(cls, plain: list[Any]) -> "Vote":
        """What `plain` gave."""
        return cls(str(plain[0]), float(plain[1]), bool(plain[2]), str(plain[3]))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the votes on an alert come to."""

    verdict: str
    """One of LABELS, or UNDECIDED where as many people say one as another."""
    supporters: tuple[str, ...] = ()
    direct: bool = True
    """At least one of them judged the alert itself."""


class VerdictBook:
    """Votes by alert: the latest of a person counts, the majority decides, a tie is no decision.

    `trust` of a person, 0 to 1, falls with the alerts on which others say something else. State: 5,000 alerts, 16
    people each.
    """

    def __init__(self) -> None:
        self._votes: dict[str, dict[str, Vote]] = {}
        self._shared: dict[str, tuple[float, float]] = {}
        """By person: alerts judged with others, and those of them on which the others' majority said the same."""

    def __contains__(self, alert_id: object) -> bool:
        return alert_id in self._votes

    def votes(self, alert_id: str) -> Mapping[str, Vote]:
        """By person."""
        return self._votes.get(alert_id, {})

    def say(self, alert_id: str, who: str, vote: Vote) -> bool:
        """Take one vote; whether it changed anything."""
        votes = self._votes.get(alert_id, {})
        if not vote.outranks(votes.get(who)) or (who not in votes and len(votes) >= MAX_PEOPLE):
            return False
        self._count_shared(votes, -1.0)
        self._votes.pop(alert_id, None)
        self._votes[alert_id] = votes | {who: vote}
        self._count_shared(self._votes[alert_id], 1.0)
        while len(self._votes) > MAX_ALERTS:
            del self._votes[next(iter(self._votes))]
        return True

    def decision(self, alert_id: str) -> Decision | None:
        """What the votes come to; None without any."""
        votes = self._votes.get(alert_id)
        if not votes:
            return None
        return _majority(votes)

    def trust(self, who: str) -> float:
        """How much a person's verdicts weigh, 0 to 1; 1 for somebody whom nobody ever checked."""
        shared, agreed = self._shared.get(who, (0.0, 0.0))
        rate = (agreed + _PRIOR * _DOUBTED_FROM) / (shared + _PRIOR)
        return min(max((rate - _DOUBTED_ALL) / (_DOUBTED_FROM - _DOUBTED_ALL), 0.0), 1.0)

    def agreement(self, who: str) -> tuple[int, int]:
        """(alerts judged with others, those of them on which the others' majority said the same)."""
        shared, agreed = self._shared.get(who, (0.0, 0.0))
        return round(shared), round(agreed)

    def _count_shared(self, votes: Mapping[str, Vote], sign: float) -> None:
        if len(votes) < 2:
            return
        for who, vote in votes.items():
            others = _majority({other: v for other, v in votes.items() if other != who})
            if others.verdict != UNDECIDED:
                shared, agreed = self._shared.pop(who, (0.0, 0.0))
                same = others.verdict == vote.verdict
                self._shared[who] = (max(shared + sign, 0.0), max(agreed + sign * same, 0.0))
                if len(self._shared) > _MAX_KNOWN:
                    del self._shared[next(iter(self._shared))]

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        votes = {alert: {who: vote.plain() for who, vote in by.items()} for alert, by in self._votes.items()}
        return {"votes": votes, "shared": self._shared}

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self._votes = {
            alert: {who: Vote.of(v) for who, v in by.items()} for alert, by in state.get("votes", {}).items()
        }
        self._shared = {who: (float(n), float(k)) for who, (n, k) in state.get("shared", {}).items()}


def _majority(votes: Mapping[str, Vote]) -> Decision:
    said: dict[str, list[str]] = {}
    for who, vote in votes.items():
        said.setdefault(vote.verdict, []).append(who)
    most = max(len(people) for people in said.values())
    winners = [verdict for verdict, people in said.items() if len(people) == most]
    if len(winners) > 1:
        return Decision(UNDECIDED)
    supporters = tuple(sorted(said[winners[0]]))
    return Decision(winners[0], supporters, any(votes[who].direct for who in supporters))
