"""Other hospitals' sensors and logs made of ours: what they do not see, see twice or late, or under other addresses.

A change gives what is told of one event: none, one or several documents, each with the moment at which it arrives,
which is never before the event's own time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.quality.hospitals.drawn import drawn, other_id
from benchmarks.quality.hospitals.wire_addresses import READDRESSED, inside, is_client
from benchmarks.quality.hospitals.wire_forms import eve, netflow
from benchmarks.quality.hospitals.wire_moments import MOMENTS

Document = dict[str, Any]
Change = Callable[[str, Document], Iterator[tuple[float, Document]]]

LOST = 0.2
"""Of the records of a sensor whose mirror port drops."""
TWICE = 0.7
"""Of the connections that pass both of two sensors."""
TURNED = 0.05
"""Of the connections whose first packet was missed, so that the sensor takes the server for the client."""
_LATE_S = 120.0  # records reach the log server within so long
_SLOW_S, _SLOW_CLOCKS = 420.0, 0.4  # so many hosts have a clock that is so far behind
_PROXY, _PROXY_PORT = "10.20.1.16", 3128
_GATE = "10.20.0.9"
_ROUTER = "00:1b:17:00:01:10"
_WEB = (80, 443, 8080)
_NIGHT_H = (6.0, 22.0)
_RC4 = "rc4-hmac"
_OLD_SERVICES = 0.5


def _connection(d: Document) -> str:
    return str(d.get("uid") or d["event_id"])


def _as_it_comes(d: Document) -> Iterator[tuple[float, Document]]:
    yield float(d["ts"]), d


def _if(keep: Callable[[Document], bool]) -> Change:
    """Only those records of the network of which this holds."""

    def change(source: str, d: Document) -> Iterator[tuple[float, Document]]:
        if source != "network" or keep(d):
            yield from _as_it_comes(d)

    return change


def _with(made: Callable[[Document], Document]) -> Change:
    """Records of the network as they are made here."""

    def change(source: str, d: Document) -> Iterator[tuple[float, Document]]:
        yield from _as_it_comes(made(d) if source == "network" else d)

    return change


def _without(kind: str) -> Change:
    return _if(lambda d: d["kind"] != kind and d.get("service") != kind)


def _turned(d: Document) -> Document:
    if d["kind"] != "flow" or d["proto"] != "tcp" or not d.get("bytes_in") or drawn(_connection(d)) >= TURNED:
        return d
    out = d | {"conn_state": "OTH", "history": "DadA"}
    for one, two in (("src_ip", "dst_ip"), ("src_port", "dst_port"), ("src_mac", "dst_mac"),
                     ("bytes_out", "bytes_in"), ("packets_out", "packets_in")):  # fmt: skip
        out[one], out[two] = d.get(two), d.get(one)
    return {name: value for name, value in out.items() if value is not None}


def _behind_router(d: Document) -> Document:
    if d["kind"] == "dhcp":
        return d  # a lease is asked for by hardware address
    return d | {name: _ROUTER for name in ("src_mac", "dst_mac") if name in d}


def _behind_gate(d: Document) -> Document:
    if not is_client(d.get("src_ip")) or inside(d.get("dst_ip")):
        return d
    return d | {"src_ip": _GATE, "src_mac": _ROUTER, "src_port": 1024 + int(drawn(_connection(d)) * 64_000)}


def _through_proxy(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    """The client's half and the proxy's; a tunnel is asked for by CONNECT. Names are asked for by the proxy."""
    out = source == "network" and is_client(d.get("src_ip")) and not inside(d.get("dst_ip"))
    if out and d["proto"] == "tcp" and d["dst_port"] in _WEB:
        own = {k: v for k, v in d.items() if k != "src_mac"}
        asked = d | {"dst_ip": _PROXY, "dst_port": _PROXY_PORT}
        if d["kind"] == "http":
            yield d["ts"], asked | {"uri": f"http://{d.get('host', d['dst_ip'])}{d.get('uri', '/')}"}
        elif d["kind"] == "tls":
            place = f"{d.get('sni', d['dst_ip'])}:{d['dst_port']}"
            yield d["ts"], _more(asked, "c", kind="http", service="http", method="CONNECT", host=place.split(":")[0],
                                 uri=place, status=200)  # fmt: skip
            yield d["ts"], asked
        else:
            yield d["ts"], asked | ({"service": "http"} if "service" in d else {})
        port = 1024 + int(drawn(_connection(d)) * 64_000)
        yield d["ts"], _more(own, "p", src_ip=_PROXY, src_port=port, uid=f"P{_connection(d)}")
    elif d["kind"] == "dns" and any(not inside(x) and x[:1].isdecimal() for x in d.get("answers") or ()):
        yield d["ts"], d | {"src_ip": _PROXY} if is_client(d.get("src_ip")) else d
    else:
        yield from _as_it_comes(d)


def _more(d: Document, mark: str, **fields: object) -> Document:
    """One more record of the same event, with an id of its own."""
    return d | {"event_id": other_id(d["event_id"], mark)} | fields


def _two_sensors(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    yield d["ts"], d
    if source == "network" and drawn(_connection(d)) < TWICE:
        later = d["ts"] + 0.0004
        yield later, _more(d, "d", ts=round(later, 6), **({"uid": f"D{d['uid']}"} if "uid" in d else {}))


def _at_end(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    """A connection is written down when it is over, as Zeek does, under the time of its begin."""
    yield d["ts"] + (d.get("duration_s") or 0.0) * (source == "network"), d


def _disorder(_: str, d: Document) -> Iterator[tuple[float, Document]]:
    yield d["ts"] + _LATE_S * drawn(d["event_id"]), d


def _clocks(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    slow = source == "logs" and drawn(str(d.get("host"))) < _SLOW_CLOCKS
    yield d["ts"], d | {"ts": d["ts"] - _SLOW_S} if slow else d


def _seconds(_: str, d: Document) -> Iterator[tuple[float, Document]]:
    yield d["ts"], d | {"ts": d["ts"] // 1.0} | ({"duration_s": d["duration_s"] // 1.0} if "duration_s" in d else {})


def _all_old(d: Document) -> Document:
    """A domain raised two decades ago: no account has another key, whoever asks."""
    return d | {"cipher": _RC4} if d["format"] == "zeek.kerberos" else d


def _half_old(d: Document) -> Document:
    """Half of the services, those of machines too, have no other key; the others are as they are asked for."""
    old = d["format"] == "zeek.kerberos" and drawn(str(d.get("target"))) < _OLD_SERVICES
    return d | {"cipher": _RC4} if old else d


def _by_night(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    """Half of the clients are switched off at night."""
    names = (d.get("src_ip"), d.get("dst_ip")) if source == "network" else ()
    day = _NIGHT_H[0] <= d["ts"] % 86_400.0 / 3600.0 < _NIGHT_H[1]
    if day or not any(is_client(x) and drawn(str(x)) < 0.5 for x in names):
        yield from _as_it_comes(d)


WIRE_STRAINS: Mapping[str, Change] = {
    "lossy": _if(lambda d: drawn(d["event_id"]) >= LOST),
    "edge_only": _if(lambda d: inside(d.get("src_ip")) != inside(d.get("dst_ip"))),
    "inside_only": _if(lambda d: inside(d.get("src_ip")) and inside(d.get("dst_ip"))),
    "netflow": netflow,
    "eve": eve,
    "no_dns": _without("dns"),
    "no_http": _without("http"),
    "no_tls": _without("tls"),
    "no_dhcp": _without("dhcp"),
    "turned": _with(_turned),
    "router_mac": _with(_behind_router),
    "nat": _with(_behind_gate),
    "proxy": _through_proxy,
    "two_sensors": _two_sensors,
    "at_end": _at_end,
    "disorder": _disorder,
    "clocks": _clocks,
    "seconds": _seconds,
    "nights_off": _by_night,
    "rc4": _with(_all_old),
    "half_rc4": _with(_half_old),
    **MOMENTS,
    **dict.fromkeys((*READDRESSED, "chatty", "unnamed_scanner"), lambda _, d: _as_it_comes(d)),
}
"""By name. The last are no changes of a document: addresses are written otherwise (`READDRESSED`), all of the hospital
is so many times as busy (`setting.CHATTY`), or its vulnerability scanner is not told (`playing.lists_of`)."""
