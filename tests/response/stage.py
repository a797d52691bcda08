"""What the tests of the response agent share: incidents, a log of records that survives, receivers."""

import asyncio
from collections.abc import Callable
from typing import Any

from pipeline.response.options import ResponseOptions
from pipeline.response.playbook import Playbook
from pipeline.response.playbook_set import PlaybookSet
from pipeline.response.playbook_text import read_playbook
from pipeline.response.responder import Responder
from schemas.action import Action, ActionDetail
from schemas.alert import SEVERITIES
from schemas.feedback import Approval
from schemas.incident import Incident, IncidentDetail, Party

START = 1_800_000_000.0


def party(kind: str, value: str, role: str = "subject", **more: Any) -> Party:
    """A party of an incident."""
    return Party.model_validate({"type": kind, "value": value, "role": role, **more})


def incident(
    kind: str = "ransomware", subject: Party | None = None, *others: Party, name: str = "inc-1", revision: int = 1,
    severity: int = 5, message: str = "ws-0042 encrypts files on the file server", **detail: Any,
) -> Incident:  # fmt: skip
    """An incident's document."""
    about = subject or party("host", "ws-0042", device_class="workstation")
    inner = IncidentDetail(
        incident_id=name, revision=revision, kind=kind, subject=about, parties=[about, *others], risk=80, peak_risk=80,
        opened_because="critical finding", alerts=1, findings=3, silenced=0,
        **({"tactics": ["Impact"], "timeline": [], "notify": True} | detail),
    )  # fmt: skip
    return Incident.model_validate({
        "activity_id": 1, "activity_name": "Create", "type_uid": 200501, "type_name": "Incident Finding: Create",
        "time": 1000, "start_time": 1000, "end_time": 1000, "count": 3, "severity_id": severity,
        "severity": SEVERITIES[severity], "status_id": 1, "status": "New",
        "priority_id": 4, "priority": "Critical", "confidence_score": 90, "message": message,
        "metadata": {"product": {"version": "1"}, "uid": f"{name}-{revision}"}, "finding_info_list": [],
        "unmapped": inner,
    })  # fmt: skip


def steps(*actions: dict[str, Any], key: str = "test", **selection: Any) -> Playbook:
    """A playbook of actions one after the other. `{"do": "isolate_host", "to": ["host"], …}`."""
    workflow: dict[str, Any] = {"start--s": {"type": "start", "on_completion": "action--0"}, "end--e": {"type": "end"}}
    targets: dict[str, Any] = {}
    for i, action in enumerate(actions):
        step: dict[str, Any] = {"type": "action", "commands": [{"type": "wardwatch", "command": action["do"]}]}
        if "to" in action:
            targets[f"net-address--{i}"] = {
                "type": "net-address",
                "x_wardwatch": {
                    "parties": action["to"],
                    "roles": action.get("roles", ["subject", "linked", "touched"]),
                },
            }
            step["targets"] = [f"net-address--{i}"]
        following = f"action--{i + 1}" if i + 1 < len(actions) else "end--e"
        step |= action.get("next", {"on_completion": following})
        step["x_wardwatch"] = {k: v for k, v in action.items() if k in ("hold_h", "approvals", "roles")}
        workflow[f"action--{i}"] = step
    return Playbook.model_validate({
        "type": "playbook", "spec_version": "cacao-2.0", "id": f"playbook--{key}", "name": key,
        "workflow_start": "start--s", "workflow": workflow, "target_definitions": targets, "x_wardwatch": selection,
    })  # fmt: skip


def word(action_id: str, who: str, decision: str = "approve", role: str = "soc") -> Approval:
    """What somebody says."""
    return Approval.model_validate(
        {"ts": START + 1e7, "action_id": action_id, "decision": decision, "who": who, "role": role, "why": "seen it"}
    )


class Log:
    """The topic `actions`: what was published, in order."""

    def __init__(self) -> None:
        self.records: list[Action] = []
        self.fail_once: list[str] = []
        """States whose next record cannot be written."""

    async def publish(self, action: Action) -> None:
        """Durable when it returns."""
        await asyncio.sleep(0)
        if action.unmapped.state in self.fail_once:
            self.fail_once.remove(action.unmapped.state)
            raise OSError("the broker is away")
        self.records.append(Action.model_validate_json(action.to_json()))

    def latest(self, action: str | None = None) -> list[ActionDetail]:
        """How each action stands, in the order of their first records."""
        found = {a.unmapped.action_id: a.unmapped for a in self.records}
        return [d for d in found.values() if action is None or d.action == action]

    def one(self, action: str) -> ActionDetail:
        """The only action of a kind."""
        (found,) = self.latest(action)
        return found

    def states(self, action_id: str) -> list[str]:
        """Its life."""
        return [a.unmapped.state for a in self.records if a.unmapped.action_id == action_id]


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def responder(
    options: dict[str, Any], playbooks: list[Playbook], log: Log, clock: Callable[[], float], **more: Any
) -> Responder:
    """One that tries again quickly."""
    quick = {"first_retry_s": 0.01, "longest_retry_s": 0.05}
    made = Responder(ResponseOptions(**(quick | options)), PlaybookSet(playbooks), log.publish, clock=clock, **more)
    made.recall(log.records)
    return made


async def answered(who: Responder, document: Incident) -> None:
    """Consider, and wait until nothing is under way."""
    await who.consider(document)
    await who.settle()


def text(playbook: str, path: str = "x.yaml") -> Any:
    """What reading gives."""
    return read_playbook(playbook, path)
