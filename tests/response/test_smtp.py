"""Mail, by a real SMTP server that accepts, defers, refuses, hangs, and drops the line."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from response.certificates import certificate
from response.stage import Clock, Log, answered, incident, party, responder, steps
from schemas.action import ActionDetail

NOTIFY = steps({"do": "notify"})


class Mailbox:
    """Takes mail, or does to the next one what `answers` says."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.mails: list[Message] = []
        self.tries = 0
        self.users: list[str] = []
        self.server: SMTP | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself."""
        self.tries += 1
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer == "hang":
            await asyncio.sleep(30)
        if answer == "drop":
            assert server.transport is not None
            server.transport.abort()
            return "250 nobody hears this"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content))
        return answer

    def login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        """Whoever knows the password."""
        assert isinstance(given, LoginPassword)
        self.users.append(given.login.decode())
        return AuthResult(success=given.password == b"s3cret-word", handled=False)


@asynccontextmanager
async def mail_server(box: Mailbox, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[dict[str, Any]]:
    """Runs until the block ends; gives what the connector needs."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(SMTP(box, hostname="mail.hospital.example", loop=loop, **options))
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield {
            "kind": "smtp", "host": "127.0.0.1", "port": port, "tls": "none", "sender": "ward@hospital.example",
            "to": ["soc@hospital.example"], "timeout_s": 2, "attempts": 3,
        }  # fmt: skip
    finally:
        server.close()
        for one in sessions:
            if one.transport is not None:
                one.transport.abort()


async def told(mail: dict[str, Any], log: Log, *others: Any, **how: Any) -> ActionDetail:
    """Send about an incident; how the action ended."""
    who = responder(
        {"dry_run": False, "connectors": {"mail": mail}, "actions": {"notify": ["mail"]}}, [NOTIFY], log, Clock()
    )
    await answered(who, incident("ransomware", None, *others, **how))
    await who.close()
    return log.one("notify")


async def test_a_mail_arrives() -> None:
    box, log = Mailbox(), Log()
    async with mail_server(box) as mail:
        done = await told(mail, log)
    (got,) = box.mails
    assert done.state == "done" and done.attempts == 1
    assert got["Message-ID"] == f"<{done.action_id}@hospital.example>" and got["Auto-Submitted"] == "auto-generated"
    assert "ws-0042 encrypts files" in str(got["Subject"]) and "Critical" in str(got["Subject"])
    assert "About: host ws-0042 (workstation)" in got.get_payload()


@pytest.mark.parametrize("trouble", ["451 later", "421 going down", "drop"])
async def test_trouble_that_passes(trouble: str) -> None:
    box, log = Mailbox(trouble), Log()
    async with mail_server(box) as mail:
        done = await told(mail, log)
    assert (done.state, done.attempts, box.tries, len(box.mails)) == ("done", 2, 2, 1)


async def test_a_server_that_hangs_is_tried_again() -> None:
    box, log = Mailbox("hang"), Log()
    async with mail_server(box) as mail:
        done = await told(mail | {"timeout_s": 0.3}, log)
    assert (done.state, done.attempts, len(box.mails)) == ("done", 2, 1)


async def test_a_refusal_is_final() -> None:
    box, log = Mailbox("554 no"), Log()
    async with mail_server(box) as mail:
        done = await told(mail, log)
    assert (done.state, done.attempts, box.tries) == ("failed", 1, 1)
    assert "554" in done.why


async def test_it_gives_up_at_last() -> None:
    box, log = Mailbox(*["451 later"] * 9), Log()
    async with mail_server(box) as mail:
        done = await told(mail, log)
    assert (done.state, done.attempts, box.tries) == ("failed", 3, 3)


async def test_starttls_with_a_password_from_a_file(tmp_path: Path) -> None:
    box, log = Mailbox(), Log()
    context, trusted = certificate(tmp_path)
    (tmp_path / "password").write_text("s3cret-word\n")
    async with mail_server(box, tls_context=context, require_starttls=True, authenticator=box.login) as mail:
        done = await told(
            mail | {"tls": "starttls", "ca_file": trusted, "username": "ward", "password_file": tmp_path / "password"},
            log,
        )
    assert done.state == "done" and box.users == ["ward"] and len(box.mails) == 1
    assert not [a for a in log.records if b"s3cret" in a.to_json()]


async def test_a_wrong_password_is_no_secret_in_the_record(tmp_path: Path) -> None:
    box, log = Mailbox(), Log()
    context, trusted = certificate(tmp_path)
    (tmp_path / "password").write_text("another-word")
    async with mail_server(box, tls_context=context, authenticator=box.login, auth_exclude_mechanism=["LOGIN"]) as mail:
        done = await told(
            mail | {"tls": "starttls", "ca_file": trusted, "username": "ward", "password_file": tmp_path / "password"},
            log,
        )
    assert done.state == "failed" and not box.mails
    assert not [a for a in log.records if b"another-word" in a.to_json()]


async def test_a_certificate_that_nobody_knows(tmp_path: Path) -> None:
    box, log = Mailbox(), Log()
    context, trusted = certificate(tmp_path)
    async with mail_server(box, tls=context) as mail:
        done = await told(mail | {"tls": "tls"}, log)
        assert done.state == "failed" and not box.mails
        assert (await told(mail | {"tls": "tls", "ca_file": trusted}, Log())).state == "done"
    async with mail_server(box) as plain:  # a server without STARTTLS gets nothing
        assert (await told(plain | {"tls": "starttls"}, Log())).state == "failed"
    assert len(box.mails) == 1


async def test_no_patient_is_named_and_no_header_is_smuggled_in() -> None:
    box, log = Mailbox(), Log()
    async with mail_server(box) as mail:
        sentence = "nurse n1 opened the chart of MRN-4711 without a reason\r\nBcc: all@evil.example"
        people = (party("patient", "MRN-4711", "touched", name="Doe, John"), party("patient", "p~abcdefgh", "touched"))
        await told(mail, log, *people, message=sentence)
    (got,) = box.mails
    assert "MRN-4711" not in got.as_string() and "(patient)" in str(got["Subject"]) and got["Bcc"] is None
    assert not [a for a in log.records if b"4711" in a.to_json() or b"Doe" in a.to_json()]
