"""A challenger beside its champion, in one key group: who is who, since when, and what each of them found."""

from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.learning.champion_order import PROMOTE, ChampionOrder

DAY_S = 86_400
MAX_THINGS = 256
"""Things found that are compared one by one, of the last two days; further ones are counted together."""

DECLARED, FRESH = "declared", "fresh"


@dataclass(slots=True)
class Found:
    """What both found of one thing on one day."""

    entity: str
    champion: int = 0
    challenger: int = 0


@dataclass(slots=True)
class Bout:
    """`front` is the slot whose findings are told, 0 or 1; the other one is in shadow."""

    detector: str
    kind: str
    """declared: other options, set by the user · fresh: the same anew, after a drift."""
    options: str
    """Hash of the options in the second slot: a challenger with others begins anew."""
    since_ts: float
    """Event time of its first event."""
    front: int = 0
    champion_mark: str = ""
    """What the front is, as part of the model version; empty: as the settings have it, since the beginning."""
    challenger_mark: str = ""
    obeyed_at: float = 0.0
    """The order obeyed last."""
    promoted: bool = False
    """By an order that can be taken back."""
    promoted_ts: float = 0.0
    events: int = 0
    both: int = 0
    only_champion: int = 0
    only_challenger: int = 0
    revision: int = 0
    things: dict[tuple[int, int], Found] = field(default_factory=dict)
    """By hash of the thing (0: all that had no room) and day."""

    @property
    def turned_ts(self) -> float:
        """Event time of its begin, or of the last change of places."""
        return max(self.since_ts, self.promoted_ts)

    def tried_in_vain(self, now_ts: float, limit_s: float) -> bool:
        """A fresh challenger that was never promoted and whose time is over."""
        plain = self.kind == FRESH and self.front == 0 and not self.champion_mark
        return plain and not self.promoted and now_ts > self.turned_ts + limit_s

    def obey(self, order: ChampionOrder | None, now_ts: float) -> bool:
        """Whether an order that was not obeyed yet made champion and challenger change places."""
        if order is None or order.at <= self.obeyed_at:
            return False
        self.obeyed_at = order.at
        if (order.action == PROMOTE) == self.promoted:
            return False
        self.promoted = not self.promoted
        self.promoted_ts = now_ts
        self.front = 1 - self.front
        self.champion_mark, self.challenger_mark = self.challenger_mark, self.champion_mark
        self.things.clear()
        self.both = self.only_champion = self.only_challenger = 0
        self.revision += 1
        return True

    def count(self, key: int, day: int, entity: str, champion: int, challenger: int) -> tuple[int, int]:
        """Findings of one thing; the entry they are kept in."""
        at = (key, day)
        if at not in self.things and len(self.things) >= MAX_THINGS:
            at, entity = (0, day), "others"
        had = self.things.get(at)
        if had is None:
            had = self.things[at] = Found(entity)
        else:
            self._add(had, -1)
        had.champion += champion
        had.challenger += challenger
        self._add(had, 1)
        return at

    def _add(self, found: Found, one: int) -> None:
        if found.champion and found.challenger:
            self.both += one
        elif found.champion:
            self.only_champion += one
        else:
            self.only_challenger += one

    def forget(self, now_ts: float) -> None:
        """Days before yesterday are over."""
        last = int(now_ts // DAY_S) - 1
        if self.things and min(day for _, day in self.things) < last:
            self.things = {k: f for k, f in self.things.items() if k[1] >= last}

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready, for the checkpoint; at most 256 things and one a day, about 30 KB."""
        plain = asdict(self)
        plain["things"] = [[*k, f.entity, f.champion, f.challenger] for k, f in self.things.items()]
        return plain

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Bout":
        """Inverse of `to_plain`; KeyError, TypeError or ValueError for a foreign form."""
        things = {(key, day): Found(entity, a, b) for key, day, entity, a, b in plain["things"]}
        return cls(**{**plain, "things": things})
