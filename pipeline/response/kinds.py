"""What can be done about an incident, and what each kind of action means for those it is done to."""

from dataclasses import dataclass
from typing import Literal

Targets = Literal["nobody", "host", "user", "address", "domain", "incident"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of action. `verb` completes the sentence "would …"."""

    name: str
    targets: Targets
    verb: str
    activity: int
    """OCSF Remediation Activity: 1 isolate, 2 evict, 3 restore, 4 harden, 5 detect, 99 other."""
    undoable: bool = False
    """It holds until it is taken back."""
    cuts: bool = False
    """It takes the network from a machine, or part of it."""
    tells: bool = False
    """It only tells people; it is no action against anybody."""
    per_hour: int = 20
    """How many an hour at most, unless the setting `response.limits` says otherwise: a brake for a wrong playbook."""


KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        Kind("notify", "nobody", "tell", 99, tells=True, per_hour=120),
        Kind("alert_biomed", "nobody", "tell biomedical engineering through", 99, tells=True, per_hour=120),
        Kind("ticket", "incident", "open a ticket for", 99, tells=True, per_hour=60),
        Kind("open_privacy_review", "incident", "open a privacy review for", 99, tells=True, per_hour=60),
        Kind("isolate_host", "host", "isolate", 1, undoable=True, cuts=True, per_hour=10),
        Kind("segment_host", "host", "move to the restricted segment", 1, undoable=True, cuts=True, per_hour=20),
        Kind("watch_closely", "host", "watch closely", 5, undoable=True, per_hour=60),
        Kind("disable_account", "user", "disable the account of", 2, undoable=True, per_hour=5),
        Kind("step_up_account", "user", "ask for a second factor from", 4, undoable=True, per_hour=20),
        Kind("block_address", "address", "block", 1, undoable=True, cuts=True, per_hour=60),
        Kind("block_domain", "domain", "block", 1, undoable=True, per_hour=60),
        Kind("snapshot", "host", "take a snapshot of", 5, per_hour=10),
        Kind("rotate_credential", "user", "change the credential of", 4, per_hour=10),
        Kind("restore_firewall_rule", "host", "restore the firewall rules of", 3, per_hour=10),
        Kind("start_backup", "host", "start a backup of", 3, per_hour=10),
    )
}
PARTY_TYPES: dict[Targets, tuple[str, ...]] = {
    "nobody": (),
    "incident": (),
    "host": ("host", "ip", "mac", "device"),
    "user": ("user", "provider"),
    "address": ("ip",),
    "domain": ("domain",),
}
"""Which parties of an incident an action can be done to. Nothing is ever done to a patient."""
PLAYBOOK = "playbook"
"""The record of the decision to run a playbook stands among the actions under this name."""
