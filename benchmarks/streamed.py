"""Programs that read a topic and write rows: what they do between two exact moments.

The topic holds a warm-up part first (compilation, caches, first connections). Once its rows are visible in
ClickHouse the program is frozen (SIGSTOP), the timed part is written to the topic, the clock starts and the program is
thawed. The clock stops when the last row is visible. So nothing of the warm-up is in flight when the clock starts, the
broker's work for the producer is not counted, and nothing has to be asked of the program itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.candidate import Candidate
from benchmarks.corpus import Corpus
from benchmarks.stage import Stage

_POLL_S, _RARE_POLL_S = 0.1, 0.5  # asking costs the database a few milliseconds: often near the end only
_LONGEST_FREEZE_S = 15.0  # the worker's session time-out is 20 s: longer, and the group would drop it
_LONGEST_RUN_S = 900.0


@dataclass(frozen=True)
class Task:
    """One run: which topic is filled with what, and where the rows appear."""

    topic: str
    database: str
    table: str
    warmup: Corpus
    timed: Corpus
    compression: str | None


def wait_for_rows(stage: Stage, task: Task, rows: int, candidate: Candidate) -> None:
    """Until the table holds `rows`. RuntimeError when the program ended or takes for ever."""
    end = time.monotonic() + _LONGEST_RUN_S
    while (there := stage.count(task.database, task.table)) < rows:
        candidate.check()
        if time.monotonic() > end:
            raise RuntimeError(f"{candidate.name}: {rows} rows did not appear in {_LONGEST_RUN_S:.0f} s")
        time.sleep(_POLL_S if there > 0.8 * rows else _RARE_POLL_S)


def run_streamed(stage: Stage, task: Task, start: Callable[[], Candidate]) -> dict[str, float]:
    """One measurement: events, wall_s, cpu_s (of the program), cpu_s of each server, rss_mb."""
    stage.fill(task.topic, task.warmup, task.compression)
    candidate = start()
    try:
        wait_for_rows(stage, task, len(task.warmup), candidate)
        candidate.freeze()
        frozen = time.monotonic()
        stage.fill(task.topic, task.timed, task.compression)
        if time.monotonic() - frozen > _LONGEST_FREEZE_S:
            raise RuntimeError("filling the topic took too long: ask for fewer events")
        servers, cpu, begin = stage.server_cpu_s(), candidate.cpu_s(), time.perf_counter()
        candidate.thaw()
        wait_for_rows(stage, task, len(task.warmup) + len(task.timed), candidate)
        wall = time.perf_counter() - begin
        used = {f"{n}_cpu_s": s - servers[n] for n, s in stage.server_cpu_s().items()}
        return {
            "events": len(task.timed), "wall_s": wall, "cpu_s": candidate.cpu_s() - cpu,
            "rss_mb": candidate.rss_mb(), **used,
        }  # fmt: skip
    finally:
        candidate.stop()
