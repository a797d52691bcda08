"""The response agent's engine: incidents and people's words in, actions decided, recorded, done and taken back."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import pyarrow as pa

from pipeline.response.allow_check import AllowCheck, MoreAllowed
from pipeline.response.approving import rule, undo_wanted
from pipeline.response.book import Book, Publish, Turns
from pipeline.response.briefing import brief_of, matters
from pipeline.response.carrier import Carrier
from pipeline.response.connectors.build import build_connectors
from pipeline.response.connectors.connector import Connector
from pipeline.response.kinds import KINDS, PLAYBOOK
from pipeline.response.ledger import HOUR_S, Ledger
from pipeline.response.options import ResponseOptions
from pipeline.response.plan import Planned, Planner, action_id
from pipeline.response.playbook import Playbook
from pipeline.response.playbook_set import PlaybookSet
from pipeline.response.rows import action_rows
from schemas.action import Action, ActionDetail, ActionState
from schemas.brief import Brief
from schemas.feedback import Approval
from schemas.incident import Incident

log = logging.getLogger(__name__)
_TICK_S = 0.5
_MOST_TASKS = 4096
"""Effects begun or waiting for their turn; then `consider` waits, and the topic with it."""


class Responder:
    """Decides what is done about incidents, does it, and takes it back.

    Knows neither Faust nor Kafka. `publish` returns when a record is durable: decided → published → `started`
    published → effect → outcome published. `recall` gives it all earlier records after a restart, oldest first; then
    `run` (or `tick`, now and then) goes on where it was. Effects run as tasks of their own: `consider` and `decide`
    return when the decision is durable. See infra/decisions/011-response.md.
    """

    def __init__(
        self,
        options: ResponseOptions,
        playbooks: PlaybookSet,
        publish: Publish,
        *,
        clock: Callable[[], float] = time.time,
        allowed: MoreAllowed | None = None,
        connectors: Mapping[str, Connector] | None = None,
    ) -> None:
        self._options = options
        self._playbooks = playbooks
        self._clock = clock
        self.ledger = Ledger()
        self._book = Book(self.ledger, publish, clock)
        self._planner = Planner(options)
        made = build_connectors(options, self.ledger, clock) if connectors is None else connectors
        self._connectors = dict(made)
        allow = AllowCheck(options, clock, allowed)
        self._carrier = Carrier(options, self._book, self._connectors, self._planner.gate, allow, clock)
        self._incidents = Turns()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resumed = self._closed = False

    def recall(self, actions: Iterable[Action]) -> None:
        """Take records of earlier, in their order; may be called several times. Nothing is done before `tick`."""
        for action in actions:
            self.ledger.put(action)
        self._resumed = False

    async def consider(self, incident: Incident, told_ts: float | None = None) -> None:
        """Take an incident's document. Returns when all that is decided by it is durable.

        `told_ts`: when the document was told (its record's timestamp), now by default. One that comes again, or an
        older one, changes nothing.
        """
        while len(self._tasks) >= _MOST_TASKS:
            await asyncio.wait(list(self._tasks.values()), return_when=asyncio.FIRST_COMPLETED)
        brief = brief_of(incident, self._clock() if told_ts is None else told_ts)
        async with self._incidents.of(brief.incident_id):
            known = self.ledger.brief(brief.incident_id)
            if known is None or known.revision < brief.revision:
                await self._learn(brief, known)
            if not self._stale(brief):
                await self._advance(brief.incident_id)

    async def decide(self, approval: Approval) -> None:
        """Take a person's word. Returns when what it leads to is durable; a word that comes again changes nothing."""
        ruled, ruling = await self._book.rule(approval.action_id, lambda detail: rule(detail, approval, self._options))
        if ruling is None:
            log.warning("a word of %s is about action %s, which nobody knows", approval.who, approval.action_id[:64])
        elif ruled is None:
            # Words are heard again after a restart: of those about what is over nobody needs to know.
            level = logging.WARNING if self.ledger.state_of(approval.action_id) == "waiting" else logging.INFO
            told = (approval.who, approval.action_id, ruling.why)
            log.log(level, "the word of %s on action %s does not count: %s", *told)
        elif ruled.state == "approved":
            self._spawn(self._carry, ruled)
        elif ruled.state in ("done", "undo_failed"):
            self._spawn(self._take_back, ruled)
        else:
            await self._go_on(ruled.incident_id)

    async def tick(self) -> None:
        """Begin what is due: undos, expired waits, and what a crash left open. Returns without waiting for effects."""
        if not self._resumed:
            self._resumed = True
            for incident_id in self.ledger.incidents():
                await self._go_on(incident_id, fresh_only=True)
        now = self._clock()
        for detail in self.ledger.unfinished():
            if detail.action_id not in self._tasks:
                await self._look_after(detail, now)

    async def run(self, stop: asyncio.Event) -> None:
        """`tick` until `stop` is set, then `close`."""
        try:
            while not stop.is_set():
                try:
                    await self.tick()
                except Exception as error:  # a record could not be published: it stays due
                    log.error("the response agent goes on after %s", type(error).__name__)
                try:
                    await asyncio.wait_for(stop.wait(), _TICK_S)
                except TimeoutError:
                    continue
        finally:
            await self.close()

    async def settle(self) -> None:
        """Wait until no effect is under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """End at once. What was under way is found out after the next start."""
        self._closed = True
        while self._tasks:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(c.close() for c in self._connectors.values()), return_exceptions=True)

    @staticmethod
    def rows(actions: Iterable[Action]) -> pa.Table:
        """Rows of the table `actions`."""
        return action_rows(actions)

    async def _learn(self, brief: Brief, known: Brief | None) -> None:
        """Choose a playbook, or take note that the incident has changed."""
        runs = self.ledger.runs(brief.incident_id)
        playbook = None if brief.merged_into else self._playbooks.select(brief)
        stale = self._stale(brief)
        if playbook is not None and stale and playbook.key not in runs:
            why = f"told more than {self._options.stale_after_h:g} h ago: it comes from an old log"
            await self._decision(playbook.key, brief, "skipped", why)
        elif playbook is not None and not stale and self._unbegun(runs.get(playbook.key)):
            await self._decision(playbook.key, brief, "done", _chosen(playbook, brief))
        elif runs and (known is None or matters(known, brief)):
            why = f"merged into {brief.merged_into}" if brief.merged_into else f"goes on with revision {brief.revision}"
            await self._decision(next(reversed(runs)), brief, "done", why)
        else:
            self.ledger.remember(brief)

    def _stale(self, brief: Brief) -> bool:
        return self._clock() - brief.told_ts > self._options.stale_after_h * HOUR_S

    def _unbegun(self, decision: str | None) -> bool:
        return decision is None or self.ledger.state_of(decision) == "skipped"

    async def _decision(self, playbook: str, brief: Brief, state: ActionState, why: str) -> None:
        """The record that a playbook is run; it holds what is needed to go on with it after a restart."""
        now = self._clock()
        name = action_id(brief.incident_id, playbook, "", "incident", brief.incident_id)
        detail = ActionDetail(
            action_id=name, revision=1, incident_id=brief.incident_id, playbook=playbook, step="", action=PLAYBOOK,
            target_type="incident", target=brief.incident_id, state=state, why=why, decided_ts=now,
            alert_ts=brief.told_ts, incident=brief,
        )  # fmt: skip
        await self._book.write(detail, brief.severity_id)

    async def _go_on(self, incident_id: str, *, fresh_only: bool = False) -> None:
        async with self._incidents.of(incident_id):
            brief = self.ledger.brief(incident_id)
            if brief and fresh_only and self._stale(brief):
                return
            await self._advance(incident_id)

    async def _advance(self, incident_id: str) -> None:
        """Decide all that the incident's playbooks have come to."""
        brief = self.ledger.brief(incident_id)
        if brief is None or brief.merged_into:
            return
        for key, decision in list(self.ledger.runs(incident_id).items()):
            playbook = self._playbooks.by_key.get(key)
            if playbook is None or self._unbegun(decision):
                continue
            while due := self._planner.due(playbook, brief, self.ledger.state_of):
                decided = await asyncio.gather(*(self._settle_on(planned, brief) for planned in due))
                for detail in decided:  # once all are known, so that people are told of all
                    if detail is not None and detail.state == "approved":
                        self._spawn(self._carry, detail)

    async def _settle_on(self, planned: Planned, brief: Brief) -> ActionDetail | None:
        """The decision about one action, made durable; None when it was made before."""
        state, why = self._first_state(planned)
        detail = ActionDetail(
            action_id=planned.action_id, revision=1, incident_id=brief.incident_id, playbook=planned.playbook,
            step=planned.step, action=planned.action, connector=planned.connector, target_type=planned.target_type,
            target=planned.target, state=state, why=why[:1024], decided_ts=self._clock(), alert_ts=brief.told_ts,
            hold_s=planned.hold_s, approvals_needed=planned.approvals, roles=list(planned.roles),
        )  # fmt: skip
        return detail if await self._book.begin(detail, brief.severity_id) else None

    def _first_state(self, planned: Planned) -> tuple[ActionState, str]:
        if planned.skip:
            return "skipped", planned.why
        if self.ledger.full:
            return "skipped", f"{planned.why}; too many actions are open already"
        missing = planned.connector not in self._connectors
        if missing:
            what = f"connector {planned.connector!r}" if planned.connector else "connector"
            planned_why = f"{planned.why}; no {what} is set for it (response.actions.{planned.action})"
            return ("dry_run" if self._options.dry_run else "skipped"), planned_why
        needed = f"{planned.approvals} approval(s)"
        if not self._options.live(planned.connector):
            return "dry_run", planned.why + (f"; it would have waited for {needed}" if planned.approvals else "")
        if planned.approvals:
            people = " of different people" if planned.approvals > 1 else ""
            return "waiting", f"{planned.why}; waits for {needed}{people}"
        return "approved", planned.why

    async def _look_after(self, detail: ActionDetail, now: float) -> None:
        if detail.state in ("approved", "started"):
            self._spawn(self._carry, detail)
        elif detail.state == "waiting":
            if now - detail.decided_ts > self._options.approval_expires_h * HOUR_S:
                why = f"nobody approved it within {self._options.approval_expires_h:g} h"
                await self._book.change(detail.action_id, "skipped", why, only=("waiting",))
                await self._go_on(detail.incident_id)
        elif (
            detail.state == "undo_started"
            or (detail.state == "undo_failed" and (detail.retry_ts or 0) <= now)
            or (detail.state == "done" and (undo_wanted(detail) or (detail.undo_at or now + 1) <= now))
        ):
            self._spawn(self._take_back, detail)

    async def _carry(self, detail: ActionDetail) -> None:
        await self._carrier.bring_about(detail.action_id)
        if detail.action in KINDS:
            await self._go_on(detail.incident_id)

    async def _take_back(self, detail: ActionDetail) -> None:
        await self._carrier.take_back(detail.action_id)

    def _spawn(self, work: Callable[[ActionDetail], Awaitable[None]], detail: ActionDetail) -> None:
        """One task an action; what is under way already looks at the newest state itself."""
        name = detail.action_id
        if name not in self._tasks and not self._closed:  # a cancelled task may come one step further
            task = asyncio.create_task(self._guarded(work, detail), name=f"action {name}")
            self._tasks[name] = task
            task.add_done_callback(lambda done: self._gone(name, done))

    async def _guarded(self, work: Callable[[ActionDetail], Awaitable[None]], detail: ActionDetail) -> None:
        try:
            await work(detail)
        except Exception as error:  # the record could not be written: `tick` takes it up again
            log.error("action %s is taken up again after %s", detail.action_id, type(error).__name__)

    def _gone(self, action_id: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(action_id) is task:
            del self._tasks[action_id]


def _chosen(playbook: Playbook, brief: Brief) -> str:
    return f"{playbook.name}: incident of kind {brief.kind}, severity {brief.severity.lower()}"
