"""What sshd, PAM, sudo, su and the account tools write → fields of an AuthEvent.

Names that a client sends (`Failed password for X from …`) may hold anything, the word `from` included: every
pattern is anchored at its end and takes the last address, which sshd itself wrote.
"""

import re
from collections.abc import Callable

from pipeline.ingest.format import Fields
from pipeline.ingest.told.logons import told_logon
from pipeline.ingest.told.pan import pan_logon
from pipeline.ingest.told.vpn_sessions import vpn_session

_MOST_REPEATS = 1000
_LOOK_AT = 8192
"""Characters of a message that are looked at: no tool writes more, and patterns stay quick on hostile lines."""
_REPEATED = re.compile(r"message repeated (\d{1,6}) times?: \[ ?(.*?) ?\]$")
_FROM = r"from (?P<src_ip>[0-9A-Za-z.:%_-]{1,255})(?: port (?P<src_port>\d{1,5}))?"
_TAIL = r"(?: ssh\d?)?(?: \[preauth\])?(?:: .*)?$"
_PAM = re.compile(
    r"(?:pam_[a-z0-9_]+\((?P<service>[^:)]{1,64})(?::(?P<stage>[a-z]+))?\): |\(?pam_[a-z0-9_]+\)?:? )?(?P<rest>.*)$"
)
_PAIR = re.compile(r"\b(\w+)=(\S*)")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")
_ADDRESS = re.compile(r"(?:from|by|rhost=|\[) ?(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.])")

_SSHD: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), action, outcome)
    for pattern, action, outcome in (
        (rf"Accepted (?P<method>\S+) for (?P<user>.*) {_FROM}{_TAIL}", "logon", "success"),
        (rf"Failed (?P<method>\S+) for (?:invalid user )?(?P<user>.*) {_FROM}{_TAIL}", "logon", "failure"),
        (rf"error: PAM: .{{4,64}}? for (?:(?:invalid|illegal) user )?(?P<user>.*) {_FROM}{_TAIL}", "logon", "failure"),
        (rf"(?:Invalid|Illegal) user (?P<user>.*) {_FROM}$", "invalid_user", "failure"),
        (rf"(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?P<user>.*) "
         rf"{_FROM}{_TAIL}", "attempts_exceeded", "failure"),
        (rf"User (?P<user>.*) {_FROM} not allowed because .*$", "logon", "failure"),
        (rf"ROOT LOGIN REFUSED {_FROM}.*$", "logon", "failure"),
        # Where only keys are taken, this is all that is written of a guess.
        (r"(?:Connection (?:closed|reset) by|Disconnected from) (?:invalid|authenticating) user (?P<user>.*) "
         r"(?P<src_ip>\S+) port (?P<src_port>\d{1,5}) \[preauth\]$", "disconnect", "failure"),
        (r"(?:Connection (?:closed|reset) by|Disconnected from) (?P<src_ip>\S+) port (?P<src_port>\d{1,5}) "
         r"\[preauth\]$", "disconnect", "unknown"),
        (r"Disconnected from (?:user (?P<user>.*) )?(?P<src_ip>\S+) port (?P<src_port>\d{1,5})$",
         "logoff", "success"),
    )
)  # fmt: skip

_ACCOUNTS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), action, outcome)
    for pattern, action, outcome in (
        (r"new (?:user|account): (?:name|account)=(?P<target_user>[^,]+)", "account_created", "success"),
        (r"failed adding user '(?P<target_user>[^']*)'", "account_created", "failure"),
        (r"delete user '(?P<target_user>[^']*)'", "account_deleted", "success"),
        (r"(?:add|delete|removed?) '(?P<target_user>[^']*)' (?:to|from) (?:shadow )?group ",
         "group_changed", "success"),
        (r"changed? user '(?P<target_user>[^']*)' password", "password_change", "success"),
        (r"(?:change|lock|unlock)d? user '(?P<target_user>[^']*)'", "account_changed", "success"),
        (r"password (?:for '?)?(?P<target_user>[^' ]+)'? changed by", "password_change", "success"),
    )
)  # fmt: skip
_SESSION = re.compile(
    r"session (?P<what>opened|closed) for user (?P<target>[^\s(]+)(?:\(uid=\d+\))?"
    r"(?: by (?P<by>[^\s(]*)\(uid=\d+\))?"
)
_PASSWORD = re.compile(r"password changed for (?P<user>\S+)|user \"(?P<missing>[^\"]*)\" does not exist in ")
_MORE = re.compile(r"(?:PAM )?(\d{1,6}) more authentication failures?; (.*)$")
_SUDO = re.compile(
    r"(?P<user>[^\s:]+) : (?:(?P<why>[^;=]{1,200}) ; )?TTY=\S+ ; PWD=.*? ; "
    r"USER=(?P<target_user>[^\s;]+) ;.*?COMMAND="
)
_CELLS = 14
"""Commas that a line of PAN-OS has at least."""
_SU = (
    (re.compile(r"(?:Successful su|successful su) for (?P<target_user>\S+) by (?P<user>\S+)"), "success"),
    (re.compile(r"(?:FAILED|failed) su for (?P<target_user>\S+) by (?P<user>\S+)"), "failure"),
    (re.compile(r"\(to (?P<target_user>[^)\s]+)\) (?P<user>\S+) on "), "success"),
)
_LOGIN = re.compile(r"FAILED LOGIN.{0,64}? (?:FOR|for) '?(?P<user>[^',]+)")


