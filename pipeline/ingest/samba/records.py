"""What Samba writes of log-ons and of its directory as JSON → fields of our log events.

Kinds and fields are those of `auth_json_audit` and `dsdb_json_audit` (smb.conf(5), `log level`); where they mean what
an event of Windows means they carry its number, and are told in its words.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.json_records import dumps
from pipeline.ingest.times import any_ts

Row = dict[str, Any]

FORMAT = "samba"
_DONE = "NT_STATUS_OK"
_PEER = re.compile(r"ipv[46]:(?P<ip>[\da-fA-F.:]+):(?P<port>\d{1,5})")
_COMMON_NAME = re.compile(r"CN=((?:[^,\\]|\\.){1,256}),", re.IGNORECASE)
_KNOWN_SIDS = {"S-1-5-18": "SYSTEM", "S-1-5-7": "ANONYMOUS LOGON"}
_ADMINISTRATOR = re.compile(r"S-1-5-21(?:-\d+){3}-500")
_OWN_DAEMON = "NTLM_AUTH, smbd"
"""Samba's file server asks its winbind: the same log-on told twice."""
_MEMBER = frozenset(("Added", "Removed"))
_ACCOUNTS = {"user": "4720", "computer": "4741"}
_ADDED, _CHANGED = "5137", "5136"
_LAST_PORT = 65_535


def is_samba(row: Row) -> bool:
    """Whether the object is one of Samba's audit records."""
    kind = row.get("type")
    return isinstance(kind, str) and kind in _KINDS and isinstance(row.get(kind), dict) and "timestamp" in row


def samba_item(row: Row, host: str, position: str, raw: bytes) -> Item | Bad:
    """The event of one record of `is_samba`. `host`: the machine that wrote it, where what carried the record says so;
    else it is the address that was asked."""
    ts = any_ts(row["timestamp"])
    if ts is None:
        return Bad(position, "the record has no time that can be read", raw, FORMAT)
    return Item("logs", samba_fields(row["type"], row[row["type"]], ts, host), position, raw)


def samba_fields(kind: str, told: Row, ts: float, host: str) -> Fields:
    """Fields of the event of what one record of a kind tells."""
    local, remote = _peer(told.get("localAddress")), _peer(told.get("remoteAddress"))
    code = _whole(told.get("eventId"), _LAST_PORT)
    fields: Fields = {
        "ts": ts,
        "format": FORMAT,
        "program": FORMAT,
        "host": host or (local["ip"] if local else None),
        "src_ip": remote["ip"] if remote else None,
        "src_port": int(remote["port"]) if remote and int(remote["port"]) <= _LAST_PORT else None,
        "event_code": None if code is None else str(code),
        "data": dumps(told),
        "kind": "auth",
    }
    reader = _KINDS[kind]
    known = reader(told) if reader else None
    return fields | (known or {"kind": "line", "message": dumps({"type": kind, kind: told}), "data": None})


def _authentication(told: Row) -> Fields | None:
    """A password, hash or ticket was shown. A member server's question to its controller names that server as its
    peer; who asked is the workstation."""
    service, how = _text(told, "serviceDescription"), _text(told, "authDescription")
    if service == "winbind" and how.startswith(_OWN_DAEMON):
        return None
    kerberos, passed_on = service == "Kerberos KDC", service == "SamLogon"
    fields: Fields = {
        "action": "ticket" if kerberos else "credential_check" if passed_on else "logon",
        "outcome": "success" if told.get("status") == _DONE else "failure",
        "method": "kerberos" if kerberos else _method(told),
        "logon_type": None if kerberos else _whole(told.get("logonType"), 255),
        "domain": _text(told, "becameDomain", "mappedDomain", "clientDomain") or None,
        "user": _text(told, "becameAccount", "mappedAccount", "clientAccount").partition("@")[0] or None,
        "message": f"{service} {how} {_text(told, 'passwordType')} {_text(told, 'status')}".strip(),
    }
    if how != "simple bind":  # there the server names itself
        fields["src_host"] = _text(told, "workstation").lstrip("\\") or None
    if passed_on:
        fields["src_ip"] = fields["src_port"] = None
    return fields


def _method(told: Row) -> str | None:
    kind = _text(told, "passwordType")
    return "ntlm" if kind.startswith("NTLM") else "password" if kind == "Plaintext" else None


