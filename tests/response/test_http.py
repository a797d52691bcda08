"""Webhooks, tickets and chat, by a real HTTP server that answers well, badly, late, or tries to lead elsewhere."""

import hashlib
import hmac
import socket
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipeline.response.connectors.guard import ForbiddenHost, Guard
from pipeline.response.options import ResponseOptions
from response.receivers import HANG, Web, web_server
from response.stage import Clock, Log, answered, incident, party, responder, steps, word
from schemas.action import ActionDetail

ISOLATE = {"do": "isolate_host", "to": ["host"]}


async def called(web: Web, log: Log, hosts: Any = ("127.0.0.1",), **nac: Any) -> ActionDetail:
    """How an action through a webhook ended."""
    base = {"kind": "webhook", "url": f"{web.url}/do", "undo_url": f"{web.url}/undo", "timeout_s": 0.5, "attempts": 3}
    where = {"connectors": {"nac": base | nac}, "actions": {"isolate_host": ["nac"]}}
    who = responder({"dry_run": False, "allowed_hosts": hosts} | where, [steps(ISOLATE)], log, Clock())
    await answered(who, incident())
    await who.close()
    return log.one("isolate_host")


@pytest.mark.parametrize(
    ("answers", "state", "attempts"),
    [
        ([200], "done", 1),
        ([204], "done", 1),
        ([500, 200], "done", 2),
        ([(429, {"Retry-After": "0"}, b"")], "done", 2),
        ([HANG, 200], "done", 2),
        ([(200, {}, b"x" * 1_000_000)], "done", 1),
        ([404], "failed", 1),
        ([(302, {"Location": "/elsewhere"}, b"")], "failed", 1),
        ([500] * 3, "failed", 3),
    ],
)
async def test_answers(answers: list[Any], state: str, attempts: int) -> None:
    log = Log()
    async with web_server() as web:
        web.answers = list(answers)
        done = await called(web, log)
        assert (done.state, done.attempts) == (state, attempts)
        assert not [c for c in web.calls if "elsewhere" in c[1]]
        assert {k.removesuffix("-undo") for k in web.keys} == {done.action_id}
        assert len(done.detail) < 400


async def test_retry_after_is_waited_for() -> None:
    log, waits = Log(), []
    async with web_server() as web:
        web.answers = [(429, {"Retry-After": "1"}, b"")]

        async def note() -> None:
            waits.append(time.monotonic())

        web.before = note
        assert (await called(web, log)).state == "done"
    assert waits[1] - waits[0] >= 1


