"""Rows of Zeek logs → events: the last steps that TSV and JSON share, and telling a log by its columns."""

from collections.abc import Iterable
from typing import Any

from pipeline.ingest.format import Bad, Fields, Item
from pipeline.ingest.json_records import dumps
from pipeline.ingest.times import any_ts
from pipeline.ingest.zeek.log import ADDRESSES, SECRETS, ZeekLog
from pipeline.ingest.zeek.logs import LOGS, OTHER

_NAMES = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
_SEVERITIES = {name: number for number, name in enumerate(_NAMES)}
_INTERNAL = frozenset(("_path", "_write_ts", "_system_name", "_node_name"))


def log_named(name: str) -> ZeekLog:
    """The log of this name; `OTHER` for those without a meaning of their own."""
    return LOGS.get(name, OTHER)


def is_zeek(row: dict[str, Any]) -> bool:
    """Whether a JSON object is a row of one of Zeek's logs."""
    if "event_type" in row and "timestamp" in row:
        return False
    timed = "ts" in row or "_path" in row
    return timed and ("_path" in row or "id.orig_h" in row or "uid" in row or log_by_columns(row)[1] >= 2)


def log_by_columns(columns: Iterable[str]) -> tuple[str, int]:
    """(name, number of marks) of the log that has most of these columns; ("", 0) where none fits."""
    there = set(columns)
    best, most = "", 0
    for name, log in LOGS.items():
        count = len(log.marks & there)
        if count > most:
            best, most = name, count
    return best, most


def log_by_name(file_name: str) -> str:
    """The log that a file name begins with (`conn.00:00:00-01:00:00.log`, `zeek_http_json.log`), or ""."""
    base = file_name.lower().split(".", 1)[0]
    if base in LOGS:
        return base
    words = base.replace("-", "_").split("_")
    return next((word for word in words if word in LOGS), "")


def item_of(path: str, log: ZeekLog, fields: Fields, extra: dict[str, Any], position: str, raw: bytes) -> Item | Bad:
    """The event of one row.

    fields: event fields by `log.target`; extra: values of `log.extra`, or of every other column for logs of kind
    `other` and `line`.
    """
    if "ts" not in fields:
        return Bad(position, "the row has no time (column ts)", raw, f"zeek.{path}")
    if log.kind == "line":
        return _syslog(fields, extra, position, raw)
    logon = log.logon(extra) if log.logon else None
    if logon is not None:
        fields |= logon
    elif log.kind == "other":
        fields["name"] = path
        kept = {name: value for name, value in extra.items() if name not in log.hidden} if log.hidden else extra
        if kept:
            fields["detail"] = dumps(kept)
    elif log.finish:
        log.finish(fields, extra)
    if log.service:
        fields["service"] = log.service
    fields["format"] = f"zeek.{path}"
    fields["kind"] = log.kind if logon is None else "auth"
    # One line a connection; of one connection, the other logs may hold several that look the same.
    return Item("network", fields, position, raw, identified=path == "conn" and "uid" in fields)


def wants(log: ZeekLog, column: str) -> str | None:
    """What becomes of a column: an event field, `+` for the extras, None for nothing."""
    target = log.target(column)
    if target:
        return target
    if log.kind in ("other", "line"):
        return None if column in SECRETS or column in _INTERNAL else "+"
    return "+" if column in log.extra else None


def item_of_object(row: dict[str, Any], path: str, position: str, raw: bytes) -> Item | Bad:
    """The event of a JSON row; times may be epoch numbers or ISO text."""
    nested = row.get("id")
    if isinstance(nested, dict):
        row = {**row, **{f"id.{name}": value for name, value in nested.items()}}
    log = log_named(path)
    columns, wanted, everything = log.columns, log.extra, log.kind in ("other", "line")
    fields: Fields = {}
    extra: dict[str, Any] = {}
    for column, value in row.items():
        target = columns.get(column) or ADDRESSES.get(column)
        if target:
            if value is not None and value != "":
                fields[target] = value
        elif column in wanted or (everything and column not in SECRETS and column not in _INTERNAL):
            extra[column] = value
    ts = fields.get("ts", row.get("@timestamp"))
    if not isinstance(ts, float):
        ts = any_ts(ts)
        if ts is None and "ts" in fields:
            return Bad(position, "the time (column ts) is neither a number nor ISO 8601", raw, f"zeek.{path}")
        if ts is not None:
            fields["ts"] = ts
    for name in ("duration_s", "rtt_s"):
        if isinstance(fields.get(name), str):
            fields[name] = fields[name].removesuffix("s").removesuffix("sec")
    return item_of(path, log, fields, extra, position, raw)


def _syslog(fields: Fields, extra: dict[str, Any], position: str, raw: bytes) -> Item | Bad:
    severity = str(extra.get("severity") or "").upper()
    line: Fields = {
        "ts": fields["ts"],
        "format": "zeek.syslog",
        "kind": "line",
        "host": fields.get("src_ip"),
        "src_ip": fields.get("src_ip"),
        "src_port": fields.get("src_port"),
        "program": str(extra.get("facility") or "syslog").lower(),
        "severity": _SEVERITIES.get(severity),
        "message": extra.get("message"),
    }
    return Item("logs", line, position, raw)
