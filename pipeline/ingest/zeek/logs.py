"""What each Zeek log means: its columns → fields of our events. Column names are those of Zeek's documentation."""

from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.mail.sniffed import heard
from pipeline.ingest.zeek.log import ZeekLog, zeek_log
from pipeline.ingest.zeek.logons import LOGONS

_FILE_HASHES = {"mime_type": "mime_type", "md5": "md5", "sha1": "sha1", "sha256": "sha256"}


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


def _tftp(fields: Fields, extra: dict[str, Any]) -> None:
    fields["action"] = "TFTP::WRITE" if extra.get("wrq") in (True, "T") else "TFTP::READ"


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


LOGS: dict[str, ZeekLog] = {
    **LOGONS,
    "conn": zeek_log(
        "flow",
        "conn_state orig_pkts resp_pkts orig_ip_bytes resp_ip_bytes missed_bytes",
        {
            "service": "service", "duration": "duration_s", "orig_bytes": "bytes_out", "resp_bytes": "bytes_in",
            "orig_pkts": "packets_out", "resp_pkts": "packets_in", "conn_state": "conn_state",
            "history": "history", "community_id": "community_id",
        },
        finish=_conn,
    ),
    "dns": zeek_log(
        "dns",
        "qclass qclass_name qtype qtype_name rcode rcode_name trans_id rejected",
        {"query": "query", "qtype_name": "qtype", "rcode_name": "rcode", "answers": "answers", "rtt": "rtt_s"},
        finish=_dns, service="dns",
    ),
    "http": zeek_log(
        "http",
        "trans_depth request_body_len response_body_len status_code status_msg uri",
        {
            "method": "method", "host": "host", "uri": "uri", "user_agent": "user_agent", "referrer": "referrer",
            "status_code": "status", "request_body_len": "bytes_out", "response_body_len": "bytes_in",
            "username": "user",
        },
        "resp_mime_types", finish=_http, service="http",
    ),
    "ssl": zeek_log(
        "tls",
        "cipher curve server_name resumed established ssl_history next_protocol validation_status",
        {
            "server_name": "sni", "version": "tls_version", "cipher": "cipher", "ja3": "ja3", "ja3s": "ja3s",
            "ja4": "ja4", "subject": "subject", "issuer": "issuer", "validation_status": "validation",
            "established": "established",
        },
        "sni_matches_cert cert_chain_fps cert_chain_fuids", finish=_ssl, service="ssl",
    ),
    "files": zeek_log(
        "file",
        "fuid tx_hosts rx_hosts conn_uids seen_bytes overflow_bytes timedout",
        {**_FILE_HASHES, "source": "service", "filename": "filename", "seen_bytes": "size_bytes"},
        "tx_hosts rx_hosts conn_uids is_orig total_bytes", finish=_files,
    ),
    "smb_files": zeek_log(
        "file",
        "prev_name times.modified times.accessed times.created times.changed",
        {"action": "action", "path": "share", "name": "filename", "prev_name": "previous_filename",
         "size": "size_bytes"},
        service="smb",
    ),
    "smb_mapping": zeek_log(
        "file", "share_type native_file_system", {"path": "share"}, finish=_smb_mapping, service="smb"
    ),
    "smtp": zeek_log(
        "mail",
        "helo mailfrom rcptto last_reply x_originating_ip first_received",
        {"mailfrom": "mail_from", "rcptto": "rcpt_to", "subject": "subject", "user_agent": "user_agent"},
        "from reply_to", finish=heard, service="smtp",
    ),
    "dhcp": zeek_log(
        "dhcp",
        "msg_types client_addr server_addr requested_addr assigned_addr assigned_ip lease_time",
        {"client_addr": "src_ip", "server_addr": "dst_ip", "mac": "src_mac", "host_name": "hostname",
         "assigned_addr": "assigned_ip", "assigned_ip": "assigned_ip", "lease_time": "lease_s"},
        "requested_addr msg_types uids client_fqdn", finish=_dhcp, service="dhcp",
    ),
    "software": zeek_log(
        "software",
        "software_type version.major version.minor unparsed_version host_p",
        {"host": "src_ip", "host_p": "src_port", "name": "software", "software_type": "software_type"},
        "version.major version.minor version.minor2 version.minor3 version.addl unparsed_version",
        finish=_software,
    ),
    "notice": zeek_log(
        "ids_alert",
        "note msg sub actions suppress_for email_dest",
        {"note": "signature_id", "msg": "signature"},
        "src dst p actions", finish=_notice,
    ),
    "weird": zeek_log("other", "name addl notice peer", {}),
    "open_conn": zeek_log("other", "", {}),
    "arp": zeek_log("other", "operation orig_hw resp_hw",
                {"src_mac": "src_mac", "dst_mac": "dst_mac", "orig_h": "src_ip", "resp_h": "dst_ip"}),
    "modbus": zeek_log("other", "func pdu_type unit tid", {}),
    "dnp3": zeek_log("other", "fc_request fc_reply iin", {}),
    "s7comm": zeek_log("other", "rosctr function_name", {}),
    "bacnet": zeek_log("other", "bvlc_function pdu_service", {}),
    "cip": zeek_log("other", "cip_service cip_service_code", {}),
    "tftp": zeek_log("file", "wrq fname", {"fname": "filename"}, "wrq", finish=_tftp, service="tftp"),
    "dce_rpc": zeek_log("other", "endpoint operation named_pipe", {}),
    "x509": zeek_log("other", "certificate.version certificate.serial certificate.subject fingerprint", {}),
    "pe": zeek_log("other", "is_exe is_64bit uses_aslr compile_ts section_names", {}),
    "capture_loss": zeek_log("other", "ts_delta gaps acks percent_lost", {}),
    "syslog": zeek_log("line", "facility severity message", {}),
    "tunnel": zeek_log("other", "tunnel_type", {}),
    "stats": zeek_log("other", "pkts_proc events_proc reassem_tcp_size", {}),
    "reporter": zeek_log("other", "level location", {}),
    "packet_filter": zeek_log("other", "node filter init", {}),
    "snmp": zeek_log("other", "get_requests set_requests display_string", {}),
}  # fmt: skip
"""Every log with a meaning of its own, and marks of some others, so that they can be told apart without a name."""

OTHER = ZeekLog("other")
"""All logs that are not listed: kept whole, as JSON text."""
