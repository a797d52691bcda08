"""Attackers' commands as collections print them, and honest ones, one procedure at a time."""

from collections.abc import Iterable

import numpy as np
import orjson

from benchmarks.quality.command_sets import (
    Commands,
    atomic_tests,
    gtfobins,
    honest_pages,
    honest_scripts,
    lolbas,
)
from benchmarks.quality.halves import HALVES, in_half
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.tactics import tactics_of
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode

title = "Commands of attackers and of honest people"
protocol = """Collections in DATA/commands as `git clone` leaves them: atomic-red-team (commands of its tests with the
values they propose), LOLBAS, GTFOBins.github.io (shells of any kind), tldr (examples of honest use), PowerShell
(fleschutz: an administrator's scripts). They are no recordings: what a shell would run is put down as process starts
(a Windows host writes the shell's line and every program's; a Unix host the line) and script blocks, each procedure
by itself on a host of its own, nothing learned before. Told: any finding; of the right tactic: one with a technique
of the tactic that the collection files it under. Halves by the hash of the test's number, the program's or the
page's name; nobody looks into the report half. Detectors that learn what is usual are left out, as they have
nothing to learn from."""
LEARNED = ("logs.rare", "logs.template", "logs.volume", "logs.odd", "logs.new_host", "logs.many", "logs.dormant")


def run(options: Options) -> list[Row]:
    """A row a collection and half."""
    root = options.path("commands")
    sets: dict[str, Iterable[Commands]] = {
        f"atomic tests, {platform}": atomic_tests(root / "atomic-red-team", platform)
        for platform in ("windows", "linux", "macos")
    }
    sets |= {"LOLBAS": lolbas(root / "LOLBAS"), "GTFOBins": gtfobins(root / "GTFOBins.github.io")}
    sets |= {f"honest pages, {p}": honest_pages(root / "tldr", p) for p in ("windows", "linux")}
    sets["honest scripts"] = honest_scripts(root / "PowerShell")
    rows: list[Row] = []
    for name, commands in sets.items():
        told = [(c, techniques(c)) for c in commands]
        for half in HALVES:
            mine = [(c, t) for c, t in told if in_half(c.name.partition(" ")[0], half)]
            filed = [(set(tactics_of(c.tactic_of)), t) for c, t in mine if tactics_of(c.tactic_of)]
            right = sum(any(wanted.intersection(tactics_of(x)) for x in t) for wanted, t in filed)
            rows.append({
                "collection": name, "half": half, "procedures": len(mine), "told": sum(bool(t) for _, t in mine),
                "of the right tactic": f"{right} of {len(filed)}" if filed else "",
            })  # fmt: skip
    return rows


def techniques(commands: Commands) -> list[str]:
    """Of every finding of one procedure."""
    return [attack for finding in findings(commands) for attack in finding[1]]


def findings(commands: Commands) -> list[tuple[str, tuple[str, ...], str]]:
    """(detector, techniques, sentence)."""
    if not commands.events:
        return []
    config = EngineConfig(disabled=tuple(name for name in catalogue() if name.startswith(LEARNED)))
    documents = [
        orjson.dumps({"ts": 1.7e9 + k, "event_id": str(k), "host": "ws-1", "user": "anna"} | event
                     | {"data": orjson.dumps(event["data"]).decode()})
        for k, event in enumerate(commands.events)
    ]  # fmt: skip
    batch = decode("logs", documents, config.key_groups).batch
    outcome = Engine("logs", config).process(batch, Origin("logs", 0, np.arange(batch.n)))
    found = [hits.describe(k) for hits in outcome.hits for k in range(len(hits.rows))]
    return [(f.detector, tuple(f.attacks), f.message) for f in found]
