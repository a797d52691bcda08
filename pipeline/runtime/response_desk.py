"""The response agent's place in a worker: whoever owns the topic of incidents decides and acts, and nobody else.

What was decided and done stands on topic `actions`, which is read from its beginning when the desk is taken over; what
people say stands on `approvals`, and is heard from its beginning, too. Deciding twice about the same changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from aiokafka.errors import KafkaError
from faust.types import TP
from pydantic import ValidationError

from pipeline.errors import SinkError
from pipeline.features.record_batch import Records
from pipeline.response.responder import Responder
from pipeline.response.rows import action_rows
from pipeline.runtime.quarantine import where
from pipeline.runtime.row_writer import RowWriter
from pipeline.runtime.transport.topic_values import topic_values
from pipeline.settings import Settings
from pipeline.sinks.document_producer import DocumentProducer
from pipeline.sinks.post import action_post
from schemas.action import Action
from schemas.base import Wire
from schemas.feedback import Approval
from schemas.incident import Incident

log = logging.getLogger(__name__)
_RETRY_S = 5.0
_LEAVE_S = 5.0
M = TypeVar("M", bound=Wire)
Publish = Callable[[Action], Awaitable[None]]


class ResponseDesk:
    """One of a worker; idle while another worker owns the incidents."""

    def __init__(
        self,
        settings: Settings,
        writer: RowWriter,
        responder: Callable[[Publish], Responder],
    ) -> None:
        """`responder(publish)` makes one that knows nothing yet."""
        self._settings, self._writer, self._make = settings, writer, responder
        # Of its own: a decision must not wait until thousands of other documents are acknowledged.
        self._producer = DocumentProducer(settings)
        self._responder: Responder | None = None
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def own(self, *, ours: bool) -> None:
        """Take the desk over, or leave it."""
        if ours and self._task is None:
            self._task = asyncio.create_task(self._sit(), name="response")
        elif not ours and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task], timeout=3 * _LEAVE_S)

    def crashed(self) -> BaseException | None:
        """What ended the desk although nobody asked for it; the worker has to end then too."""
        done = self._task is not None and self._task.done() and not self._task.cancelled()
        return self._task.exception() if done and self._task is not None else None

    async def consider(self, _tp: TP, records: Records) -> None:
        """Decide about incidents; what is decided is durable when this returns, and done soon after."""
        await self._ready.wait()
        if self._responder is None:
            return
        told_ts = float(records.time_ms[-1]) / 1000.0
        for incident in _read(Incident, records.values):
            try:
                await self._responder.consider(incident, told_ts)
            except Exception as error:
                # One incident that a playbook cannot deal with must not keep all others from being answered.
                log.error("nothing is decided about incident %s: %s", incident.unmapped.incident_id, where(error))

    async def _sit(self) -> None:
        try:
            await self._connect()
            responder = self._responder = self._make(self._publish)
            responder.recall(await self._past())
            self._ready.set()
            await self._work(responder)
        finally:
            self._ready.clear()
            await self._producer.stop()

    async def _work(self, responder: Responder) -> None:
        stop = asyncio.Event()
        running, hearing = asyncio.create_task(responder.run(stop)), asyncio.create_task(self._hear(responder))
        try:
            done, _ = await asyncio.wait([running, hearing], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            hearing.cancel()
            stop.set()
            await asyncio.wait([running, hearing], timeout=_LEAVE_S)
            running.cancel()

    async def _connect(self) -> None:
        while True:
            try:
                return await self._producer.start()
            except SinkError as error:
                log.warning("%s: nothing is decided meanwhile", error)
                await asyncio.sleep(_RETRY_S)

    async def _past(self) -> list[Action]:
        """The latest word on every action, in the order in which they were first decided."""
        while True:
            latest: dict[str, Action] = {}
            try:
                async for values in topic_values(self._settings, "actions", to_end=True):
                    for action in _read(Action, values):
                        known = latest.get(action.unmapped.action_id)
                        if known is None or action.unmapped.revision >= known.unmapped.revision:
                            latest[action.unmapped.action_id] = action
                return list(latest.values())
            except (KafkaError, OSError) as error:
                log.warning("past actions cannot be read (%s): nothing is decided meanwhile", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _hear(self, responder: Responder) -> None:
        while True:
            try:
                async for values in topic_values(self._settings, "approvals", to_end=False):
                    for approval in _read(Approval, values):
                        await responder.decide(approval)
            except (KafkaError, OSError) as error:
                log.warning("approvals cannot be read (%s); trying again", type(error).__name__)
                await asyncio.sleep(_RETRY_S)

    async def _publish(self, action: Action) -> None:
        """The write-ahead: back when the broker has it."""
        await self._producer.post([action_post(action)])
        await self._writer.give("actions", action_rows([action]), f"action {action.metadata.uid}")
        await self._producer.settle()


def _read(model: type[M], values: Sequence[bytes]) -> Iterator[M]:
    for value in values:
        try:
            yield model.model_validate_json(value)
        except ValidationError:
            log.warning("a document that is no %s is left out", model.__name__.lower())
