"""What each Zeek log means: its columns → fields of our events. Column names are those of Zeek's documentation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.mail.sniffed import heard

ADDRESSES = {
    "ts": "ts", "uid": "uid", "id.orig_h": "src_ip", "id.orig_p": "src_port", "id.resp_h": "dst_ip",
    "id.resp_p": "dst_port", "proto": "proto", "orig_l2_addr": "src_mac", "resp_l2_addr": "dst_mac",
}  # fmt: skip
"""Columns that most logs share."""

SECRETS = frozenset(("password", "request_password", "community"))
"""Columns that are never kept."""

_FILE_HASHES = {"mime_type": "mime_type", "md5": "md5", "sha1": "sha1", "sha256": "sha256"}


@dataclass(frozen=True)
class ZeekLog:
    """One log: the kind of its events, its columns, and a last step over the row."""

    kind: str
    columns: dict[str, str] = field(default_factory=dict)
    extra: frozenset[str] = frozenset()
    """Columns that only `finish` looks at."""
    finish: Callable[[Fields, dict[str, Any]], None] | None = None
    """Gets the event's fields and the values of `extra`."""
    service: str | None = None
    marks: frozenset[str] = frozenset()
    """Columns that give the log away where nothing names it."""

    def target(self, column: str) -> str | None:
        """The event field of a column."""
        return self.columns.get(column) or ADDRESSES.get(column)


def _outcome(success: Any) -> str:
    return {True: "success", False: "failure", "T": "success", "F": "failure"}.get(success, "unknown")


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value or None


def _lower(fields: Fields, *names: str) -> None:
    for name in names:
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].lower()


def _conn(fields: Fields, _extra: dict[str, Any]) -> None:
    _lower(fields, "service")


def _dns(fields: Fields, _extra: dict[str, Any]) -> None:
    if isinstance(fields.get("rcode"), str):
        fields["rcode"] = fields["rcode"].upper()
    if isinstance(fields.get("answers"), str):
        fields["answers"] = fields["answers"].split(",")


def _http(fields: Fields, extra: dict[str, Any]) -> None:
    fields["mime_type"] = _first(extra.get("resp_mime_types"))


CERTIFICATE = "_certificate"
"""Where a handshake's fields say which certificate was shown; the reader takes it out again."""


def _ssl(fields: Fields, extra: dict[str, Any]) -> None:
    if extra.get("sni_matches_cert") in (False, "F"):
        said = fields.get("validation")
        fields["validation"] = f"{said}; name mismatch" if isinstance(said, str) else "name mismatch"
    version = fields.get("tls_version")
    if isinstance(version, str) and version.startswith("TLSv1") and len(version) == 6:
        fields["tls_version"] = f"TLSv1.{version[5]}"
    chain = extra.get("cert_chain_fps") or extra.get("cert_chain_fuids")
    if isinstance(chain, list) and chain:
        fields[CERTIFICATE] = chain[0]


def _files(fields: Fields, extra: dict[str, Any]) -> None:
    sender, receiver = _first(extra.get("tx_hosts")), _first(extra.get("rx_hosts"))
    by_originator = extra.get("is_orig") in (True, "T")
    if "src_ip" not in fields:
        fields["src_ip"], fields["dst_ip"] = (sender, receiver) if by_originator else (receiver, sender)
    fields.setdefault("uid", _first(extra.get("conn_uids")))
    fields.setdefault("size_bytes", extra.get("total_bytes"))
    fields["action"] = "transfer"
    _lower(fields, "service")


def _smb_mapping(fields: Fields, _extra: dict[str, Any]) -> None:
    fields["action"] = "map"


