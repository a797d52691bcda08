"""Compiles every kernel once, in several processes: on first use, before a worker or the tests need them.

    python -m pipeline.cli.warm_up

numba compiles a kernel when it is first called, for about four minutes of processor time in all, nearly all of it in
Python and spread over some six hundred kernels, so that neither fewer optimisations nor a few changed kernels would
save much. Processes that start at the same time would each compile the same; here each has sources of its own, or some
detectors of one, and plays the detectors' own stories.
"""

import os
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
from pipeline.runtime.relay.relay import FEEDS, ticks
from schemas.base import MAX_TS

# Of about the same weight each. Four take the time of the heaviest source's half, and each some 700 MB of memory.
_HALVES = (("network", "contacts", "devices", "judged", "claims"), ("charts", "ehr", "logs", "accounts", "context"))
_QUARTERS = (
    ("network:0/2",),
    ("network:1/2", "contacts", "devices"),
    ("charts", "judged", "claims"),
    ("ehr", "logs", "accounts", "context"),
)
_COPIES = 65_536
_LIMIT_S = 1200.0


def warm_up() -> None:
    """Compile everything unless something has been compiled before. A process that fails only leaves it for later."""
    if not kernel_cache.is_empty():
        return
    command = [sys.executable, "-m", "pipeline.cli.warm_up"]
    under_way = [subprocess.Popen([*command, *share]) for share in shares(_cores())]  # noqa: S603  (our own module)
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


def shares(cores: int) -> tuple[tuple[str, ...], ...]:
    """What each process plays: sources, or `source:part/parts` for some detectors of one."""
    return _QUARTERS if cores >= len(_QUARTERS) else _HALVES


def chosen(share: str) -> tuple[str, list[str]]:
    """The source and the detectors that a share names."""
    source, _, part = share.partition(":")
    names = [name for name, cls in catalogue().items() if cls.source == source]
    first, _, step = part.partition("/")
    return source, names[int(first) :: int(step)] if part else names


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def play(share: str) -> int:
    """Send the stories of every detector of a source through its line; how many events there were."""
    source, names = chosen(share)
    disabled = tuple(name for name, cls in catalogue().items() if cls.source == source and name not in names)
    config = EngineConfig(disabled=disabled)
    groups = config.key_groups
    line = Line(source, Plan(config, Lists(), None, _COPIES))
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


def main(share: Sequence[str]) -> None:
    """With sources: play them. Without: everything, in several processes."""
    if not share:
        warm_up()
    for source in share:
        play(source)


if __name__ == "__main__":
    main(sys.argv[1:])
