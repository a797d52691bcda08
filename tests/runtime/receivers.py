"""Real receivers of what the response agent does: a mail server and a web server on this machine, in threads."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiohttp import web
from aiosmtpd.controller import Controller

from pipeline.local.service_folder import free_port


class _Inbox:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


class Receivers:
    """What arrived."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """(path, JSON body)"""
        self._inbox = _Inbox()
        self.smtp_port, self.http_port = free_port(), free_port()
        self._mail = Controller(self._inbox, hostname="127.0.0.1", port=self.smtp_port)
        self._loop = asyncio.new_event_loop()
        self._runner: web.AppRunner | None = None

    @property
    def mails(self) -> list[str]:
        """Subject and text of each mail, in order of arrival."""
        return [f"{m['Subject']}\n{_text(m)}" for m in self._inbox.mails]

    def called(self, path: str) -> list[dict[str, Any]]:
        """Bodies of the calls of one path."""
        return [body for p, body in self.calls if p == path]

    async def _take(self, request: web.Request) -> web.Response:
        self.calls.append((request.path, await request.json()))
        return web.json_response({"ok": True})

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_post("/{tail:.*}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.http_port).start()

    @contextmanager
    def running(self) -> Iterator["Receivers"]:
        """Both servers, until the end of the block."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        self._mail.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        try:
            yield self
        finally:
            self._mail.stop()
            if self._runner is not None:
                asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)


def _text(message: Message) -> str:
    parts = [p for p in message.walk() if p.get_content_maintype() == "text"]
    return "\n".join(bytes(p.get_payload(decode=True) or b"").decode() for p in parts)
