"""Decisions and effects: OCSF Remediation Activity, class 7001 (version 1.5 names), with ours under `unmapped`."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.alert import Metadata
from schemas.base import Count, Seconds, Text, Timestamp, Wire
from schemas.brief import Brief

CLASS_UID = 7001
ACTIVITIES = {1: "Isolate", 2: "Evict", 3: "Restore", 4: "Harden", 5: "Detect", 99: "Other"}
STATUSES = {0: "Unknown", 1: "Success", 2: "Failure", 99: "Other"}

ActionState = Literal[
    "dry_run", "waiting", "denied", "skipped", "approved", "started", "done", "failed", "undo_started", "undone",
    "undo_failed",
]  # fmt: skip
"""dry_run: would have been done · waiting: for approvals · skipped: a gate, limit or allow-list forbade it, and says
which · started: under way, and looked at again after a crash · undone: taken back, by time or because asked."""


class Approved(Wire):
    """Who said what."""

    ts: Timestamp
    decision: Literal["approve", "deny", "undo"]
    who: Text
    role: Text
    why: Text = ""


class ActionDetail(Wire):
    """One action as it stands."""

    action_id: Text
    """Deterministic: of incident, playbook, step, target and, where several connectors do it, which of them. Also the
    idempotency key given to what carries it out."""
    revision: Count
    incident_id: Text
    playbook: Text
    step: Text
    action: Text
    """notify, ticket, isolate_host, segment_host, disable_account, step_up_account, block_address, block_domain …;
    `playbook` is the record of the decision to run one."""
    connector: Text = ""
    """Which of the setting `response.connectors` carries it out."""
    target_type: Text
    target: Text
    state: ActionState
    why: Annotated[str, Field(max_length=1024)]
    """A sentence: what led to this state."""
    decided_ts: Timestamp
    alert_ts: Timestamp | None = None
    """When what led to it was told (processing time)."""
    effect_ts: Timestamp | None = None
    undo_at: Timestamp | None = None
    """When it is taken back by itself; None: it has no end, or nothing to take back."""
    hold_s: Seconds = 0.0
    """How long it shall hold once it is done; 0: it has no end."""
    retry_ts: Timestamp | None = None
    """When an undo that failed is tried again."""
    approvals_needed: Count = 0
    roles: list[Text] = []
    """Who may approve it."""
    approvals: Annotated[list[Approved], Field(max_length=50)] = []
    attempts: Count = 0
    detail: Annotated[str, Field(max_length=2048)] = ""
    """What the other side answered; never a secret."""
    reference: Text = ""
    """What the other side calls it: a ticket's number, a rule's id."""
    incident: Brief | None = None
    """With `playbook` only."""


class Action(Wire):
    """Remediation Activity. Times are milliseconds since the epoch, UTC."""

    activity_id: int
    activity_name: Text
    category_uid: Literal[7] = 7
    category_name: Text = "Remediation"
    class_uid: Literal[7001] = 7001
    class_name: Text = "Remediation Activity"
    type_uid: int
    type_name: Text
    time: int
    severity_id: int = Field(ge=1, le=6)
    severity: Text
    status_id: int
    status: Text
    status_detail: Annotated[str, Field(max_length=1024)] = ""
    command_uid: Text
    """The action's id."""
    message: Annotated[str, Field(max_length=1024)]
    metadata: Metadata
    unmapped: ActionDetail
