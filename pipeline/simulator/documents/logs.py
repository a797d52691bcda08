"""Documents of the logs source: syslog lines, logons, processes and web server lines."""

from typing import Any

from pipeline.simulator.tape import Tape

_BASE = ("host", "program", "pid", "severity", "message", "event_code", "user", "src_ip", "src_port")


def _log(tape: Tape, ts: float, form: str, kind: str, base: dict[str, Any], fields: dict[str, Any]) -> None:
    doc: dict[str, Any] = {"ts": round(ts, 6), "format": form}
    for name in _BASE:
        value = base.get(name)
        if value is not None:
            doc[name] = value
    doc["kind"] = kind
    for name, value in fields.items():
        if value is not None:
            doc[name] = value
    tape.add("logs", base["host"], doc)


def line(tape: Tape, ts: float, host: str, program: str, pid: int, severity: int, message: str) -> None:
    """LineEvent: a syslog line of an application."""
    tape.add(
        "logs",
        host,
        {
            "ts": round(ts, 6), "format": "syslog.rfc5424", "host": host, "program": program, "pid": pid,
            "severity": severity, "message": message, "kind": "line",
        },
    )  # fmt: skip


def auth(tape: Tape, ts: float, form: str, base: dict[str, Any], **fields: Any) -> None:
    """AuthEvent; fields in order: action, outcome, method, logon_type, domain, target_user, src_host."""
    _log(tape, ts, form, "auth", base, fields)


def process(tape: Tape, ts: float, base: dict[str, Any], form: str = "windows.sysmon", **fields: Any) -> None:
    """ProcessEvent; in order: action, image, command_line, parent_image, process_guid, target."""
    _log(tape, ts, form, "process", base, fields)


def web(tape: Tape, ts: float, base: dict[str, Any], **fields: Any) -> None:
    """WebEvent of an access log; fields in order: method, uri, status, bytes_in, user_agent, referrer."""
    _log(tape, ts, "web.combined", "web", base, fields)
