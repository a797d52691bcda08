"""JSON log records of a form that no other format knows: Elastic Common Schema, journald, containers, loggers."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.auth_lines import auth_events
from pipeline.ingest.format import Bad, Fields, Format, Item
from pipeline.ingest.json_records import dumps, head_objects, json_records
from pipeline.ingest.times import any_ts, epoch_ts

_TIMES = ("@timestamp", "__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "timestamp", "time", "ts",
          "datetime", "eventTime", "date", "t", "asctime", "created", "event.created")  # fmt: skip
_MESSAGES = ("message", "MESSAGE", "msg", "log", "event.original", "short_message", "text", "body")
_HOSTS = ("host.name", "host.hostname", "hostname", "_HOSTNAME", "host", "agent.hostname", "kubernetes.host",
          "server")  # fmt: skip
_PROGRAMS = ("process.name", "SYSLOG_IDENTIFIER", "_COMM", "service.name", "logger", "logger_name", "log.logger",
             "program", "app", "component", "name", "kubernetes.container_name", "container.name")  # fmt: skip
_LEVELS = ("log.level", "level", "severity", "PRIORITY", "levelname", "loglevel", "lvl")
_PIDS = ("process.pid", "_PID", "SYSLOG_PID", "pid")
_USERS = ("user.name", "user", "username")
_SOURCES = ("source.ip", "client.ip", "src_ip", "remote_addr", "client_ip")
_LOG_MARKS = (*_MESSAGES[:5], *_LEVELS, "_HOSTNAME", "logger", "stream", "host.name", "event.action")
_SEVERITIES = {"em": 0, "pa": 0, "al": 1, "cr": 2, "fa": 2, "er": 3, "wa": 4, "no": 5, "in": 6, "de": 7, "tr": 7}
_HEALTH = ("resourceType", "patient", "patient_id", "patientId", "mrn", "MRN", "subject.reference")


class JsonLines(Format):
    """Objects with a time and a message, level or logger; JSON without these may be anybody's data: refused."""

    id = "json"
    title = "JSON log records (ECS, journald, containers, loggers)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Less than any format that knows its fields."""
        rows = head_objects(head)
        return 0.2 * sum(map(_is_log, rows)) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A LineEvent of every object, an AuthEvent where its message tells of a logon."""
        for record in json_records(stream, self.id):
            if isinstance(record, Bad):
                yield record
                continue
            ts = _ts(record.value) if _is_log(record.value) else None
            if ts is None:
                reason = "the record is no log record: it needs a time and a message, level or logger"
                yield Bad(record.position, reason, record.raw, self.id)
            else:
                yield from _items(record.value, ts, record.position, record.raw)


def _items(row: dict[str, Any], ts: float, position: str, raw: bytes) -> Iterator[Item]:
    message = _text(_pick(row, _MESSAGES))
    program = _text(_pick(row, _PROGRAMS))
    pid = _text(_pick(row, _PIDS))
    fields: Fields = {
        "ts": ts,
        "format": "json",
        "host": _text(_pick(row, _HOSTS)),
        "program": program,
        "pid": int(pid) if pid.isdecimal() and len(pid) < 16 else None,
        "severity": _severity(_pick(row, _LEVELS)),
        "user": _text(_pick(row, _USERS)),
        "src_ip": _text(_pick(row, _SOURCES)),
        "message": message.strip() or dumps(row),
        "data": dumps(row) if message else None,
    }
    auths = auth_events(program, message) if program and message else []
    for part, auth in enumerate(auths):
        yield Item("logs", {**fields, **auth, "kind": "auth"}, position, raw, part)
    if not auths:
        yield Item("logs", {**fields, "kind": "line"}, position, raw)


def _is_log(row: Any) -> bool:
    if not isinstance(row, dict) or any(_reach(row, name) is not None for name in _HEALTH):
        return False
    return _pick(row, _TIMES) is not None and any(_reach(row, name) is not None for name in _LOG_MARKS)


def _ts(row: dict[str, Any]) -> float | None:
    for name in _TIMES:
        value = _reach(row, name)
        if value is None:
            continue
        ts = any_ts(value)
        if ts is not None:
            return epoch_ts(ts)
    return None


def _pick(row: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((value for name in names if (value := _reach(row, name)) not in (None, "")), None)


def _reach(row: dict[str, Any], name: str) -> Any:
    """The value of a dotted name, written so or nested."""
    if name in row:
        return row[name]
    first, _, rest = name.partition(".")
    inner = row.get(first)
    return _reach(inner, rest) if rest and isinstance(inner, dict) else None


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict):
        return ""
    return value if isinstance(value, str) else dumps(value)


def _severity(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= 7 else None
    if not isinstance(value, str):
        return None
    return int(value) if value in "01234567" and len(value) == 1 else _SEVERITIES.get(value[:2].lower())
