"""What people are told: the incident in sentences, what is done about it, and what waits for them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pipeline.response.kinds import KINDS, PLAYBOOK
from pipeline.response.plan import ASK, BIOMED
from schemas.action import ActionDetail
from schemas.brief import Brief

_SUBJECT = 240
_MOST_ACTIONS = 20


def subject_of(detail: ActionDetail, brief: Brief | None) -> str:
    """One line."""
    if brief is None:
        return f"wardwatch: {_does(detail)} (incident {detail.incident_id})"
    mark = "approval needed" if detail.step.endswith(ASK) else brief.severity
    if detail.step.endswith(BIOMED):
        mark = f"{brief.severity}, clinical machine"
    return f"[wardwatch] {mark}: {brief.sentence}"[:_SUBJECT]


def text_of(detail: ActionDetail, brief: Brief | None, actions: Iterable[ActionDetail]) -> str:
    """The whole story, in plain text."""
    if brief is None:
        return subject_of(detail, brief)
    return "\n".join(_lines(detail, brief, list(actions))) + "\n"


def _lines(detail: ActionDetail, brief: Brief, actions: list[ActionDetail]) -> Iterator[str]:
    yield brief.sentence
    if brief.normal:
        yield f"Normal would be: {brief.normal}"
    yield ""
    yield f"About: {_who(brief)}"
    grave = f"Severity {brief.severity.lower()}, risk {brief.risk:.0f} of 100, {brief.alerts} alert(s)"
    yield f"{grave}; {brief.opened_because}" if brief.opened_because else grave
    if brief.lines:
        yield ""
        yield "What happened, in order:"
        yield from (f"  {line}" for line in brief.lines)
    if brief.next_techniques:
        yield f"Often next: {', '.join(brief.next_techniques)}"
    done = [a for a in actions if a.action in KINDS and not KINDS[a.action].tells][:_MOST_ACTIONS]
    waiting = [a for a in done if a.state == "waiting"]
    if detail.step.endswith(BIOMED):
        yield ""
        yield "A machine that care depends on is involved. It is not cut off by itself; please look after it."
    if done:
        yield ""
        yield "What is done:"
        yield from (f"  {_does(a)} - {a.state.replace('_', ' ')}: {a.why}" for a in done)
    if waiting:
        yield ""
        yield "What waits for a person's word:"
        for a in waiting:
            yield f"  {_does(a)} ({a.approvals_needed} approval(s){_by(a)})"
            yield f"    wardwatch approve {a.action_id} --as NAME --role ROLE --why REASON     (--deny to refuse)"
    yield ""
    yield f"Incident {brief.incident_id}"
    if brief.sql:
        yield f"Events: {brief.sql}"


def _who(brief: Brief) -> str:
    subject = brief.subject
    known = [subject.name, subject.device_class.replace("_", " "), subject.department]
    about = ", ".join(word for word in known if word)
    return f"{subject.type} {subject.value}" + (f" ({about})" if about else "")


def _does(detail: ActionDetail) -> str:
    if detail.action == PLAYBOOK or detail.action not in KINDS:
        return detail.action
    until = ""
    if detail.undo_at:
        until = f" until {datetime.fromtimestamp(detail.undo_at, UTC):%Y-%m-%d %H:%M} UTC"
    return f"{KINDS[detail.action].verb} {detail.target}{until}"


def _by(detail: ActionDetail) -> str:
    return f" of {', '.join(detail.roles)}" if detail.roles else ""
