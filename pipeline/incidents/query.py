"""A ready query that shows the events behind an incident."""

from collections.abc import Iterable
from datetime import UTC, datetime

from pipeline.incidents.member import Member

_COLUMNS = {
    "ip": ("src_ip", "dst_ip", "entity"),
    "mac": ("device", "entity"),
    "host": ("host", "entity"),
    "device": ("device", "entity"),
    "user": ("user",),
    "patient": ("patient",),
    "provider": ("provider",),
}
_SELECT = """SELECT ts, source, src_ip, dst_ip, host, user, patient, provider, action, object, found_by, raw
FROM current_events"""
MAX_EVENTS = 100
_MAX_NAMES = 20


def events_query(members: Iterable[Member]) -> str:
    """The events the alerts name as evidence, and whatever else was found of their subjects in that time."""
    alerts = list(members)
    begin, end = min(m.first_ts for m in alerts), max(m.last_ts for m in alerts)
    names = dict.fromkeys(m.subject for m in alerts)
    found: dict[str, list[str]] = {}
    for kind, value in list(names)[:_MAX_NAMES]:
        for column in _COLUMNS.get(kind, ()):
            found.setdefault(column, []).append(_quoted(value))
    parts = [f"{column} IN ({', '.join(values)})" for column, values in found.items()]
    events = list(dict.fromkeys(e for m in alerts for e in m.events if e))[:MAX_EVENTS]
    by_name = f"(notEmpty(found_by) AND ({' OR '.join(parts)}))" if parts else ""
    by_id = f"event_id IN ({', '.join(_quoted(e) for e in events)})" if events else ""
    where = " OR ".join(p for p in (by_id, by_name) if p) or "0"
    span = f"ts BETWEEN {_time(begin - 1)} AND {_time(end + 1)}"
    # Values are quoted: it is shown to people, and run as a reader at most.
    return " ".join((_SELECT, "WHERE", span, "AND (", where, ") ORDER BY ts LIMIT 1000"))


def _time(ts: float) -> str:
    return f"toDateTime64('{datetime.fromtimestamp(max(ts, 0.0), UTC):%Y-%m-%d %H:%M:%S}', 3, 'UTC')"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(c if c.isprintable() else " " for c in escaped) + "'"