def _ssh(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = _outcome(extra.get("auth_success"))


def _rdp(fields: Fields, extra: dict[str, Any]) -> None:
    result = str(extra.get("result") or "")
    if "auth_success" in extra:
        fields["outcome"] = _outcome(extra["auth_success"])
    elif result.lower().startswith(("success", "fail", "ssl_not", "hybrid_required")):
        fields["outcome"] = "success" if result.lower().startswith("success") else "failure"
    if fields.get("outcome") == "failure":
        fields["error"] = result


def _kerberos(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = _outcome(extra.get("success"))
    name, _, realm = str(fields.get("user") or "").rpartition("/")
    if name or realm:
        fields["user"], fields["domain"] = (name, realm) if name or fields["user"][:1] == "/" else (realm, None)


def _told_whether(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = _outcome(extra.get("success"))


def _ftp(fields: Fields, extra: dict[str, Any]) -> None:
    code = str(extra.get("reply_code") or "")
    if code == "230":
        fields["outcome"] = "success"
    elif code in ("430", "530"):
        fields["outcome"] = "failure"
        fields["error"] = extra.get("reply_msg")


def _dhcp(fields: Fields, extra: dict[str, Any]) -> None:
    requested, types = extra.get("requested_addr"), extra.get("msg_types") or ()
    if "assigned_ip" not in fields and "ACK" in types:
        fields["assigned_ip"] = requested
    fields.setdefault("uid", _first(extra.get("uids")))
    fields.setdefault("hostname", extra.get("client_fqdn"))
    lease = fields.get("lease_s")
    if isinstance(lease, int | float):
        fields["lease_s"] = min(lease, 1e9)  # 2^32 - 1 s means for ever


def _notice(fields: Fields, extra: dict[str, Any]) -> None:
    note = str(fields.get("signature_id") or "notice")
    fields["category"] = note.partition("::")[0]
    fields.setdefault("signature", note)
    for name, column in (("src_ip", "src"), ("dst_ip", "dst"), ("dst_port", "p")):
        fields.setdefault(name, extra.get(column))
    actions = extra.get("actions")
    fields["action"] = ",".join(map(str, actions)) if isinstance(actions, list) else actions


def _software(fields: Fields, extra: dict[str, Any]) -> None:
    parts = [extra.get(f"version.{part}") for part in ("major", "minor", "minor2", "minor3")]
    numbers = ".".join(str(part) for part in parts if part is not None)
    addl = extra.get("version.addl")
    fields["version"] = "-".join(str(part) for part in (numbers, addl) if part) or extra.get("unparsed_version")


def _log(kind: str, marks: str, columns: dict[str, str], extra: str = "", **more: Any) -> ZeekLog:
    return ZeekLog(kind, columns, frozenset(extra.split()), marks=frozenset(marks.split()), **more)


LOGS: dict[str, ZeekLog] = {
    "conn": _log(
        "flow",
        "conn_state orig_pkts resp_pkts orig_ip_bytes resp_ip_bytes missed_bytes",
        {
            "service": "service", "duration": "duration_s", "orig_bytes": "bytes_out", "resp_bytes": "bytes_in",
            "orig_pkts": "packets_out", "resp_pkts": "packets_in", "conn_state": "conn_state",
            "history": "history", "community_id": "community_id",
        },
        finish=_conn,
    ),
    "dns": _log(
        "dns",
        "qclass qclass_name qtype qtype_name rcode rcode_name trans_id rejected",
        {"query": "query", "qtype_name": "qtype", "rcode_name": "rcode", "answers": "answers", "rtt": "rtt_s"},
        finish=_dns, service="dns",
    ),
    "http": _log(
        "http",
        "trans_depth request_body_len response_body_len status_code status_msg uri",
        {
            "method": "method", "host": "host", "uri": "uri", "user_agent": "user_agent", "referrer": "referrer",
            "status_code": "status", "request_body_len": "bytes_out", "response_body_len": "bytes_in",
            "username": "user",
        },
        "resp_mime_types", finish=_http, service="http",
    ),
    "ssl": _log(
        "tls",
        "cipher curve server_name resumed established ssl_history next_protocol validation_status",
        {
            "server_name": "sni", "version": "tls_version", "cipher": "cipher", "ja3": "ja3", "ja3s": "ja3s",
            "ja4": "ja4", "subject": "subject", "issuer": "issuer", "validation_status": "validation",
            "established": "established",
        },
        "sni_matches_cert cert_chain_fps cert_chain_fuids", finish=_ssl, service="ssl",
    ),
    "files": _log(
        "file",
        "fuid tx_hosts rx_hosts conn_uids seen_bytes overflow_bytes timedout",
        {**_FILE_HASHES, "source": "service", "filename": "filename", "seen_bytes": "size_bytes"},
        "tx_hosts rx_hosts conn_uids is_orig total_bytes", finish=_files,
    ),
    "smb_files": _log(
        "file",
        "prev_name times.modified times.accessed times.created times.changed",
        {"action": "action", "path": "share", "name": "filename", "prev_name": "previous_filename",
         "size": "size_bytes"},
        service="smb",
    ),
    "smb_mapping": _log(
        "file", "share_type native_file_system", {"path": "share"}, finish=_smb_mapping, service="smb"
    ),
    "ssh": _log(
        "auth",
        "auth_success auth_attempts cipher_alg mac_alg compression_alg kex_alg host_key_alg",
        {"auth_attempts": "attempts", "client": "client", "server": "server", "cipher_alg": "cipher"},
        "auth_success", finish=_ssh, service="ssh",
    ),
    "rdp": _log(
        "auth",
        "cookie result security_protocol keyboard_layout client_build desktop_width cert_count",
        {"cookie": "user", "client_name": "client", "encryption_method": "cipher"},
        "result auth_success", finish=_rdp, service="rdp",
    ),
    "kerberos": _log(
        "auth",
        "request_type till from forwardable renewable error_msg",
        {"client": "user", "service": "target", "request_type": "request_type", "cipher": "cipher",
         "error_msg": "error"},
        "success", finish=_kerberos, service="kerberos",
    ),
    "ntlm": _log(
        "auth",
        "domainname server_nb_computer_name server_dns_computer_name server_tree_name",
        {"username": "user", "hostname": "client", "domainname": "domain", "server_dns_computer_name": "server",
         "status": "error"},
        "success", finish=_told_whether, service="ntlm",
    ),
    "telnet": _log("auth", "", {"user": "user"}, "success", finish=_told_whether, service="telnet"),
    "ftp": _log(
        "auth",
        "reply_code reply_msg data_channel.passive data_channel.resp_h",
        {"user": "user", "command": "request_type", "arg": "target"},
        "reply_code reply_msg", finish=_ftp, service="ftp",
    ),
    "smtp": _log(
        "mail",
        "helo mailfrom rcptto last_reply x_originating_ip first_received",
        {"mailfrom": "mail_from", "rcptto": "rcpt_to", "subject": "subject", "user_agent": "user_agent"},
        "from reply_to", finish=heard, service="smtp",
    ),
    "dhcp": _log(
        "dhcp",
        "msg_types client_addr server_addr requested_addr assigned_addr assigned_ip lease_time",
        {"client_addr": "src_ip", "server_addr": "dst_ip", "mac": "src_mac", "host_name": "hostname",
         "assigned_addr": "assigned_ip", "assigned_ip": "assigned_ip", "lease_time": "lease_s"},
        "requested_addr msg_types uids client_fqdn", finish=_dhcp, service="dhcp",
    ),
    "software": _log(
        "software",
        "software_type version.major version.minor unparsed_version host_p",
        {"host": "src_ip", "host_p": "src_port", "name": "software", "software_type": "software_type"},
        "version.major version.minor version.minor2 version.minor3 version.addl unparsed_version",
        finish=_software,
    ),
    "notice": _log(
        "ids_alert",
        "note msg sub actions suppress_for email_dest",
        {"note": "signature_id", "msg": "signature"},
        "src dst p actions", finish=_notice,
    ),
    "weird": _log("other", "name addl notice peer", {}),
    "open_conn": _log("other", "", {}),
    "arp": _log("other", "operation orig_hw resp_hw",
                {"src_mac": "src_mac", "dst_mac": "dst_mac", "orig_h": "src_ip", "resp_h": "dst_ip"}),
    "modbus": _log("other", "func pdu_type unit tid", {}),
    "dce_rpc": _log("other", "endpoint operation named_pipe", {}),
    "x509": _log("other", "certificate.version certificate.serial certificate.subject fingerprint", {}),
    "pe": _log("other", "is_exe is_64bit uses_aslr compile_ts section_names", {}),
    "capture_loss": _log("other", "ts_delta gaps acks percent_lost", {}),
    "syslog": _log("line", "facility severity message", {}),
    "tunnel": _log("other", "tunnel_type", {}),
    "stats": _log("other", "pkts_proc events_proc reassem_tcp_size", {}),
    "reporter": _log("other", "level location", {}),
    "packet_filter": _log("other", "node filter init", {}),
    "snmp": _log("other", "get_requests set_requests display_string", {}),
    "ldap": _log("other", "message_id opcode", {}),
}  # fmt: skip
"""Every log with a meaning of its own, and marks of some others, so that they can be told apart without a name."""

OTHER = ZeekLog("other")
"""All logs that are not listed: kept whole, as JSON text."""
