"""Moments between two steps of the durability order at which a worker can die, each made to happen."""

import inspect
import os
import resource
import signal
from collections.abc import Callable
from typing import Any

from pipeline.runtime.checkpoint.store import CheckpointStore
from pipeline.runtime.transport.chunk_transport import ChunkConsumer
from pipeline.runtime.worker_state import WorkerState
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.document_producer import DocumentProducer

_TORN_BYTES = 400
"""A checkpoint is cut after so many bytes; there is none that is smaller."""


class Countdown:
    """Kills this process by SIGKILL, from within, at the n-th call: nothing is cleaned up and nobody is told."""

    def __init__(self, n: int) -> None:
        self._left = n

    def due(self) -> bool:
        """Whether this call is the n-th."""
        self._left -= 1
        return self._left == 0

    def __call__(self) -> None:
        if self.due():
            os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str, before: Callable[[], None] | None, after: Callable[[], None] | None) -> None:
    """Wrap a method, plain or async."""
    original = getattr(owner, name)

    def call(moment: Callable[[], None] | None) -> None:
        if moment is not None:
            moment()

    def plain(*args: Any, **named: Any) -> Any:
        call(before)
        result = original(*args, **named)
        call(after)
        return result

    async def coroutine(*args: Any, **named: Any) -> Any:
        call(before)
        result = await original(*args, **named)
        call(after)
        return result

    setattr(owner, name, coroutine if inspect.iscoroutinefunction(original) else plain)


def _torn(crash: Countdown) -> None:
    """The kernel itself ends the process in the middle of a write, when the file reaches the limit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, which would make it a mere error
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def limit() -> None:
        if crash.due():
            resource.setrlimit(resource.RLIMIT_FSIZE, (_TORN_BYTES, _TORN_BYTES))

    _around(CheckpointStore, "save", limit, None)


def _told_without_rows(crash: Countdown) -> None:
    original = DocumentProducer.alerts

    async def alerts(self: Any, documents: Any) -> None:
        given = list(documents)
        await original(self, given)
        if given:
            await self.settle()
            crash()

    DocumentProducer.alerts = alerts  # type: ignore[method-assign]


WINDOWS: dict[str, Callable[[Countdown], None]] = {
    "before-rows": lambda crash: _around(ClickHouse, "insert", crash, None),
    "rows-unanswered": lambda crash: _around(ClickHouse, "insert", None, crash),
    "rows-no-checkpoint": lambda crash: _around(CheckpointStore, "save", crash, None),
    "torn-checkpoint": _torn,
    "checkpoint-no-commit": lambda crash: _around(ChunkConsumer, "commit_next", crash, None),
    "committed": lambda crash: _around(ChunkConsumer, "commit_next", None, crash),
    "told-no-rows": _told_without_rows,
    "restoring": lambda crash: _around(WorkerState, "restore", None, crash),
}
"""Name → what makes a worker die there."""
