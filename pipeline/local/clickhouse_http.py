"""ClickHouse's HTTP protocol over the embedded engine: the same bytes a ClickHouse server would answer."""

import asyncio
import ipaddress
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from pipeline.local.clickhouse_access import Gate, Users, reader_settings
from pipeline.local.clickhouse_blocks import pack_blocks, unpack_blocks
from pipeline.local.clickhouse_engine import ClickHouseEngine, Statement, Written
from pipeline.local.clickhouse_error import ClickHouseError
from pipeline.local.clickhouse_native import for_protocol
from pipeline.local.clickhouse_request import BodyPieces, Call, DataInsert, form_fields, read_call, route
from pipeline.local.clickhouse_sessions import Sessions
from pipeline.local.clickhouse_sql import first_word, parse_query
from pipeline.local.http_coding import choose_coding, decoded, encoder

_T = TypeVar("_T")
_DRAIN_POLL_S = 0.02
_CONTENT_TYPES = {
    "json": "application/json; charset=UTF-8",
    "jsoncompact": "application/json; charset=UTF-8",
    "jsoneachrow": "application/x-ndjson; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "tabseparated": "text/tab-separated-values; charset=UTF-8",
    "native": "application/octet-stream",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is let in: statements at once, statements waiting, seconds a statement, where we listen."""

    concurrent: int = 16
    waiting: int = 256
    query_s: float = 300.0
    loopback: bool = True


class ClickHouseHttp:
    """The web application. One statement runs in one worker thread; bodies and results flow in pieces of 1 MB."""

    def __init__(self, engine: ClickHouseEngine, users: Users, limits: Limits) -> None:
        self._engine = engine
        self._users = users
        self._limits = limits
        self._gate = Gate(engine)
        self._pool = ThreadPoolExecutor(limits.concurrent, thread_name_prefix="statement")
        self._slots = asyncio.Semaphore(limits.concurrent)
        self._entered = 0
        self._active = 0
        self._draining = False
        self._sessions = Sessions()
        self.app = web.Application(middlewares=[self._guard])
        for path in ("/ping", "/replicas_status"):
            self.app.router.add_get(path, self._ok)
        self.app.router.add_route("*", "/", self._statement)

    async def _ok(self, _request: web.Request) -> web.Response:
        return web.Response(text="Ok.\n", headers=self._headers(""))

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse what another origin's web page sends (CSRF, DNS rebinding); tell errors in ClickHouse's form."""
        try:
            self._check_origin(request)
            return await handler(request)
        except ClickHouseError as error:
            return self._error(error)

    def _check_origin(self, request: web.Request) -> None:
        host = request.headers.get(hdrs.HOST, "")
        origin = request.headers.get(hdrs.ORIGIN)
        if self._limits.loopback and not is_loopback(urlsplit(f"//{host}").hostname or ""):
            raise ClickHouseError.make(497, "ACCESS_DENIED", "This server answers to local names only")
        foreign = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
        if foreign or (origin is not None and urlsplit(origin).netloc.lower() != host.lower()):
            raise ClickHouseError.make(497, "ACCESS_DENIED", "Requests from other web pages are refused")

    def _error(self, error: ClickHouseError, query_id: str = "") -> web.Response:
        text = str(error) if "(version" in str(error) else f"{error} (version {self._engine.version})"
        headers = self._headers(query_id) | {"X-ClickHouse-Exception-Code": str(error.code)}
        return web.Response(status=error.http_status, text=text + "\n", headers=headers)

    def _headers(self, query_id: str) -> dict[str, str]:
        headers = {
            "X-ClickHouse-Server-Display-Name": "wardwatch",
            "X-ClickHouse-Timezone": self._engine.timezone,
        }
        if query_id:
            headers["X-ClickHouse-Query-Id"] = query_id
        return headers

    async def _statement(self, request: web.Request) -> web.StreamResponse:
        if self._draining:
            raise ClickHouseError.make(236, "ABORTED", "The server is shutting down")
        self._active += 1
        try:
            return await self._serve(request)
        finally:
            self._active -= 1

    async def drain(self, timeout_s: float) -> bool:
        """Refuse new statements and wait for the running ones; whether all of them ended.

        To be called before aiohttp's own shutdown, which stops reading bodies and so would break running inserts.
        """
        self._draining = True
        deadline = asyncio.get_running_loop().time() + timeout_s
        while self._active and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_DRAIN_POLL_S)
        return self._active == 0

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        body = BodyPieces(request.content)
        fields = await form_fields(request) if request.content_type == "multipart/form-data" else {}
        call = read_call(request, fields)
        call.user = self._users.check(call.user, call.password)
        head = b"" if fields or call.get else await body.read()
        if not call.sql and not head:
            if call.get:
                return await self._ok(request)
            raise ClickHouseError.make(62, "SYNTAX_ERROR", "Empty query")
        body.push_back(head)
        async with self._slot():
            try:
                return await self._execute(request, call, () if fields else body)
            except ClickHouseError as error:
                return self._error(error, call.query_id)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._entered >= self._limits.concurrent + self._limits.waiting:
            raise ClickHouseError.make(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many simultaneous queries")
        self._entered += 1
        try:
            async with self._slots:
                yield
        finally:
            self._entered -= 1

    async def _execute(self, request: web.Request, call: Call, body: Iterable[bytes]) -> web.StreamResponse:
        routed = await self._in_thread(lambda: route(call.sql, _plain_body(call, body)))
        statement = self._bounded(call)
        if isinstance(routed, DataInsert):
            if call.get or call.user == "reader":
                raise ClickHouseError.make(164, "READONLY", f"{call.user}: Cannot execute query in readonly mode")
            written = await self._in_thread(lambda: self._engine.insert(routed.insert, routed.data, statement))
            return self._written(call, written)
        judge = partial(self._gate.judge, routed, user=call.user, get=call.get, params=call.params)
        kind = await self._in_thread(judge)
        response = await self._answer(request, call, routed, statement)
        if kind == "CONTROL" and call.session_id and first_word(routed) in ("SET", "USE"):
            self._sessions.remember(call.user, call.session_id, call.session_timeout_s, routed)
        return response

    def _bounded(self, call: Call) -> Statement:
        """The call's settings under our limits: a statement may ask for less time than is allowed, not more."""
        reader = call.user == "reader"
        settings = reader_settings(call.settings) if reader else dict(call.settings)
        try:
            wanted = float(call.settings.get("max_execution_time") or 0)
        except ValueError as error:
            raise ClickHouseError.make(36, "BAD_ARGUMENTS", "max_execution_time must be a number of seconds") from error
        allowed = self._limits.query_s
        settings["max_execution_time"] = str(min(wanted, allowed) if wanted > 0 else allowed)
        earlier = self._sessions.earlier(call.user, call.session_id, call.session_timeout_s) if call.session_id else ()
        return Statement(settings, call.params, call.database, earlier, reader, call.wait_end)

    def _written(self, call: Call, written: Written) -> web.Response:
        summary = {"read_rows": written.rows, "read_bytes": written.size_bytes, "written_rows": written.rows}
        summary |= {"written_bytes": written.size_bytes, "elapsed_ns": int(written.elapsed_s * 1e9)}
        headers = self._headers(call.query_id)
        headers["X-ClickHouse-Summary"] = json.dumps({name: str(value) for name, value in summary.items()})
        return web.Response(headers=headers)

    async def _answer(self, request: web.Request, call: Call, sql: str, statement: Statement) -> web.StreamResponse:
        query = parse_query(sql)
        form = query.format or call.default_format
        coding = choose_coding(call.accept_encoding)
        result = self._engine.run(query, form, statement)
        code = encoder(coding)
        headers = self._headers(call.query_id) | {"X-ClickHouse-Format": form, "X-ClickHouse-Summary": "{}"}
        headers["Content-Type"] = _CONTENT_TYPES.get(form.lower(), "text/plain; charset=UTF-8")
        if coding:
            headers["Content-Encoding"] = coding
        coded = (code.encode(piece) for piece in _framed(call, form, result))
        try:
            first, second = await self._in_thread(lambda: (next(coded, b""), next(coded, None)))
            if second is None:
                return web.Response(body=first + code.finish(), headers=headers)
            tag = secrets.token_hex(8)
            response = web.StreamResponse(headers=headers | {"X-ClickHouse-Exception-Tag": tag})
            await response.prepare(request)
            await response.write(first)
            piece: bytes | None = second
            try:
                while piece is not None:
                    await response.write(piece)
                    piece = await self._in_thread(lambda: next(coded, None))
                await response.write(code.finish())
            except ClickHouseError as error:
                await _break_off(request, response, error, tag)
            return response
        finally:
            await self._in_thread(result.close)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


async def _break_off(request: web.Request, response: web.StreamResponse, error: ClickHouseError, tag: str) -> None:
    """Tell of an error after the head was sent, as ClickHouse 25.11+ does; the chunked body stays unfinished."""
    text = str(error)
    frame = f"\r\n__exception__\r\n{tag}\r\n{text}\n{len(text.encode())} {tag}\r\n__exception__\r\n"
    await response.write(frame.encode())
    if request.transport is not None:
        request.transport.close()


def _plain_body(call: Call, body: Iterable[bytes]) -> Iterator[bytes]:
    plain = decoded(body, call.coding_in)
    return unpack_blocks(plain) if call.native_in else plain


def _framed(call: Call, form: str, result: Iterator[bytes]) -> Iterator[bytes]:
    """The result as the client's native protocol wants it: block heads of its version, compressed blocks."""
    if call.protocol_version and form.lower() == "native":
        result = for_protocol(result, call.protocol_version)
    return pack_blocks(result) if call.native_out else result


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
