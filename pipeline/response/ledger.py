"""How all actions stand: rebuilt from the topic `actions`, bounded, and never forgetting that something was done."""

from collections import OrderedDict, deque
from collections.abc import Iterator

from pipeline.response.kinds import KINDS, PLAYBOOK
from schemas.action import Action, ActionDetail
from schemas.brief import Brief

_ENDED = frozenset(("dry_run", "denied", "skipped", "failed", "undone"))
_BEGUN = frozenset(("started", "done", "failed", "undo_started", "undone", "undo_failed"))
HOUR_S = 3600.0
_TRIES = 16  # of an eviction: actions that something has to happen with are passed over


class Ledger:
    """Latest revision of each action by id.

    Whole records of 20,000 actions and 5,000 incidents are kept, those that are over being dropped first; of older
    ones the id and the last state only, 400,000 of them: some 100 MB at most. An action whose id is known is never
    decided again.
    """

    def __init__(self, actions: int = 20_000, incidents: int = 5_000, ids: int = 400_000) -> None:
        self._most = (actions, incidents, ids)
        self._actions: OrderedDict[str, ActionDetail] = OrderedDict()
        self._severity: dict[str, int] = {}
        self._old: OrderedDict[str, tuple[int, str]] = OrderedDict()
        self._briefs: OrderedDict[str, Brief] = OrderedDict()
        self._runs: dict[str, dict[str, str]] = {}
        """Incident → playbook → id of the record of its decision."""
        self._by_incident: dict[str, dict[str, None]] = {}
        self._open: dict[str, None] = {}
        self._effects: dict[str, deque[float]] = {}
        self._held: dict[tuple[str, str, str], dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._actions)

    @property
    def full(self) -> bool:
        """Whether so many actions are open that no more should be decided."""
        return len(self._open) >= self._most[0]

    def put(self, action: Action) -> bool:
        """Take a revision; False when it is not newer than what is known."""
        detail = action.unmapped
        known = self._actions.get(detail.action_id)
        old = self._old.get(detail.action_id)
        if (known and known.revision >= detail.revision) or (old and old[0] >= detail.revision):
            return False
        self._old.pop(detail.action_id, None)
        if detail.action == PLAYBOOK:
            self._run(detail)
            detail = detail.model_copy(update={"incident": None})
        else:
            self._count(known, detail, action.time / 1000)
        self._actions[detail.action_id] = detail
        self._actions.move_to_end(detail.action_id)
        self._severity[detail.action_id] = action.severity_id
        self._by_incident.setdefault(detail.incident_id, {})[detail.action_id] = None
        self._index(detail)
        self._evict()
        return True

    def get(self, action_id: str) -> ActionDetail | None:
        """The action as it stands, None when it is not known, or too old to be known whole."""
        return self._actions.get(action_id)

    def state_of(self, action_id: str) -> str | None:
        """Its state, also of those that are too old to be known whole."""
        known = self._actions.get(action_id)
        if known:
            return known.state
        old = self._old.get(action_id)
        return old[1] if old else None

    def revision(self, action_id: str) -> int:
        """The last one known, 0 for none."""
        known = self._actions.get(action_id)
        return known.revision if known else self._old.get(action_id, (0, ""))[0]

    def severity(self, action_id: str) -> int:
        """OCSF severity of the incident when the action was last told."""
        return self._severity.get(action_id, 1)

    def brief(self, incident_id: str) -> Brief | None:
        """The incident, None when it is too old."""
        return self._briefs.get(incident_id)

    def remember(self, brief: Brief) -> None:
        """Take a newer document of an incident that has a playbook running."""
        if brief.incident_id in self._briefs:
            self._briefs[brief.incident_id] = brief

    def runs(self, incident_id: str) -> dict[str, str]:
        """Playbooks begun for an incident: id of the decision by playbook."""
        return self._runs.get(incident_id, {})

    def incidents(self) -> list[str]:
        """Incidents with playbooks begun."""
        return list(self._runs)

    def unfinished(self) -> list[ActionDetail]:
        """Actions that something still has to happen with."""
        return [self._actions[i] for i in self._open]

    def of_incident(self, incident_id: str) -> Iterator[ActionDetail]:
        """All actions of an incident that are known whole."""
        found = (self._actions[name] for name in self._by_incident.get(incident_id, {}))
        return (a for a in found if a.action != PLAYBOOK)

    def holding(self, detail: ActionDetail) -> list[ActionDetail]:
        """Other actions by which the same effect is in force, or was brought about within the last hour."""
        ids = self._held.get(_effect(detail), {})
        return [self._actions[i] for i in ids if i != detail.action_id]

    def held_by(self, connector: str) -> list[ActionDetail]:
        """Everything in force, or just being brought about, through a connector."""
        return [
            self._actions[i] for (_, of, _), ids in self._held.items() if of == connector for i in ids
        ]  # fmt: skip

    def within_hour(self, action: str, now: float) -> int:
        """How many effects of a kind began within the last hour."""
        times = self._effects.get(action)
        while times and times[0] <= now - HOUR_S:
            times.popleft()
        return len(times) if times else 0

    def _run(self, detail: ActionDetail) -> None:
        if detail.incident is not None:
            self._briefs[detail.incident_id] = detail.incident
            self._briefs.move_to_end(detail.incident_id)
        self._runs.setdefault(detail.incident_id, {})[detail.playbook] = detail.action_id

    def _count(self, known: ActionDetail | None, detail: ActionDetail, now: float) -> None:
        if detail.state in _BEGUN and (known is None or known.state not in _BEGUN):
            self._effects.setdefault(detail.action, deque(maxlen=10_001)).append(detail.effect_ts or now)

    def _index(self, detail: ActionDetail) -> None:
        name = detail.action_id
        kind = KINDS.get(detail.action)
        forever = detail.state == "done" and detail.undo_at is None
        if detail.action == PLAYBOOK or detail.state in _ENDED or forever:
            self._open.pop(name, None)
        else:
            self._open[name] = None
        if kind is None or kind.tells:
            return
        ids = self._held.setdefault(_effect(detail), {})
        if detail.state in ("started", "done", "undo_started", "undo_failed"):
            ids[name] = None
        else:
            ids.pop(name, None)
        if not ids:
            del self._held[_effect(detail)]

    def _evict(self) -> None:
        most, incidents, ids = self._most
        tries = _TRIES
        while len(self._actions) > most and tries:
            name, detail = self._actions.popitem(last=False)
            tries -= 1
            if name in self._open or (detail.action == PLAYBOOK and detail.incident_id in self._briefs):
                self._actions[name] = detail
                continue
            self._forget(name, detail)
        while len(self._briefs) > incidents:
            incident, _ = self._briefs.popitem(last=False)
            for name in self._runs.pop(incident, {}).values():
                if name in self._actions:
                    self._forget(name, self._actions.pop(name))
        while len(self._old) > ids:
            self._old.popitem(last=False)

    def _forget(self, name: str, detail: ActionDetail) -> None:
        self._old[name] = (detail.revision, detail.state)
        self._severity.pop(name, None)
        siblings = self._by_incident.get(detail.incident_id, {})
        siblings.pop(name, None)
        if not siblings:
            self._by_incident.pop(detail.incident_id, None)
        held = self._held.get(_effect(detail))
        if held is not None:
            held.pop(name, None)
            if not held:
                del self._held[_effect(detail)]


def _effect(detail: ActionDetail) -> tuple[str, str, str]:
    """What is the same effect, whoever asked for it."""
    return detail.action, detail.connector, f"{detail.target_type}:{detail.target}"
