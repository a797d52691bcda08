"""Webhooks, tickets and chat by HTTP: signed, guarded, without redirects, with little read of the answer."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import orjson

from pipeline.response.connector_options import Http, Slack, Ticket, Webhook
from pipeline.response.connectors.connector import Order, Outcome, Passing, Refused, filled
from pipeline.response.connectors.guard import ForbiddenHost, Guard
from pipeline.response.connectors.secret import secret_of, without
from pipeline.response.connectors.signing import signed_headers

_MOST_READ = 65_536
_PASSING = frozenset((408, 409, 425, 429))
"""Statuses besides 5xx that ask for another try; 409 may be our own first attempt, still under way."""
_LONGEST_AFTER_S = 300.0
_AGENT = "wardwatch"


class HttpConnector:
    """One receiver. The idempotency key goes in the header `Idempotency-Key`."""

    def __init__(self, options: Webhook | Ticket | Slack, guard: Guard, clock: Callable[[], float]) -> None:
        self._options: Http = options
        self._payload = _PAYLOADS[options.kind]
        self._guard = guard
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()

    @property
    def can_undo(self) -> bool:
        """Whether there is a URL for it."""
        return bool(self._options.undo_url)

    async def do(self, order: Order) -> Outcome:
        """Call it."""
        o = self._options
        template = o.undo_url if order.undo else o.url or secret_of("url", o.url_file, o.url_env)
        body = orjson.dumps(self._payload(o, order))
        method = o.undo_method if order.undo else o.method
        status, headers, answer = await self._call(method, self._url(template, order), body, order.key)
        told = self._clean(answer, template)
        if 200 <= status < 300:
            return Outcome(f"{status} {told}".strip(), self._reference(answer))
        if status in _PASSING or status >= 500:
            raise Passing(f"status {status} {told}".strip(), _after_s(headers.get("Retry-After", ""), self._clock()))
        if 300 <= status < 400:
            raise Refused(f"status {status}: redirects are not followed; set the final URL")
        raise Refused(f"status {status} {told}".strip())

    async def check(self, order: Order) -> bool | None:
        """Ask whether it happened, where there is a URL for that."""
        if not self._options.check_url or order.undo:
            return None
        try:
            status, _, _ = await self._call("GET", self._url(self._options.check_url, order), b"", order.key)
        except (Passing, Refused):
            return None
        return {200: True, 404: False}.get(status)

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _url(self, template: str, order: Order) -> str:
        return filled(template, {k: quote(v, safe="") for k, v in order.fields().items()})

    async def _call(self, method: str, url: str, body: bytes, key: str) -> tuple[int, Any, bytes]:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("the URL is not https://host/path")
        try:
            self._guard.check_literal(parts.hostname)
            session = await self._opened()
            async with session.request(
                method, url, data=body or None, headers=self._headers(body, key), allow_redirects=False
            ) as answer:
                return answer.status, answer.headers, await _beginning(answer)
        except (ForbiddenHost, aiohttp.ClientConnectorError) as error:
            cause = error if isinstance(error, ForbiddenHost) else _forbidden(error)
            if cause is not None:
                raise Refused(str(cause)) from error
            raise Passing(f"{parts.hostname} cannot be reached ({type(error).__name__})") from error
        except aiohttp.InvalidURL as error:
            raise Refused("the URL, with its placeholders filled in, is none (nothing was sent)") from error
        except TimeoutError as error:
            raise Passing(f"{parts.hostname} did not answer within {self._options.timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError) as error:  # whose text may hold the URL
            raise Passing(f"{parts.hostname}: {type(error).__name__}") from error

    def _headers(self, body: bytes, key: str) -> dict[str, str]:
        o = self._options
        headers = {"User-Agent": _AGENT, "Idempotency-Key": key, **o.headers}
        if body:
            headers["Content-Type"] = "application/json"
        if token := secret_of("token", o.token_file, o.token_env):
            headers["Authorization"] = f"Bearer {token}"
        if secret := secret_of("secret", o.secret_file, o.secret_env):
            headers |= signed_headers(secret, int(self._clock()), body)
        return headers

    async def _opened(self) -> aiohttp.ClientSession:
        async with self._opening:
            if self._session is None or self._session.closed:
                o = self._options
                try:
                    # A tenth of a second of reading certificates, during which others go on.
                    file = str(o.ca_file) if o.ca_file else None
                    context = await asyncio.to_thread(ssl.create_default_context, cafile=file)
                except OSError as error:
                    raise Refused(f"ca_file cannot be read ({type(error).__name__})") from error
                self._session = aiohttp.ClientSession(
                    # No cache of names: each connection is resolved and checked anew.
                    connector=aiohttp.TCPConnector(
                        resolver=self._guard, use_dns_cache=False, ssl=context, limit=o.at_once
                    ),
                    timeout=aiohttp.ClientTimeout(total=o.timeout_s),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                    auto_decompress=False,
                )  # fmt: skip
            return self._session

    def _clean(self, answer: bytes, url: str) -> str:
        o = self._options
        token = secret_of("token", o.token_file, o.token_env)
        secret = secret_of("secret", o.secret_file, o.secret_env)
        return without(answer[:2000].decode("utf-8", "replace"), token, secret, "" if o.url == url else url)

    def _reference(self, answer: bytes) -> str:
        """What the other side calls it, by the dotted path into its answer."""
        if not self._options.id_path:
            return ""
        try:
            node = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return ""
        for part in self._options.id_path.split("."):
            if isinstance(node, dict):
                node = node.get(part)
            elif isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                node = node[int(part)]
            else:
                return ""
        return str(node)[:256] if isinstance(node, str | int) else ""


async def _beginning(answer: aiohttp.ClientResponse) -> bytes:
    """No more than we look at; the connection is closed if there is more."""
    told = b""
    while len(told) < _MOST_READ and (block := await answer.content.read(_MOST_READ - len(told))):
        told += block
    return told


def _forbidden(error: BaseException) -> ForbiddenHost | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ForbiddenHost):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _after_s(text: str, now: float) -> float:
    """What Retry-After says, in seconds; at most some minutes."""
    if text.strip().isdecimal():
        return min(float(text), _LONGEST_AFTER_S)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return min(max((when - datetime.fromtimestamp(now, UTC)).total_seconds(), 0.0), _LONGEST_AFTER_S)


def _webhook(options: Http, order: Order) -> Any:
    if isinstance(options, Webhook) and options.body is not None:
        return _fill(options.body, order.fields())
    d, b = order.detail, order.brief
    incident = b.model_dump(exclude={"told_ts", "revision", "notify", "merged_into"}) if b else None
    return {
        "action": d.action, "action_id": d.action_id, "undo": order.undo, "target_type": d.target_type,
        "target": order.target, "incident_id": d.incident_id, "playbook": d.playbook, "severity": order.severity,
        "why": d.why, "until": d.undo_at, "reference": d.reference, "text": order.subject, "incident": incident,
    }  # fmt: skip


def _ticket(options: Http, order: Order) -> Any:
    return _fill(options.body if isinstance(options, Ticket) else {}, order.fields())


def _slack(_: Http, order: Order) -> Any:
    # Slack reads &, < and > as mark-up: links and calls to everybody (<!channel>) that a name could bring in.
    text = order.text[:3000].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text}


def _fill(node: Any, fields: dict[str, str]) -> Any:
    """A JSON template with its texts filled in; the structure cannot be broken by what stands in them."""
    if isinstance(node, str):
        return filled(node, fields)
    if isinstance(node, dict):
        return {k: _fill(v, fields) for k, v in node.items()}
    return [_fill(v, fields) for v in node] if isinstance(node, list) else node


_PAYLOADS: dict[str, Callable[[Http, Order], Any]] = {"webhook": _webhook, "ticket": _ticket, "slack": _slack}
