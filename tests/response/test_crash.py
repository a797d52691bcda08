"""kill -9 at every step of an action's life: each effect once by its key, nothing forgotten."""

import asyncio
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from response.crashing import FileLog, live
from response.receivers import Web, web_server

CHILDREN = multiprocessing.get_context("fork")  # all is imported already: a life takes no time to begin


def child(log: Path, web: Web, seconds: int, check: bool, point: str = "never", state: str = "") -> Any:
    """A process that runs a responder."""
    process = CHILDREN.Process(target=live, args=(str(log), web.url, seconds, check, point, state))
    process.start()
    return process


async def lives(*what: Any) -> int:
    """One life of the process; its exit status."""
    process = child(*what)
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode is not None
    return int(process.exitcode)


def effects(web: Web) -> list[str]:
    """What a receiver that heeds the idempotency key has done, in order."""
    seen: dict[str, str] = {}
    for method, path, headers, _ in web.calls:
        if method == "POST":
            seen.setdefault(headers["Idempotency-Key"], path)
    return list(seen.values())


@pytest.mark.parametrize("check", [False, True])
async def test_killed_at_every_step(tmp_path: Path, check: bool) -> None:
    log = tmp_path / "actions.jsonl"
    async with web_server() as web:
        web.checks = check
        deaths = [
            ("after", "approved"), ("before", "started"), ("after", "started"),
            ("before", "done"),  # the receiver has done it, and nobody wrote that down
            ("never", ""),
        ]  # fmt: skip
        for point, state in deaths:
            status = await lives(log, web, 0, check, point, state)
            assert status == (0 if point == "never" else -9), (point, state)
        assert effects(web) == ["/do/ws-0042", "/t"]
        times = [c[1] for c in web.calls].count("/do/ws-0042")
        assert times == (1 if check else 2)  # asked instead of repeated
        for point, state in [("after", "undo_started"), ("before", "undone"), ("never", "")]:
            assert await lives(log, web, 3601, check, point, state) == (0 if point == "never" else -9)
        assert effects(web) == ["/do/ws-0042", "/t", "/undo/ws-0042"]
        before = len(web.calls)
        assert await lives(log, web, 7300, check) == 0
        assert len(web.calls) == before
    latest = {a.unmapped.action: a.unmapped.state for a in FileLog(log, "", "").read()}
    assert latest == {"playbook": "done", "isolate_host": "undone", "ticket": "done"}


async def test_killed_by_somebody_else_in_the_middle_of_the_effect(tmp_path: Path) -> None:
    log = tmp_path / "actions.jsonl"
    async with web_server() as web:
        arrived = asyncio.Event()

        async def hold() -> None:
            arrived.set()
            await asyncio.sleep(30)

        web.before = hold
        process = child(log, web, 0, False)
        await asyncio.wait_for(arrived.wait(), 60)
        process.kill()
        await asyncio.to_thread(process.join, 60)
        assert [a.unmapped.state for a in FileLog(log, "", "").read()][-1] == "started"
        web.before = None
        assert await lives(log, web, 0, False) == 0
        assert effects(web) == ["/do/ws-0042", "/t"]
