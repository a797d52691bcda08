"""Keeps groups as the connected parts of the web while alerts come, change and go."""

from collections.abc import Iterable

from pipeline.incidents.group import Group, group_id
from pipeline.incidents.member import Member
from pipeline.incidents.web import Web


class Grouping:
    """Groups by id and alerts by id. `max_group`: alerts that a group joins; a union beyond it is not made."""

    def __init__(self, web: Web, max_group: int) -> None:
        self.web = web
        self.groups: dict[str, Group] = {}
        self.members: dict[str, Member] = {}
        self._max_group = max_group
        self._ended: list[Group] = []
        self._changed: dict[str, None] = {}

    def add(self, m: Member) -> None:
        """A new alert."""
        self.members[m.alert_id] = m
        self.split(self.web.add(m))
        if not m.group:
            self._settle(m)

    def reshape(self, m: Member) -> None:
        """An alert that has other names than before: it was taken out of the web by the caller."""
        self.split([*self.web.add(m), m])

    def join(self, m: Member) -> None:
        """An alert whose times grew: it may be joined with more."""
        self._settle(m)

    def split(self, shaken: Iterable[Member]) -> None:
        """Groups some of whose joins may have ended, are made anew from their alerts: all are taken apart before any is
        joined with another, which may be one of them."""
        apart: list[Member] = []
        for uid in dict.fromkeys(m.group for m in shaken if m.group):
            apart += self._take_apart(self.groups[uid])
        for m in apart:
            self._settle(m)

    def _take_apart(self, group: Group) -> list[Member]:
        """Its alerts, in as many groups as they are connected parts."""
        left = {uid: self.members[uid] for uid in group.members}
        parts: list[dict[str, Member]] = []
        while left:
            uid, m = next(iter(left.items()))
            part, edge = {uid: m}, [left.pop(uid)]
            while edge:
                at = edge.pop()
                for other in self.web.candidates(at):
                    if other.alert_id in left and self.web.joined(at, other):
                        part[other.alert_id] = left.pop(other.alert_id)
                        edge.append(other)
            parts.append(part)
        if len(parts) > 1:
            keeps = next((p for p in parts if group.anchor in p), parts[0])
            group.members = dict.fromkeys(keeps)
            for part in parts:
                if part is not keeps:
                    self._begin(part.values())
            self.touch(group.uid)
        return [m for part in parts for m in part.values()]

    def _begin(self, members: Iterable[Member]) -> Group:
        first, *rest = sorted(members, key=lambda m: (m.first_ts, m.alert_id))
        group = Group(group_id(first.alert_id), first.alert_id, first.first_ts)
        while group.uid in self.groups:
            group.uid = group_id(group.uid)
        self.groups[group.uid] = group
        for m in (first, *rest):
            group.members[m.alert_id] = None
            m.group = group.uid
        self._changed[group.uid] = None
        return group

    def _settle(self, m: Member) -> None:
        """Into the group of its neighbours, or one of its own."""
        home = self.groups[m.group] if m.group else None
        full: set[str] = set()
        for other in self.web.candidates(m):
            # Most are in the same group already, or in one that takes no more: to look at these again costs most.
            if not other.group or other.group in full or (home is not None and other.group == home.uid):
                continue
            if not self.web.joined(m, other):
                continue
            met = self.groups[other.group]
            if home is None and len(met.members) < self._max_group:
                home = met
                home.members[m.alert_id] = None
                m.group = home.uid
                self.touch(home.uid)
            elif home is not None and len(home.members) + len(met.members) <= self._max_group:
                home = self._unite(home, met)
            else:
                full.add(met.uid)
        if home is None:
            self._begin((m,))

    def _unite(self, one: Group, other: Group) -> Group:
        kept, gone = (one, other) if one.precedes(other) else (other, one)
        for uid in gone.members:
            self.members[uid].group = kept.uid
        kept.take_over(gone)
        del self.groups[gone.uid]
        self._changed.pop(gone.uid, None)
        if gone.is_incident:
            self._ended.append(gone)
        self._changed[kept.uid] = None
        return kept

    def touch(self, uid: str) -> None:
        """A group whose alerts count on."""
        self._changed[uid] = None

    def changes(self) -> tuple[list[Group], list[Group]]:
        """Groups that changed since the last call, and incidents that became part of another."""
        changed = [self.groups[uid] for uid in self._changed if uid in self.groups]
        ended, self._ended, self._changed = self._ended, [], {}
        return changed, ended

    def forget(self, group: Group) -> None:
        """Drop a group with all its alerts."""
        for uid in group.members:
            self.web.remove(self.members.pop(uid))
        del self.groups[group.uid]
        self._changed.pop(group.uid, None)

    def alerts(self, group: Group) -> list[Member]:
        """Of a group, oldest first."""
        return sorted((self.members[uid] for uid in group.members), key=lambda m: (m.first_ts, m.alert_id))

    def restore(self, members: Iterable[Member], groups: Iterable[Group]) -> None:
        """Put back what was saved: alerts with the groups they were in."""
        self.groups = {g.uid: g for g in groups}
        for m in members:
            self.members[m.alert_id] = m
            self.web.add(m)
            if m.alert_id not in self.groups[m.group].members:
                raise ValueError("an alert stands in no group")
