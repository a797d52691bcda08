"""Playbooks in the words of OASIS CACAO 2.0, as far as wardwatch carries them out; ours stand under `x_wardwatch`."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.response.condition import compiled
from pipeline.response.kinds import KINDS, PARTY_TYPES
from schemas.incident import IncidentKind

StepId = Annotated[str, Field(pattern=r"^[a-z-]+--[A-Za-z0-9_-]{1,64}$")]
"""CACAO's form, `action--…`; behind it stands a UUID or a readable word."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(_Strict):
    name: str = ""
    description: str = ""

    def next_ids(self) -> Iterator[str]:
        """Ids of steps that may come after this one."""
        for field in ("on_completion", "on_success", "on_failure", "on_true", "on_false"):
            if value := getattr(self, field, None):
                yield value


class Start(_Step):
    """Where the workflow begins."""

    type: Literal["start"]
    on_completion: StepId


class End(_Step):
    """Where a branch ends."""

    type: Literal["end"]


class CommandData(_Strict):
    """One thing to do. `type` is ours: CACAO's vocabulary of command types is open."""

    type: Literal["wardwatch"]
    command: str
    """isolate_host, notify … see `pipeline.response.kinds`."""
    description: str = ""

    @field_validator("command")
    @classmethod
    def _known(cls, command: str) -> str:
        if command not in KINDS:
            raise ValueError(f"{command!r} is no action; there are {', '.join(KINDS)}")
        return command


class StepExtension(_Strict):
    """What CACAO has no words for."""

    hold_h: float | None = Field(default=None, gt=0, le=8760)
    """Taken back by itself after so long."""
    approvals: int = Field(default=0, ge=0, le=5)
    roles: tuple[str, ...] = ()
    """Whose approvals count; empty: any of the setting `response.roles`."""


class ActionStep(_Step):
    """Commands, done to each target."""

    type: Literal["action"]
    commands: tuple[CommandData, ...] = Field(min_length=1, max_length=1)
    agent: str = ""
    """One of `agent_definitions`; by default the connectors that the settings name for the action."""
    targets: tuple[str, ...] = ()
    on_completion: StepId | None = None
    on_success: StepId | None = None
    on_failure: StepId | None = None
    x_wardwatch: StepExtension = StepExtension()

    @property
    def command(self) -> str:
        """The action."""
        return self.commands[0].command

    @model_validator(mode="after")
    def _targets_fit(self) -> "ActionStep":
        wants = KINDS[self.command].targets
        if wants in ("nobody", "incident") and self.targets:
            raise ValueError(f"{self.command} has no targets: leave `targets` out")
        if wants not in ("nobody", "incident") and not self.targets:
            raise ValueError(f"{self.command} needs `targets`: ids of target_definitions")
        if self.on_completion and (self.on_success or self.on_failure):
            raise ValueError("give either on_completion, or on_success and on_failure (CACAO 2.0)")
        return self


class IfCondition(_Step):
    """One branch or the other, then `on_completion`."""

    type: Literal["if-condition"]
    condition: str
    on_true: StepId
    on_false: StepId | None = None
    on_completion: StepId | None = None

    @field_validator("condition")
    @classmethod
    def _readable(cls, condition: str) -> str:
        compiled(condition)
        return condition


class Parallel(_Step):
    """Branches that do not wait for each other; then `on_completion`."""

    type: Literal["parallel"]
    next_steps: tuple[StepId, ...] = Field(min_length=1)
    on_completion: StepId | None = None

    def next_ids(self) -> Iterator[str]:
        """Ids of steps that may come after this one."""
        yield from self.next_steps
        yield from super().next_ids()


Step = Annotated[Start | End | ActionStep | IfCondition | Parallel, Field(discriminator="type")]


class TargetExtension(_Strict):
    """Which parties of the incident are meant."""

    parties: tuple[Literal["ip", "mac", "host", "device", "user", "provider", "domain"], ...] = Field(min_length=1)
    """Types. There is no `patient`: nothing is done to patients."""
    roles: tuple[Literal["subject", "linked", "touched"], ...] = ("subject", "linked")
    external: bool | None = None
    """For addresses: true, only those outside (not private); false, only those inside."""


