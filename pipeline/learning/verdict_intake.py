"""Verdicts as they come: about alerts or incidents, late, twice, corrected, or about something not seen yet."""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.learning.verdict_book import MAX_PEOPLE, VerdictBook, Vote
from schemas.note import VerdictNote

WAIT_S = 7 * 86_400.0
"""A verdict about an alert that nobody told of waits so long in event time: lanes may be days behind."""
MAX_WAITING = 2_000
MAX_INCIDENTS = 2_000
MAX_MEMBERS = 200
"""Alerts of one incident that a verdict on it reaches."""


class VerdictIntake:
    """Turns verdict notes into votes on alerts, see `VerdictBook`.

    A verdict on an incident is one on each alert that belongs to it, then or later, and was seen by then.
    State: 2,000 waiting verdicts, 2,000 incidents of 200 alerts.
    """

    def __init__(self, last_seen: Callable[[str], float | None]) -> None:
        """`last_seen`: event time of a known alert's last finding, None for an unknown alert."""
        self.book = VerdictBook()
        self.unknown = 0
        """Verdicts that were about nothing known when they came."""
        self._last_seen = last_seen
        self._waiting: dict[str, dict[str, Vote]] = {}
        """By thing (`a|alert` or `i|incident`) and person."""
        self._members: dict[str, dict[str, None]] = {}
        self._said: dict[str, dict[str, Vote]] = {}
        """Verdicts on incidents, for alerts that join."""

    def take(self, note: VerdictNote) -> list[str]:
        """Alerts whose votes it changed."""
        vote = Vote(note.verdict, note.ts, bool(note.alert_id), note.verdict_id)
        if note.alert_id:
            if self._last_seen(note.alert_id) is None:
                self._wait(f"a|{note.alert_id}", note.who, vote)
                return []
            return [note.alert_id] if self.book.say(note.alert_id, note.who, vote) else []
        members = [a for a in self._members.get(note.incident_id, ()) if self._last_seen(a) is not None]
        if not members:
            self._wait(f"i|{note.incident_id}", note.who, vote)
            return []
        self._remember(note.incident_id, note.who, vote)
        return [a for a in members if self._said_in_time(a, vote) and self.book.say(a, note.who, vote)]

    def reached(self, note: VerdictNote) -> int:
        """How many known alerts a verdict is about."""
        alerts = [note.alert_id] if note.alert_id else list(self._members.get(note.incident_id, ()))
        return sum(self._last_seen(a) is not None for a in alerts)

    def arrived(self, alert_id: str) -> bool:
        """An alert became known: whether verdicts had waited for it."""
        waited = self._waiting.pop(f"a|{alert_id}", {})
        changed = [self.book.say(alert_id, who, vote) for who, vote in waited.items()]
        return any(changed)

    def belongs(self, alert_id: str, incident_id: str) -> bool:
        """An alert is part of an incident: whether verdicts on the incident changed its votes."""
        members = self._members.pop(incident_id, {})
        self._members[incident_id] = members
        if len(members) < MAX_MEMBERS:
            members[alert_id] = None
        if len(self._members) > MAX_INCIDENTS:
            gone = next(iter(self._members))
            del self._members[gone]
            self._said.pop(gone, None)
        for who, vote in self._waiting.pop(f"i|{incident_id}", {}).items():
            self._remember(incident_id, who, vote)
        said = [v for v in self._said.get(incident_id, {}).items() if self._said_in_time(alert_id, v[1])]
        changed = [self.book.say(alert_id, who, vote) for who, vote in said]
        return any(changed)

    def expire(self, clock: float) -> None:
        """Give up what has waited too long."""
        for thing in list(self._waiting):
            by = {who: vote for who, vote in self._waiting[thing].items() if vote.ts >= clock - WAIT_S}
            if by:
                self._waiting[thing] = by
            else:
                del self._waiting[thing]

    def _said_in_time(self, alert_id: str, vote: Vote) -> bool:
        """What came after an incident was judged was not judged."""
        seen = self._last_seen(alert_id)
        return seen is not None and seen <= vote.ts

    def _remember(self, incident_id: str, who: str, vote: Vote) -> None:
        said = self._said.setdefault(incident_id, {})
        if vote.outranks(said.get(who)) and (who in said or len(said) < MAX_PEOPLE):
            said[who] = vote

    def _wait(self, thing: str, who: str, vote: Vote) -> None:
        by = self._waiting.setdefault(thing, {})
        if not vote.outranks(by.get(who)) or (who not in by and len(by) >= MAX_PEOPLE):
            return
        self.unknown += who not in by
        by[who] = vote
        if len(self._waiting) > MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]

    def state(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "book": self.book.state(),
            "unknown": self.unknown,
            "waiting": {thing: _plain(by) for thing, by in self._waiting.items()},
            "members": {incident: list(alerts) for incident, alerts in self._members.items()},
            "said": {incident: _plain(by) for incident, by in self._said.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Put back what `state` gave."""
        self.book.load(state.get("book", {}))
        self.unknown = int(state.get("unknown", 0))
        self._waiting = {thing: _votes(by) for thing, by in state.get("waiting", {}).items()}
        self._members = {incident: dict.fromkeys(alerts) for incident, alerts in state.get("members", {}).items()}
        self._said = {incident: _votes(by) for incident, by in state.get("said", {}).items()}


def _plain(by: Mapping[str, Vote]) -> dict[str, list[Any]]:
    return {who: vote.plain() for who, vote in by.items()}


def _votes(by: Mapping[str, list[Any]]) -> dict[str, Vote]:
    return {who: Vote.of(plain) for who, plain in by.items()}
