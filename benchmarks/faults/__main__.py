"""All scenarios, or some, as a table.

    python -m benchmarks.faults [--only NAME …] [--short] [--times F] [--json FILE] [--seed N]

The exit status is 1 when something was lost, double or different, or when a control did not notice what it should.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path

from benchmarks.faults import scenarios
from benchmarks.faults.outcome import Verdict
from benchmarks.faults.playing import Played, Theatre
from benchmarks.faults.scenario import NotPermittedError, Scenario
from benchmarks.faults.small_disk import small_disks
from benchmarks.stage import Stage
from pipeline.simulator.discovery import classes_in

_WRONG = [f.name for f in fields(Verdict) if f.name != "examples"]
_HEAD = ("scenario", "what is done", "records", "faults", *_WRONG, "s", "")


def all_scenarios() -> list[Scenario]:
    """Every scenario there is, by name."""
    found = (cls() for cls in classes_in(scenarios, Scenario))  # type: ignore[type-abstract]
    return sorted(found, key=lambda s: s.name)


@contextmanager
def theatre(scenario: Scenario, *, short: bool, seed: int) -> Iterator[Theatre]:
    """A temporary folder with a broker and a database of the scenario's own."""
    with (
        tempfile.TemporaryDirectory(prefix="wardwatch-faults-") as name,
        small_disks(Path(name), scenario.small_disks) as folder,
        Stage(folder) as stage,
    ):
        yield Theatre(stage, folder, short=short, seed=seed)


def plays(scenario: Scenario, faults: int, *, short: bool, seed: int) -> Iterator[Played]:
    """The scenario and then its controls."""
    with theatre(scenario, short=short, seed=seed) as place:
        for control in (None, *scenario.controls):
            yield place.play(scenario, faults, control)


def line(played: Played) -> str:
    """One row of the table, in Markdown."""
    v = played.verdict
    figures = (played.records, played.faults, *(getattr(v, name) for name in _WRONG), round(played.seconds))
    if played.control is None:
        said = "pass" if played.passed else "FAIL"
    else:
        said = "noticed" if played.passed else "NOT NOTICED"
    words = played.words if played.control is None else f"control: {played.words}"
    return f"| {' | '.join((played.scenario, words, *map(str, figures), said))} |"


def main(arguments: list[str]) -> int:
    """Play and print; the exit status."""
    every = all_scenarios()
    parser = argparse.ArgumentParser(prog="benchmarks.faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[s.name for s in every], default=[])
    parser.add_argument("--short", action="store_true", help="few faults each")
    parser.add_argument("--times", type=float, default=1.0, help="so many times the faults")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    print(f"| {' | '.join(_HEAD)} |\n|{'---|' * len(_HEAD)}", flush=True)
    played: list[Played] = []
    for scenario in every:
        if given.only and scenario.name not in given.only:
            continue
        faults = max(round((scenario.short if given.short else scenario.faults) * given.times), 1)
        try:
            for each in plays(scenario, faults, short=given.short, seed=given.seed):
                played.append(each)
                print(line(each), flush=True)
                if each.control is None and not each.passed:
                    print("\n".join(each.verdict.examples), file=sys.stderr)
        except NotPermittedError as error:
            print(f"| {scenario.name} | not played: {error} |", flush=True)
    if given.json:
        given.json.write_text(json.dumps([asdict(p) | {"passed": p.passed} for p in played], indent=1) + "\n")
    return 0 if all(p.passed for p in played) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