class Target(_Strict):
    """A CACAO target; which it is at run time says `x_wardwatch`."""

    type: str
    """CACAO's word: net-address, individual, group …"""
    name: str = ""
    description: str = ""
    x_wardwatch: TargetExtension


class AgentExtension(_Strict):
    """The connector that carries the agent's commands out."""

    connector: str


class Agent(_Strict):
    """A CACAO agent."""

    type: str
    name: str = ""
    description: str = ""
    x_wardwatch: AgentExtension


class Selection(_Strict):
    """Which incidents a playbook is for. Of those that fit, the one with the highest priority is run."""

    kinds: tuple[IncidentKind, ...] = ()
    """Empty: all."""
    min_severity: int = Field(default=1, ge=1, le=5)
    min_criticality: int = Field(default=1, ge=1, le=5)
    """Of the subject."""
    device_classes: tuple[str, ...] = ()
    """Of the subject; empty: all."""
    life_support: bool | None = None
    notify_only: bool = True
    """Only incidents that are worth telling; those that suppression silences wait until they are."""
    priority: int = Field(default=0, ge=-100, le=100)


class Playbook(_Strict):
    """One playbook. Steps are a graph without circles; each id that is named exists."""

    type: Literal["playbook"]
    spec_version: Literal["cacao-2.0"]
    id: Annotated[str, Field(pattern=r"^playbook--[A-Za-z0-9_-]{1,64}$")]
    name: str = Field(min_length=1, max_length=256)
    description: str = ""
    playbook_types: tuple[str, ...] = ()
    playbook_activities: tuple[str, ...] = ()
    created_by: str = ""
    created: Any = None
    modified: Any = None
    revoked: bool = False
    severity: int = Field(default=0, ge=0, le=100)
    impact: int = Field(default=0, ge=0, le=100)
    priority: int = Field(default=0, ge=0, le=100)
    labels: tuple[str, ...] = ()
    industry_sectors: tuple[str, ...] = ()
    external_references: tuple[dict[str, Any], ...] = ()
    workflow_start: StepId
    workflow: dict[StepId, Step] = Field(min_length=1, max_length=200)
    target_definitions: dict[str, Target] = {}
    agent_definitions: dict[str, Agent] = {}
    x_wardwatch: Selection = Selection()

    @property
    def key(self) -> str:
        """The id without CACAO's prefix."""
        return self.id.removeprefix("playbook--")

    @model_validator(mode="after")
    def _whole(self) -> "Playbook":
        for name, step in self.workflow.items():
            _check_step(self, name, step)
        start = self.workflow.get(self.workflow_start)
        if start is None or start.type != "start":
            raise ValueError(f"workflow_start: {self.workflow_start!r} is no step of type start in workflow")
        reached = _reached(self)
        for name in self.workflow:
            if name not in reached:
                raise ValueError(f"workflow.{name}: no step leads to it")
        return self


def _check_step(playbook: Playbook, name: str, step: Any) -> None:
    for other in step.next_ids():
        if other not in playbook.workflow:
            raise ValueError(f"workflow.{name}: there is no step {other!r}")
    if isinstance(step, ActionStep):
        wanted = PARTY_TYPES[KINDS[step.command].targets]
        for target in step.targets:
            known = playbook.target_definitions.get(target)
            if known is None:
                raise ValueError(f"workflow.{name}: {target!r} is not among target_definitions")
            for kind in known.x_wardwatch.parties:
                if kind not in wanted:
                    raise ValueError(
                        f"workflow.{name}: {step.command} is done to {', '.join(wanted)}, and {target!r} has {kind}"
                    )
        if step.agent and step.agent not in playbook.agent_definitions:
            raise ValueError(f"workflow.{name}: {step.agent!r} is not among agent_definitions")


def _reached(playbook: Playbook) -> set[str]:
    """Steps that can come about. Raises ValueError for a circle."""
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> None:
        if name in path:
            raise ValueError(
                f"workflow.{name}: steps lead in a circle ({' → '.join([*path[path.index(name) :], name])})"
            )
        if name in done:
            return
        path.append(name)
        for other in playbook.workflow[name].next_ids():
            visit(other)
        path.pop()
        done.add(name)

    visit(playbook.workflow_start)
    return done
