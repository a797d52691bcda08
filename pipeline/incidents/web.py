"""Which alerts belong together: rules over names and times that do not ask which alert came first to us."""

from collections.abc import Callable, Iterable, Iterator

from pipeline.incidents.asset import Asset
from pipeline.incidents.links import Links
from pipeline.incidents.member import Member
from pipeline.incidents.names import MACHINES, Name, is_outside
from pipeline.incidents.options import IncidentOptions
from pipeline.incidents.rules import Rules, Wave, waves_of
from pipeline.incidents.view import View

_EVERYBODY = 1 << 31
_NO_NAME = ("", "")
_LEVELS = ("", " found by far")
Spot = tuple[str, Name, int, str]
"""What is counted: which kind of name, the name, the day, the detector (outside) or nothing."""


class Web:
    """Alerts by the names they bear.

    When two alerts are joined stands in `Rules`. What many have in common joins nobody; a place outside that many meet
    for the same detector is a thing of its own: those alerts belong to it, and not to what else their subjects do. As
    more is seen a name can only become common, never rare again on that day, so the joins that hold in the end are the
    same for every order of arrival.
    """

    def __init__(self, options: IncidentOptions, assets: Callable[[str, str], Asset | None], links: Links) -> None:
        self._options = options
        self._links = links
        self._about: dict[Name, dict[str, Member]] = {}
        self._bearing: dict[Name, dict[str, Member]] = {}
        self._spots: dict[Spot, dict[Name, int]] = {}
        self._views: dict[str, View] = {}
        self._named: dict[Name, dict[str, Member]] = {}
        """Alerts by all names of whom they are about."""
        self._waves: dict[Wave, dict[str, Member]] = {}
        self._rules = Rules(options, assets)

    def add(self, m: Member) -> list[Member]:
        """Index an alert. Gives the alerts whose joins may have ended, since a name became common by it."""
        self._about.setdefault(m.subject, {})[m.alert_id] = m
        for name in _borne(m):
            self._bearing.setdefault(name, {})[m.alert_id] = m
        for wave in waves_of(m)[1:2]:
            self._waves.setdefault(wave, {})[m.alert_id] = m
        shaken: dict[str, Member] = {}
        for spot, limit, thing in self._spots_of(m):
            found = self._spots.setdefault(spot, {})
            before = len(found)
            found[thing] = found.get(thing, 0) + 1
            if before <= limit < len(found):
                shaken |= self._bearing.get(spot[1], {}) | self._about.get(spot[1], {})
        for other in (m, *shaken.values()):
            self.refresh(other)
        return list(shaken.values())

    def remove(self, m: Member) -> None:
        """Take an alert out, with the names it had when it was added."""
        view = self._views.pop(m.alert_id)
        _strike(self._named, view.actor, m)
        _strike(self._about, (m.subject,), m)
        _strike(self._bearing, _borne(m), m)
        for wave in waves_of(m)[1:2]:
            self._waves[wave].pop(m.alert_id, None)
            if not self._waves[wave]:
                del self._waves[wave]
        for spot, _, thing in self._spots_of(m):
            found = self._spots[spot]
            found[thing] -= 1
            if not found[thing]:
                del found[thing]
                if not found:
                    del self._spots[spot]

    def link(self, one: Name, other: Name) -> tuple[list[Member], list[Member]]:
        """Two names were linked: alerts that may have lost joins, as a place became shared, and that may have won some.

        Only those change that know one of the two as a name of their actor.
        """
        lost, won = [], []
        for m in list((self._named.get(one, {}) | self._named.get(other, {})).values()):
            before = self._views[m.alert_id]
            after = self.refresh(m)
            if not before.actor >= after.actor or not before.alias >= after.alias:
                won.append(m)
            if not before.actor <= after.actor or not before.alias <= after.alias:
                lost.append(m)
        return lost, won

    def refresh(self, m: Member) -> View:
        """What follows from an alert's names and times, anew."""
        before = self._views.get(m.alert_id)
        if before is not None:
            _strike(self._named, before.actor, m)
        view = self._views[m.alert_id] = View(
            actor=frozenset(self._links.actor(self._own(m), m.first_ts, m.last_ts)),
            alias=frozenset(self._links.actor((m.subject,), m.first_ts, m.last_ts)),
            leads=frozenset(n for n in m.names.reached if self._leads(m, n)),
            crowds=frozenset(self._crowded(m)) if m.alive else frozenset(),
            outside=frozenset(_outside(m)),
            cards=self._cards(m),
        )
        for name in view.actor:
            self._named.setdefault(name, {})[m.alert_id] = m
        return view

    def _spots_of(self, m: Member) -> Iterator[tuple[Spot, int, Name]]:
        """What is counted, the number above which it is common, and whom or what to count."""
        o = self._options
        if not m.alive:
            return
        levels = _LEVELS if m.strong else _LEVELS[:1]
        for level in levels:
            yield ("subjects" + level, _NO_NAME, m.day, m.detector), _EVERYBODY, m.subject
        for name in m.names.own:
            yield ("own", name, m.day, m.subject[0]), o.users_a_machine, m.subject
        for name in m.names.reached:
            yield ("reached", name, m.day, ""), o.reached_by, m.subject
        for name in m.names.outside:
            yield ("outside", name, m.day, m.detector), o.shared_by, m.subject
        for name in (*m.names.outside, *_billers(m)):
            for level in levels:
                yield ("places" + level, _NO_NAME, m.day, m.detector), _EVERYBODY, name

    def _common(self, kind: str, name: Name, day: int, what: str, limit: int) -> bool:
        return len(self._spots.get((kind, name, day, what), ())) > limit

    def _crowded(self, m: Member) -> tuple[Name, ...]:
        """Places outside that many subjects met for this detector that day, and who billed for many patients."""
        o = self._options
        outside = (n for n in m.names.outside if self._common("outside", n, m.day, m.detector, o.shared_by))
        billers = (n for n in _billers(m) if self._common("own", n, m.day, m.subject[0], o.users_a_machine))
        return (*outside, *billers)

    def causes(self, m: Member) -> int:
        """For how many reasons the detector of an alert found something that day or the day before: about how many
        subjects, or places outside (of patients: who billed) where these are fewer, as all who begin to use a service
        have one reason. What is found by far is only held against its like."""
        return max(self._causes(m, m.day), self._causes(m, m.day - 1))

    def _causes(self, m: Member, day: int) -> int:
        level = _LEVELS[m.strong]
        subjects, places = (
            len(self._spots.get((kind + level, _NO_NAME, day, m.detector), ())) for kind in ("subjects", "places")
        )
        return min(subjects, places) if places and (m.names.outside or _billers(m)) else subjects

    def about(self, name: Name) -> Iterable[Member]:
        """Alerts about a name."""
        return self._about.get(name, {}).values()

    def candidates(self, m: Member) -> Iterable[Member]:
        """Alerts that this one may be joined with."""
        view, found = self._views[m.alert_id], dict(self._named.get(m.subject, {}))
        for name in view.actor:
            found |= self._about.get(name, {})
        for name in (*view.leads, *m.names.origins):
            found |= self._named.get(name, {})
        for name in (*view.alias, *view.outside, *view.cards, *view.crowds):
            found |= self._bearing.get(name, {})
        for name in view.outside:
            found |= self._about.get(name, {})
        for wave in waves_of(m):
            found |= self._waves.get(wave, {})
        found.pop(m.alert_id, None)
        return found.values()

    def joined(self, a: Member, b: Member) -> bool:
        """Whether two alerts belong together; the same for (b, a)."""
        return self._rules.joined(a, self._views[a.alert_id], b, self._views[b.alert_id])

    def _own(self, m: Member) -> set[Name]:
        """Its subject and the names beside it, but for kinds of which there are too many to be one actor's."""
        o = self._options
        names = {m.subject}
        for name in m.names.own:
            limit = o.machines_a_user if name[0] in MACHINES else o.users_a_machine
            if sum(n[0] == name[0] for n in m.names.own) <= limit and not self._common(
                "own", name, m.day, m.subject[0], o.users_a_machine
            ):
                names.add(name)
        return names

    def _leads(self, m: Member, name: Name) -> bool:
        o = self._options
        limit = o.reached_by if name[0] == "user" else o.reaches
        if sum(n[0] == name[0] for n in m.names.reached) > limit:
            return False
        return not self._common("reached", name, m.day, "", o.reached_by) and not self._rules.serves(name)

    def _cards(self, m: Member) -> frozenset[Name]:
        o = self._options
        return frozenset(
            n
            for n in (m.subject, *m.names.own)
            if n[0] == "mac" and not self._common("own", n, m.day, m.subject[0], o.users_a_machine)
        )


def _strike(index: dict[Name, dict[str, Member]], names: Iterable[Name], m: Member) -> None:
    for name in names:
        index[name].pop(m.alert_id, None)
        if not index[name]:
            del index[name]


def _billers(m: Member) -> tuple[Name, ...]:
    """Of what is about a patient, who billed: many patients of one biller have one reason."""
    return tuple(n for n in m.names.own if n[0] == "provider") if m.subject[0] == "patient" else ()


def _outside(m: Member) -> set[Name]:
    return {*m.names.outside, m.subject} if is_outside(m.subject[1]) else set(m.names.outside)


def _borne(m: Member) -> tuple[Name, ...]:
    n = m.names
    return tuple(dict.fromkeys((*n.own, *n.origins, *n.reached, *n.outside)))
