"""What JSON records of any product tell of traffic: queries, handshakes, requests, sensors' alerts, connections.

The names are those of the Elastic Common Schema (Packetbeat, Filebeat's modules, Security Onion), of OCSF and of
sensors on hosts. A record has to name both ends.
"""

import re
from typing import Any

from pipeline.ingest.format import Fields, whole_number
from pipeline.ingest.told.json_fields import KNOWN_AS as REQUESTS
from pipeline.ingest.told.json_fields import Row, pick, source
from pipeline.ingest.told.requests import METHODS

_SOURCES = ("source.ip", "client.ip", "src_endpoint.ip", "properties.src_ip", "src.ip.address", "LocalIP",
            "LocalAddressIP4", "LocalAddressIP6", "local_ip")  # fmt: skip
_DESTINATIONS = ("destination.ip", "server.ip", "dst_endpoint.ip", "properties.dest_ip", "dst.ip.address", "RemoteIP",
                 "RemoteAddressIP4", "RemoteAddressIP6", "remote_ip")  # fmt: skip
_SOURCE_PORTS = ("source.port", "client.port", "src_endpoint.port", "properties.src_port", "src.port.number",
                 "LocalPort", "local_port")  # fmt: skip
_DESTINATION_PORTS = ("destination.port", "server.port", "dst_endpoint.port", "properties.dest_port",
                      "dst.port.number", "RemotePort", "remote_port")  # fmt: skip
_PROTOS = ("network.transport", "connection_info.protocol_name", "Protocol", "properties.l4protocol",
           "event.network.protocolName", "netconn_protocol")  # fmt: skip
_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmp6"}
_DIRECTIONS = ("ActionType", "netconn_inbound", "ConnectionDirection", "event.network.direction")
_INBOUND = re.compile(r"inbound|incoming|true|1$", re.IGNORECASE)
"""How sensors on hosts, which name their own end first, say that the other end began."""
_SERVICES = ("network.protocol", "network.application", "app_name")
_BYTES_OUT = ("source.bytes", "client.bytes", "traffic.bytes_out")
_BYTES_IN = ("destination.bytes", "server.bytes", "traffic.bytes_in")
_ACTIONS = ("event.type", "event.outcome", "event.action", "ActionType", "disposition", "status")
_QUERIES = ("dns.question.name", "query.hostname")
_SIGNATURES = ("rule.name", "suricata.eve.alert.signature")
NAMES = frozenset((*_SOURCES, *_DESTINATIONS, *_SOURCE_PORTS, *_DESTINATION_PORTS, *_PROTOS, *_SERVICES, *_BYTES_OUT,
                   *_BYTES_IN, *_ACTIONS, *_QUERIES, *_SIGNATURES, *_DIRECTIONS))  # fmt: skip
KNOWN_AS = {
    "source.ip": _SOURCES, "destination.ip": _DESTINATIONS, "source.port": _SOURCE_PORTS,
    "destination.port": _DESTINATION_PORTS, "network.transport": _PROTOS, "dns.question.name": _QUERIES,
}  # fmt: skip
_ABSOLUTE = re.compile(r"https?://([\w.-]{1,255})")
_BLOCKED = re.compile(r"block|drop|den(?:y|ied)|reject|refus|fail", re.IGNORECASE)


def json_network(row: Row) -> Fields | None:
    """Fields of a network event, of a flat row; None where it does not name two ends and what passed between them.

    A question is one without the server, too: whoever answers for all need not be named.
    """
    dst = pick(row, _DESTINATIONS)
    # Who asks a web server is told by its request, also where the record names the server.
    src = pick(row, _SOURCES) or (None if pick(row, REQUESTS["http.request.method"]) else source(row))
    if not isinstance(src, str):
        return None
    if not isinstance(dst, str):
        asked = _query(row)
        return {"src_ip": src, "service": "dns", "dst_port": 53, **asked} if asked else None
    proto, service = _proto(row), _word(row, _SERVICES)
    here, there = (src, _number(row, _SOURCE_PORTS)), (dst, _number(row, _DESTINATION_PORTS))
    if _INBOUND.match(str(pick(row, _DIRECTIONS) or "")):
        here, there = there, here
    ends: Fields = {
        "src_ip": here[0],
        "src_port": here[1],
        "dst_ip": there[0],
        "dst_port": there[1],
        "proto": proto,
        "service": service if service != proto else None,
    }
    told = _alert(row) or _query(row) or _handshake(row) or _request(row) or _connection(row, ends)
    return {**ends, **told} if told else None


