"""The rules that come with wardwatch: written for it, in Sigma's form, in the files of `pipeline/rules/pack`."""

from functools import cache
from importlib.resources import files

from pipeline.rules.reading import read_rules
from pipeline.rules.rule_set import RuleSet

SHIPPED = "shipped:"
"""How the path of a rule that comes with wardwatch begins."""


def shipped_texts() -> list[tuple[str, str]]:
    """(name, text) of each file of the pack, in the order of names."""
    found = [f for f in (files(__package__) / "pack").iterdir() if f.name.endswith(".yml")]
    return [(f"{SHIPPED}{f.name}", f.read_text(encoding="utf-8")) for f in sorted(found, key=lambda f: f.name)]


@cache
def shipped() -> RuleSet:
    """The shipped rules, read once a process."""
    return read_rules(shipped_texts())
