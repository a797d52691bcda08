"""What the engine asks of everything that carries actions out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from schemas.action import ActionDetail
from schemas.brief import Brief


@dataclass(frozen=True, slots=True)
class Order:
    """One effect to bring about, or to take back."""

    detail: ActionDetail
    target: str
    """In one spelling, checked: safe as an argument."""
    severity: str
    subject: str
    """One line for people."""
    text: str
    """The whole story for people."""
    brief: Brief | None = None
    undo: bool = False

    @property
    def key(self) -> str:
        """The idempotency key: whoever has seen it has done it."""
        return f"{self.detail.action_id}-undo" if self.undo else self.detail.action_id

    def fields(self) -> dict[str, str]:
        """What may stand in templates."""
        d, b = self.detail, self.brief
        until = datetime.fromtimestamp(d.undo_at, UTC).isoformat(timespec="seconds") if d.undo_at else ""
        return {
            "action": d.action, "action_id": d.action_id, "target": self.target, "target_type": d.target_type,
            "incident_id": d.incident_id, "severity": self.severity, "sentence": b.sentence if b else self.subject,
            "until": until, "reference": d.reference, "playbook": d.playbook, "subject": self.subject,
            "text": self.text,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """It worked."""

    detail: str = ""
    """What the other side said, without secrets."""
    reference: str = ""


class Passing(Exception):  # noqa: N818
    """It did not work, and may work later. The effect may have happened or not."""

    def __init__(self, reason: str, after_s: float = 0.0) -> None:
        super().__init__(reason)
        self.after_s = after_s
        """Not before so long, says the other side."""


class Refused(Exception):  # noqa: N818
    """It did not work, and will not."""


class Connector(Protocol):
    """Carries out orders. One that comes again has the same key."""

    @property
    def can_undo(self) -> bool:
        """Whether it can take back what it did."""
        ...

    async def do(self, order: Order) -> Outcome:
        """Bring about, or take back. Raises Passing or Refused."""
        ...

    async def check(self, order: Order) -> bool | None:
        """After a crash: whether it happened; None when that cannot be known."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


def filled(template: str, fields: dict[str, str]) -> str:
    """The template with its placeholders filled in; what they bring is not looked at again."""
    out, rest = [], template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, closed, after = rest.partition("}")
        if closed and name in fields:
            out += [before, fields[name]]
            rest = after
        else:
            out.append(before + "{")
    return "".join([*out, rest])
