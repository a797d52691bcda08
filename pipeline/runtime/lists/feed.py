"""Keeps the user's lists and inventory current while a worker runs: files that change, and rows told on topics."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import aiokafka
import aiokafka.errors
import orjson
from pydantic import ValidationError

from pipeline.errors import UsageError
from pipeline.features.lists import NAMES, Lists
from pipeline.runtime.lists.files import Row, fault, has_columns, indexed, indexed_devices, read_rows
from pipeline.runtime.lists.inventory import read_inventory
from pipeline.runtime.lists.list_row import ListRow
from pipeline.runtime.lists.versions import INVENTORY, LoadedList, loaded
from pipeline.settings import Settings
from pipeline.sinks.kafka import client_options
from schemas.device import Device

log = logging.getLogger(__name__)
_POLL_S = 3.0
_RETRY_S = 5.0
_CATCH_UP_S = 15.0
"""A start waits this long for the topics to be read; what comes later counts from then on."""
_APPLY_S = 2.0
MAX_ROWS = 200_000
"""Rows of one list, or devices, taken from a topic; further ones are refused."""
_MAX_VALUE_BYTES = 65_536


class ListFeed:
    """Reads the files again when they change and follows the topics `lists` and `devices` from their beginning.

    Every worker reads all of both topics, without a consumer group. A broken file or record changes nothing and is
    logged once; an absent broker is asked again. Contents change on the event loop, between two batches.
    """

    def __init__(
        self,
        settings: Settings,
        lists: Lists,
        pseudonym: Callable[[str], str] | None,
        poll_s: float = _POLL_S,
        on_load: Callable[[LoadedList], Awaitable[None]] | None = None,
    ) -> None:
        """`lists` receives the contents; `pseudonym` replaces patients in them; `on_load` hears of each new version."""
        self._settings = settings
        self._lists = lists
        self._pseudonym = pseudonym
        self._poll_s = poll_s
        self._on_load = on_load
        self._told: dict[str, str] = {}
        self._paths = {name: path.expanduser() for name, path in settings.lists.items()}
        if settings.inventory is not None:
            self._paths[INVENTORY] = settings.inventory.expanduser()
        self._signatures: dict[str, tuple[int, int] | None] = {}
        self._from_files: dict[str, list[dict[str, str]]] = {}
        self._from_topics: dict[str, dict[str, Row]] = {}
        self._changed: set[str] = set()
        self._full: set[str] = set()
        self._refused = 0
        self._applying = asyncio.Lock()
        self._caught_up = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        """What runs; one that ends by itself has failed."""

    async def start(self) -> None:
        """Begin, and wait a while until what is on the topics already is known."""
        self.tasks = [
            asyncio.create_task(self._watch_files(), name="list-files"),
            asyncio.create_task(self._follow_topics(), name="list-topics"),
        ]
        try:
            await asyncio.wait_for(self._caught_up.wait(), _CATCH_UP_S)
        except TimeoutError:
            log.warning("topics of lists and devices are not read to their end yet: lists may be incomplete")

    async def stop(self) -> None:
        """End."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks = []

    async def _watch_files(self) -> None:
        while True:
            for name, path in self._paths.items():
                await self._look(name, path)
            await asyncio.sleep(self._poll_s)

    async def _look(self, name: str, path: Path) -> None:
        """Read one file if it is not as it was when last read."""
        signature = await asyncio.to_thread(_signature, path)
        if name in self._signatures and self._signatures[name] == signature:
            return
        first = name not in self._signatures
        self._signatures[name] = signature
        try:
            read = read_inventory if name == INVENTORY else lambda p: read_rows(name, p)
            self._from_files[name] = await asyncio.to_thread(read, path)
        except UsageError as error:
            log.error("%s; its last good content stays in use", error)
            return
        await self._apply(name)
        if not first:
            log.info("%s was read again: %d rows", path, len(self._from_files[name]))

    async def _follow_topics(self) -> None:
        while True:
            try:
                await self._consume()
            except (aiokafka.errors.KafkaError, OSError) as error:
                log.warning("topics of lists cannot be read (%s); trying again", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _consume(self) -> None:
        prefix = self._settings.topic_prefix
        names = {prefix + "lists": self._take_row, prefix + "devices": self._take_device}
        consumer = aiokafka.AIOKafkaConsumer(
            *names, **client_options(self._settings), group_id=None, auto_offset_reset="earliest"
        )
        try:
            await consumer.start()
            ends = await consumer.end_offsets(consumer.assignment())
            applied = monotonic()
            while True:
                chunk = await consumer.getmany(timeout_ms=250, max_records=5000)
                for tp, records in chunk.items():
                    for record in records:
                        names[tp.topic](record)
                if not self._caught_up.is_set():
                    done = [await consumer.position(tp) >= end for tp, end in ends.items()]
                    if not all(done):
                        continue
                if self._changed and (not chunk or monotonic() - applied > _APPLY_S):
                    for name in sorted(self._changed):
                        await self._apply(name)
                        log.info("%s: %d rows from its topic", name, len(self._from_topics[name]))
                    self._changed.clear()
                    applied = monotonic()
                if not self._changed:
                    self._caught_up.set()
        finally:
            await consumer.stop()

    def _take_row(self, record: Any) -> None:
        """One record of the topic `lists`."""
        key = (record.key or b"").decode("utf-8", "replace")
        name = key.partition("/")[0]
        try:
            row = None if record.value is None else _list_row(name, record.value)
        except ValueError:
            row, name = None, ""
        if name not in NAMES:
            return self._refuse(record, "a key NAME/first-column and {list, row} of texts is expected")
        wrong = fault(name, row) if row is not None else None
        return self._refuse(record, wrong) if wrong else self._keep(name, key, row)

    def _take_device(self, record: Any) -> None:
        """One record of the topic `devices`; its dead letter, if it is none, is the detectors' business."""
        key = (record.key or b"").decode("utf-8", "replace")
        if record.value is None:
            return self._keep(INVENTORY, key, None)
        try:
            device = Device.model_validate_json(record.value)
        except ValidationError:
            return None
        row = {"class": device.device_class, **device.model_dump(include={*_DEVICE_FIELDS})}
        texts = {k: v for k, v in row.items() if v}
        return self._keep(INVENTORY, key or device.key(), texts) if "mac" in texts or "ip" in texts else None

    def _keep(self, name: str, key: str, row: Row | None) -> None:
        kept = self._from_topics.setdefault(name, {})
        if row is None:
            if kept.pop(key, None) is not None:
                self._changed.add(name)
        elif key in kept or len(kept) < MAX_ROWS:
            kept[key] = row
            self._changed.add(name)
        elif name not in self._full:
            self._full.add(name)
            log.error("%s holds %d rows from its topic, which is the limit: further ones are left out", name, MAX_ROWS)

    def _refuse(self, record: Any, reason: str) -> None:
        self._refused += 1
        if self._refused <= 10:
            log.warning("%s[%d] %d is left out: %s", record.topic, record.partition, record.offset, reason)

    async def _apply(self, name: str) -> None:
        """Merge what file and topic say of one list and hand it to the detectors."""
        async with self._applying:
            rows = [*self._from_files.get(name, ()), *self._from_topics.get(name, {}).values()]
            if name == INVENTORY:
                self._lists.replace_devices(await asyncio.to_thread(indexed_devices, rows))
            else:
                self._lists.replace(name, await asyncio.to_thread(indexed, name, rows, self._pseudonym))
            found = await asyncio.to_thread(loaded, self._lists, name)
            if self._on_load is not None and self._told.get(name, "") != found.version:
                self._told[name] = found.version
                await self._on_load(found)


_DEVICE_FIELDS = ("mac", "ip", "vendor", "model", "firmware", "segment")


def _list_row(name: str, value: bytes) -> Mapping[str, str]:
    """The row of a record's value; ValueError when it is none, or of another list than its key says."""
    if len(value) > _MAX_VALUE_BYTES:
        raise ValueError("too long")
    given = ListRow.model_validate(orjson.loads(value))
    if given.list != name or not given.row:
        raise ValueError("another list")
    row = {k.strip().lower(): v.strip() for k, v in given.row.items()}
    if not has_columns(name):
        row.setdefault("value", next(iter(row.values())))
    return row


def _signature(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written; None when it is not there."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
