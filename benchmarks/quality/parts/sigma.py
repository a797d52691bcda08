"""Speed of 3,000 Sigma rules beside plain evaluation of every rule on every event."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.synthetic_rules import synthetic_rules
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.ingest.merge import read_paths
from pipeline.rules.program import Program
from pipeline.rules.reading import read_rules
from pipeline.rules.rule import Rule
from pipeline.rules.shipped import shipped
from schemas.dead_letter import DeadLetter

title = "Sigma: events a second with many rules"
protocol = """Recorded Windows and Sysmon events, in batches of 8,000, warm. `rules`: the shipped ones, and with them
3,000 synthetic ones of realistic forms (seed 7). Naive: the same compiled tests, every rule on every event of its log
source, on the first 500 events. CPU time of one core. Both give the same hits on these, or the part fails."""
COUNT, BATCH, NAIVE_EVENTS = 3000, 8000, 500


def run(options: Options) -> list[Row]:
    """Events a second, with few rules and with 3,000."""
    folder = options.path("logs/windows_attack")
    batches = list(_batches(folder))
    many = shipped().of("logs").rules + read_rules(synthetic_rules(COUNT)).of("logs").rules
    return [_row(rules, batches) for rules in (shipped().of("logs").rules, many)]


def _row(rules: tuple[Rule, ...], batches: list[Batch]) -> Row:
    program = Program(rules, "logs")
    list(program.hits(batches[0]))
    begin = time.process_time()
    hits = sum(len(list(program.hits(b))) for b in batches)
    took = time.process_time() - begin
    small = _first(batches[0])
    found = [(row, rule) for row, rule, _ in program.hits(small)]
    begin = time.process_time()
    plain = list(program.hits_plainly(small))
    naive = time.process_time() - begin
    if plain != found:
        raise AssertionError("the pre-filter and plain evaluation disagree")
    events = sum(b.n for b in batches)
    fast, slow = events / took, small.n / naive
    return {"rules": len(rules), "events": events, "hits": hits, "events/s": round(fast),
            "naive events/s": round(slow), "times faster": round(fast / slow)}  # fmt: skip


def _first(batch: Batch) -> Batch:
    return decode("logs", [batch.document(k) for k in range(min(NAIVE_EVENTS, batch.n))], 8).batch


def _batches(folder: Path) -> Iterator[Batch]:
    waiting: list[bytes] = []
    for record in read_paths(sorted(folder.glob("*.jsonl.gz"))):
        if isinstance(record, DeadLetter) or record.source != "logs":
            continue
        waiting.append(record.value)
        if len(waiting) >= BATCH:
            yield decode("logs", waiting, 8).batch
            waiting = []
    if waiting:
        yield decode("logs", waiting, 8).batch