async def test_it_is_signed_and_says_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    (tmp_path / "key").write_text("webhook-key")
    monkeypatch.setenv("NAC_TOKEN", "token-of-the-nac")
    async with web_server() as web:
        web.answers = [(200, {}, b'{"result": [{"sys_id": "R-7"}], "echo": "token-of-the-nac webhook-key"}')]
        done = await called(web, log, secret_file=tmp_path / "key", token_env="NAC_TOKEN", id_path="result.0.sys_id")
        _, _, headers, body = web.calls[0]
    stamp = headers["X-Wardwatch-Timestamp"]
    wanted = hmac.new(b"webhook-key", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Wardwatch-Signature"] == f"v1={wanted}" and headers["Authorization"] == "Bearer token-of-the-nac"
    said = orjson.loads(body)
    assert (said["action"], said["target"], said["action_id"]) == ("isolate_host", "ws-0042", done.action_id)
    assert done.reference == "R-7"
    assert not [a for a in log.records if b"token-of" in a.to_json() or b"webhook-key" in a.to_json()]


async def test_a_ticket_by_template_cannot_be_broken_by_names() -> None:
    log = Log()
    body = {"short": "{sentence}", "nested": {"list": ["{severity}", 3]}, "who": "{target}"}
    async with web_server() as web:
        base = {"kind": "ticket", "url": web.url, "body": body, "id_path": "id"}
        where = {"connectors": {"desk": base}, "actions": {"ticket": ["desk"]}}
        who = responder(
            {"dry_run": False, "allowed_hosts": ["127.0.0.1"]} | where, [steps({"do": "ticket"})], log, Clock()
        )
        await answered(who, incident(message='he said "}, {target} {action_id}'))
        await who.close()
        said = orjson.loads(web.calls[0][3])
    assert said == {"short": 'he said "}, {target} {action_id}', "nested": {"list": ["Critical", 3]}, "who": "inc-1"}
    assert log.one("ticket").reference == "T-1"


async def test_chat_text_is_no_mark_up(tmp_path: Path) -> None:
    log = Log()
    async with web_server() as web:
        (tmp_path / "url").write_text(f"{web.url}/services/T0/secret-path")
        chat = {"kind": "slack", "url_file": tmp_path / "url"}
        where = {"connectors": {"chat": chat}, "actions": {"notify": ["chat"]}}
        who = responder(
            {"dry_run": False, "allowed_hosts": ["127.0.0.1"]} | where, [steps({"do": "notify"})], log, Clock()
        )
        web.answers = [400]
        await answered(who, incident(message="look <!channel> & <http://evil.example|here>"))
        await who.close()
        text = orjson.loads(web.calls[0][3])["text"]
    assert "<" not in text and "&lt;!channel&gt; &amp;" in text
    assert not [a for a in log.records if b"secret-path" in a.to_json()]


async def test_a_target_in_a_url_stays_one_part_of_its_path() -> None:
    log = Log()
    async with web_server() as web:
        account = {"do": "step_up_account", "to": ["user"], "approvals": 2}
        base = {"kind": "webhook", "url": f"{web.url}/users/{{target}}/mfa", "undo_url": f"{web.url}/u"}
        options = {
            "dry_run": False, "allowed_hosts": ["127.0.0.1"], "connectors": {"idp": base},
            "actions": {"step_up_account": ["idp"]}, "roles": {"soc": ["*"]},
        }  # fmt: skip
        who = responder(options, [steps(account)], log, Clock())
        await answered(who, incident("account", party("user", "HOSP\\on eill+x$")))
        for voter in ("a", "b"):
            await who.decide(word(log.one("step_up_account").action_id, voter))
        await who.settle()
        await who.close()
        assert web.calls[0][1] == "/users/HOSP%5Con%20eill%2Bx$/mfa"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[::1]", "[fe80::1]", "[fd00:ec2::254]", "0.0.0.0",  # noqa: S104
        "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1", "localhost", "0x7f.1",
        "224.0.0.1",
    ],
)  # fmt: skip
async def test_hosts_that_webhooks_may_not_reach(host: str) -> None:
    log = Log()
    async with web_server() as web:
        port = web.url.rpartition(":")[2]
        done = await called(web, log, hosts=(), url=f"http://{host}:{port}/", undo_url=f"http://{host}:{port}/u")
        assert done.state == "failed" and not web.calls, done.why
        assert done.attempts == 1 and "allowed_hosts" in done.why, done.why


class Names(Guard):
    """A name server that changes its mind."""

    def __init__(self, allowed: tuple[str, ...], *answers: str) -> None:
        super().__init__(allowed)
        self.answers = list(answers)

    async def lookup(self, host: str, port: int, family: socket.AddressFamily) -> list[tuple[int, str]]:
        return [(int(socket.AF_INET), self.answers.pop(0))]


async def test_a_name_that_resolves_inside_is_refused_and_a_rebound_one_gains_nothing() -> None:
    guard = Names((), "93.184.215.14", "127.0.0.1")
    (first,) = await guard.resolve("api.example", 443)
    assert first["host"] == "93.184.215.14"  # exactly the address that was checked is connected to
    with pytest.raises(ForbiddenHost, match="allowed_hosts"):
        await guard.resolve("api.example", 443)


async def test_an_allowed_name_may_be_inside_but_never_link_local() -> None:
    guard = Names(("nac.hospital.example",), "10.1.1.1", "169.254.169.254")
    (first,) = await guard.resolve("NAC.hospital.example.", 443)
    assert first["host"] == "10.1.1.1"
    with pytest.raises(ForbiddenHost, match="the address itself"):
        await guard.resolve("nac.hospital.example", 443)
    assert await Names(("169.254.169.254",), "169.254.169.254").resolve("metadata", 80)


@pytest.mark.parametrize(
    ("connector", "complaint"),
    [
        ({"url": "ftp://x/"}, "https://host/path"),
        ({"url": "https://user:pass@x/"}, "password"),
        ({"url": "https://{target}.example/"}, "placeholder"),
        ({"url": "https://x/{nothing}"}, "no placeholder"),
        ({"url": "https://x/", "headers": {"Authorization": "Bearer x"}}, "token_file"),
        ({}, "one of url"),
        ({"url": "https://x/", "password": "x"}, "Extra"),
    ],
)
def test_settings_that_are_unsafe_are_refused(connector: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ResponseOptions.model_validate({"connectors": {"x": {"kind": "webhook"} | connector}})


async def test_what_is_no_url_in_the_end_is_refused() -> None:
    log = Log()
    async with web_server() as web:
        done = await called(web, log, hosts=(), url="http://2130706433:1/", undo_url="http://2130706433:1/")
        assert (done.state, done.attempts) == ("failed", 1) and not web.calls
