"""One record of a flow table → fields of a FlowEvent, with the words of Zeek and payload without headers."""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.ingest.flows.columns import FlowColumns
from pipeline.ingest.flows.tcp_flags import RST, SYN, bits_of, connection_state
from pipeline.ingest.format import Fields
from pipeline.ingest.table_times import cell_ts

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp6", "ipv6-icmp": "icmp6", "icmpv6": "icmp6"}
_HEADERS = {"tcp": 52, "udp": 28, "icmp": 28}
"""Bytes of a packet that are no payload, as exporters count them (RFC 7011, octetDeltaCount): IP, and UDP, ICMP or
TCP with time stamps."""
_UNSET = frozenset(("", "-", "null", "NULL", "None", "nan", "NaN"))
_STATES = {"REQ": "S0", "INT": "S0", "RST": "RSTR", "CON": "SF", "FIN": "SF", "CLO": "SF", "ACC": "S1"}
"""Argus' words as UNSW-NB15 has them, in Zeek's."""
_ZEEK = frozenset(("S0", "S1", "S2", "S3", "SF", "REJ", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR", "OTH"))
_BLOCKED = re.compile(r"block|drop|deny|denied|reject|discard|reset", re.IGNORECASE)
_SIZES = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_MOST = 2**53


def cells_of(row: Mapping[str, Any], columns: FlowColumns) -> dict[str, str]:
    """Our name → text, of those columns that hold a value."""
    found: dict[str, str] = {}
    for name, column in columns.places.items():
        value = row.get(column)
        text = str(value).strip() if isinstance(value, str | int | float) else ""
        if text not in _UNSET:
            found[name] = text
    return found


def time_of(cells: Mapping[str, str], *, month_first: bool) -> float | None:
    """Seconds since 1970 UTC of the row's begin; None where it has no time with a day."""
    text = f"{cells['ts']} {cells['clock']}" if "clock" in cells and "ts" in cells else cells.get("ts", "")
    return cell_ts(text, month_first=month_first)


def flow_of(cells: Mapping[str, str], columns: FlowColumns) -> Fields:
    """Fields of a FlowEvent, as the record tells it."""
    proto = cells.get("proto", "").lower()
    proto = PROTOCOLS.get(proto.removesuffix(".0"), proto)
    packets_out, packets_in = _two(cells, "packets")
    if "payload_out" in cells or "payload_in" in cells:
        sent, got = number(cells.get("payload_out")), number(cells.get("payload_in"))
    else:
        sent, got = _two(cells, "bytes")
        sent, got = _payload(sent, packets_out, proto), _payload(got, packets_in, proto)
    sport, dport = _ports(cells, proto)
    duration = cells.get("dur")
    seconds = _float(duration)
    # CICFlowMeter writes whole microseconds; its child in Python, which has kept the name, seconds with a fraction.
    unit = 1.0 if columns.unit_of_duration == 1e-6 and duration and "." in duration else columns.unit_of_duration
    return {
        "kind": "flow", "src_ip": cells.get("src"), "src_port": sport, "dst_ip": cells.get("dst"),
        "dst_port": dport, "proto": proto or None, "service": cells.get("service", "").lower(),
        "duration_s": max(seconds * unit, 0.0) if seconds is not None else None,
        "bytes_out": sent, "bytes_in": got, "packets_out": packets_out, "packets_in": packets_in,
        "conn_state": _state(cells, columns, proto, (packets_out, packets_in), got),
        "src_mac": cells.get("src_mac"), "dst_mac": cells.get("dst_mac"),
    }  # fmt: skip


def flags_of(cells: Mapping[str, str]) -> int | None:
    """The TCP flags of the record, from letters (`.AP.SF`) or a number; None where it tells none."""
    text = cells.get("flags")
    if text is None:
        return None
    if text.isdecimal() or text.lower().startswith("0x"):
        return int(text, 0 if text.lower().startswith("0x") else 10) & 0xFF if len(text) < 9 else None
    return bits_of(text.upper())


def is_blocked(cells: Mapping[str, str]) -> bool:
    """Whether a firewall that wrote the record let nothing pass."""
    return _BLOCKED.search(cells.get("action", "")) is not None


def number(text: str | None) -> int | None:
    """A count: `12`, `12.0`, `1.2 M`; None for anything else."""
    if text is None:
        return None
    parts = text.replace(",", "").split()
    value = _float(parts[0]) if parts else None
    if value is None or not 0 <= value < _MOST or (len(parts) == 2 and parts[1] not in _SIZES) or len(parts) > 2:
        return None
    return int(value * _SIZES[parts[1]]) if len(parts) == 2 else int(value)


def _float(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < _MOST else None


def _port(text: str | None) -> int | None:
    port = number(text)
    return port if port is not None and port < 65_536 else None


def _ports(cells: Mapping[str, str], proto: str) -> tuple[int | None, int | None]:
    """Of ICMP type and code, as Zeek has them: nfdump writes `8.0` for the target's port, others 256 * type + code."""
    told = cells.get("dport")
    sport, dport = _port(cells.get("sport")), _port(told)
    if proto not in ("icmp", "icmp6") or sport or dport is None or told is None:
        return sport, dport
    kind, dot, code = told.partition(".")
    return (int(kind), int(code)) if dot and kind.isdecimal() and code.isdecimal() else divmod(dport, 256)


def _two(cells: Mapping[str, str], what: str) -> tuple[int | None, int | None]:
    total, out, back = (number(cells.get(name)) for name in (what, f"{what}_out", f"{what}_in"))
    return (out, back) if out is not None or total is None else (max(total - (back or 0), 0), back)


def _payload(size: int | None, packets: int | None, proto: str) -> int | None:
    return size if size is None or packets is None else max(size - _HEADERS.get(proto, 20) * packets, 0)


def refused(proto: str | None, packets_out: int | None, packets_in: int | None, got: int | None) -> bool:
    """Whether a flow was turned away, as far as its numbers show: no connection comes about by one packet each way."""
    return proto == "tcp" and packets_out == packets_in == 1 and not got


def _state(
    cells: Mapping[str, str], columns: FlowColumns, proto: str, packets: tuple[int | None, int | None], got: int | None
) -> str | None:
    packets_out, packets_in = packets
    said = cells.get("state", "").upper()
    if said in _ZEEK or said in _STATES:
        return said if said in _ZEEK else _STATES[said]
    if is_blocked(cells):
        return "S0"
    if not columns.sided:
        return None  # what came back is told elsewhere
    silent = not packets_in if packets_in is not None else got == 0
    flags = flags_of(cells)
    if silent:
        begun = proto != "tcp" or ("syn" not in cells and flags is None) or bool((flags or 0) & SYN)
        return "S0" if begun or number(cells.get("syn")) else "OTH"
    reset = bool((flags or 0) & RST) or bool(number(cells.get("rst")))
    if flags is None and refused(proto, packets_out, packets_in, got):
        return "REJ"
    if proto == "tcp" and reset and not got:
        return connection_state(SYN, RST) if packets_in == 1 or packets_in is None else "RSTR"
    return "SF"
