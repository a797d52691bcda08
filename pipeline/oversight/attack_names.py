"""What techniques of MITRE ATT&CK are called, for those that detectors name (version 17)."""

from functools import cache
from importlib.resources import files


@cache
def _names() -> dict[str, str]:
    lines = (files("pipeline.oversight") / "attack_names.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line)


def attack_name(technique: str) -> str:
    """The name, with that of the technique before a sub-technique's; empty where it is not known.

    >>> attack_name("T1046"), attack_name("T1558.003"), attack_name("T9999")
    ('Network Service Discovery', 'Steal or Forge Kerberos Tickets: Kerberoasting', '')
    """
    whole, _, sub = technique.partition(".")
    parts = [_names().get(whole, ""), _names().get(technique, "") if sub else ""]
    return ": ".join(part for part in parts if part)


def attack_url(technique: str) -> str:
    """Where ATT&CK describes it."""
    return f"https://attack.mitre.org/techniques/{technique.replace('.', '/')}/"