def _alert(row: Row) -> Fields | None:
    signature = pick(row, _SIGNATURES)
    if not isinstance(signature, str) or row.get("event.kind") not in ("alert", "signal"):
        return None
    return {
        "kind": "ids_alert",
        "signature": signature,
        "signature_id": _text(pick(row, ("rule.id", "suricata.eve.alert.signature_id"))),
        "category": _text(pick(row, ("rule.category", "suricata.eve.alert.category"))),
        "severity": _number(row, ("suricata.eve.alert.severity", "event.severity")),
        "action": _text(pick(row, ("suricata.eve.alert.action", "event.action"))),
    }


def _query(row: Row) -> Fields | None:
    query = pick(row, _QUERIES)
    if not isinstance(query, str):
        return None
    rcode = pick(row, ("dns.response_code", "rcode"))
    return {
        "kind": "dns",
        "query": query,
        "qtype": _text(pick(row, ("dns.question.type", "query.type"))),
        "rcode": rcode.upper() if isinstance(rcode, str) else None,
        "answers": [a["data"] for a in _list(row.get("dns.answers")) if isinstance(a.get("data"), str)] or None,
    }


def _handshake(row: Row) -> Fields | None:
    name, ja3 = row.get("tls.client.server_name"), row.get("tls.client.ja3")
    if not isinstance(name, str) and not isinstance(ja3, str):
        return None
    return {"kind": "tls", "sni": _text(name), "ja3": _text(ja3), "ja3s": _text(row.get("tls.server.ja3s")),
            "tls_version": _text(row.get("tls.version")), "cipher": _text(row.get("tls.cipher")),
            "subject": _text(pick(row, ("tls.server.x509.subject.distinguished_name", "tls.server.subject"))),
            "issuer": _text(pick(row, ("tls.server.x509.issuer.distinguished_name", "tls.server.issuer")))}  # fmt: skip


def _request(row: Row) -> Fields | None:
    method, uri = pick(row, REQUESTS["http.request.method"]), pick(row, (*REQUESTS["url.original"], "url.full"))
    if not isinstance(uri, str):
        return None
    named = isinstance(method, str) and method.upper() in METHODS
    page = _ABSOLUTE.match(uri)
    if not named and not page:  # a guard of web traffic may leave the method out, but names the page whole
        return None
    return {"kind": "http", "method": method.upper() if named else None, "uri": uri,
            "host": _text(row.get("url.domain")) or (page[1] if page and not named else None),
            "user_agent": _text(row.get("user_agent.original")),
            "status": _number(row, ("http.response.status_code",)),
            "bytes_in": _number(row, ("http.response.body.bytes",))}  # fmt: skip


def _connection(row: Row, ends: Fields) -> Fields | None:
    if ends["dst_port"] is None or ends["proto"] is None:
        return None
    words = [word for name in _ACTIONS for word in _words(row.get(name))]
    bytes_out, bytes_in = _number(row, _BYTES_OUT), _number(row, _BYTES_IN)
    blocked = any(_BLOCKED.search(word) for word in words)
    return {
        "kind": "flow",
        "conn_state": "S0" if blocked else "SF" if bytes_in or bytes_out is None else None,
        "bytes_out": bytes_out,
        "bytes_in": bytes_in,
        "community_id": _text(row.get("network.community_id")),
    }


def _words(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [word for word in values if isinstance(word, str)]


def _list(value: Any) -> list[Row]:
    values = value if isinstance(value, list) else []
    return [one for one in values if isinstance(one, dict)]


def _proto(row: Row) -> str | None:
    word = str(pick(row, _PROTOS) or "").lower().removeprefix("proto_")
    return _NUMBERS.get(word, word) or None


def _word(row: Row, names: tuple[str, ...]) -> str | None:
    value = pick(row, names)
    return value.lower() if isinstance(value, str) else None


def _number(row: Row, names: tuple[str, ...]) -> int | None:
    value = pick(row, names)
    return None if isinstance(value, bool) or not isinstance(value, int | str) else whole_number(str(value))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else None
