"""What each Suricata EVE event type means: its objects (named in Suricata's user guide) → fields of our events."""

from collections.abc import Callable
from typing import Any

from pipeline.ingest.flows.tcp_flags import SYN, connection_state, payload
from pipeline.ingest.format import Fields
from pipeline.ingest.json_records import dumps
from pipeline.ingest.mail.sniffed import heard
from pipeline.ingest.suricata.windows import Row, dcerpc_event, krb5_event, part, smb_event
from pipeline.ingest.times import any_ts

_BASE = frozenset(("timestamp", "event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "flow_id"))
_UNKNOWN, _BARE = frozenset(("failed", "unknown", "")), frozenset(("flow", "netflow", "stats"))
_TURNED = frozenset(("dns", "dcerpc", "krb5", "smb", "rdp", "ssh", "ftp", "smtp", "tls", "http"))
_SERVER_PORTS = frozenset((21, 22, 25, 53, 80, 88, 110, 135, 139, 143, 389, 443, 445, 587, 636, 993, 995, 3268, 3389))
_LINUX_PORTS = range(32_768, 49_152)
_LOGIN_CODES = {"230": "success", "430": "failure", "530": "failure"}


def is_eve(row: Any) -> bool:
    """Whether a JSON value is a record of EVE: a time, and an event type whose object, or a flow's id, is there.

    Other products name their events so, too (`event_type`: `admin_login`): they have neither.
    """
    kind = row.get("event_type") if isinstance(row, dict) and "timestamp" in row else None
    if not isinstance(kind, str) or not 0 < len(kind) <= 48 or not kind.replace("_", "").isalnum():
        return False
    return any(name in row for name in (kind, "flow_id", "src_ip", "in_iface")) or kind in _BARE


def base_fields(row: Row, ts: float) -> Fields:
    """What all event types share."""
    ether = part(row, "ether")
    proto, service, flow_id = row.get("proto"), row.get("app_proto"), row.get("flow_id")
    # As Zeek has it: an ICMP message's type and code stand where others have ports.
    return {
        "ts": ts,
        "src_ip": row.get("src_ip"),
        "src_port": row.get("icmp_type") if row.get("src_port") is None else row["src_port"],
        "dst_ip": row.get("dest_ip"),
        "dst_port": row.get("icmp_code") if row.get("dest_port") is None else row["dest_port"],
        "proto": proto.lower() if isinstance(proto, str) else None,
        "service": service.lower() if isinstance(service, str) and service not in _UNKNOWN else None,
        "uid": str(flow_id) if flow_id is not None else None,
        "src_mac": ether.get("src_mac"),
        "dst_mac": ether.get("dest_mac"),
    }


def event_fields(row: Row, ts: float) -> Fields:
    """The event of one EVE record; `kind` and `format` included."""
    name = row["event_type"]
    fields = base_fields(row, ts)
    fields["format"] = f"suricata.{name}"
    if name in _TURNED and _seen_from_server(fields):
        _turn(fields, ("ip", "port", "mac"))
    handler = HANDLERS.get(name)
    if handler is None or not handler(row, fields):
        _other(row, fields)
    return fields


def _turn(fields: Fields, names: tuple[str, ...]) -> None:
    for name in names:
        fields[f"src_{name}"], fields[f"dst_{name}"] = fields[f"dst_{name}"], fields[f"src_{name}"]


def _seen_from_server(fields: Fields) -> bool:
    """Whether the event stands on an answer, or on a connection whose begin the sensor missed: its source is a known
    service and its destination none."""
    source, destination = fields["src_port"], fields["dst_port"]
    if not isinstance(source, int) or not isinstance(destination, int):
        return False
    if source in _SERVER_PORTS:
        return destination not in _SERVER_PORTS
    if fields["format"] != "suricata.dcerpc" or destination in _SERVER_PORTS:
        return False
    # Linux calls from ports below those that Windows hands out; of these (RFC 6335: from 49,152) services get the
    # lowest, as they start first.
    if (source in _LINUX_PORTS) != (destination in _LINUX_PORTS):
        return destination in _LINUX_PORTS
    return source < destination


def _flow(row: Row, fields: Fields) -> bool:
    flow, tcp = part(row, "flow"), part(row, "tcp")
    start, end = any_ts(flow.get("start")), any_ts(flow.get("end"))
    out, back = _flags(tcp.get("tcp_flags_ts")), _flags(tcp.get("tcp_flags_tc"))
    fields.update(
        kind="flow",
        ts=start if start is not None else fields["ts"],  # as in Zeek, a flow's time is its start
        duration_s=max(end - start, 0.0) if start is not None and end is not None else flow.get("age"),
        bytes_out=payload(flow.get("bytes_toserver"), out),
        bytes_in=payload(flow.get("bytes_toclient"), back),
        packets_out=flow.get("pkts_toserver"),
        packets_in=flow.get("pkts_toclient"),
        conn_state=connection_state(out, back) if out is not None and back is not None else _state(flow, tcp),
        community_id=row.get("community_id"),
    )
    if out is not None and not out & SYN and _seen_from_server(fields):
        _turn(fields, ("ip", "port", "mac"))
        for what in ("bytes", "packets"):
            fields[f"{what}_out"], fields[f"{what}_in"] = fields[f"{what}_in"], fields[f"{what}_out"]
    return True


def _flags(text: Any) -> int | None:
    """The flags of one side, which are written in hexadecimal; None where it showed none or nothing is known."""
    try:
        return int(text, 16)
    except (TypeError, ValueError):
        return None


def _state(flow: Row, tcp: Row) -> str | None:
    """Zeek's word for how the flow ended, where its flags are not told."""
    state, answered = flow.get("state"), flow.get("pkts_toclient")
    if state == "new" or answered == 0:
        return None if answered else "S0"
    if tcp.get("rst") and flow.get("pkts_toserver") == 1 and answered == 1:
        return "REJ"
    return {"established": "S1" if tcp else "SF", "closed": "SF"}.get(str(state))


def _netflow(row: Row, fields: Fields) -> bool:
    flow = part(row, "netflow")
    start, end = any_ts(flow.get("start")), any_ts(flow.get("end"))
    fields.update(
        kind="flow",
        ts=start if start is not None else fields["ts"],
        duration_s=max(end - start, 0.0) if start is not None and end is not None else flow.get("age"),
        bytes_out=flow.get("bytes"),
        packets_out=flow.get("pkts"),
        community_id=row.get("community_id"),
    )
    return True


def _dns(row: Row, fields: Fields) -> bool:
    dns = part(row, "dns")
    queries = dns.get("queries") or dns.get("query")
    asked = queries[0] if isinstance(queries, list) and queries and isinstance(queries[0], dict) else dns
    rcode = dns.get("rcode")
    fields.update(
        kind="dns",
        service="dns",
        query=asked.get("rrname"),
        qtype=asked.get("rrtype"),
        rcode=rcode.upper() if isinstance(rcode, str) else None,
        answers=_answers(dns),
    )
    return True


def _answers(dns: Row) -> list[str] | None:
    """Answer data: a list of records (version 2), lists by type (grouped), or one record an event (version 1)."""
    found: list[Any] = []
    answers, grouped = dns.get("answers"), dns.get("grouped")
    if isinstance(answers, list):
        found = [answer.get("rdata") for answer in answers if isinstance(answer, dict)]
    elif isinstance(grouped, dict):
        found = [value for values in grouped.values() if isinstance(values, list) for value in values]
    elif dns.get("type") == "answer":
        found = [dns.get("rdata")]
    return [str(value) for value in found if isinstance(value, str | int) and value != ""] or None


def _http(row: Row, fields: Fields) -> bool:
    http = part(row, "http")
    fields.update(
        kind="http",
        service="http",
        method=http.get("http_method"),
        host=http.get("hostname"),
        uri=http.get("url"),
        user_agent=http.get("http_user_agent"),
        referrer=http.get("http_refer"),
        status=http.get("status"),
        bytes_in=http.get("length"),
        mime_type=http.get("http_content_type"),
    )
    return True


def _tls(row: Row, fields: Fields) -> bool:
    tls = part(row, "tls")
    version = tls.get("version")
    fields.update(
        kind="tls",
        service="ssl",
        sni=tls.get("sni"),
        tls_version=version.replace("TLS ", "TLSv") if isinstance(version, str) else None,
        subject=tls.get("subject"),
        validation=_validation(tls, fields["ts"]),
        issuer=tls.get("issuerdn"),
        ja3=part(tls, "ja3").get("hash"),
        ja3s=part(tls, "ja3s").get("hash"),
        ja4=tls.get("ja4"),
    )
    return True


def _validation(tls: Row, ts: float) -> str | None:
    """What Zeek would say of the certificate, as far as its fields show: Suricata does not verify it."""
    end, start = any_ts(tls.get("notafter")), any_ts(tls.get("notbefore"))
    if end is not None and end < ts:
        return "certificate has expired"
    if start is not None and start > ts:
        return "certificate is not yet valid"
    own = tls.get("subject") is not None and tls.get("subject") == tls.get("issuerdn")
    return "self signed certificate" if own else None


def _fileinfo(row: Row, fields: Fields) -> bool:
    info = part(row, "fileinfo")
    fields.update(
        kind="file",
        action="transfer",
        filename=info.get("filename"),
        size_bytes=info.get("size"),
        mime_type=info.get("mime_type") or part(row, "http").get("http_content_type"),
        md5=info.get("md5"),
        sha1=info.get("sha1"),
        sha256=info.get("sha256"),
    )
    return True


def _ssh(row: Row, fields: Fields) -> bool:
    ssh = part(row, "ssh")
    fields.update(kind="auth", service="ssh", client=part(ssh, "client").get("software_version"),
                  server=part(ssh, "server").get("software_version"))  # fmt: skip
    return True


def _rdp(row: Row, fields: Fields) -> bool:
    rdp = part(row, "rdp")
    fields.update(kind="auth", service="rdp", user=rdp.get("cookie"), request_type=rdp.get("event_type"),
                  client=part(rdp, "client").get("client_name"), error=rdp.get("reason"))  # fmt: skip
    return True


def _ftp(row: Row, fields: Fields) -> bool:
    ftp = part(row, "ftp")
    codes = ftp.get("completion_code")
    outcome = next((_LOGIN_CODES[str(c)] for c in codes if str(c) in _LOGIN_CODES), None) if codes else None
    if ftp.get("command") not in ("USER", "PASS") and outcome is None:
        return False
    fields.update(kind="auth", service="ftp", request_type=ftp.get("command"), outcome=outcome or "unknown",
                  user=ftp.get("command_data") if ftp.get("command") == "USER" else None)  # fmt: skip
    return True


def _smtp(row: Row, fields: Fields) -> bool:
    smtp, email = part(row, "smtp"), part(row, "email")
    fields.update(kind="mail", service="smtp", mail_from=smtp.get("mail_from"),
                  rcpt_to=smtp.get("rcpt_to") or email.get("to"), subject=email.get("subject"))  # fmt: skip
    heard(fields, email)
    return True


def _dhcp(row: Row, fields: Fields) -> bool:
    dhcp = part(row, "dhcp")
    lease = dhcp.get("lease_time")
    assigned = dhcp.get("assigned_ip")
    fields.update(kind="dhcp", service="dhcp", src_mac=dhcp.get("client_mac") or fields["src_mac"],
                  assigned_ip=None if assigned == "0.0.0.0" else assigned,  # noqa: S104 - means none
                  hostname=dhcp.get("hostname"),
                  lease_s=min(lease, 1e9) if isinstance(lease, int | float) else None)  # fmt: skip
    return True


def _alert(row: Row, fields: Fields) -> bool:
    alert = part(row, "alert")
    fields.update(kind="ids_alert", signature=alert.get("signature") or "unnamed signature",
                  category=alert.get("category"), severity=alert.get("severity"), action=alert.get("action"),
                  signature_id=str(alert["signature_id"]) if "signature_id" in alert else None)  # fmt: skip
    return True


def _arp(row: Row, fields: Fields) -> bool:
    arp = part(row, "arp")
    fields.update(kind="other", name="arp", src_ip=arp.get("src_ip"), dst_ip=arp.get("dest_ip"),
                  src_mac=arp.get("src_mac"), dst_mac=arp.get("dest_mac"),
                  detail=dumps({"operation": arp.get("opcode")}))  # fmt: skip
    return True


def _other(row: Row, fields: Fields) -> None:
    detail = {name: value for name, value in row.items() if name not in _BASE}
    fields.update(kind="other", name=row["event_type"], detail=dumps(detail) if detail else None)


HANDLERS: dict[str, Callable[[Row, Fields], bool]] = {
    "flow": _flow, "netflow": _netflow, "dns": _dns, "http": _http, "tls": _tls, "fileinfo": _fileinfo,
    "smb": smb_event, "ssh": _ssh, "krb5": krb5_event, "dcerpc": dcerpc_event, "rdp": _rdp,
    "ftp": _ftp, "smtp": _smtp, "dhcp": _dhcp, "alert": _alert, "arp": _arp,
}  # fmt: skip
"""By `event_type`; false from a handler means: keep the record as it is."""
