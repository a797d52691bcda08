"""The producer of alerts and dead letters: what was handed to it arrives, however long the broker is away."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aiokafka
from aiokafka import codec
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from pipeline.errors import SinkError
from pipeline.sinks.kafka import Broker, client_options
from pipeline.sinks.post import Headers, Post, alert_post
from schemas.alert import Alert
from schemas.dead_letter import DeadLetter

log = logging.getLogger(__name__)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 15.0
_CLOSE_S = 5.0
_MOST_WAITING = 20_000
_BATCH_BYTES = 900_000
"""Below what brokers take by default; compressed it is far less."""
_QUICK = 1
"""Level of LZ4. aiokafka's own, 9, takes seven times as long to save a seventh; its default is the only way in."""
codec.lz4_encode.__defaults__ = (_QUICK,)
_REFUSED = (MessageSizeTooLargeError, RecordListTooLargeError)


@dataclass(slots=True)
class _Document:
    number: int
    topic: str
    key: bytes
    value: bytes | None
    headers: Headers

    def __len__(self) -> int:
        return 1


@dataclass(slots=True)
class _Parcel:
    """Many documents of one partition, which travel in Kafka's own batches."""

    number: int
    topic: str
    partition: int
    records: list[tuple[bytes, bytes]]

    def __len__(self) -> int:
        return len(self.records)


class DocumentProducer:
    """Sends alerts, dead letters and what workers give on, in order, idempotent and acknowledged by all replicas.

    A document is kept until it is acknowledged and sent again after every kind of failure, by a new client where the
    old one has given up; it may then be on the topic twice, with the same id. `settle` waits for the
    acknowledgements, which has to come before a commit; `room` makes producers wait while too many are under way.
    """

    def __init__(self, settings: Broker) -> None:
        self._settings = settings
        self._client: aiokafka.AIOKafkaProducer | None = None
        self._waiting: deque[_Document | _Parcel] = deque()
        self._size = 0
        self._given = 0
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. Raises SinkError when the broker does not answer."""
        try:
            await self._connect()
        except KafkaError as error:
            bootstrap = self._settings.kafka_bootstrap
            raise SinkError(f"Kafka at {bootstrap} does not answer ({type(error).__name__})") from error
        self._task = asyncio.create_task(self._run(), name="documents")

    async def stop(self) -> None:
        """Send what is left, as far as the broker takes it soon, and disconnect."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.settle(), _CLOSE_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._disconnect()

    def crashed(self) -> BaseException | None:
        """What ended the sending although nobody asked for it; the worker has to end then too."""
        done = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._task.exception() if done and self._task is not None else None

    async def alerts(self, documents: Iterable[Alert]) -> None:
        """Queue alert documents."""
        await self.post(map(alert_post, documents))

    async def dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """Queue dead letters, keyed by source."""
        await self.post(Post("deadletter", letter.source.encode(), letter.to_json()) for letter in letters)

    async def post(self, posts: Iterable[Post]) -> None:
        """Queue documents; the partition is their key's."""
        async with self._changed:
            for p in posts:
                name = self._settings.topic_prefix + p.topic
                self._queue(_Document(self._given, name, p.key, p.value, p.headers))

    async def parcel(self, topic: str, partition: int, records: list[tuple[bytes, bytes]]) -> None:
        """Queue (key, value) records for one partition of a topic (without prefix)."""
        async with self._changed:
            self._queue(_Parcel(self._given, self._settings.topic_prefix + topic, partition, records))

    async def partition_count(self, topic: str) -> int:
        """How many partitions a topic has. Raises SinkError when the broker does not say."""
        if self._client is None:
            raise SinkError("the alert producer is not started")
        try:
            return len(await self._client.partitions_for(topic))
        except KafkaError as error:
            raise SinkError(f"Kafka does not say how many partitions {topic} has ({type(error).__name__})") from error

    async def room(self) -> None:
        """Wait while very many documents are under way: back-pressure to the topic."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._size < _MOST_WAITING)

    async def settle(self) -> None:
        """Wait until everything given before this call is acknowledged, for as long as it takes."""
        async with self._changed:
            target = self._given
            await self._changed.wait_for(lambda: not self._waiting or self._waiting[0].number >= target)

    def _queue(self, item: _Document | _Parcel) -> None:
        if self._task is None:
            raise SinkError("the alert producer is not started")
        self._waiting.append(item)
        self._size += len(item)
        self._given += 1
        self._changed.notify_all()

    async def _run(self) -> None:
        wait_s, failed = _FIRST_WAIT_S, False
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                documents = list(self._waiting)
            error = await self._send(documents)
            if error is None:
                if failed:
                    log.info("Kafka takes alerts and dead letters again")
                wait_s, failed = _FIRST_WAIT_S, False
                continue
            failed = True
            log.warning("alerts wait, Kafka does not take them (%s); again in %.1f s", type(error).__name__, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
            # An idempotent client that has failed once may be fenced or out of sequence for good.
            await self._disconnect()
            with contextlib.suppress(KafkaError):
                await self._connect()

    async def _send(self, documents: list[_Document | _Parcel]) -> BaseException | None:
        """Send and wait for the acknowledgements; what failed stays in the queue. The first failure, or None."""
        outcomes: list[BaseException | Any] = []
        sent = []
        for d in documents:
            try:
                if self._client is None:
                    raise KafkaError("no connection")  # the last attempt to connect failed
                if isinstance(d, _Parcel):
                    sent.append(await _post(self._client, d))
                else:
                    sent.append(await self._client.send(d.topic, d.value, key=d.key, headers=d.headers))
            except KafkaError as error:
                failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                failed.set_exception(error)
                sent.append(failed)
                if not isinstance(error, _REFUSED):
                    break
        outcomes = await asyncio.gather(*sent, return_exceptions=True)
        left: set[int] = {d.number for d in documents[len(sent) :]}
        first: BaseException | None = None
        for d, outcome in zip(documents, outcomes, strict=False):
            if isinstance(outcome, _REFUSED):
                log.error("Kafka refuses %d documents for %s, too large: they are left out", len(d), d.topic)
            elif isinstance(outcome, BaseException):
                first = first or outcome
                left.add(d.number)
        async with self._changed:
            last = documents[-1].number
            self._waiting = deque(d for d in self._waiting if d.number > last or d.number in left)
            self._size = sum(map(len, self._waiting))
            self._changed.notify_all()
        return first

    async def _connect(self) -> None:
        client = aiokafka.AIOKafkaProducer(
            **client_options(self._settings), enable_idempotence=True, acks="all", compression_type="lz4", linger_ms=5,
            max_batch_size=_BATCH_BYTES,
        )  # fmt: skip
        try:
            await client.start()
        except BaseException:
            await client.stop()
            raise
        self._client = client

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(TimeoutError, KafkaError):
                await asyncio.wait_for(client.stop(), _CLOSE_S)


async def _post(client: aiokafka.AIOKafkaProducer, parcel: _Parcel) -> "asyncio.Future[Any]":
    """Hand a parcel over in as few batches as it takes; done when all are acknowledged."""
    under_way = []
    batch = client.create_batch()
    for key, value in parcel.records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            under_way.append(await client.send_batch(batch, parcel.topic, partition=parcel.partition))
            batch = client.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    under_way.append(await client.send_batch(batch, parcel.topic, partition=parcel.partition))
    return asyncio.gather(*under_way)
