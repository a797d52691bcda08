"""An action as OCSF Remediation Activity, and its next revision."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pipeline.response.kinds import KINDS, PLAYBOOK
from schemas.action import ACTIVITIES, CLASS_UID, STATUSES, Action, ActionDetail, ActionState
from schemas.alert import SEVERITIES, Metadata, Product

_STATUS: dict[ActionState, int] = {
    "dry_run": 99, "waiting": 99, "denied": 99, "skipped": 99, "approved": 99, "started": 0, "done": 1, "failed": 2,
    "undo_started": 0, "undone": 1, "undo_failed": 2,
}  # fmt: skip
_UNDO = ("undo_started", "undone", "undo_failed")
_RESTORE, _OTHER = 3, 99
_WORDS: dict[ActionState, str] = {
    "dry_run": "Would {verb} {target} (dry run)",
    "waiting": "Waits for approval to {verb} {target}",
    "denied": "Denied: to {verb} {target}",
    "skipped": "Left out: to {verb} {target}",
    "approved": "About to {verb} {target}",
    "started": "Began to {verb} {target}",
    "done": "Done: to {verb} {target}",
    "failed": "Failed to {verb} {target}",
    "undo_started": "Taking back: to {verb} {target}",
    "undone": "Taken back: to {verb} {target}",
    "undo_failed": "Could not take back: to {verb} {target}",
}
_TEXT, _DETAIL = 1024, 2048


@cache
def product_version() -> str:
    """Of wardwatch as it is installed."""
    try:
        return version("wardwatch")
    except PackageNotFoundError:
        return "0"


def document(detail: ActionDetail, severity_id: int, now: float) -> Action:
    """The record of an action as it stands."""
    kind = KINDS.get(detail.action)
    activity = _RESTORE if detail.state in _UNDO else kind.activity if kind else _OTHER
    status = _STATUS[detail.state]
    return Action(
        activity_id=activity,
        activity_name=ACTIVITIES[activity],
        type_uid=CLASS_UID * 100 + activity,
        type_name=f"Remediation Activity: {ACTIVITIES[activity]}",
        time=round(now * 1000),
        severity_id=severity_id,
        severity=SEVERITIES[severity_id],
        status_id=status,
        status=STATUSES[status] if status != _OTHER else detail.state.replace("_", " "),
        status_detail=detail.detail[:_TEXT],
        command_uid=detail.action_id,
        message=_message(detail),
        metadata=Metadata(product=Product(version=product_version()), uid=f"{detail.action_id}-{detail.revision}"),
        unmapped=detail,
    )


def changed(known: ActionDetail, state: ActionState, why: str, /, **fields: Any) -> ActionDetail:
    """The next revision."""
    if "detail" in fields:
        fields["detail"] = str(fields["detail"])[:_DETAIL]
    update = {"state": state, "why": why[:_TEXT], "revision": known.revision + 1, **fields}
    return known.model_copy(update=update)


def _message(detail: ActionDetail) -> str:
    if detail.action == PLAYBOOK:
        return f"Playbook {detail.playbook}: {detail.why}"[:_TEXT]
    verb = KINDS[detail.action].verb if detail.action in KINDS else detail.action
    target = detail.target or "nobody"
    return f"{_WORDS[detail.state].format(verb=verb, target=target)}; {detail.why}"[:_TEXT]
