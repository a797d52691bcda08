"""Rows on their way to ClickHouse: gathered, inserted by a thread, tried again for as long as it takes."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

import pyarrow as pa

from pipeline.errors import SinkError
from pipeline.runtime.refusals import Refusals, Refused
from pipeline.sinks.clickhouse import ClickHouse

log = logging.getLogger(__name__)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 15.0


@dataclass(slots=True)
class _Block:
    table: str
    rows: pa.Table
    name: str
    """Names the rows for ever: topic, partition and offsets."""


class RowWriter:
    """Inserts in the order given. `room` makes producers wait, `settle` waits until everything given is durable."""

    def __init__(self, connect: Callable[[], ClickHouse], *, rows: int, every_s: float) -> None:
        self._connect = connect
        self._rows = rows
        self._every_s = every_s
        self._client: ClickHouse | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")
        self._blocks: list[_Block] = []
        self._given = self._durable = self._gathered = 0
        self._oldest = 0.0
        self._urgent = False
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._refusals = Refusals()
        self.on_refused: Callable[[str, list[Refused]], Awaitable[None]] | None = None
        """Takes the rows of a table that ClickHouse will never take."""
        self.failing_since: float | None = None
        """When the present outage began (monotonic seconds), None while inserts work."""

    def start(self) -> None:
        """Begin inserting."""
        self._task = asyncio.create_task(self._run(), name="row-writer")

    def crashed(self) -> BaseException | None:
        """What ended the inserting although nobody asked for it; the worker has to end then too."""
        done = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._task.exception() if done and self._task is not None else None

    async def stop(self) -> None:
        """Stop at once; what is not durable is read again after a restart."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def give(self, table: str, rows: pa.Table, name: str) -> None:
        """Queue rows; `name` says which they are, the same in every attempt."""
        if not rows.num_rows:
            return
        async with self._changed:
            if not self._blocks:
                self._oldest = monotonic()
            self._blocks.append(_Block(table, rows, name))
            self._given += rows.num_rows
            self._gathered += rows.num_rows
            self._changed.notify_all()

    async def room(self) -> None:
        """Wait while more than four inserts' worth of rows is under way: back-pressure to the topic."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._given - self._durable < 4 * self._rows)

    async def settle(self) -> None:
        """Wait until every row given before this call is durable."""
        async with self._changed:
            target = self._given
            self._urgent = True
            self._changed.notify_all()
            await self._changed.wait_for(lambda: self._durable >= target)

    async def _run(self) -> None:
        while True:
            blocks = await self._next()
            for table in dict.fromkeys(b.table for b in blocks):
                same = [b for b in blocks if b.table == table]
                await self._insert(table, same)
            async with self._changed:
                self._durable += sum(b.rows.num_rows for b in blocks)
                self._changed.notify_all()

    async def _next(self) -> list[_Block]:
        async with self._changed:
            while not self._ready():
                wait = self._every_s - (monotonic() - self._oldest) if self._blocks else None
                try:
                    await asyncio.wait_for(self._changed.wait(), wait if wait is None else max(wait, 0.001))
                except TimeoutError:
                    continue
            blocks, self._blocks, self._gathered, self._urgent = self._blocks, [], 0, False
            return blocks

    def _ready(self) -> bool:
        full = self._gathered >= self._rows or self._urgent
        return bool(self._blocks) and (full or monotonic() - self._oldest >= self._every_s)

    async def _insert(self, table: str, blocks: list[_Block]) -> None:
        rows = pa.concat_tables([b.rows for b in blocks], promote_options="none")
        token = hashlib.blake2b("|".join((table, *(b.name for b in blocks))).encode(), digest_size=16).hexdigest()
        wait = _FIRST_WAIT_S
        while True:
            try:
                refused = await asyncio.get_running_loop().run_in_executor(self._pool, self._send, table, rows, token)
            except SinkError as error:
                if self.failing_since is None:
                    self.failing_since = monotonic()
                log.warning("%s; trying again in %.1f s", error, wait)
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
            else:
                if self.failing_since is not None:
                    log.info("ClickHouse works again after %.0f s", monotonic() - self.failing_since)
                self.failing_since = None
                if refused and self.on_refused is not None:
                    await self.on_refused(table, refused)
                return

    def _send(self, table: str, rows: pa.Table, token: str) -> list[Refused]:
        if self._client is None:
            self._client = self._connect()
        client = self._client
        try:
            return self._refusals.insert(table, rows, token, lambda part, name: client.insert(table, part, name))
        except SinkError:
            client.close()
            self._client = None
            raise
