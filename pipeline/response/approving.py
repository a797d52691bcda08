"""Whose word counts on an action, and what it leads to."""

import unicodedata
from dataclasses import dataclass, field
from typing import Any

from pipeline.response.gate import Gate
from pipeline.response.kinds import KINDS
from pipeline.response.options import ResponseOptions
from schemas.action import ActionDetail, ActionState, Approved
from schemas.feedback import Approval

_MOST = 50
_SKEW_S = 300.0
"""The clock of who speaks may be behind the worker's by so much: Kerberos's limit, which hospitals' clocks keep."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of the action. `state` None: it stays as it is, and nothing is recorded."""

    state: ActionState | None
    why: str
    fields: dict[str, Any] = field(default_factory=dict)


def person(who: str) -> str:
    """A name as it is compared: Anna and anna are one person."""
    return unicodedata.normalize("NFKC", who).casefold().strip()


def approvers(detail: ActionDetail) -> int:
    """How many different people have approved."""
    return len({person(w.who) for w in detail.approvals if w.decision == "approve"})


def may_speak(options: ResponseOptions, who: str, role: str, roles: list[str] | tuple[str, ...] = ()) -> str:
    """Why a word of this person in this role does not count; empty when it does."""
    if not options.roles:
        return "nobody can approve: name people in response.roles"
    if role not in options.roles:
        return f"there is no role {role!r}; there are {', '.join(options.roles)}"
    people = {person(p) for p in options.roles[role]}
    if "*" not in people and person(who) not in people:
        return f"{who} is not in the role {role!r} (response.roles)"
    if roles and role not in roles:
        return f"this needs {' or '.join(roles)}, not {role}"
    return ""


def rule(detail: ActionDetail, word: Approval, options: ResponseOptions) -> Ruling:
    """What a word leads to."""
    kind = KINDS.get(detail.action)
    if kind is None:
        return Ruling(None, "this is the record of a playbook, no action")
    undo = word.decision == "undo"
    against = may_speak(options, word.who, word.role, () if undo else detail.roles)
    if against:
        return Ruling(None, against)
    if any(person(w.who) == person(word.who) and w.decision == word.decision for w in detail.approvals):
        return Ruling(None, f"{word.who} has said so already")
    if len(detail.approvals) >= _MOST:
        return Ruling(None, "too many have spoken about it")
    # Words are heard again after a restart: one that was given about a rehearsal must not count once it is live.
    earliest = detail.decided_ts if detail.state == "dry_run" else detail.decided_ts - _SKEW_S
    if word.ts <= earliest:
        return Ruling(None, "it was said before this was decided")
    if undo:
        return _undo(detail, word)
    if detail.state == "waiting" and word.decision == "deny":
        return Ruling("denied", f"{_by(word)} denied it", _with(detail, word))
    if word.decision == "approve" and (detail.state == "waiting" or detail.state == "dry_run"):
        return _approve(detail, word, options)
    return Ruling(None, f"it is {detail.state.replace('_', ' ')}: there is nothing to {word.decision}")


def _approve(detail: ActionDetail, word: Approval, options: ResponseOptions) -> Ruling:
    if not options.live(detail.connector):
        if detail.state == "waiting":
            return Ruling("dry_run", f"{_by(word)} approved it, and this is a dry run", _with(detail, word))
        return Ruling("dry_run", f"{_by(word)} approved it, and this is a dry run", {"decided_ts": word.ts})
    needed = max(1, detail.approvals_needed, Gate.approvals(detail.action, detail.target_type))
    fields = _with(detail, word) | {"approvals_needed": needed}
    if detail.state == "dry_run":
        fields["decided_ts"] = word.ts  # it waits from now on
    have = approvers(detail.model_copy(update={"approvals": fields["approvals"]}))
    if have < needed:
        return Ruling("waiting", f"{_by(word)} approved it; {needed - have} more needed", fields)
    names = ", ".join(dict.fromkeys(w.who for w in fields["approvals"] if w.decision == "approve"))
    return Ruling("approved", f"approved by {names}", fields)


def _undo(detail: ActionDetail, word: Approval) -> Ruling:
    if detail.state in ("waiting", "approved"):
        return Ruling("denied", f"{_by(word)} took it back before it was done", _with(detail, word))
    if not KINDS[detail.action].undoable:
        return Ruling(None, f"{detail.action} cannot be taken back")
    if detail.state in ("started", "done", "undo_failed"):
        return Ruling(detail.state, f"{_by(word)} wants it taken back", _with(detail, word))
    return Ruling(None, f"it is {detail.state.replace('_', ' ')}: there is nothing to take back")


def undo_wanted(detail: ActionDetail) -> bool:
    """Whether somebody asked for it."""
    return any(w.decision == "undo" for w in detail.approvals)


def _with(detail: ActionDetail, word: Approval) -> dict[str, Any]:
    said = Approved(ts=word.ts, decision=word.decision, who=word.who, role=word.role, why=word.why)
    return {"approvals": [*detail.approvals, said]}


def _by(word: Approval) -> str:
    return f"{word.who} ({word.role})" + (f", because {word.why}," if word.why else "")
