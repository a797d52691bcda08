"""Where a Sigma field is in our events: Sigma's field names → columns, by source.

Only where an event has no such value under its own name (`data` of logs, `detail` of network events) is the column
taken. Names in lower case.
"""

from collections.abc import Callable

JSON_COLUMN = {"logs": "data", "network": "detail"}
"""The column that keeps a record's own fields as JSON text."""
EVENT_TIME = frozenset(("utctime", "@timestamp", "timestamp", "timecreated", "eventtime", "ts", "date", "datetime"))
Cut = Callable[[str], str]


def _whole(text: str) -> str:
    return text


def _path(uri: str) -> str:
    return uri.partition("?")[0]


def _query(uri: str) -> str:
    return uri.partition("?")[2]


def _ending(uri: str) -> str:
    return _path(uri).rpartition("/")[2].rpartition(".")[2]


def _address(target: str) -> str:
    return target.rpartition(":")[0].strip("[]")


def _port(target: str) -> str:
    return target.rpartition(":")[2]


Place = tuple[str, Cut]
"""A column and what of its text is meant; what is cut out is a part of the text as it stands."""


def _table(rows: dict[str, str]) -> dict[str, tuple[Place, ...]]:
    """`columns` → names: the first of the columns that is set."""
    return {
        name: tuple((column, _whole) for column in columns.split())
        for columns, names in rows.items()
        for name in names.split()
    }


_LOGS = _table({
    "image": "image newprocessname processname sourceimage exe process application",
    "command_line": "commandline processcommandline cmdline",
    "parent_image": "parentimage parentprocessname",
    "parent_command_line": "parentcommandline",
    "process_guid": "processguid",
    "target": "targetfilename targetobject imageloaded pipename queryname targetimage device taskname objectname "
              "sharename servicename destination",
    "user": "user subjectusername username account cs-username",
    "target_user user": "targetusername",
    "host": "computer computername hostname host",
    "program": "provider_name program source facility",
    "event_code": "eventid event_id",
    "message": "message data msg body",
    "src_ip": "ipaddress sourceip src_ip c-ip clientaddress sourceaddress",
    "src_port": "ipport sourceport src_port",
    "src_host": "workstationname workstation src_host sourcehostname",
    "domain": "targetdomainname subjectdomainname",
    "logon_type": "logontype",
    "pid": "processid pid newprocessid",
    "method": "authenticationpackagename cs-method method http_method",
    "outcome": "outcome",
    "action": "action",
    "status": "sc-status status",
    "bytes_in": "sc-bytes",
    "user_agent": "cs-user-agent c-useragent useragent user_agent",
    "referrer": "cs-referer cs-referrer referer referrer",
    "uri": "c-uri cs-uri uri request url",
}) | {
    "c-uri-stem": (("uri", _path),), "cs-uri-stem": (("uri", _path),), "uri_path": (("uri", _path),),
    "cs-uri-query": (("uri", _query),), "c-uri-query": (("uri", _query),), "c-uri-extension": (("uri", _ending),),
    "cs-host": (("host", _whole),),
    "destinationip": (("target", _address),), "destinationport": (("target", _port),),
}  # fmt: skip
_NETWORK = _table({
    "src_ip": "src_ip id.orig_h sourceip c-ip source.ip source_ip orig_h src",
    "dst_ip": "dst_ip id.resp_h destinationip dest_ip destination.ip destination_ip resp_h dst",
    "src_port": "src_port id.orig_p sourceport source.port",
    "dst_port": "dst_port id.resp_p destinationport dest_port destination.port",
    "proto": "proto protocol",
    "service target": "service",
    "target": "target",
    "uid": "uid",
    "duration_s": "duration",
    "bytes_out": "orig_bytes cs-bytes bytes_out",
    "bytes_in": "resp_bytes sc-bytes bytes_in",
    "packets_out": "orig_pkts",
    "packets_in": "resp_pkts",
    "conn_state": "conn_state",
    "history": "history",
    "query": "query queryname dns.question.name question record",
    "qtype": "qtype_name record_type qtype query_type",
    "rcode": "rcode_name rcode responsecode response_code",
    "answers": "answers answer",
    "method": "method cs-method http_method c-method",
    "host": "cs-host r-dns host http.host",
    "uri": "uri c-uri cs-uri url",
    "user_agent": "user_agent c-useragent cs-user-agent useragent",
    "referrer": "referrer cs-referer cs-referrer",
    "status": "status_code sc-status status",
    "mime_type": "resp_mime_types mime_type content_type",
    "user": "user username cs-username cookie client",
    "sni": "server_name sni",
    "tls_version": "version",
    "cipher": "cipher",
    "ja3": "ja3",
    "ja3s": "ja3s",
    "ja4": "ja4",
    "subject": "subject",
    "issuer": "issuer",
    "validation": "validation_status",
    "action request_type": "action command",
    "share": "path share",
    "filename": "name filename",
    "previous_filename": "prev_name",
    "size_bytes": "size seen_bytes",
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "request_type": "request_type",
    "error": "error_msg error_code",
    "domain": "domainname domain",
    "client": "client_name",
    "server": "server server_dns_computer_name",
    "software": "software",
    "mail_from": "mailfrom",
    "rcpt_to": "rcptto to",
    "hostname": "host_name hostname",
    "src_mac": "mac orig_l2_addr",
    "dst_mac": "resp_l2_addr",
    "signature": "msg signature alert.signature",
    "signature_id": "note signature_id alert.signature_id",
    "category": "category",
}) | {
    "c-uri-stem": (("uri", _path),), "cs-uri-stem": (("uri", _path),), "cs-uri-query": (("uri", _query),),
    "c-uri-query": (("uri", _query),), "c-uri-extension": (("uri", _ending),),
}  # fmt: skip
PLACES = {"logs": _LOGS, "network": _NETWORK}
"""Source → field in lower case → places, the first that is set. Fields that are columns by name need no entry."""
