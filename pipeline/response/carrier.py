"""Brings effects about and takes them back: gates, limits and allow-list before, retries and the record after."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipeline.response.addresses import safe_target
from pipeline.response.allow_check import AllowCheck
from pipeline.response.approving import approvers, undo_wanted
from pipeline.response.book import Book, Turns
from pipeline.response.connectors.connector import Connector, Order, Outcome, Passing, Refused
from pipeline.response.gate import Gate
from pipeline.response.kinds import KINDS
from pipeline.response.ledger import HOUR_S
from pipeline.response.options import ResponseOptions
from pipeline.response.wording import subject_of, text_of
from schemas.action import ActionDetail
from schemas.alert import SEVERITIES
from schemas.incident import Party

log = logging.getLogger(__name__)
_FIRST_UNDO_RETRY_S, _LONGEST_UNDO_RETRY_S = 30.0, 900.0
"""A failed undo is tried again for as long as it takes: somebody is locked out, or a machine cut off."""


class _Listed(Exception):  # noqa: N818
    """The allow-list holds the target, found right before the effect."""


class Carrier:
    """Carries decided actions out. Knows nothing of playbooks."""

    def __init__(
        self,
        options: ResponseOptions,
        book: Book,
        connectors: Mapping[str, Connector],
        gate: Gate,
        allow: AllowCheck,
        clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._book = book
        self._ledger = book.ledger
        self._connectors = connectors
        self._gate = gate
        self._allow = allow
        self._clock = clock
        self._effects = Turns()
        self._about_to: Counter[str] = Counter()
        """Let through by the limit, and not yet recorded as begun."""
        self._all = asyncio.Semaphore(options.at_once)
        self._each = {name: asyncio.Semaphore(c.at_once) for name, c in options.connectors.items()}
        self._wait = wait_exponential_jitter(multiplier=options.first_retry_s, max=options.longest_retry_s)

    async def bring_about(self, action_id: str) -> None:
        """From `approved`, or from `started` after a crash, to an outcome."""
        detail = self._ledger.get(action_id)
        if detail is None or detail.state not in ("approved", "started"):
            return
        async with contextlib.AsyncExitStack() as stack:
            if not KINDS[detail.action].tells:  # the same effect twice: the second finds the first in force
                await stack.enter_async_context(self._effects.of(_effect(detail)))
            resumed = detail.state == "started"
            if not resumed and await self._spared(action_id, detail):
                return
            begun = self._ledger.get(action_id)
            if begun is not None and begun.state == "started":
                await self._effect(begun, resumed=resumed)
        done = self._ledger.get(action_id)
        if done is not None and done.state == "done" and undo_wanted(done):
            await self.take_back(action_id)

    async def take_back(self, action_id: str) -> None:
        """From `done`, or from an undo that crashed or failed, to `undone`."""
        detail = self._ledger.get(action_id)
        if detail is None or detail.state not in ("done", "undo_started", "undo_failed"):
            return
        async with self._effects.of(_effect(detail)):
            detail = self._ledger.get(action_id)
            if detail is None or detail.state not in ("done", "undo_started", "undo_failed"):
                return
            why = "somebody asked for it" if undo_wanted(detail) else "its time is over"
            still = self._holding(detail)
            if still:  # also where an undo began and nobody heard the end: once more would end what the other did since
                why += f"; the effect stays through action {still[0].action_id}"
            begun: ActionDetail | None = detail
            if detail.state == "undo_failed" or (detail.state == "done" and not still):
                begun = await self._book.change(action_id, "undo_started", why)
            if begun is not None and still:
                await self._book.change(action_id, "undone", why, retry_ts=None)
            elif begun is not None:
                await self._undo(begun, why)

    async def _spared(self, action_id: str, detail: ActionDetail) -> bool:
        """All that can stand against it, before it is begun; begins it when nothing does."""
        now = self._clock()
        against = self._against(detail)
        if against:
            await self._book.change(action_id, "skipped", against, only=("approved",))
            return True
        known = self._holding(detail)
        undo_at = now + detail.hold_s if detail.hold_s else None
        if known and not KINDS[detail.action].tells:
            why = f"in force already, by action {known[0].action_id}"
            await self._book.change(
                action_id, "done", why, only=("approved",), undo_at=undo_at, reference=known[0].reference
            )
            return True
        limit = self._options.limits.get(detail.action, KINDS[detail.action].per_hour)
        if self._ledger.within_hour(detail.action, now) + self._about_to[detail.action] >= limit:
            why = f"the limit: {limit} times {detail.action} an hour (response.limits)"
            await self._book.change(action_id, "skipped", why, only=("approved",))
            return True
        self._about_to[detail.action] += 1
        try:
            await self._book.change(action_id, "started", detail.why, only=("approved",), undo_at=undo_at)
        finally:
            self._about_to[detail.action] -= 1
        return False

    def _holding(self, detail: ActionDetail) -> list[ActionDetail]:
        """Other actions through which the same effect is in force."""
        now = self._clock()
        return [h for h in self._ledger.holding(detail) if h.state == "done" and _in_force(h, now)]

    def _against(self, detail: ActionDetail) -> str:
        """Why it must not be done; empty when nothing speaks against it."""
        connector = self._connectors.get(detail.connector)
        if connector is None:
            return f"there is no connector {detail.connector!r} any more"
        if not self._options.live(detail.connector):
            return "this is a dry run by now"
        if KINDS[detail.action].undoable and not connector.can_undo:
            return f"connector {detail.connector} cannot take it back: give it an undo"
        try:
            safe_target(detail.target_type, detail.target)
        except ValueError as error:
            return str(error)
        needed = max(detail.approvals_needed, Gate.approvals(detail.action, detail.target_type))
        if approvers(detail) < needed:
            return f"it needs {needed} approvals and has {approvers(detail)}"
        brief = self._ledger.brief(detail.incident_id)
        return self._gate.forbids(detail.action, self._party(detail), brief)

    def _party(self, detail: ActionDetail) -> Party | None:
        brief = self._ledger.brief(detail.incident_id)
        parties = (brief.subject, *brief.parties) if brief else ()
        return next((p for p in parties if (p.type, p.value) == (detail.target_type, detail.target)), None)

    async def _effect(self, detail: ActionDetail, *, resumed: bool) -> None:
        order = self._order(detail, undo=False)
        connector = self._connectors.get(detail.connector)
        if connector is None:
            await self._failed(detail, self._against(detail), 0, unsure=resumed)
            return
        if resumed:
            if await connector.check(order):
                await self._succeeded(detail, Outcome("found done after a restart"), detail.attempts)
                return
            if against := self._against(detail):
                await self._failed(detail, against, detail.attempts, unsure=True)
                return
        tries = _Tries(detail.attempts)
        try:
            outcome = await self._tried(connector, order, tries)
        except _Listed as listed:
            if resumed or tries.now > 1:  # an attempt may have worked
                await self._failed(detail, str(listed), tries.count, unsure=True)
            else:
                await self._book.change(detail.action_id, "skipped", str(listed), only=("started",), undo_at=None)
        except (Passing, Refused) as error:
            await self._failed(detail, str(error), tries.count, unsure=isinstance(error, Passing))
        else:
            await self._succeeded(detail, outcome, tries.count)

    async def _succeeded(self, detail: ActionDetail, outcome: Outcome, attempts: int) -> None:
        await self._book.change(
            detail.action_id, "done", detail.why, only=("started",), effect_ts=self._clock(), attempts=attempts,
            detail=outcome.detail, reference=outcome.reference,
        )  # fmt: skip

    async def _failed(self, detail: ActionDetail, reason: str, attempts: int, *, unsure: bool) -> None:
        """Given up. Where it may have worked after all it is taken back, so that nothing stays in force unseen."""
        connector = self._connectors.get(detail.connector)
        told = reason
        if still := self._holding(detail):
            told = f"{reason}; the effect is there through action {still[0].action_id}"
        elif unsure and KINDS[detail.action].undoable and connector is not None and connector.can_undo:
            try:
                await self._tried(connector, self._order(detail, undo=True), _Tries(0))
                told = f"{reason}; taken back, as an attempt may have worked"
            except (Passing, Refused) as error:
                told = f"{reason}; AN ATTEMPT MAY HAVE WORKED and could not be taken back ({error}): look by hand"
        log.error("%s of action %s failed: %s", detail.action, detail.action_id, told)
        await self._book.change(
            detail.action_id, "failed", told, only=("started",), attempts=attempts, detail=reason, undo_at=None
        )

    async def _undo(self, detail: ActionDetail, why: str) -> None:
        connector = self._connectors.get(detail.connector)
        tries = _Tries(0)
        try:
            if connector is None:
                raise Refused(f"there is no connector {detail.connector!r} any more")
            outcome = await self._tried(connector, self._order(detail, undo=True), tries)
        except (Passing, Refused) as error:
            now = self._clock()
            since = now - (detail.undo_at or now)
            again = now + min(max(_FIRST_UNDO_RETRY_S, since), _LONGEST_UNDO_RETRY_S)
            log.error("action %s (%s) cannot be taken back: %s", detail.action_id, detail.action, error)
            await self._book.change(
                detail.action_id, "undo_failed", f"{why}; {error}; tried again", only=("undo_started",),
                detail=str(error), retry_ts=again,
            )  # fmt: skip
        else:
            await self._book.change(
                detail.action_id, "undone", why, only=("undo_started",), detail=outcome.detail, retry_ts=None
            )

    async def _tried(self, connector: Connector, order: Order, tries: "_Tries") -> Outcome:
        """Attempts until one works. Raises Passing after the last one, Refused, or _Listed."""
        name = order.detail.connector
        settings = self._options.connectors.get(name)
        retrying = AsyncRetrying(
            stop=stop_after_attempt(settings.attempts if settings else 1), wait=self._pause,
            retry=retry_if_exception_type(Passing), reraise=True,
        )  # fmt: skip
        async for attempt in retrying:
            with attempt:
                async with self._each.get(name, self._all), self._all_but(name):
                    tries.begin()
                    if not order.undo:  # last of all, so that nothing is done to what was listed a moment ago
                        listed = self._allow.why(order.detail.action, order.detail.target_type, order.detail.target)
                        if listed:
                            raise _Listed(listed)
                    return await _call(connector.do, order, settings.timeout_s if settings else 60.0)
        raise AssertionError("unreachable")

    def _all_but(self, name: str) -> Any:
        """The common bound, inside a connector's own: one that hangs holds no more than its share."""
        return self._all if name in self._each else contextlib.AsyncExitStack()

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(self._wait(state), error.after_s if isinstance(error, Passing) else 0.0)

    def _order(self, detail: ActionDetail, *, undo: bool) -> Order:
        brief = self._ledger.brief(detail.incident_id)
        target = ""
        severity = SEVERITIES[brief.severity_id if brief else self._ledger.severity(detail.action_id)]
        with contextlib.suppress(ValueError):  # only an undo comes here with a name that was never given out
            target = safe_target(detail.target_type, detail.target)
        others = self._ledger.of_incident(detail.incident_id) if KINDS[detail.action].tells else ()
        text = text_of(detail, brief, others)
        return Order(detail, target, severity, subject_of(detail, brief), text, brief, undo)


