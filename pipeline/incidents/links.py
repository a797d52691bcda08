"""Which names are one actor, and when: a user at a host, a host's address. Shared places join nobody."""

from collections import OrderedDict
from collections.abc import Iterable

from pipeline.incidents.names import MACHINES, Name, joins, name_of
from pipeline.incidents.options import HOUR_S, IncidentOptions
from schemas.note import LinkNote

DAY_S = 86_400.0
_ALWAYS = -1.0
"""Time of a link that the inventory gives: it holds whenever."""
_TIMES = 16
"""Moments a pair is remembered with, the latest: the runtime tells a pair once a day."""
MAX_NAMES = 32
"""Names of one actor that are followed."""
Pair = tuple[Name, Name]


class Links:
    """Pairs with the moments that showed them. At most `max_links` pairs, 200 bytes each in a checkpoint."""

    def __init__(self, options: IncidentOptions) -> None:
        self._options = options
        self._window_s = options.link_h * HOUR_S
        self._times: OrderedDict[Pair, list[float]] = OrderedDict()
        self._near: dict[Name, dict[Name, None]] = {}
        self._partners: dict[tuple[Name, int, str], set[Name]] = {}

    def take(self, note: LinkNote) -> tuple[Name, Name] | None:
        """The two names; None for what is known or says nothing."""
        one, other = name_of(note.first_type, note.first), name_of(note.second_type, note.second)
        if one == other or not joins(one) or not joins(other):
            return None
        ts = _ALWAYS if note.via == "inventory" else note.ts
        if ts in self._times.get(_pair(one, other), ()):
            return None
        self._add(one, other, ts)
        return one, other

    def _add(self, one: Name, other: Name, ts: float) -> None:
        pair = _pair(one, other)
        times = self._times.setdefault(pair, [])
        self._times.move_to_end(pair)
        times.append(ts)
        times.sort()
        if len(times) > _TIMES:
            self._forget_partner(pair, times.pop(0))
        self._near.setdefault(one, {})[other] = None
        self._near.setdefault(other, {})[one] = None
        for name, partner in ((one, other), (other, one)):
            self._partners.setdefault((name, _day(ts), partner[0]), set()).add(partner)
        while len(self._times) > self._options.max_links:
            self._drop(next(iter(self._times)))

    def _forget_partner(self, pair: Pair, ts: float) -> None:
        if any(_day(t) == _day(ts) for t in self._times.get(pair, ())):
            return
        for name, other in (pair, pair[::-1]):
            key = (name, _day(ts), other[0])
            found = self._partners.get(key, set())
            found.discard(other)
            if not found:
                self._partners.pop(key, None)

    def _drop(self, pair: Pair) -> None:
        times = self._times.pop(pair)
        for name, other in (pair, pair[::-1]):
            self._near[name].pop(other, None)
            if not self._near[name]:
                del self._near[name]
        for ts in times:
            self._forget_partner(pair, ts)

    def _limit(self, name: Name, other: Name) -> int:
        if name[0] in MACHINES and other[0] in MACHINES:
            return self._options.addresses_a_machine
        return self._options.users_a_machine if name[0] in MACHINES else self._options.machines_a_user

    def _holds(self, one: Name, other: Name, first_ts: float, last_ts: float) -> bool:
        for ts in self._times[_pair(one, other)]:
            if ts != _ALWAYS and not first_ts - self._window_s <= ts <= last_ts + self._window_s:
                continue
            if all(
                len(self._partners.get((a, _day(ts), b[0]), ())) <= self._limit(a, b)
                for a, b in ((one, other), (other, one))
            ):
                return True
        return False

    def near(self, name: Name) -> Iterable[Name]:
        """Names ever linked with this one."""
        return self._near.get(name, ())

    def actor(self, names: Iterable[Name], first_ts: float, last_ts: float) -> set[Name]:
        """Other names of one actor within a time: two links, of which the second is between names of one machine."""
        found = set(names)
        person = any(name[0] == "user" for name in found)
        edge = found
        for step in range(2):
            following = {
                other
                for name in edge
                for other in self.near(name)
                if other not in found
                and self._follows(name, other, person, step)
                and self._holds(name, other, first_ts, last_ts)
            }
            if len(found) + len(following) > MAX_NAMES:
                break
            found = found | following
            edge = following
        return found

    @staticmethod
    def _follows(name: Name, other: Name, person: bool, step: int) -> bool:
        if name[0] in MACHINES and other[0] in MACHINES:
            return True
        # Who is a person is not the next person at the same machine.
        return step == 0 and (other[0] in MACHINES or not person)

    def forget_before(self, ts: float) -> None:
        """Drop pairs that were last shown before."""
        while self._times:
            pair, times = next(iter(self._times.items()))
            if times[-1] >= ts:
                return
            if times[-1] == _ALWAYS:
                self._times.move_to_end(pair)
                return
            self._drop(pair)

    def to_plain(self) -> list[list[object]]:
        """JSON-ready."""
        return [[*one, *other, times] for (one, other), times in self._times.items()]

    def from_plain(self, plain: Iterable[tuple[str, str, str, str, list[float]]]) -> None:
        """Inverse of `to_plain`, in place of all that is known."""
        self.__init__(self._options)  # type: ignore[misc]
        for a, b, c, d, times in plain:
            for ts in times:
                self._add((a, b), (c, d), ts)


def _pair(one: Name, other: Name) -> Pair:
    return (one, other) if one <= other else (other, one)


def _day(ts: float) -> int:
    return int(ts // DAY_S)
