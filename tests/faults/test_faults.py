"""The short form of the fault suite: a few of its scenarios with few faults, and controls that have to notice."""

import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.faults.__main__ import all_scenarios, line
from benchmarks.faults.crash_windows import WINDOWS
from benchmarks.faults.harness import LIMIT_S, Bench
from benchmarks.faults.outcome import Outcome, Verdict, compare
from benchmarks.faults.playing import Played, Theatre, settings_for
from benchmarks.faults.protections import PROTECTIONS
from benchmarks.faults.records import hospital_records, write_inventory
from benchmarks.faults.scenario import PATIENCE, Scenario
from benchmarks.faults.scenarios.kill_random import KillRandom
from benchmarks.faults.scenarios.reply_lost import ReplyLost
from benchmarks.stage import Stage

FOUND = Outcome(
    rows={"a": [({"network.x": 0.5}, "network.x", (), 1)], "b": [({}, "", (), 2)]},
    alerts={"t": ("network.x", 3)},
    letter_forms=Counter({("hash", 7, "reason", "excerpt"): 1}),
    told={("t", 1), ("t", 2)},
)


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    folder = tmp_path_factory.mktemp("faults")
    with Stage(folder) as stage:
        yield Theatre(stage, folder, short=True)


@pytest.mark.servers
@pytest.mark.long
@pytest.mark.parametrize("scenario", [KillRandom(), ReplyLost()], ids=lambda s: s.name)
def test_nothing_lost_nothing_twice(theatre: Theatre, scenario: Scenario) -> None:
    played = theatre.play(scenario, 1)
    assert played.passed, (line(played), played.verdict.examples)
    assert played.faults == 1


@pytest.mark.servers
@pytest.mark.long
@pytest.mark.parametrize("scenario", [KillRandom(), ReplyLost()], ids=lambda s: s.name)
def test_without_its_protection_it_is_noticed(theatre: Theatre, scenario: Scenario) -> None:
    # A lost reply may be that to rows which workers made of events: those are not compared.
    faults = 4 if isinstance(scenario, ReplyLost) else 1
    played = theatre.play(scenario, faults, scenario.controls[0])
    assert played.passed, line(played)


def test_comparison_sees_every_difference() -> None:
    assert compare(FOUND, FOUND).ok
    row = FOUND.rows["a"][0]
    for shown, found in {
        "lost": replace(FOUND, rows={"a": [row]}),
        "doubled": replace(FOUND, rows=FOUND.rows | {"a": [row, row]}),
        "different": replace(FOUND, rows=FOUND.rows | {"a": [({"network.x": 0.5000001}, *row[1:])]}),
        "alerts": replace(FOUND, alerts={"t": ("network.x", 4)}),
        "told": replace(FOUND, told={("t", 1)}),
        "letters": replace(FOUND, letter_forms=Counter()),
    }.items():
        verdict = compare(found, FOUND)
        assert not verdict.ok
        assert [name for name in Verdict.__dataclass_fields__ if name != "examples" and getattr(verdict, name)] == [
            shown
        ]


def test_every_scenario_has_a_control_that_can_fail() -> None:
    scenarios = all_scenarios()
    assert len({s.name for s in scenarios}) == len(scenarios) > 10
    for scenario in scenarios:
        assert scenario.controls
        assert scenario.short <= scenario.faults
        for control in scenario.controls:
            assert hasattr(Verdict(), control.shows)
            assert set(control.without) <= set(PROTECTIONS)
            assert not Played(scenario.name, "", control, 1, 1, Verdict(), 0, 1.0).passed


def test_the_issues_faults_are_there() -> None:
    faults = {s.name: s.faults for s in all_scenarios()}
    assert faults["kill-random"] == 100
    assert faults["kill-windows"] == 10 * len(WINDOWS) == 80
    assert (faults["sigterm"], faults["rebalances"]) == (50, 50)


@pytest.mark.servers
@pytest.mark.slow
def test_what_a_checkpoint_holds_is_committed_by_the_next_worker(theatre: Theatre, tmp_path: Path) -> None:
    """Also where no further event comes: to everybody else a quiet partition would seem to lag for ever."""
    records = [r for r in hospital_records(2000) if r.source == "logs"]
    inventory = write_inventory(records, tmp_path / "inventory.csv")
    settings = settings_for(ReplyLost(), theatre.stage, tmp_path, inventory)
    bench = Bench(settings.model_copy(update={"checkpoint_every_s": 3.0, "chunk_records": 1000}))
    try:
        bench.send(records)
        dying = bench.start(*PATIENCE, "--at", "checkpoint-no-commit")
        assert not bench.drained(LIMIT_S)
        assert dying.returncode == -signal.SIGKILL
        bench.start(*PATIENCE)
        bench.drain()
    finally:
        bench.end()
