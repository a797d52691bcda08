"""Records of the Linux audit daemon (`type=… msg=audit(time:serial): …`) → logons, accounts, processes."""

import re
from collections.abc import Callable

from pipeline.ingest.format import Fields, whole_number

_RECORD = re.compile(
    r"(?:node=(?P<node>\S{1,255}) )?type=(?P<type>[A-Z_0-9]{2,40}) (?:msg=)?"
    r"audit\((?P<ts>\d{10}(?:\.\d{1,9})?):(?P<serial>\d{1,19})\): ?"
)
_PAIR = re.compile(r"\b([a-z][a-z0-9_-]{0,32})=(\"[^\"]*\"|'[^']*$|\([^)]*\)|[^\s'\"]+)")
_HEX = re.compile(r"(?:[0-9A-F]{2})+$")
_ARGUMENT = re.compile(r"a\d+$")
_UNSET = frozenset(("?", "(none)", "(null)", "unset", "4294967295", ""))
_LOOK_AT = 16_384
_LOGONS = {
    "USER_LOGIN": "logon", "USER_AUTH": "authentication", "USER_ERR": "authentication",
    "USER_START": "session_opened", "USER_END": "session_closed", "USER_LOGOUT": "logoff",
}  # fmt: skip
_ACCOUNTS = {"ADD_USER": "account_created", "DEL_USER": "account_deleted", "USER_CHAUTHTOK": "password_change",
             "ADD_GROUP": "group_created", "DEL_GROUP": "group_deleted", "USER_MGMT": "account_changed",
             "GRP_MGMT": "group_changed", "USER_CMD": "privilege_use", "ACCT_LOCK": "lockout"}  # fmt: skip


class AuditLines:
    """Follows one file: an EXECVE record gets what the SYSCALL record before it said of the same event."""

    def __init__(self) -> None:
        self._serial, self._call = "", dict[str, str]()

    def fields(self, line: str) -> Fields | None:
        """`ts` and the fields of an event, `kind` included; None for what is no audit record."""
        match = _RECORD.search(line, 0, 600)
        if not match:
            return None
        rest = line[match.end() : match.end() + _LOOK_AT]
        pairs = {name: _plain(value, name) for name, value in reversed(_PAIR.findall(rest))}
        kind, serial = match["type"], match["serial"]
        fields: Fields = {
            "ts": float(match["ts"]),
            "program": "auditd",
            "event_code": kind,
            "message": f"{kind} {rest}",
        }
        if match["node"]:
            fields["host"] = match["node"]
        if kind == "SYSCALL":
            self._serial, self._call = serial, pairs
        call = self._call if serial == self._serial else {}
        handler = _handler(kind)
        fields.update(handler(pairs, call) if handler else {"kind": "line"})
        return {name: value for name, value in fields.items() if value is not None}


def _plain(value: str, name: str) -> str:
    """The value without quotes; unquoted hexadecimal of names, commands and arguments is how auditd writes odd text."""
    if value[:1] in "\"'(":
        return value.strip("\"'")
    if (
        (name in ("acct", "cmd", "exe", "comm", "name") or _ARGUMENT.match(name))
        and _HEX.match(value)
        and len(value) > 3
    ):
        return bytes.fromhex(value).decode("utf-8", "backslashreplace").replace("\x00", " ")
    return value


def _handler(kind: str) -> Callable[[dict[str, str], dict[str, str]], Fields] | None:
    if kind in _LOGONS:
        return lambda pairs, _: _account(pairs, _LOGONS[kind], "user")
    if kind in _ACCOUNTS:
        return lambda pairs, _: _account(pairs, _ACCOUNTS[kind], "target_user")
    return _process if kind == "EXECVE" else None


def _account(pairs: dict[str, str], action: str, whose: str) -> Fields:
    result = pairs.get("res", pairs.get("result", ""))
    address = _set(pairs.get("addr")) or _set(pairs.get("hostname"))
    numeric = address is not None and re.fullmatch(r"[\d.]+|[\da-fA-F:]*:[\da-fA-F:.]*", address) is not None
    name = _set(pairs.get("acct")) or _set(pairs.get("id"))
    fields: Fields = {"kind": "auth", "action": action, "outcome": _outcome(result), whose: name,
                      "src_ip": address if numeric else None, "src_host": None if numeric else address}  # fmt: skip
    if action == "privilege_use":
        fields.update(method="sudo", target_user="root", user=_set(pairs.get("auid")) or _set(pairs.get("uid")))
    return fields


def _outcome(result: str) -> str:
    return {
        "success": "success",
        "1": "success",
        "yes": "success",
        "failed": "failure",
        "0": "failure",
        "no": "failure",
    }.get(result.strip("'"), "unknown")


def _process(pairs: dict[str, str], call: dict[str, str]) -> Fields:
    arguments = [pairs[f"a{k}"] for k in range(256) if f"a{k}" in pairs]
    return {
        "kind": "process",
        "action": "start",
        "image": _set(call.get("exe")) or (arguments[0] if arguments else None),
        "command_line": " ".join(arguments) or None,
        "user": _set(call.get("AUID")) or _set(call.get("auid")) or _set(call.get("uid")),
        "pid": whole_number(call.get("pid")),
    }


def _set(text: str | None) -> str | None:
    return None if text is None or text in _UNSET else text
