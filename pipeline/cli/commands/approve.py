"""A person's word on an action that waits for it, or that shall be taken back."""

import re
import sys
import time
from typing import Literal

import click
from pydantic import ValidationError

from pipeline.errors import UsageError
from pipeline.response.approving import may_speak
from pipeline.settings import load_settings
from pipeline.sinks.sender import send
from schemas.feedback import Approval

_ID = re.compile(r"[0-9a-f]{32}")
_SAID = {"approve": "approval", "deny": "denial", "undo": "wish to take it back"}


@click.command()
@click.argument("action_id")
@click.option("--as", "who", required=True, metavar="WHO", help="Who says so.")
@click.option("--role", required=True, help="In which role; the setting response.roles says who may.")
@click.option("--deny", is_flag=True, help="It shall not be done.")
@click.option("--undo", is_flag=True, help="It shall be taken back now.")
@click.option("--why", required=True, help="In a sentence; without names of patients.")
def run(action_id: str, who: str, role: str, deny: bool, undo: bool, why: str) -> int:
    """Approve an action, deny it, or take it back before its time.

    Actions against a person need two different people. What was approved while the action's connector is in dry run
    is only recorded. `wardwatch actions --state waiting` lists what waits.
    """
    if deny and undo:
        raise UsageError("--deny keeps an action from being done, --undo takes it back: give one of them")
    if not _ID.fullmatch(action_id):
        raise UsageError("an action's id has 32 characters (0-9, a-f): wardwatch actions prints it")
    settings = load_settings()
    against = may_speak(settings.response, who, role)
    if against:
        raise UsageError(against)
    decision: Literal["approve", "deny", "undo"] = "deny" if deny else "undo" if undo else "approve"
    try:
        word = Approval(ts=round(time.time(), 3), action_id=action_id, decision=decision, who=who, role=role, why=why)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise UsageError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from error
    send(settings, "approvals", [(action_id, word.to_json())])
    print(f"{_SAID[decision]} sent; wardwatch actions {action_id} shows what comes of it", file=sys.stderr)
    return 0