class _Tries:
    """Counts attempts, those before a crash included."""

    def __init__(self, before: int) -> None:
        self.count = before
        self.now = 0

    def begin(self) -> None:
        """One more."""
        self.count += 1
        self.now += 1


def _effect(detail: ActionDetail) -> str:
    return "\x1f".join((detail.action, detail.connector, detail.target_type, detail.target))


def _in_force(detail: ActionDetail, now: float) -> bool:
    """Whether what another action did still holds; what cannot be taken back, for an hour."""
    if KINDS[detail.action].undoable:
        return detail.undo_at is None or detail.undo_at > now
    return detail.effect_ts is not None and detail.effect_ts > now - HOUR_S


async def _call(do: Callable[[Order], Awaitable[Outcome]], order: Order, timeout_s: float) -> Outcome:
    """One attempt. A fault of ours counts as a refusal: it would come again."""
    try:
        # The connector's own limit comes first and says more; this one holds for whatever it forgot.
        return await asyncio.wait_for(do(order), timeout_s + 5.0)
    except (Passing, Refused):
        raise
    except TimeoutError as error:
        raise Passing(f"no answer within {timeout_s:g} s") from error
    except Exception as error:
        log.error("connector %s: %s", order.detail.connector, type(error).__name__)
        raise Refused(f"fault in the connector ({type(error).__name__})") from error
