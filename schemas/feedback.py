"""What analysts send: verdicts on alerts and incidents (topic `feedback`), approvals of actions (topic `approvals`)."""

import hashlib
from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.base import Text, Timestamp, Wire

Verdict = Literal["true", "false", "benign_expected"]
"""true: an attack, fraud or breach · false: the detector erred · benign_expected: seen rightly, and allowed here."""


class Feedback(Wire):
    """One verdict. The latest of one person about one thing counts."""

    ts: Timestamp
    alert_id: Text = ""
    incident_id: Text = ""
    verdict: Verdict
    who: Annotated[str, Field(min_length=1, max_length=256)]
    why: Text = ""

    @model_validator(mode="after")
    def _about_one_thing(self) -> "Feedback":
        if bool(self.alert_id) == bool(self.incident_id):
            raise ValueError("a verdict is about one alert_id or one incident_id")
        return self

    @property
    def verdict_id(self) -> str:
        """The same however often it is sent."""
        text = "\x1f".join((self.alert_id, self.incident_id, self.who, self.verdict, f"{self.ts:.3f}"))
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class Approval(Wire):
    """One person's word on an action that waits for it, or on one that is done: `undo` takes it back early."""

    ts: Timestamp
    action_id: Annotated[str, Field(min_length=1, max_length=64)]
    decision: Literal["approve", "deny", "undo"]
    who: Annotated[str, Field(min_length=1, max_length=256)]
    role: Text
    """The role they act in, see the setting `roles`."""
    why: Text = ""
