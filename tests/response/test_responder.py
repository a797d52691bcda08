"""The engine: decided once, recorded first, done once, taken back in time."""

import asyncio

import pytest

from response.receivers import web_server
from response.stage import Clock, Log, answered, incident, party, responder, steps, word
from response.wishes import DISABLE, ISOLATE, options


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
