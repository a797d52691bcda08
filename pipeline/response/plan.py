"""What a playbook asks for next: a pure function of the playbook, the incident and how its actions stand."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.response.addresses import address_of, is_internal
from pipeline.response.condition import compiled
from pipeline.response.gate import Gate
from pipeline.response.kinds import KINDS
from pipeline.response.options import ResponseOptions
from pipeline.response.playbook import ActionStep, IfCondition, Parallel, Playbook, Start, Target
from schemas.brief import Brief
from schemas.incident import Party

SUCCEEDED = frozenset(("dry_run", "done", "undo_started", "undone", "undo_failed"))
SETTLED = SUCCEEDED | {"denied", "skipped", "failed"}
"""States after which a playbook goes on."""
_ROLES = ("subject", "linked", "touched")
ASK, BIOMED = "#ask", "#biomed"
"""Steps that come with another: telling people that their approval is waited for, telling biomedical engineering."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One action to be decided."""

    action_id: str
    playbook: str
    step: str
    action: str
    target_type: str
    target: str
    connector: str
    why: str
    hold_s: float = 0.0
    approvals: int = 0
    roles: tuple[str, ...] = ()
    skip: bool = False
    """The gate leaves nothing to do; `why` says why."""
    aside: bool = False
    """Comes with another action; the playbook does not wait for it."""


