"""The engine: decided once, recorded first, done once, taken back in time."""

import asyncio
from typing import Any

import pytest

from response.receivers import Web, web_server
from response.stage import Clock, Log, answered, incident, party, responder, steps, word

LIVE: dict[str, Any] = {"dry_run": False, "allowed_hosts": ["127.0.0.1"], "roles": {"soc": ["anna", "ben", "cleo"]}}
ISOLATE = {"do": "isolate_host", "to": ["host"], "hold_h": 2}
DISABLE = {"do": "disable_account", "to": ["user"], "hold_h": 2}


def options(web: Web, **more: Any) -> dict[str, Any]:
    nac = {
        "kind": "webhook",
        "url": f"{web.url}/do/{{target}}",
        "undo_url": f"{web.url}/undo/{{target}}",
        "timeout_s": 1,
    }
    kinds = ("isolate_host", "segment_host", "watch_closely", "disable_account", "snapshot")
    return LIVE | {"connectors": {"nac": nac}, "actions": dict.fromkeys(kinds, ("nac",))} | more


async def test_it_is_recorded_before_and_after_and_taken_back_in_time() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await answered(who, incident())
        done = log.one("isolate_host")
        assert log.states(done.action_id) == ["approved", "started", "done"]
        assert web.keys == [done.action_id] and done.undo_at == clock.now + 7200
        await who.tick()
        await who.settle()
        assert len(web.calls) == 1  # its time is not over
        clock.now += 7201
        await who.tick()
        await who.settle()
        assert log.states(done.action_id)[-2:] == ["undo_started", "undone"]
        assert [c[1] for c in web.calls] == ["/do/ws-0042", "/undo/ws-0042"]
        await who.close()


async def test_the_first_record_is_durable_before_anything_happens() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        seen: list[list[str]] = []

        async def look() -> None:
            seen.append([a.unmapped.state for a in log.records if a.unmapped.action == "isolate_host"])

        web.before = look
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await answered(who, incident())
        assert seen == [["approved", "started"]]
        await who.close()


async def test_a_dry_run_has_no_effect_at_all() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web, dry_run=True), [steps(ISOLATE, DISABLE)], log, clock)
        await answered(who, incident("ransomware", None, party("user", "u0042", "linked")))
        assert [d.state for d in log.latest() if d.action != "playbook"] == ["dry_run", "dry_run"]
        assert "2 approval(s)" in log.one("disable_account").why
        clock.now += 100 * 3600
        await who.tick()
        await who.decide(word(log.one("isolate_host").action_id, "anna"))
        await who.settle()
        assert web.calls == []
        await who.close()


async def test_what_was_rehearsed_can_be_approved_once_it_is_live() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        await answered(responder(options(web, dry_run=True), [steps(ISOLATE)], log, clock), incident())
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await who.decide(word(log.one("isolate_host").action_id, "anna"))
        await who.settle()
        assert log.one("isolate_host").state == "done" and len(web.calls) == 1
        await who.close()


async def test_the_same_incident_again_does_nothing_twice_and_more_parties_add_to_it() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        for revision in (1, 1, 2, 3, 2):
            await answered(who, incident(revision=revision))
        assert len(web.calls) == 1
        await answered(who, incident("ransomware", None, party("host", "ws-0043", "linked"), revision=4))
        assert sorted(c[1] for c in web.calls) == ["/do/ws-0042", "/do/ws-0043"]
        await who.close()


async def test_escalation_adds_a_playbook_and_repeats_nothing() -> None:
    log, clock = Log(), Clock()
    gentle = steps({"do": "watch_closely", "to": ["host"]}, key="gentle", kinds=["device"])
    harsh = steps({"do": "watch_closely", "to": ["host"]}, ISOLATE, key="harsh", kinds=["ransomware"])
    async with web_server() as web:
        who = responder(options(web), [gentle, harsh], log, clock)
        await answered(who, incident("device", severity=2))
        await answered(who, incident("ransomware", revision=2))
        assert len(web.calls) == 2  # watched once, isolated once
        assert [d.state for d in log.latest("watch_closely")] == ["done", "done"]
        assert "in force already" in log.latest("watch_closely")[1].why
        await who.close()


async def test_an_effect_stays_until_the_last_that_wants_it_is_over() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        await answered(who, incident(name="a"))
        clock.now += 3600
        await answered(who, incident(name="b"))
        clock.now += 3601
        await who.tick()
        await who.settle()
        assert [c[1] for c in web.calls] == ["/do/ws-0042"]
        clock.now += 3600
        await who.tick()
        await who.settle()
        assert [c[1] for c in web.calls] == ["/do/ws-0042", "/undo/ws-0042"]
        assert {d.state for d in log.latest("isolate_host")} == {"undone"}
        await who.close()


@pytest.mark.parametrize("asked", [0, 1])
async def test_against_a_person_it_takes_two_whatever_the_playbook_says(asked: int) -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(DISABLE | {"approvals": asked})], log, clock)
        await answered(who, incident("account", party("user", "u0042")))
        name = log.one("disable_account").action_id
        for voter, role in (("anna", "soc"), ("Anna ", "soc"), ("anna", "nobody"), ("mallory", "soc")):
            await who.decide(word(name, voter, role=role))
        await who.settle()
        assert log.one("disable_account").state == "waiting" and not web.calls
        await who.decide(word(name, "ben"))
        await who.settle()
        done = log.one("disable_account")
        assert done.state == "done" and [a.who for a in done.approvals] == ["anna", "ben"] and len(web.calls) == 1
        await who.decide(word(name, "ben"))
        await who.decide(word(name, "cleo", "undo"))
        await who.settle()
        assert log.one("disable_account").state == "undone" and len(web.calls) == 2
        await who.close()


