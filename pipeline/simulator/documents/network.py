"""Documents of the network source, as Zeek and Suricata would have written them."""

from dataclasses import dataclass
from typing import Any

from pipeline.simulator.tape import Tape
from pipeline.simulator.world.host import Host


@dataclass(slots=True)
class Link:
    """The connection an event speaks of."""

    src: Host
    src_port: int
    dst: Host
    dst_port: int
    proto: str
    service: str | None
    uid: str


def _ends(ts: float, form: str, link: Link, kind: str) -> dict[str, Any]:
    src, dst = link.src, link.dst
    doc: dict[str, Any] = {
        "ts": round(ts, 6), "format": form, "src_ip": src.ip, "src_port": link.src_port,
        "dst_ip": dst.ip, "dst_port": link.dst_port, "proto": link.proto,
    }  # fmt: skip
    if link.service is not None:
        doc["service"] = link.service
    doc["uid"] = link.uid
    if src.mac is not None:
        doc["src_mac"] = src.mac
    if dst.mac is not None:
        doc["dst_mac"] = dst.mac
    doc["kind"] = kind
    return doc


def _add(tape: Tape, link: Link, doc: dict[str, Any], fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if value is not None:
            doc[name] = value
    tape.add("network", link.src.ip, doc)


_OWN_SERVICE = {"zeek.kerberos": {"service": "kerberos"}, "zeek.ntlm": {"service": "ntlm"}}
"""Readers of Zeek's logs name these themselves, whatever the connection is."""
# Zeek's history of a connection in each state, where the caller does not say.
_HISTORY = {
    "SF": "ShADadFf",
    "S0": "S",
    "REJ": "Sr",
    "RSTO": "ShADaR",
    "RSTR": "ShADadr",
    "RSTOS0": "SR",
    "S1": "ShADad",
    "S3": "ShADadf",
    "SH": "F",
    "SHR": "^hadf",
    "OTH": "DadA",
}
UNANSWERED = ("S0", "REJ", "RSTOS0", "SH")
_MSS = 1380  # bytes of payload a packet
_ACKED = 2  # packets of payload an acknowledgement


def flow(
    tape: Tape, ts: float, link: Link, duration_s: float, bytes_out: int, bytes_in: int, state: str = "SF",
    history: str | None = None, tries: int = 1,
) -> None:  # fmt: skip
    """FlowEvent from zeek.conn. Packets follow from the bytes; `tries`: packets sent where nobody answers."""
    doc = _ends(ts, "zeek.conn", link, "flow")
    tcp = link.proto == "tcp"
    answered = state not in UNANSWERED
    if answered:
        doc["duration_s"] = round(duration_s, 6)
        doc["bytes_out"] = bytes_out
        doc["bytes_in"] = bytes_in
        out, back = -(-bytes_out // _MSS), -(-bytes_in // _MSS)
        doc["packets_out"] = out + (4 + back // _ACKED if tcp else 0)
        doc["packets_in"] = back + (3 + out // _ACKED if tcp else 0)
    else:
        if tries > 1:
            doc["duration_s"] = round(duration_s, 6)
            doc["bytes_out"] = doc["bytes_in"] = 0
        if link.proto == "udp":
            doc["bytes_out"], doc["bytes_in"] = bytes_out, 0
        doc["packets_out"] = tries
        doc["packets_in"] = tries if state == "REJ" else 0
    doc["conn_state"] = state
    if link.proto == "icmp":
        pass
    elif tcp:
        doc["history"] = history or _HISTORY[state]
    else:
        doc["history"] = "Dd" if answered else "D"
    tape.add("network", link.src.ip, doc)


def dns(
    tape: Tape, ts: float, link: Link, query: str, qtype: str, rcode: str, answers: list[str], rtt_s: float
) -> None:
    """DnsEvent from zeek.dns."""
    doc = _ends(ts, "zeek.dns", link, "dns")
    doc["query"] = query
    doc["qtype"] = qtype
    doc["rcode"] = rcode
    if answers:
        doc["answers"] = answers
    doc["rtt_s"] = round(rtt_s, 6)
    tape.add("network", link.src.ip, doc)


def http(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """HttpEvent from zeek.http: method, host, uri, user_agent, status, bytes_out, bytes_in, mime_type."""
    _add(tape, link, _ends(ts, "zeek.http", link, "http"), fields)


def tls(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """TlsEvent from zeek.ssl: sni, tls_version, cipher, ja3, ja3s, subject, issuer, validation, established."""
    _add(tape, link, _ends(ts, "zeek.ssl", link, "tls"), fields)


def file(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """FileEvent from zeek.smb_files: action, share, filename, previous_filename, size_bytes, mime_type."""
    _add(tape, link, _ends(ts, "zeek.smb_files", link, "file"), fields)


def auth(tape: Tape, ts: float, link: Link, form: str, **fields: Any) -> None:
    """NetworkAuthEvent from zeek.ssh, zeek.rdp, zeek.kerberos or zeek.ntlm (`form`)."""
    _add(tape, link, _ends(ts, form, link, "auth") | _OWN_SERVICE.get(form, {}), fields)


def mail(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """MailEvent from zeek.smtp: mail_from, rcpt_to, subject, user_agent."""
    _add(tape, link, _ends(ts, "zeek.smtp", link, "mail"), fields)


def dhcp(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """DhcpEvent from zeek.dhcp: assigned_ip, hostname, lease_s."""
    _add(tape, link, _ends(ts, "zeek.dhcp", link, "dhcp"), fields)


def software(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """SoftwareEvent from zeek.software: software, version, software_type."""
    _add(tape, link, _ends(ts, "zeek.software", link, "software"), fields)


def ids_alert(tape: Tape, ts: float, link: Link, **fields: Any) -> None:
    """IdsAlert from suricata.alert: signature, signature_id, category, severity, action."""
    _add(tape, link, _ends(ts, "suricata.alert", link, "ids_alert"), fields)


def other(tape: Tape, ts: float, link: Link, name: str, detail: str) -> None:
    """OtherNetworkEvent from any further Zeek log."""
    _add(tape, link, _ends(ts, f"zeek.{name}", link, "other"), {"name": name, "detail": detail})
