"""Which Sigma rules run, and what is wrong with the others."""

import sys
from collections import Counter
from pathlib import Path

import click
import orjson

from pipeline.rules.problem import Problem
from pipeline.rules.rule import About
from pipeline.rules.rule_set import RuleSet
from pipeline.runtime.lists.rule_files import load_rules

_SHOWN = 10  # reasons of unsupported rules; --verbose and --json have all


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--verbose", "-v", is_flag=True, help="Every rule that cannot run, with file and line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: counts, rules and problems.")
def run(paths: tuple[Path, ...], verbose: bool, as_json: bool) -> int:
    """Load Sigma rules from files and folders, or look at the shipped ones, without running them.

    A rule that asks for what wardwatch cannot do is listed with the reason; a broken one with file and line, and
    then the exit status is 1.
    """
    rules = load_rules(paths, with_shipped=not paths)
    broken = [p for p in rules.problems if p.broken]
    if as_json:
        print(orjson.dumps(_document(rules), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(rules, broken, verbose=verbose or not paths)
    return 1 if broken else 0


def in_short(rules: RuleSet) -> str:
    """In one line, for commands that run them."""
    broken = sum(p.broken for p in rules.problems)
    return f"{len(rules):,} usable, {len(rules.problems) - broken:,} unsupported, {broken:,} broken"


def _print(rules: RuleSet, broken: list[Problem], *, verbose: bool) -> None:
    for problem in broken:
        print(f"broken       {problem}")
    unsupported = [p for p in rules.problems if not p.broken]
    if verbose:
        for problem in unsupported:
            print(f"unsupported  {problem}")
    else:
        reasons = Counter(p.reason for p in unsupported)
        for reason, count in reasons.most_common(_SHOWN):
            print(f"unsupported  {count:,} × {reason}")
        if len(reasons) > _SHOWN:
            print(f"unsupported  {len(reasons) - _SHOWN:,} more reasons; --verbose lists every rule")
    levels = Counter(a.level for a in _told(rules))
    shown = ", ".join(f"{levels[name]:,} {name}" for name in ("critical", "high", "medium", "low", "informational"))
    print(f"{in_short(rules)} ({shown})", file=sys.stdout)


def _told(rules: RuleSet) -> list[About]:
    told = [r.about for r in rules.rules if not r.silent]
    return told + [c.about for c in rules.correlations if not c.silent]


def _document(rules: RuleSet) -> dict[str, object]:
    broken = sum(p.broken for p in rules.problems)
    return {
        "usable": len(rules),
        "unsupported": len(rules.problems) - broken,
        "broken": broken,
        "rules": [
            {
                "id": a.key,
                "title": a.title,
                "level": a.level,
                "attacks": a.attacks,
                "file": a.path,
                "line": a.line,
                "description": a.description,
                "falsepositives": a.false_positives,
            }
            for a in _told(rules)
        ],
        "problems": [
            {"file": p.path, "line": p.line, "title": p.title, "reason": p.reason, "broken": p.broken}
            for p in rules.problems
        ],
    }
