"""Settings of the response agent: table `[response]` of wardwatch.toml."""

import ipaddress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipeline.response.connector_options import Connector
from pipeline.response.kinds import KINDS


class Allowed(BaseModel):
    """Something that is never acted upon, who answers for that, and until when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str = Field(min_length=1)
    """A name or address; a network (10.1.0.0/16); `*.hospital.example` for all names below."""
    type: str = ""
    """host, ip, mac, device, user, domain; empty: whatever it is."""
    actions: tuple[str, ...] = ()
    """Empty: all of them."""
    owner: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    until: datetime | None = None

    @field_validator("actions")
    @classmethod
    def _known(cls, actions: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known_kind(name) for name in actions)

    @field_validator("until")
    @classmethod
    def _aware(cls, until: datetime | None) -> datetime | None:
        return until.replace(tzinfo=UTC) if until and until.tzinfo is None else until


class ApprovalRule(BaseModel):
    """How many people have to agree, and in which roles they can."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int = Field(default=1, ge=0, le=5)
    roles: tuple[str, ...] = ()
    """Empty: any of `response.roles`."""


class ResponseOptions(BaseModel):
    """How incidents are answered. As it comes, nothing is done: everything is a dry run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dry_run: bool = True
    """Decide and record, and do nothing. A connector can say otherwise for itself."""
    playbooks: tuple[Path, ...] = ()
    """Files and folders of CACAO playbooks; one with the id of a shipped one replaces it."""
    shipped_playbooks: bool = True
    """Whether the playbooks that come with wardwatch are used beside them."""
    connectors: dict[str, Connector] = {}
    actions: dict[str, tuple[str, ...]] = {}
    """Which connectors carry out which action: `isolate_host = ["nac"]`, `notify = ["mail", "chat"]`."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that webhooks may reach although their address is private or this machine's. Link-local addresses, where
    clouds answer with credentials, have to be named as addresses."""
    roles: dict[str, tuple[str, ...]] = {}
    """Who may speak in which role: `soc = ["anna", "ben"]`; `["*"]` is everybody. Without people nothing that needs an
    approval is ever done."""
    approvals: dict[str, ApprovalRule] = {}
    """By action, beyond what playbooks ask for: `isolate_host = {count = 1, roles = ["soc"]}`. Actions against
    a person need two whatever stands here."""
    approval_expires_h: float = Field(default=24.0, gt=0, le=720)
    """What nobody approved for so long is skipped."""
    limits: dict[str, Annotated[int, Field(ge=0, le=10_000)]] = {}
    """How many actions of a kind an hour at most."""
    hold_h: float = Field(default=8.0, gt=0, le=720)
    """An action that can be taken back is taken back after so long, where its playbook does not say: a shift."""
    most_hold_h: float = Field(default=72.0, gt=0, le=8760)
    """And never later than this, whatever the playbook says."""
    most_targets: int = Field(default=5, ge=1, le=50)
    """A step acts on so many parties of an incident at most, the subject and its own names first."""
    stale_after_h: float = Field(default=24.0, gt=0, le=8760)
    """An incident that was told longer ago is not acted upon: it comes from an old log."""
    life_support_step: Literal["watch_closely", "segment_host"] = "watch_closely"
    """What replaces the isolation of a machine that a life may depend on, beside a word to biomedical engineering."""
    clinical_networks: tuple[str, ...] = ()
    """Networks in which a machine that the inventory does not know is treated as if a life depended on it."""
    allow: tuple[Allowed, ...] = ()
    """What is never acted upon; looked at last, right before the effect."""
    at_once: int = Field(default=64, ge=1, le=1024)
    """So many effects are under way at most."""
    first_retry_s: float = Field(default=0.5, gt=0, le=60)
    """Between attempts; doubles each time, with some chance in it."""
    longest_retry_s: float = Field(default=30.0, gt=0, le=3600)

    def live(self, connector: str) -> bool:
        """Whether what the connector is given really happens."""
        known = self.connectors.get(connector)
        return known is not None and not (self.dry_run if known.dry_run is None else known.dry_run)

    @field_validator("actions", "approvals", "limits")
    @classmethod
    def _known_kinds(cls, table: dict[str, Any]) -> dict[str, Any]:
        return {_known_kind(name): value for name, value in table.items()}

    @field_validator("clinical_networks")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for text in networks:
            ipaddress.ip_network(text, strict=False)
        return networks

    @model_validator(mode="after")
    def _consistent(self) -> "ResponseOptions":
        for action, names in self.actions.items():
            for name in names:
                if name not in self.connectors:
                    there = ", ".join(self.connectors) or "none"
                    raise ValueError(f"actions.{action}: there is no connector {name!r} (there are: {there})")
                kind = self.connectors[name].kind
                if kind in ("smtp", "slack", "syslog") and not KINDS[action].tells:
                    raise ValueError(f"actions.{action}: {name!r} ({kind}) can only tell people")
                if kind == "blocklist" and KINDS[action].targets not in ("address", "domain"):
                    raise ValueError(f"actions.{action}: {name!r} is a list of addresses or domains")
        for action, rule in self.approvals.items():
            for role in rule.roles:
                if role not in self.roles:
                    raise ValueError(f"approvals.{action}: nobody is in the role {role!r}; name people in roles")
        return self


def _known_kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"{name!r} is no action; there are {', '.join(KINDS)}")
    return name
