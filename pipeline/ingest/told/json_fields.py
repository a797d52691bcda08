"""What a JSON log record of any product tells in fields of its own: who, from where, and a web request.

The names are those of the Elastic Common Schema, of the large clouds and of common servers' access logs.
"""

import re
from typing import Any

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.json_records import loads
from pipeline.ingest.told.requests import METHODS, told_request

Row = dict[str, Any]

USERS = (
    "user.name",
    "user",
    "username",
    "user_name",
    "userName",
    "userIdentity.userName",
    "user.email",
    "actor.alternateId",
    "actor.email",
    "properties.userPrincipalName",
    "userPrincipalName",
    "actor.user.name",
    "UserId",
    "AccountName",
    "AccountUpn",
    "UserName",
    "data.dstuser",
    "data.srcuser",
    "output_fields.user.name",
    "login",
    "userIdentity.arn",
    "properties.initiatedBy.user.userPrincipalName",
    "initiatedBy.user.userPrincipalName",
    "caller",
    "protoPayload.authenticationInfo.principalEmail",
    "properties.initiatedBy.app.displayName",
    "initiatedBy.app.displayName",
    "properties.servicePrincipalName",
    "servicePrincipalName",
)
SOURCES = ("source.ip", "client.ip", "src_ip", "remote_addr", "client_ip", "request.client_ip", "remote_ip",
           "request.remote_ip", "remoteAddr", "remote_address", "clientip", "client_addr", "ClientHost", "ClientAddr",
           "sourceIPAddress", "client.ipAddress", "callerIpAddress", "properties.ipAddress", "ClientIP", "RemoteIP",
           "src_endpoint.ip", "data.srcip", "sourceIPs", "ip_address", "ipAddress", "visitor_ip",
           "httpRequest.remoteIp", "client", "ip")  # fmt: skip
_REQUEST_METHODS = ("http.request.method", "request.method", "method", "http_method", "request_method",
                    "RequestMethod", "httpRequest.requestMethod", "verb")  # fmt: skip
_URIS = ("url.original", "request.uri", "request_uri", "uri", "url.path", "path", "RequestPath",
         "httpRequest.requestUrl", "http_path", "url", "request.url")  # fmt: skip
_STATUSES = ("http.response.status_code", "status", "status_code", "DownstreamStatus", "httpRequest.status",
             "http_status", "response.status", "response_code")  # fmt: skip
_AGENTS = ("user_agent.original", "http_user_agent", "user_agent", "userAgent", "ua", "request.headers.User-Agent",
           "request_User-Agent", "httpRequest.userAgent", "agent")  # fmt: skip
_VHOSTS = ("url.domain", "request.host", "RequestHost", "http_host", "vhost")
_SIZES = ("http.response.body.bytes", "size", "body_bytes_sent", "bytes_sent", "DownstreamContentSize", "bytes",
          "httpRequest.responseSize")  # fmt: skip
_REQUESTS = ("request", "message", "msg", "log", "MESSAGE")
NAMES = frozenset((*USERS, *SOURCES, *_REQUEST_METHODS, *_URIS, *_STATUSES, *_AGENTS, *_VHOSTS, *_SIZES))
"""All names of fields that are known here; so in the modules beside this one."""
KNOWN_AS = {
    "source.ip": SOURCES, "user.name": USERS, "http.request.method": _REQUEST_METHODS, "url.original": _URIS,
}  # fmt: skip
"""Role (`roles`) → names under which a record may tell it; so in the modules beside this one."""
_ADDRESS = re.compile(r"\[?([\da-fA-F.:]{3,45}?)\]?(?::\d{1,5})?$")


_DEEPEST = 5


def flat(row: Row, before: str = "", depth: int = 0) -> Row:
    """Values by dotted names, however nested, also in a text of JSON; of a list of objects the first one's, too."""
    found: Row = {}
    for name, value in row.items():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict) and depth < _DEEPEST:
            found |= flat(first, f"{before}{name}.", depth + 1)
        if not isinstance(value, dict):
            found[before + name] = value
        if isinstance(value, str) and value[:2] == '{"' and depth < _DEEPEST and (before or name not in _REQUESTS):
            inside = _text_of_json(value)
            if inside:
                found |= flat(inside, f"{before}{name}.", depth + 1)
    return found


def _text_of_json(text: str) -> Row | None:
    try:
        inside = loads(text.encode())
    except ValueError:
        return None
    return inside if isinstance(inside, dict) else None


def pick(row: Row, names: tuple[str, ...]) -> Any:
    """The first of these dotted names that has a value in a flat row."""
    for name in names:
        value = row.get(name)
        if value is not None and value != "":
            return value
    return None


def json_request(row: Row) -> Fields | None:
    """Fields of a WebEvent, of a flat row; None where the record holds no request."""
    method, uri, status = (pick(row, names) for names in (_REQUEST_METHODS, _URIS, _STATUSES))
    if not isinstance(method, str) or method.upper() not in METHODS or not isinstance(uri, str):
        return next((found for text in _texts(row) if (found := told_request(text))), None)
    agent, size = pick(row, _AGENTS), pick(row, _SIZES)
    agent = agent[0] if isinstance(agent, list) and agent else agent
    fields: Fields = {
        "kind": "web",
        "method": method.upper(),
        "uri": uri,
        "status": _whole(status),
        "bytes_in": _whole(size),
        "user_agent": agent if isinstance(agent, str) else None,
    }
    vhost, address = pick(row, _VHOSTS), source(row)
    if isinstance(vhost, str):
        fields["host"] = vhost
    if address:
        fields["src_ip"] = address
    return fields


def source(row: Row) -> str | None:
    """The address that asked, without a port."""
    value = pick(row, SOURCES)
    value = value[0] if isinstance(value, list) and value else value
    match = _ADDRESS.match(value) if isinstance(value, str) else None
    return match[1] if match else None


def _texts(row: Row) -> list[str]:
    address = source(row)
    texts = [row[name] for name in _REQUESTS if isinstance(row.get(name), str)]
    return [f"{text} {pick(row, _STATUSES) or ''} client {address}" if address else text for text in texts]


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return whole_number(str(value).removesuffix(".0"))
