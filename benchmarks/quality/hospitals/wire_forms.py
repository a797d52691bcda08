"""Records of Zeek as other sensors would have told them: an exporter of flows, Suricata."""

from collections.abc import Iterator
from typing import Any

from benchmarks.quality.hospitals.drawn import other_id

Document = dict[str, Any]
_ACTIVE_S = 300.0  # an exporter tells of a flow that lasts after so long, and goes on with a new record
_FLOW = ("src_ip", "src_port", "dst_ip", "dst_port", "proto", "kind", "duration_s", "bytes_out", "bytes_in",
         "packets_out", "packets_in")  # fmt: skip
_COUNTED = ("bytes_out", "bytes_in", "packets_out", "packets_in")
_SERVICES = {"ssl": "tls", "krb_tcp": "krb5", "dce_rpc": "dcerpc", "dicom": None, "hl7": None}
_UNTOLD = {
    "flow": ("history",), "dns": ("rtt_s",), "tls": ("cipher", "validation", "established"), "http": ("bytes_out",),
    "mail": ("user_agent",),
}  # fmt: skip
"""What Suricata does not tell, by kind of event."""
_COMMANDS = {
    "SMB::FILE_OPEN": "SMB2_COMMAND_CREATE", "SMB::FILE_READ": "SMB2_COMMAND_READ",
    "SMB::FILE_WRITE": "SMB2_COMMAND_WRITE", "SMB::FILE_RENAME": "SMB2_COMMAND_SET_INFO",
    "SMB::FILE_DELETE": "SMB2_COMMAND_SET_INFO", "SMB::PRINT_OPEN": "SMB2_COMMAND_CREATE",
}  # fmt: skip
_OF_LOGONS = {
    "zeek.ssh": ("client", "server"), "zeek.rdp": ("user", "client"),
    "zeek.ntlm": ("user", "domain", "client", "outcome", "error"), "zeek.ftp": ("user", "request_type", "outcome"),
    "zeek.kerberos": ("user", "domain", "target", "cipher", "request_type", "outcome", "error"),
}  # fmt: skip
_ENDS = ("ts", "event_id", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "uid", "src_mac", "dst_mac", "kind")


def netflow(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    """Ends, amounts and times of connections alone; long ones in several records, each told when it is over."""
    if source != "network":
        yield d["ts"], d
        return
    if d["kind"] != "flow":
        return
    whole = {"ts": d["ts"], "event_id": d["event_id"], "format": "flow.table"}
    whole |= dict.fromkeys(_COUNTED, 0) | {k: d[k] for k in _FLOW if k in d}
    refused = d["proto"] == "tcp" and whole["packets_out"] == whole["packets_in"] == 1 and not whole["bytes_in"]
    whole["conn_state"] = "REJ" if refused else "SF" if whole["packets_in"] else "S0"
    length = d.get("duration_s") or 0.0
    parts = int(length // _ACTIVE_S) + 1
    for part in range(parts):
        start = d["ts"] + part * _ACTIVE_S
        lasts = min(_ACTIVE_S, d["ts"] + length - start)
        amounts = {k: whole[k] // parts for k in _COUNTED if k in whole}
        own = {"event_id": other_id(d["event_id"], str(part))} if part else {}
        yield start + lasts, whole | amounts | own | {"ts": round(start, 3), "duration_s": round(lasts, 3)}


def eve(source: str, d: Document) -> Iterator[tuple[float, Document]]:
    """As the reader of EVE gives it: fewer protocols and fields, logons of SSH and RDP without their outcome."""
    if source != "network" or d["format"].startswith("suricata."):
        yield d["ts"], d
        return
    kind = d["kind"]
    if kind in ("software", "other") and d.get("name") != "dce_rpc":
        return
    out = {k: v for k, v in d.items() if k not in _UNTOLD.get(kind, ())}
    service = d.get("service")
    if kind == "auth":
        told = _OF_LOGONS[d["format"]]
        out = {k: v for k, v in d.items() if k in _ENDS or k in told} | {"outcome": "unknown"} | _logon(d, told)
        service = {"zeek.kerberos": "kerberos", "zeek.ntlm": "smb"}.get(d["format"], service)
    elif kind == "file":
        out["action"] = _COMMANDS.get(str(d.get("action")), d.get("action"))
    elif kind == "other":
        out["name"] = "dcerpc"
    elif kind == "flow":
        service = _SERVICES.get(str(service), service)
    out |= {"format": f"suricata.{out.get('name') or kind}", "service": service}
    yield d["ts"], {k: v for k, v in out.items() if v is not None}


def _logon(d: Document, told: tuple[str, ...]) -> Document:
    known = {k: d[k] for k in ("outcome", "error") if k in told and k in d}
    if d["format"] == "zeek.kerberos" and d.get("request_type"):
        known["request_type"] = f"KRB_{d['request_type']}_{'REP' if d['outcome'] == 'success' else 'REQ'}"
        if d["outcome"] == "failure":
            known["request_type"] = "KRB_ERROR"
    return known
