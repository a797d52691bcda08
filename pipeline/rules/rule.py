"""A Sigma rule, compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.rules.condition import Test
from pipeline.rules.logsource import Gate


@dataclass(frozen=True, slots=True)
class About:
    """What rules and correlations say of themselves."""

    key: str
    """The rule's id, else its name, else its title: what its findings are counted under."""
    title: str
    name: str = ""
    """By which correlations may call it, beside its id."""
    level: str = "medium"
    attacks: tuple[str, ...] = ()
    description: str = ""
    false_positives: tuple[str, ...] = ()
    path: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """Tests events that one of its gates admits."""

    about: About
    gates: Mapping[str, Gate]
    """By source of ours."""
    test: Test = field(repr=False)
    clauses: tuple[frozenset[bytes], ...] = field(default=(), repr=False)
    """Of each of these sets one literal must occur for the test to hold."""
    codes: frozenset[float] | None = None
    """Event codes it is about; None: any."""
    numbers: tuple[str, frozenset[float]] | None = None
    """A network event's numeric column that has to equal one of these."""
    looks_at: frozenset[str] = frozenset()
    """All fields it looks at, in lower case; an empty one for keywords."""
    fields: tuple[str, ...] = ()
    """Fields that speak for it, as the rule spells them, for its sentence."""
    silent: bool = False
    """Only correlations use it; its own hits are not told."""
