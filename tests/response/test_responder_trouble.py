"""The engine among people, lists, receivers and brokers that fail: told, spared, tried again, taken back."""

import asyncio
from typing import Any

import pytest

from response.receivers import web_server
from response.stage import Clock, Log, answered, incident, party, responder, steps
from response.wishes import DISABLE, ISOLATE, LIVE, options


async def test_people_are_told_of_everything_that_was_decided() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        where = options(web)
        where["actions"]["notify"] = ("nac",)
        both = [steps({"do": "notify"}, ISOLATE, DISABLE | {"approvals": 2})]
        who = responder(where, both, log, clock)
        await answered(who, incident("ransomware", None, party("user", "u0042", "linked")))
        texts = [c[3].decode() for c in web.calls]
        assert any("approval needed" in t for t in texts)
        await who.close()


async def test_the_allow_list_is_asked_last() -> None:
    log, clock = Log(), Clock()
    asked: list[list[str]] = []

    def allowed(action: str, kind: str, target: str) -> str:
        asked.append([a.unmapped.state for a in log.records if a.unmapped.action == action])
        return "listed a moment ago" if target == "ws-0042" else ""

    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock, allowed=allowed)
        await answered(who, incident())
        assert asked == [["approved", "started"]] and not web.calls
        assert log.one("isolate_host").state == "skipped" and log.one("isolate_host").why == "listed a moment ago"
        await who.close()


@pytest.mark.parametrize(
    ("entry", "target", "kind", "spared"),
    [
        ({"target": "10.1.0.0/16"}, "10.1.2.3", "ip", True),
        ({"target": "10.1.0.0/16"}, "10.2.2.3", "ip", False),
        ({"target": "WS-*"}, "ws-7", "host", True),
        ({"target": "ws-7", "actions": ["snapshot"]}, "ws-7", "host", False),
        ({"target": "ws-7", "until": "2020-01-01T00:00:00"}, "ws-7", "host", False),
        ({"target": "ws-7", "type": "user"}, "ws-7", "host", False),
    ],
)
async def test_entries_of_the_allow_list(entry: dict[str, Any], target: str, kind: str, spared: bool) -> None:
    log, clock = Log(), Clock()
    listed = [entry | {"owner": "it", "reason": "ours"}]
    async with web_server() as web:
        who = responder(options(web, allow=listed), [steps(ISOLATE | {"to": [kind]})], log, clock)
        await answered(who, incident(subject=party(kind, target)))
        assert (log.one("isolate_host").state, len(web.calls)) == (("skipped", 0) if spared else ("done", 1))
        await who.close()


async def test_one_that_hangs_does_not_hold_back_others() -> None:
    log, clock = Log(), Clock()
    async with web_server() as slow, web_server() as quick:
        slow.answers = [-1] * 200
        base = {"kind": "webhook", "timeout_s": 20, "at_once": 2}
        both = {
            "slow": base | {"url": slow.url},
            "nac": base | {"url": f"{quick.url}/{{target}}", "undo_url": f"{quick.url}/u"},
        }
        actions = {"notify": ["slow"], "isolate_host": ["nac"]}
        playbooks = [steps({"do": "notify"}, key="slow", kinds=["other"]), steps(ISOLATE, kinds=["ransomware"])]
        who = responder(LIVE | {"connectors": both, "actions": actions}, playbooks, log, clock)
        for i in range(30):
            await who.consider(incident("other", name=f"slow{i}"))
        await who.consider(incident(name="quick"))
        async with asyncio.timeout(5):
            while not quick.calls:
                await asyncio.sleep(0.01)
        assert len(slow.calls) <= 2
        await who.close()


async def test_a_broker_that_is_away_delays_and_loses_nothing() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        log.fail_once = ["approved", "started"]
        with pytest.raises(OSError, match="away"):
            await who.consider(incident())
        await who.consider(incident())  # the topic gives it again
        await who.settle()
        assert not web.calls  # `started` could not be written: nothing happens
        await who.tick()
        await who.settle()
        assert log.one("isolate_host").state == "done" and len(web.calls) == 1
        await who.close()


async def test_an_outcome_that_could_not_be_written_is_found_out_by_the_same_key() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE, key="all", notify_only=False)], log, clock)
        await who.consider(incident())
        log.fail_once = ["done"]
        await who.settle()
        assert log.one("isolate_host").state == "started"
        await who.tick()
        await who.settle()
        assert log.one("isolate_host").state == "done" and len(set(web.keys)) == 1
        await who.close()


async def test_silent_incidents_stale_ones_and_merged_ones() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await answered(who, incident(name="silent", notify=False))
        assert not log.records
        await who.consider(incident(name="old"), told_ts=clock.now - 25 * 3600)
        await answered(who, incident(name="gone", merged_into="other"))
        assert [d.state for d in log.latest()] == ["skipped"] and not web.calls
        await who.close()


async def test_names_that_could_be_options_or_paths_are_given_to_nobody() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        for i, name in enumerate(("--all", "a/../b", "ws;reboot", "ws\n7", "-", "ws 7", "")):
            await answered(who, incident(subject=party("host", name), name=f"i{i}"))
        assert {d.state for d in log.latest("isolate_host")} == {"skipped"} and not web.calls
        await who.close()


async def test_what_cannot_be_taken_back_is_not_begun() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        bare = {"connectors": {"nac": {"kind": "webhook", "url": web.url}}}
        who = responder(options(web) | bare, [steps(ISOLATE)], log, clock)
        await answered(who, incident())
        assert log.one("isolate_host").state == "skipped" and "take it back" in log.one("isolate_host").why
        await who.close()


async def test_an_undo_that_fails_is_tried_until_it_works() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await answered(who, incident())
        web.answers = [400]
        clock.now += 7201
        await who.tick()
        await who.settle()
        assert log.one("isolate_host").state == "undo_failed"
        await who.tick()
        await who.settle()
        assert len(web.calls) == 2  # not at once
        clock.now += 31
        await who.tick()
        await who.settle()
        assert log.one("isolate_host").state == "undone"
        await who.close()


async def test_given_up_after_time_outs_it_is_taken_back_to_be_sure() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        web.answers = [503, 503]
        nac = options(web)["connectors"]["nac"] | {"attempts": 2}
        who = responder(options(web, connectors={"nac": nac}), [steps(ISOLATE)], log, clock)
        await answered(who, incident())
        failed = log.one("isolate_host")
        assert failed.state == "failed" and "taken back" in failed.why and failed.attempts == 2
        assert [c[1] for c in web.calls] == ["/do/ws-0042", "/do/ws-0042", "/undo/ws-0042"]
        assert web.keys == [failed.action_id, failed.action_id, f"{failed.action_id}-undo"]
        await who.close()
