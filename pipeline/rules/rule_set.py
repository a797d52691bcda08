"""All rules that run, and what is wrong with those that do not."""

import hashlib
from dataclasses import dataclass

from pipeline.rules.correlation import Correlation
from pipeline.rules.problem import Problem
from pipeline.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order of their files; correlations so that those others build on come first."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    """Of the texts they were read from."""

    def of(self, source: str) -> "RuleSet":
        """Those that look at this source of ours."""
        return RuleSet(
            tuple(r for r in self.rules if source in r.gates),
            tuple(c for c in self.correlations if source in c.sources),
            digest=self.digest,
        )

    def __len__(self) -> int:
        """How many can tell something."""
        return sum(not r.silent for r in self.rules) + sum(not c.silent for c in self.correlations)

    def correlation_digest(self) -> str:
        """What the state of correlations depends on."""
        parts = [repr((c.about.key, c.kind, c.rules, c.group_by, c.timespan_s, c.fields)) for c in self.correlations]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
