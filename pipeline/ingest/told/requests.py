"""Web requests in lines of any server, proxy or application: load balancers, error logs, frameworks of any language.

Whatever their order, such lines hold a method and an address asked for, who asked, and mostly how it was answered.
"""

import re

from pipeline.ingest.format import Fields
from pipeline.ingest.told.logons import peer_in

METHODS = (
    "GET",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "PROPFIND",
    "REPORT",
    "SEARCH",
)
_LOOK_AT = 16_384
_REQUEST = re.compile(
    rf"(?<![\w/-])(?P<method>{'|'.join(METHODS)})\s{{1,12}}(?:https? (?P<vhost>[\w.:-]{{1,255}}) )?"
    r"(?:\"?(?P<uri>(?:/|https?://)[^\s\"]*)(?P<more>[^\"\n]*? HTTP/[\d.]{1,3})?)"
)
_STATUS = re.compile(r"(?<![\w.:/=-])[1-5]\d\d(?![\w.:/-])")
_CODED = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+/(\d{3})\b")
"""What a cache did, and what it answered: `TCP_MISS/302`; without an answer 000."""
_TUNNEL = re.compile(r"CONNECT (?:tunnel://)?(?P<vhost>[\w.-]{1,255}):\d{1,5}/?(?= |$)")
_NAMED = re.compile(r"(?:status(?:_?code)?|returned)[=: ]{1,2}\"?([1-5]\d\d)(?!\d)", re.IGNORECASE)
_AGENT = re.compile(r"\"([A-Za-z][\w .+-]{0,40}/\d[^\"]{0,2000})\"")
_ABSOLUTE = re.compile(r"https?://([^/\s:]{1,255})(?::\d{1,5})?")
_CLOSE = 48
"""Characters behind the request in which its answer stands."""


def told_request(message: str) -> Fields | None:
    """Fields of a WebEvent; None where the line holds no request, nobody who asked, or neither answer nor version."""
    if not _may_ask(message):
        return None
    match = _REQUEST.search(message, 0, _LOOK_AT)
    if not match:
        return _tunnel(message[:_LOOK_AT]) if "CONNECT " in message else None
    message = message[:_LOOK_AT]
    status = _status(message, match)
    asked_by = peer_in(message[: match.start()]) or peer_in(message[match.end() :])
    if not asked_by or (status is None and not match["more"] and not _CODED.search(message)):
        return None
    uri, vhost = match["uri"], match["vhost"]
    absolute = _ABSOLUTE.match(uri)
    if absolute:
        vhost, uri = vhost or absolute[1], uri[absolute.end() :] or "/"
    if match["more"]:
        uri += match["more"].rpartition(" HTTP/")[0]
    agent = _AGENT.search(message, match.end())
    fields: Fields = {"kind": "web", "method": match["method"], "uri": uri, "src_ip": asked_by, "status": status}
    if vhost:
        fields["host"] = vhost
    if agent:
        fields["user_agent"] = agent[1]
    return fields


def _tunnel(message: str) -> Fields | None:
    """A client that asked a proxy for the way to a server, where its answer stands beside."""
    match = _TUNNEL.search(message)
    coded = _CODED.search(message) if match else None
    asked_by = peer_in(message[: match.start()]) if match else None
    if match is None or coded is None or asked_by is None:
        return None
    return {"kind": "web", "method": "CONNECT", "uri": "/", "host": match["vhost"], "src_ip": asked_by,
            "status": int(coded[1]) or None}  # fmt: skip


def _may_ask(message: str) -> bool:
    """Quicker than the pattern, as most lines hold no request."""
    return "/" in message and (" HTTP/" in message or any(method in message for method in METHODS))


def _status(message: str, match: re.Match[str]) -> int | None:
    named = _NAMED.search(message) or _CODED.search(message)
    if named:
        return int(named[1]) or None
    behind = _STATUS.search(message, match.end(), match.end() + _CLOSE) or _STATUS.search(message, 0, match.start())
    return int(behind[0]) if behind else None