async def test_denied_expired_and_nobody_to_ask() -> None:
    log, clock = Log(), Clock()
    playbook = steps(ISOLATE | {"approvals": 1})
    async with web_server() as web:
        who = responder(options(web), [playbook], log, clock)
        await answered(who, incident(name="a"))
        await answered(who, incident(name="b"))
        first, second = log.latest("isolate_host")
        await who.decide(word(first.action_id, "ben", "deny"))
        await who.decide(word(first.action_id, "anna"))
        clock.now += 25 * 3600
        await who.tick()
        await who.decide(word(second.action_id, "anna"))
        await who.decide(word("unknown", "anna"))
        await who.settle()
        assert [d.state for d in log.latest("isolate_host")] == ["denied", "skipped"] and not web.calls
        nobody = responder(options(web, roles={}), [playbook], log, clock)
        await answered(nobody, incident(name="c"))
        await nobody.decide(word(log.latest("isolate_host")[2].action_id, "anna"))
        await nobody.settle()
        assert log.latest("isolate_host")[2].state == "waiting" and not web.calls
        await who.close()


async def test_success_and_failure_go_different_ways() -> None:
    log, clock = Log(), Clock()
    ways = {"on_success": "end--e", "on_failure": "action--1"}
    playbook = steps(ISOLATE | {"next": ways}, {"do": "segment_host", "to": ["host"]})
    async with web_server() as web:
        web.answers = [400]
        who = responder(options(web), [playbook], log, clock)
        await answered(who, incident(name="a"))
        assert (log.one("isolate_host").state, log.one("segment_host").state) == ("failed", "done")
        await answered(who, incident(name="b"))
        assert len(log.latest("segment_host")) == 1
        await who.close()


async def test_the_brake_by_hour() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web, limits={"isolate_host": 2}), [steps(ISOLATE)], log, clock)
        for i in range(4):
            await answered(who, incident(subject=party("host", f"ws-{i}"), name=f"i{i}"))
        assert [d.state for d in log.latest("isolate_host")] == ["done", "done", "skipped", "skipped"]
        assert "limit" in log.latest("isolate_host")[3].why
        again = responder(options(web, limits={"isolate_host": 2}), [steps(ISOLATE)], log, clock)
        await answered(again, incident(subject=party("host", "ws-8"), name="i8"))
        assert log.latest("isolate_host")[4].state == "skipped"  # a restart does not release it
        clock.now += 3601
        await answered(again, incident(subject=party("host", "ws-9"), name="i9"))
        assert log.latest("isolate_host")[5].state == "done"
        await who.close()
        await again.close()


async def test_the_brake_holds_for_many_at_once() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web, limits={"isolate_host": 2}), [steps(ISOLATE)], log, clock)
        await answered(who, incident("ransomware", None, *(party("host", f"ws-{i}", "linked") for i in range(4))))
        assert sorted(d.state for d in log.latest("isolate_host")) == ["done", "done", "skipped", "skipped", "skipped"]
        await who.close()


async def test_it_runs_by_itself_until_it_is_stopped() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        who = responder(options(web), [steps(ISOLATE)], log, clock)
        stop = asyncio.Event()
        running = asyncio.create_task(who.run(stop))
        await who.consider(incident())
        async with asyncio.timeout(10):
            while log.one("isolate_host").state != "done":
                await asyncio.sleep(0.01)
            clock.now += 7201
            while log.one("isolate_host").state != "undone":
                await asyncio.sleep(0.01)
        stop.set()
        await running


async def test_what_was_said_of_a_rehearsal_does_not_count_once_it_is_live() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        rehearsal = responder(options(web, dry_run=True), [steps(ISOLATE)], log, clock)
        await answered(rehearsal, incident())
        name = log.one("isolate_host").action_id
        clock.now += 60
        words = (word(name, "anna"), word(name, "ben", "undo"))
        said = [one.model_copy(update={"ts": clock.now}) for one in words]
        for one in said:
            await rehearsal.decide(one)
        live = responder(options(web), [steps(ISOLATE)], log, clock)
        for one in said:  # the topic is heard from its beginning
            await live.decide(one)
        await live.settle()
        assert log.one("isolate_host").state == "dry_run" and not web.calls
        await live.decide(word(name, "anna"))
        await live.settle()
        again = responder(options(web), [steps(ISOLATE)], log, clock)
        for one in said:
            await again.decide(one)
        await again.settle()
        assert log.one("isolate_host").state == "done" and len(web.calls) == 1
        await live.close()
        await again.close()


async def test_an_approval_of_a_rehearsal_does_not_expire_at_once() -> None:
    log, clock = Log(), Clock()
    async with web_server() as web:
        account = incident("account", party("user", "u0042"))
        await answered(responder(options(web, dry_run=True), [steps(DISABLE)], log, clock), account)
        clock.now += 30 * 3600
        who = responder(options(web), [steps(DISABLE)], log, clock)
        name = log.one("disable_account").action_id
        for voter in ("anna", "ben"):
            await who.decide(word(name, voter).model_copy(update={"ts": clock.now}))
            await who.tick()
        await who.settle()
        assert log.one("disable_account").state == "done" and len(web.calls) == 1
        await who.close()


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
