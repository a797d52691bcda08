"""Plays a scenario, or one of its controls, and compares what came of it with the scan."""

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.faults.harness import Bench
from benchmarks.faults.outcome import Outcome, Verdict, compare, scanned
from benchmarks.faults.records import Record, write_inventory
from benchmarks.faults.scenario import Act, Control, Scenario
from benchmarks.stage import Stage
from pipeline.settings import Settings

_numbers = itertools.count()


@dataclass
class Played:
    """What one play gave."""

    scenario: str
    words: str
    """What was done, or what the control took away."""
    control: Control | None
    records: int
    faults: int
    verdict: Verdict
    told_again: int
    """Documents on the topic of alerts that repeat one; consumers drop them by their id."""
    seconds: float

    @property
    def passed(self) -> bool:
        """A scenario passes when nothing differs, a control when what it takes away is missed."""
        return self.verdict.ok if self.control is None else bool(getattr(self.verdict, self.control.shows))


def settings_for(scenario: Scenario, stage: Stage, folder: Path, inventory: Path) -> Settings:
    """Topics, group, database and folder of its own; chunks, inserts and checkpoints small and frequent."""
    name = f"f{next(_numbers)}"
    stage.database(name)
    fields = {
        "data_dir": folder / name,
        "kafka_bootstrap": stage.kafka.bootstrap,
        "clickhouse_url": stage.clickhouse.url,
        "clickhouse_database": name,
        "topic_prefix": f"{name}-",
        "consumer_group": name,
        "partitions": 4,
        "chunk_records": 100,
        "insert_every_s": 0.1,
        "checkpoint_every_s": 0.5,
        "inventory": inventory,
        "pseudonym_key": "a key that all faults share",
    }
    return Settings(**(fields | dict(scenario.settings)))  # type: ignore[arg-type]


class Theatre:
    """One folder and its servers, with what the scan says of the records that were scanned already."""

    def __init__(self, stage: Stage, folder: Path, *, short: bool, seed: int = 1) -> None:
        self.stage = stage
        self.folder = folder
        self._short = short
        self._seed = seed
        self._scanned: dict[int, Outcome] = {}

    def play(self, scenario: Scenario, faults: int, control: Control | None = None) -> Played:
        """Play it with so many faults, or its control with as many as that needs."""
        faults = faults if control is None else min(control.faults, faults)
        records = scenario.records(faults)
        inventory = write_inventory(records, self.folder / f"inventory-{scenario.name}.csv")
        expected = self._expected(scenario, scenario.expected(records, control), inventory)
        bench = Bench(settings_for(scenario, self.stage, self.folder, inventory))
        began = time.monotonic()
        try:
            final = scenario.final and (control is None or control.final)
            if not (final and scenario.merges):
                bench.database.raw("SYSTEM STOP MERGES", None)  # they would take the replaced rows away
            rng = Random(f"{self._seed}/{scenario.name}")
            done = scenario.play(Act(bench, self.stage, self.folder, records, faults, rng, control, self._short))
            told = bench.told()
            found = bench.outcome(final=final)
            seconds = time.monotonic() - began
        finally:
            bench.end()
        words = scenario.title if control is None else control.words
        again = len(told) - len({a.metadata.uid for a in told})
        return Played(scenario.name, words, control, len(records), done, compare(found, expected), again, seconds)

    def _expected(self, scenario: Scenario, records: list[Record], inventory: Path) -> Outcome:
        same = hash(tuple(records))
        if same not in self._scanned:
            self._scanned[same] = scanned(records, settings_for(scenario, self.stage, self.folder, inventory))
        return self._scanned[same]
