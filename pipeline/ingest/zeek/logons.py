"""Zeek's logs of log-ons, and of protocols in which somebody logs on among other things."""

import re
from ipaddress import ip_address
from typing import Any

from pipeline.ingest.format import Fields
from pipeline.ingest.zeek.log import ZeekLog, zeek_log

_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}")
_OF_WHOM = re.compile(r"sips?:([^@;>\s]{1,128})@")


def outcome(success: Any) -> str:
    """What a column of type bool says, in either form."""
    return {True: "success", False: "failure", "T": "success", "F": "failure"}.get(success, "unknown")


def _ssh(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = outcome(extra.get("auth_success"))


def _rdp(fields: Fields, extra: dict[str, Any]) -> None:
    result = str(extra.get("result") or "")
    if "auth_success" in extra:
        fields["outcome"] = outcome(extra["auth_success"])
    elif result.lower().startswith(("success", "fail", "ssl_not", "hybrid_required")):
        fields["outcome"] = "success" if result.lower().startswith("success") else "failure"
    if fields.get("outcome") == "failure":
        fields["error"] = result


def _kerberos(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = outcome(extra.get("success"))
    name, _, realm = str(fields.get("user") or "").rpartition("/")
    if name or realm:
        fields["user"], fields["domain"] = (name, realm) if name or fields["user"][:1] == "/" else (realm, None)


def _told_whether(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = outcome(extra.get("success"))


def _ftp(fields: Fields, extra: dict[str, Any]) -> None:
    code = str(extra.get("reply_code") or "")
    if code == "230":
        fields["outcome"] = "success"
    elif code in ("430", "530"):
        fields["outcome"] = "failure"
        fields["error"] = extra.get("reply_msg")


def _radius(fields: Fields, extra: dict[str, Any]) -> None:
    """Who asks RADIUS asks for others: a log-on is of the machine that calls him, where its address is told."""
    fields["outcome"] = {"success": "success", "failed": "failure"}.get(str(extra.get("result")), "unknown")
    if fields["outcome"] == "failure":
        fields["error"] = extra.get("reply_msg")
    fields["server"] = fields.pop("src_ip", None)
    fields.pop("src_port", None)
    fields.pop("src_mac", None)
    for caller in (str(extra.get(name) or "") for name in ("tunnel_client", "mac")):
        try:
            fields["src_ip"] = str(ip_address(caller))
        except ValueError:
            if found := _MAC.match(caller):
                digits = re.sub("[:-]", "", found[0]).lower()
                fields["src_mac"] = ":".join(digits[k : k + 2] for k in range(0, 12, 2))
        else:
            return


def _rfb(fields: Fields, extra: dict[str, Any]) -> None:
    fields["outcome"] = outcome(extra.get("auth"))


def _ldap(row: dict[str, Any]) -> Fields | None:
    """A simple bind; logons by other ways are told by logs of their own."""
    if row.get("opcode") != "bind simple" or not row.get("object"):
        return None
    result = row.get("result")
    how = {"success": "success", "invalid credentials": "failure"}.get(str(result), "unknown")
    return {"user": row["object"], "outcome": how, "request_type": "bind simple",
            "error": None if how == "success" else row.get("diagnostic_message") or result}  # fmt: skip


def _mysql(row: dict[str, Any]) -> Fields | None:
    if row.get("cmd") not in ("login", "change_user"):
        return None
    how = outcome(row.get("success"))
    return {"user": row.get("arg"), "outcome": how, "request_type": row["cmd"],
            "error": row.get("response") if how == "failure" else None}  # fmt: skip


def _postgresql(row: dict[str, Any]) -> Fields | None:
    if row.get("frontend") != "startup":
        return None
    how = outcome(row.get("success"))
    error = row.get("error") or row.get("backend_arg")
    return {"user": row.get("user"), "target": row.get("database"), "client": row.get("application_name"),
            "outcome": how, "error": error if how == "failure" else None}  # fmt: skip


def _mqtt(row: dict[str, Any]) -> Fields | None:
    """Refusals of brokers that mean a name or password, by Zeek's words or the protocol's codes (MQTT 3.1.1, 5.0)."""
    status = str(row.get("connect_status") or "").lower()
    wrong = status.endswith(("bad user name or password", "not authorized", "code 4", "code 5", "code 134", "code 135"))
    if not wrong and status != "connection accepted":
        return None
    return {"client": row.get("client_id"), "outcome": "failure" if wrong else "success",
            "error": row.get("connect_status") if wrong else None}  # fmt: skip


def _redis(row: dict[str, Any]) -> Fields | None:
    if str(row.get("cmd.name")).upper() != "AUTH":
        return None
    return {"user": row.get("user"), "outcome": outcome(row.get("success")), "error": row.get("error")}


def _sip(row: dict[str, Any]) -> Fields | None:
    """A registration that was taken or refused; that a telephone is asked for credentials first is no refusal."""
    code = str(row.get("status_code"))
    refused = code == "403" or (code in ("401", "407") and row.get("credentials") is True)
    if row.get("method") != "REGISTER" or not (refused or code == "200"):
        return None
    named = _OF_WHOM.search(str(row.get("request_to") or ""))
    return {"user": row.get("user") or (named[1] if named else None), "request_type": "REGISTER",
            "outcome": "failure" if refused else "success",
            "error": f"{code} {row.get('status_msg') or ''}".strip() if refused else None}  # fmt: skip


def _socks(row: dict[str, Any]) -> Fields | None:
    status = row.get("status")
    if not row.get("user") or status not in ("succeeded", "authentication failed"):
        return None
    refused = status != "succeeded"
    return {"user": row["user"], "target": row.get("request.name") or row.get("request.host"),
            "outcome": "failure" if refused else "success", "error": status if refused else None}  # fmt: skip


_TOLD = {"user": "user", "mechanism": "request_type", "client": "client", "error": "error"}
LOGONS: dict[str, ZeekLog] = {
    "ssh": zeek_log(
        "auth",
        "auth_success auth_attempts cipher_alg mac_alg compression_alg kex_alg host_key_alg",
        {"auth_attempts": "attempts", "client": "client", "server": "server", "cipher_alg": "cipher"},
        "auth_success", finish=_ssh, service="ssh",
    ),
    "rdp": zeek_log(
        "auth",
        "cookie result security_protocol keyboard_layout client_build desktop_width cert_count",
        {"cookie": "user", "client_name": "client", "encryption_method": "cipher"},
        "result auth_success", finish=_rdp, service="rdp",
    ),
    "kerberos": zeek_log(
        "auth",
        "request_type till from forwardable renewable error_msg",
        {"client": "user", "service": "target", "request_type": "request_type", "cipher": "cipher",
         "error_msg": "error"},
        "success", finish=_kerberos, service="kerberos",
    ),
    "ntlm": zeek_log(
        "auth",
        "domainname server_nb_computer_name server_dns_computer_name server_tree_name",
        {"username": "user", "hostname": "client", "domainname": "domain", "server_dns_computer_name": "server",
         "status": "error"},
        "success", finish=_told_whether, service="ntlm",
    ),
    "telnet": zeek_log("auth", "", {"user": "user"}, "success", finish=_told_whether, service="telnet"),
    "ftp": zeek_log(
        "auth",
        "reply_code reply_msg data_channel.passive data_channel.resp_h",
        {"user": "user", "command": "request_type", "arg": "target"},
        "reply_code reply_msg", finish=_ftp, service="ftp",
    ),
    **{
        log: zeek_log("auth", "", _TOLD, "success", finish=_told_whether, service=service)
        for log, service in (("pop3", "pop3"), ("imap", "imap"), ("smtp_auth", "smtp"), ("mssql", "mssql"),
                             ("mongodb", "mongodb"))
    },
    "radius": zeek_log(
        "auth",
        "framed_addr tunnel_client connect_info",
        {"username": "user", "framed_addr": "target"},
        "mac tunnel_client reply_msg result", finish=_radius, service="radius",
    ),
    "rfb": zeek_log(
        "auth",
        "authentication_method share_flag desktop_name client_major_version server_major_version",
        {"authentication_method": "request_type"}, "auth", finish=_rfb, service="vnc",
    ),
    "ldap": zeek_log("other", "message_id opcode diagnostic_message", {}, logon=_ldap, service="ldap"),
    "ldap_search": zeek_log("other", "deref_aliases base_object result_count", {}, service="ldap"),
    "mqtt_connect": zeek_log("other", "connect_status client_id", {}, logon=_mqtt, service="mqtt"),
    "mysql": zeek_log("other", "", {}, logon=_mysql, hidden=frozenset(("arg", "response")), service="mysql"),
    "postgresql": zeek_log(
        "other", "frontend frontend_arg backend backend_arg", {},
        logon=_postgresql, hidden=frozenset(("frontend_arg", "backend_arg")), service="postgresql",
    ),
    "redis": zeek_log(
        "other", "cmd.name cmd.key cmd.value reply.value", {},
        logon=_redis, hidden=frozenset(("cmd.key", "cmd.value", "reply.value")), service="redis",
    ),
    "sip": zeek_log("other", "call_id request_from request_to response_path", {}, logon=_sip, service="sip"),
    "socks": zeek_log("other", "request.host request.name request_p bound.host", {}, logon=_socks, service="socks"),
}  # fmt: skip
"""Of logs that only packets give, too (`telnet`, mailboxes, some databases): Zeek has none of these names."""
