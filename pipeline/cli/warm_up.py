"""Compiles every kernel once, in two processes: on first use, before a worker or the tests need them.

    python -m pipeline.cli.warm_up

numba compiles a kernel when it is first called, for about four minutes of processor time in all. Processes that start
at the same time would each compile the same; here each has sources of its own, and plays the detectors' own stories.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import orjson

from pipeline import kernel_cache
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.relay import FEEDS, ticks
from schemas.base import MAX_TS

# Of about the same weight.
_HALVES = (("network", "contacts", "devices", "judged", "claims"), ("charts", "ehr", "logs", "accounts", "context"))
_COPIES = 65_536
_LIMIT_S = 1200.0


def warm_up() -> None:
    """Compile everything unless something has been compiled before. A process that fails only leaves it for later."""
    if not kernel_cache.is_empty():
        return
    command = [sys.executable, "-m", "pipeline.cli.warm_up"]
    under_way = [subprocess.Popen([*command, *sources]) for sources in _HALVES]  # noqa: S603  (our own module)
    try:
        for process in under_way:
            process.wait(_LIMIT_S)
    except subprocess.TimeoutExpired:
        pass  # they are ended below; what is missing is compiled when it is needed
    finally:
        for process in under_way:
            if process.poll() is None:
                process.terminate()
                process.wait()


def play(source: str) -> int:
    """Send the stories of every detector of a source through its line; how many events there were."""
    groups = EngineConfig().key_groups
    line = Line(source, Plan(EngineConfig(), Lists(), None, _COPIES))
    documents = list(_documents(source))
    for feeder in FEEDS.get(source, ()):
        documents += ticks(source, f"{feeder}/0", 1, MAX_TS, None, range(groups), groups).documents
    line.process(documents, source, 0, np.arange(len(documents)))
    line.state(range(groups))
    return len(documents)


def _documents(source: str) -> Iterator[bytes]:
    stories = [(name, e) for name, cls in catalogue().items() if cls.source == source for e in cls.examples()]
    for name, example in stories:
        for number, event in enumerate(example.documents):
            ident = {"event_id": f"{name} {example.name}"[:50] + f" {number}", "format": "example"}
            yield orjson.dumps(ident | dict(event))


def main(sources: Sequence[str]) -> None:
    """With sources: play them. Without: everything, in two processes."""
    if not sources:
        warm_up()
    for source in sources:
        play(source)


if __name__ == "__main__":
    main(sys.argv[1:])
