"""Real receivers on loopback ports: HTTP, SMTP and syslog, which behave as told."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

HANG = -1


@dataclass
class Web:
    """An HTTP server: remembers what came, answers the next of `answers`, then 200."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    """A status, (status, headers, body) or HANG."""
    calls: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    """(method, path and query, headers, body)"""
    before: Callable[[], Awaitable[None]] | None = None
    checks: bool = False
    """GET says whether a key has come before: 200 or 404."""
    known: set[str] = field(default_factory=set)
    """Idempotency keys of what was done."""

    @property
    def keys(self) -> list[str]:
        """Idempotency keys, in order."""
        return [h.get("Idempotency-Key", "") for _, _, h, _ in self.calls]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        body = await request.read()
        self.calls.append((request.method, request.raw_path, dict(request.headers), body))
        key = request.headers.get("Idempotency-Key", "")
        if self.checks and request.method == "GET":
            return web.Response(status=200 if key in self.known else 404)
        self.known.add(key)
        if self.before is not None:
            await self.before()
        answer = self.answers.pop(0) if self.answers else 200
        if answer == HANG:
            await asyncio.sleep(30)
        status, headers, text = answer if isinstance(answer, tuple) else (answer, {}, b'{"id": "T-1"}')
        return web.Response(status=status, headers=headers, body=text)


@asynccontextmanager
async def web_server() -> AsyncIterator[Web]:
    """Runs until the block ends."""
    there = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", there.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield there
    finally:
        await runner.cleanup()


def udp_socket() -> socket.socket:
    """A syslog collector's socket."""
    there = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    there.bind(("127.0.0.1", 0))
    there.settimeout(5)
    return there
