"""One HTTP request in ClickHouse's protocol: who asks, the SQL, where its data is, the settings beside it."""

import asyncio
import base64
import binascii
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from aiohttp import BodyPartReader, StreamReader, hdrs, web

from pipeline.local.clickhouse_error import ClickHouseError
from pipeline.local.clickhouse_sql import Insert, find_insert

_PIECE_BYTES = 1 << 20
_STALL_S = 60.0
_SQL_BYTES = 1 << 20
_MAX_FIELDS = 1000
# Parameters of the protocol itself; any other is a setting of the engine.
_PROTOCOL = {
    *(
        "query",
        "database",
        "user",
        "password",
        "default_format",
        "query_id",
        "session_id",
        "session_timeout",
        "role",
    ),
    *(
        "session_check",
        "compress",
        "decompress",
        "wait_end_of_query",
        "buffer_size",
        "stacktrace",
        "quota_key",
    ),
    *("client_protocol_version", "close_session", "enable_http_compression", "http_zlib_compression_level"),
    *("http_native_compression_disable_checksumming_on_decompress", "no_cache"),
}


class BodyPieces:
    """The request body in pieces of about 1 MB: awaited on the event loop, or iterated from a worker thread.

    A body that breaks off or stalls for 60 s raises ClickHouseError 210, so nothing of it is committed.
    """

    def __init__(self, stream: StreamReader) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._pushed_back = b""

    async def read(self) -> bytes:
        """The next piece, empty at the end."""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(_STALL_S):
                while size < _PIECE_BYTES:
                    part = await self._stream.readany()
                    if not part:
                        break
                    parts.append(part)
                    size += len(part)
        except Exception as error:  # aiohttp raises many kinds for a body that breaks off
            raise ClickHouseError.make(210, "NETWORK_ERROR", "The request body broke off") from error
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def push_back(self, piece: bytes) -> None:
        """Give `piece` again at the next iteration."""
        self._pushed_back = piece

    def __iter__(self) -> Iterator[bytes]:
        """Pieces for a worker thread, which waits while the event loop reads."""
        if self._pushed_back:
            piece, self._pushed_back = self._pushed_back, b""
            yield piece
        while not self._stream.at_eof():
            piece = asyncio.run_coroutine_threadsafe(self.read(), self._loop).result()
            if not piece:
                return
            yield piece


@dataclass(slots=True)
class Call:
    """A request's parameters. `sql` is the part of the statement given in the URL (or in a form field)."""

    user: str
    password: str
    sql: str
    get: bool
    query_id: str
    database: str
    default_format: str
    coding_in: str
    accept_encoding: str
    session_id: str = ""
    session_timeout_s: float = 60.0
    native_in: bool = False
    native_out: bool = False
    protocol_version: int = 0
    wait_end: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


def read_call(request: web.Request, fields: Mapping[str, str]) -> Call:
    """Read the parameters of `request`; `fields` are those of a multipart form, which win over the URL's."""
    given = {**request.query, **fields}
    user, password = _credentials(request, given)
    on = {name: given.get(name, "0") not in ("", "0", "false") for name in _PROTOCOL}
    call = Call(
        user=user,
        password=password,
        sql=given.get("query", ""),
        get=request.method in (hdrs.METH_GET, hdrs.METH_HEAD),
        query_id=(given.get("query_id") or str(uuid.uuid4())).replace("\r", "").replace("\n", "")[:128],
        database=given.get("database") or request.headers.get("X-ClickHouse-Database") or "",
        default_format=request.headers.get("X-ClickHouse-Format") or given.get("default_format") or "TabSeparated",
        coding_in=request.headers.get("Content-Encoding", ""),
        accept_encoding=request.headers.get("Accept-Encoding", "") if on["enable_http_compression"] else "",
        session_id=given.get("session_id", "")[:256],
        native_in=on["decompress"],
        native_out=on["compress"],
        wait_end=on["wait_end_of_query"],
    )
    call.protocol_version = _number(given, "client_protocol_version", 0)
    call.session_timeout_s = min(3600, _number(given, "session_timeout", 60))
    for name, value in given.items():
        if name.startswith("param_"):
            call.params[name.removeprefix("param_")] = value
        elif name not in _PROTOCOL:
            call.settings[name] = value
    return call


@dataclass(frozen=True, slots=True)
class DataInsert:
    """An INSERT and the pieces of its data."""

    insert: Insert
    data: Iterator[bytes]


def route(url_sql: str, pieces: Iterator[bytes]) -> DataInsert | str:
    """Tell an INSERT with data from a plain statement, whose whole text is returned.

    The URL's text and the body are one statement, as in ClickHouse: either may hold all of it. Runs in a worker
    thread, since `pieces` may wait for the network.
    """
    head = url_sql.encode() + b"\n" if url_sql else b""
    insert = find_insert(head.decode("latin-1"))
    if insert is None:
        head += next(pieces, b"")
        insert = find_insert(head[:_SQL_BYTES].decode("latin-1"))
    if insert is not None:
        statement = insert.statement.encode("latin-1").decode("utf-8", "replace")
        return DataInsert(replace(insert, statement=statement), _joined(head[insert.data_start :], pieces))
    for piece in pieces:
        head += piece
        if len(head) > _SQL_BYTES:
            break
    if len(head) > _SQL_BYTES:
        raise ClickHouseError.make(62, "SYNTAX_ERROR", f"Max query size exceeded: {_SQL_BYTES} bytes")
    return head.decode("utf-8", "replace")


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


async def form_fields(request: web.Request) -> dict[str, str]:
    """The text fields of a multipart form; a file in it would be an external table, which chDB has not."""
    fields: dict[str, str] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.filename is not None or not part.name:
            raise ClickHouseError.make(48, "NOT_IMPLEMENTED", "External tables are not supported here")
        value = await part.read(decode=True)
        if len(value) > _SQL_BYTES or len(fields) >= _MAX_FIELDS:
            raise ClickHouseError.make(62, "SYNTAX_ERROR", "The form is too large")
        fields[part.name] = value.decode("utf-8", "replace")
    return fields


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ClickHouseError.make(36, "BAD_ARGUMENTS", f"Parameter {name} must be a number")
    return int(text)


def _credentials(request: web.Request, given: Mapping[str, str]) -> tuple[str, str]:
    user = request.headers.get("X-ClickHouse-User")
    if user is not None:
        return user or "default", request.headers.get("X-ClickHouse-Key", "")
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ClickHouseError.make(516, "AUTHENTICATION_FAILED", "Invalid HTTP basic authentication") from error
        return name or "default", password
    return given.get("user") or "default", given.get("password", "")
