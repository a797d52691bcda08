"""What a rule about one event of a host is: which texts must, and must not, stand in which fields."""

from typing import NamedTuple

When = tuple[str, ...]
"""`("image$", "\\\\cmd.exe", "\\\\powershell.exe")`: a field and what of it is one of the alternatives.

Behind the field's name: nothing, it holds one of them; `^`, it begins so; `$`, it ends so; `=`, it is so. In front `!`:
it must not. Fields: action, code, program, image, parent, command, parent_command, target, user, data. `command` is
the command line, and the message of a line (a script block, sudo, cron, auditd). `data`: the event's other fields as
`name:value` (quotes are dropped), looked at only where all else agrees.
"""

START: When = ("action=", "start")
SET: When = ("action=", "registry_set")
REGISTRY: When = ("action=", "registry_set", "registry_changed")
DIRECTORY: When = ("code=", "5136")
"""An object of the directory was edited."""
NOT_A_MACHINE: When = ("!user$", "$")


class HostRule(NamedTuple):
    """All of `when` hold for one event."""

    technique: str
    weight: float
    """Score: 0.9 hardly ever benign, 0.7 sometimes, 0.55 often seen in scripts of administrators; below 0.5 counts
    only together with others of its family on the same host."""
    title: str
    when: tuple[When, ...]


def rules(technique: str, weight: float, title: str, *alternatives: tuple[When, ...]) -> tuple[HostRule, ...]:
    """One rule for each of the alternatives."""
    return tuple(HostRule(technique, weight, title, when) for when in alternatives)


def commands(technique: str, weight: float, title: str, *alternatives: tuple[str, ...]) -> tuple[HostRule, ...]:
    """Rules about command lines: all words of an alternative occur."""
    return rules(technique, weight, title, *(tuple(("command", word) for word in words) for words in alternatives))