def auth_events(program: str, message: str) -> list[Fields]:
    """The auth fields of a message (`action`, `outcome`, `user`, `src_ip` …), once for every time it was repeated;
    empty where it tells nothing about authentication. `program` is the bare name, without `(pam_unix)` or pid, or
    empty where none is known.
    """
    message = message[:_LOOK_AT]
    repeated = _REPEATED.match(message)
    times = 1
    if repeated:
        times, message = min(max(int(repeated[1]), 1), _MOST_REPEATS), repeated[2]
    fields = _one(program, message)
    if fields is None:
        return []
    return [{name: value for name, value in fields.items() if value}] * times


def address_in(message: str) -> str | None:
    """The peer's address in a line of a network service, where one stands behind `from`, `by`, `rhost=` or `[`."""
    match = _ADDRESS.search(message)
    return match[1] if match else None


def _one(program: str, message: str) -> Fields | None:
    match = _PAM.match(message)
    found = pan_logon(message) if message.count(",") > _CELLS else None
    if found:
        return found
    if match and (match["service"] or "authentication failure" in message or "session " in message[:8]):
        found = _pam(match["service"] or program, match["rest"])
    if found or program in _TOOLS:
        return found or _TOOLS[program](message) or _more(message)
    return _more(message) or vpn_session(message) or told_logon(message)


def _pam(service: str, rest: str) -> Fields | None:
    if rest.startswith("authentication failure;"):
        return {"action": "authentication", "outcome": "failure", "method": "pam", **_pairs(rest)}
    session = _SESSION.match(rest)
    if session:
        opened = session["what"] == "opened"
        action = "session_opened" if opened else "session_closed"
        fields: Fields = {"action": action, "outcome": "success", "method": service, "user": session["target"]}
        by = session["by"]
        if by and by not in ("LOGIN", session["target"]):  # login(1) itself is no actor
            fields["user"], fields["target_user"] = by, session["target"]
        return fields
    password = _PASSWORD.match(rest)
    if password:
        outcome = "success" if password["user"] else "failure"
        target = password["user"] or password["missing"]
        return {"action": "password_change", "outcome": outcome, "target_user": target}
    return None


def _pairs(text: str) -> Fields:
    pairs = dict(reversed(_PAIR.findall(text[:2048])))  # the first of a name: what a client sent stands last
    rhost, user = pairs.get("rhost"), pairs.get("user")
    actor = pairs.get("ruser") or pairs.get("logname")
    numeric = rhost is not None and (_IPV4.match(rhost) is not None or ":" in rhost)
    return {"user": user or actor, "src_ip": rhost if numeric else None, "src_host": None if numeric else rhost}


def _more(message: str) -> Fields | None:
    match = _MORE.match(message)
    if not match:
        return None
    return {"action": "attempts_exceeded", "outcome": "failure", "method": "pam", **_pairs(match[2])}


def _first(patterns: tuple[tuple[re.Pattern[str], str, str], ...], message: str) -> Fields | None:
    for pattern, action, outcome in patterns:
        match = pattern.match(message)
        if match:
            return {"action": action, "outcome": outcome, **match.groupdict()}
    return None


def _sshd(message: str) -> Fields | None:
    return _first(_SSHD, message)


def _accounts(message: str) -> Fields | None:
    return _first(_ACCOUNTS, message)


def _sudo(message: str) -> Fields | None:
    match = _SUDO.match(message.strip())
    if not match:
        return None
    outcome = "failure" if match["why"] else "success"
    return {"action": "privilege_use", "outcome": outcome, "method": "sudo", "user": match["user"],
            "target_user": match["target_user"]}  # fmt: skip


def _su(message: str) -> Fields | None:
    for pattern, outcome in _SU:
        match = pattern.match(message)
        if match:
            return {"action": "privilege_use", "outcome": outcome, "method": "su", **match.groupdict()}
    return None


def _login(message: str) -> Fields | None:
    match = _LOGIN.match(message)
    return {"action": "logon", "outcome": "failure", "method": "login", "user": match["user"]} if match else None


_TOOLS: dict[str, Callable[[str], Fields | None]] = {
    "sshd": _sshd, "sshd-session": _sshd, "sudo": _sudo, "su": _su, "login": _login,
    "useradd": _accounts, "adduser": _accounts, "userdel": _accounts, "usermod": _accounts, "gpasswd": _accounts,
    "passwd": _accounts, "chpasswd": _accounts, "groupmod": _accounts,
}  # fmt: skip
