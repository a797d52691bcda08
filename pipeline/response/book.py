"""The write-ahead: a state counts when it is on the topic, and changes of one action come one after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

from pipeline.response.document import changed, document
from pipeline.response.ledger import Ledger
from schemas.action import Action, ActionDetail, ActionState

Publish = Callable[[Action], Awaitable[None]]
"""Returns when the document is durable."""


class Turns:
    """Locks by name, which are there while somebody wants them."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """One at a time for each name."""
        lock, count = self._locks.get(name, (asyncio.Lock(), 0))
        self._locks[name] = (lock, count + 1)
        try:
            async with lock:
                yield
        finally:
            count = self._locks[name][1] - 1
            if count:
                self._locks[name] = (lock, count)
            else:
                del self._locks[name]


class Book:
    """Publishes first, remembers then."""

    def __init__(self, ledger: Ledger, publish: Publish, clock: Callable[[], float]) -> None:
        self.ledger = ledger
        self._publish = publish
        self._clock = clock
        self._turns = Turns()

    async def begin(self, detail: ActionDetail, severity_id: int) -> bool:
        """The first record of an action; False when there is one already."""
        async with self._turns.of(detail.action_id):
            if self.ledger.state_of(detail.action_id) is not None:
                return False
            await self._write(detail, severity_id)
            return True

    async def write(self, detail: ActionDetail, severity_id: int) -> None:
        """A record as it is given; its revision is set to the next one."""
        async with self._turns.of(detail.action_id):
            revision = self.ledger.revision(detail.action_id) + 1
            await self._write(detail.model_copy(update={"revision": revision}), severity_id)

    async def change(
        self, action_id: str, state: ActionState, why: str, *, only: Collection[str] = (), **fields: Any
    ) -> ActionDetail | None:
        """The next revision; None, and nothing written, when the action is in none of the states `only`."""
        async with self._turns.of(action_id):
            known = self.ledger.get(action_id)
            if known is None or (only and known.state not in only):
                return None
            detail = changed(known, state, why, **fields)
            await self._write(detail, self.ledger.severity(action_id))
            return detail

    async def rule(self, action_id: str, ruling: Callable[[ActionDetail], Any]) -> tuple[ActionDetail | None, Any]:
        """The next revision as a function of the present one says (`pipeline.response.approving.Ruling`)."""
        async with self._turns.of(action_id):
            known = self.ledger.get(action_id)
            if known is None:
                return None, None
            ruled = ruling(known)
            if ruled.state is None:
                return None, ruled
            detail = changed(known, ruled.state, ruled.why, **ruled.fields)
            await self._write(detail, self.ledger.severity(action_id))
            return detail, ruled

    async def _write(self, detail: ActionDetail, severity_id: int) -> None:
        action = document(detail, severity_id, self._clock())
        await self._publish(action)
        self.ledger.put(action)