def action_id(incident_id: str, playbook: str, step: str, target_type: str, target: str, connector: str = "") -> str:
    """The same for the same decision, whoever makes it and however often."""
    text = "\x1f".join((incident_id, playbook, step, target_type, target, connector))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Planner:
    """Walks through playbooks."""

    def __init__(self, options: ResponseOptions) -> None:
        self._options = options
        self.gate = Gate(options)

    def due(self, playbook: Playbook, brief: Brief, state_of: Callable[[str], str | None]) -> list[Planned]:
        """Actions that the playbook has come to and that were not decided yet. `state_of` gives the state by id."""
        found: dict[str, Planned] = {}
        self._visit(playbook, playbook.workflow_start, brief, state_of, found)
        return list(found.values())

    def _visit(
        self, playbook: Playbook, name: str | None, brief: Brief, state_of: Callable[[str], str | None],
        found: dict[str, Planned],
    ) -> bool:  # fmt: skip
        """Whether this branch has come to its end."""
        while name is not None:
            step = playbook.workflow[name]
            if isinstance(step, ActionStep):
                states = []
                for planned in self.actions(playbook, name, step, brief):
                    state = state_of(planned.action_id)
                    if state is None:
                        found[planned.action_id] = planned
                    if not planned.aside:
                        states.append(state)
                if any(s not in SETTLED for s in states):
                    return False
                well = all(s in SUCCEEDED for s in states)
                name = step.on_completion or (step.on_success if well else step.on_failure)
            elif isinstance(step, Parallel):
                ended = [self._visit(playbook, n, brief, state_of, found) for n in step.next_steps]
                if not all(ended):
                    return False
                name = step.on_completion
            elif isinstance(step, IfCondition):
                branch = step.on_true if compiled(step.condition)(brief) else step.on_false
                if not self._visit(playbook, branch, brief, state_of, found):
                    return False
                name = step.on_completion
            else:
                name = step.on_completion if isinstance(step, Start) else None
        return True

    def actions(self, playbook: Playbook, name: str, step: ActionStep, brief: Brief) -> Iterator[Planned]:
        """All actions of a step, for every target and connector, after the clinical-safety gate."""
        kind = KINDS[step.command]
        because = f"playbook {playbook.key}, for an incident of kind {brief.kind} and severity {brief.severity.lower()}"
        if kind.targets in ("nobody", "incident"):
            yield from self._telling(playbook, name, step.command, self._connectors(playbook, step), brief, because)
            return
        biomed, waits = False, False
        for party in self._targets(playbook, step, brief):
            choice = self.gate.choose(step.command, party, brief)
            why = f"{because}; {choice.why}" if choice.why else because
            biomed |= choice.alert_biomed
            for planned in self._against(playbook, name, step, party, choice.action, brief, why):
                waits |= planned.approvals > 0 and self._options.live(planned.connector)
                yield planned
        if biomed:
            connectors = self._options.actions.get("alert_biomed") or self._options.actions.get("notify", ())
            yield from self._telling(
                playbook, name + BIOMED, "alert_biomed", connectors, brief, f"{because}; a clinical machine is involved"
            )
        if waits:
            connectors = self._options.actions.get("notify", ())
            yield from self._telling(
                playbook, name + ASK, "notify", connectors, brief, f"{because}; an approval is waited for"
            )

    def _against(
        self, playbook: Playbook, name: str, step: ActionStep, party: Party, action: str, brief: Brief, why: str
    ) -> Iterator[Planned]:
        wanted = action or step.command
        connectors = (
            self._connectors(playbook, step) if wanted == step.command else self._options.actions.get(wanted, ())
        )
        connectors = tuple(c for c in connectors if self._takes(c, party.type)) or ("",)
        rule = self._options.approvals.get(wanted)
        needed = max(step.x_wardwatch.approvals, rule.count if rule else 0, self.gate.approvals(wanted, party.type))
        asked = step.x_wardwatch.hold_h or self._options.hold_h
        hold_s = min(asked, self._options.most_hold_h) * 3600 if KINDS[wanted].undoable else 0.0
        for i, connector in enumerate(connectors):
            yield Planned(
                action_id(brief.incident_id, playbook.key, name, party.type, party.value, connector if i else ""),
                playbook.key, name, wanted, party.type, party.value, connector, why, hold_s, needed,
                step.x_wardwatch.roles or (rule.roles if rule else ()), skip=not action,
            )  # fmt: skip

    def _telling(
        self, playbook: Playbook, name: str, action: str, connectors: tuple[str, ...], brief: Brief, why: str
    ) -> Iterator[Planned]:
        rule = self._options.approvals.get(action)
        incident = KINDS[action].targets == "incident"
        for connector in connectors or ("",):
            kind, target = ("incident", brief.incident_id) if incident else ("connector", connector)
            yield Planned(
                action_id(brief.incident_id, playbook.key, name, kind, target, connector if incident else ""),
                playbook.key, name, action, kind, target, connector, why, 0.0, rule.count if rule else 0,
                rule.roles if rule else (), aside=name.endswith((ASK, BIOMED)),
            )  # fmt: skip

    def _connectors(self, playbook: Playbook, step: ActionStep) -> tuple[str, ...]:
        if step.agent:
            return (playbook.agent_definitions[step.agent].x_wardwatch.connector,)
        return self._options.actions.get(step.command, ())

    def _takes(self, connector: str, target_type: str) -> bool:
        known = self._options.connectors.get(connector)
        return known is None or not known.target_types or target_type in known.target_types

    def _targets(self, playbook: Playbook, step: ActionStep, brief: Brief) -> list[Party]:
        """The parties meant, the subject and its own names first; one machine once, under the name that fits first."""
        connectors = self._connectors(playbook, step)
        found: dict[tuple[str, str], Party] = {}
        for name in step.targets:
            wanted = playbook.target_definitions[name]
            types = wanted.x_wardwatch.parties
            meant = [p for p in (brief.subject, *brief.parties) if _meant(wanted, p)]
            meant.sort(key=lambda p: (_ROLES.index(p.role), types.index(p.type)))
            for party in meant:
                if not connectors or any(self._takes(c, party.type) for c in connectors):
                    found.setdefault(("name", party.name) if party.name else (party.type, party.value), party)
        return list(found.values())[: self._options.most_targets]


def _meant(target: Target, party: Party) -> bool:
    wanted = target.x_wardwatch
    if party.type not in wanted.parties or party.role not in wanted.roles:
        return False
    if wanted.external is None or party.type != "ip":
        return True
    address = address_of(party.value)
    return address is not None and is_internal(address) != wanted.external