def _authorization(told: Row) -> Fields | None:
    """A session begins. With a ticket it is the only record of the log-on; others follow an `Authentication`."""
    if _text(told, "authType") != "krb5":
        return None
    return {
        "action": "logon", "outcome": "success", "method": "kerberos", "event_code": "4624", "logon_type": 3,
        "domain": _text(told, "domain") or None, "user": _text(told, "account") or None,
        "message": f"{_text(told, 'serviceDescription')} session",
    }  # fmt: skip


def _password(told: Row) -> Fields | None:
    target = _common_name(told.get("dn"))
    return {
        **_by(told), "action": "password_change", "target_user": target,
        "message": f"password {_text(told, 'action').lower()} of {target}",
        "data": dumps({**told, "TargetUserName": target}),
    }  # fmt: skip


def _group(told: Row) -> Fields | None:
    group, member = _common_name(told.get("group")), _common_name(told.get("user"))
    action = _text(told, "action")
    if action not in _MEMBER or group == member:  # a new account is told as added to itself, too
        return None
    return {
        **_by(told), "action": "group_changed", "target_user": member,
        "message": f"{member} {action.lower()}: {group}",
        "data": dumps({**told, "TargetUserName": group, "MemberName": member}),
    }  # fmt: skip


def _directory(told: Row) -> Fields | None:
    """An object of the directory is made or changed: an account, else a line in the words of Windows' event of it."""
    attributes = told.get("attributes")
    changed = attributes if isinstance(attributes, dict) else {}
    made = told.get("operation") == "Add"
    kinds = [kind for kind in _ACCOUNTS if kind in _values(changed.get("objectClass"))] if made else []
    where = {"ObjectDN": told.get("dn"), "ObjectClass": ",".join(_values(changed.get("objectClass"))),
             "AttributeLDAPDisplayName": ",".join(changed)}  # fmt: skip
    fields = {**_by(told), "data": dumps({**told, **where})}
    if kinds:
        name = next(iter(_values(changed.get("sAMAccountName"))), None) or _common_name(told.get("dn"))
        fields |= {"action": "account_created", "event_code": _ACCOUNTS[kinds[0]], "target_user": name}
        return fields | {"message": f"account {name} created"}
    if not changed:
        return None
    message = f"{told.get('operation')} {told.get('dn')}: {where['AttributeLDAPDisplayName']}"
    return {**fields, "kind": "line", "event_code": _ADDED if made else _CHANGED, "message": message}


def _by(told: Row) -> Fields:
    """Who did it, as far as a SID tells, and whether it was done."""
    sid = _text(told, "userSid")
    user = "Administrator" if _ADMINISTRATOR.fullmatch(sid) else _KNOWN_SIDS.get(sid, sid)
    return {"user": user or None, "outcome": "success" if told.get("statusCode") == 0 else "failure"}


def _values(attribute: Any) -> list[str]:
    actions = _list(attribute, "actions")
    values = [value for action in actions for value in _list(action, "values")]
    return [value["value"] for value in values if isinstance(value, dict) and isinstance(value.get("value"), str)]


def _list(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _common_name(name: Any) -> str | None:
    match = _COMMON_NAME.match(name) if isinstance(name, str) else None
    return match[1].replace("\\", "") if match else None


def _whole(value: Any, most: int) -> int | None:
    return value if type(value) is int and 0 <= value <= most else None


def _text(told: Row, *names: str) -> str:
    """The first of these fields that holds a text."""
    return next((value for name in names if isinstance(value := told.get(name), str) and value), "")


def _peer(value: Any) -> re.Match[str] | None:
    match = _PEER.fullmatch(value) if isinstance(value, str) and len(value) < 80 else None
    try:
        return match if match and ip_address(match["ip"]) else None
    except ValueError:
        return None


_KINDS: dict[str, Callable[[Row], Fields | None] | None] = {
    "Authentication": _authentication, "Authorization": _authorization, "KDC Authorization": None,
    "passwordChange": _password, "groupChange": _group, "dsdbChange": _directory, "dsdbTransaction": None,
    "replicatedUpdate": None,
}  # fmt: skip
"""A reader of each kind; what has none, or of which it says None, is a line."""
