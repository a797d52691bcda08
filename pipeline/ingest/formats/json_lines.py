"""JSON log records of a form that no other format knows: Elastic Common Schema, journald, containers, loggers."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.carried import carried_item, object_in
from pipeline.ingest.format import Bad, Fields, Format, Item, each, whole_number
from pipeline.ingest.json_records import JsonRecord, dumps, head_objects, json_records
from pipeline.ingest.sensors.told import sensor_fields, unpacked
from pipeline.ingest.streams import head_of
from pipeline.ingest.syslog_lines import looks_like, parse
from pipeline.ingest.table_times import dates_in_json, is_american, with_iso_times
from pipeline.ingest.told.auth_lines import auth_events
from pipeline.ingest.told.care import OF_A_PERSON, of_a_person
from pipeline.ingest.told.care_names import may_be_care
from pipeline.ingest.told.clouds import cloud_of, principal
from pipeline.ingest.told.completed import HOSTS, LEVELS, TIMES, completed, ts_of
from pipeline.ingest.told.envelopes import opened, singly
from pipeline.ingest.told.items import line_items, told_items
from pipeline.ingest.told.json_fields import USERS, flat, json_request, pick, source
from pipeline.ingest.told.json_logons import ACTS, SIGN_IN, json_logon
from pipeline.ingest.told.json_network import json_network
from pipeline.ingest.told.json_processes import json_process
from pipeline.ingest.told.logons import told_logon
from pipeline.ingest.told.threats import threat
from pipeline.ingest.year_clock import DEFAULT_YEAR, YearClock

MESSAGES = ("message", "MESSAGE", "msg", "log", "event.original", "short_message", "text", "body", "full_log",
             "output", "displayMessage", "resultDescription", "_raw", "textPayload", "SyslogMessage")  # fmt: skip
_PROGRAMS = ("process.name", "SYSLOG_IDENTIFIER", "_COMM", "service.name", "logger", "logger_name", "log.logger",
             "program", "app", "component", "name", "kubernetes.container_name", "container.name", "Workload",
             "eventSource", "id.applicationName", "properties.resourceDisplayName", "resourceDisplayName",
             "protoPayload.serviceName", "loggedByService", "category")  # fmt: skip
_PIDS = ("process.pid", "_PID", "SYSLOG_PID", "pid")
_CODES = (*ACTS, "event.code", "event")
_LOG_MARKS = (*MESSAGES[:5], "_HOSTNAME", "logger", "stream", "host.name", *ACTS, SIGN_IN, "full_log",
              "output", "hostIdentifier", "_raw", "textPayload", "SyslogMessage")  # fmt: skip
NAMES = frozenset((*TIMES, *MESSAGES, *HOSTS, *_PROGRAMS, *LEVELS, *_PIDS))
_SEVERITIES = {"em": 0, "pa": 0, "al": 1, "cr": 2, "fa": 2, "er": 3, "wa": 4, "no": 5, "in": 6, "de": 7, "tr": 7}


class JsonLines(Format):
    """Objects with a time and a message, level or logger; JSON without these may be anybody's data: refused."""

    id = "json"
    title = "JSON log records (ECS, journald, containers, loggers)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Less than any format that knows its fields."""
        found = head_objects(head)
        objects = map(_iso_times(head), found) if found else ()
        rows = [unpacked(row) for value in objects for row in opened(value) if isinstance(row, dict)]
        logs = [
            isinstance(_carried(row, bare := flat(row), "", b""), Item)
            or _log_ts(row, bare, completed(bare)) is not None
            for row in rows
        ]
        return 0.2 * sum(logs) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every object, or of every item of its `Records`; what it tells decides which."""
        written = _iso_times(head_of(stream))
        records = (
            one if isinstance(one, Bad) else JsonRecord(one.position, written(one.value), one.raw)
            for one in json_records(stream, self.id)
        )
        return each(chain.from_iterable(map(singly, records)), log_events, self.id)


def _iso_times(head: bytes) -> Callable[[Any], Any]:
    """What makes times like 7/5/2017 18:04 readable where a file has such: how it writes others tells the order."""
    dates = dates_in_json(head)
    if not dates:
        return lambda value: value
    return partial(with_iso_times, month_first=is_american(dates))


def log_events(record: JsonRecord) -> Iterator[Item | Bad]:
    """What one record tells; a Bad of what is no log record."""
    row = unpacked(record.value)
    bare = flat(row) if isinstance(row, dict) else {}
    carried = _carried(row, bare, record.position, record.raw)
    if carried:
        yield carried
        return
    known = completed(bare)
    ts = _log_ts(row, bare, known) if known else None
    if ts is None:
        reason = "the record is no log record: it needs a time and a message, level, logger, address or act of a user"
        yield Bad(record.position, reason, record.raw, JsonLines.id)
    else:
        yield from _items(row, known, ts, record.position, record.raw)


def _carried(row: Any, bare: dict[str, Any], position: str, raw: bytes) -> Item | Bad | None:
    """A sensor's record that lay in an envelope or among others, or the event that a collector keeps as XML beside its
    own words."""
    event = next((xml for text in bare.values() if _is_xml(text) and (xml := object_in(text))), row if bare else None)
    return carried_item(event, "", position, raw) if event else None


def _is_xml(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("<Event ")


def _items(whole: dict[str, Any], row: dict[str, Any], ts: float, position: str, raw: bytes) -> Iterator[Item | Bad]:
    sensed = sensor_fields(whole, row, ts)
    if sensed:
        yield Item("logs", sensed, position, raw)
        return
    inner = object_in(_text(pick(row, MESSAGES)))
    if inner:  # a container's line that its program wrote as JSON, or a sensor's record in a shipper's
        carried = carried_item(inner, _text(pick(row, _PROGRAMS)), position, raw, _text(pick(row, HOSTS)))
        if carried:
            yield carried
            return
        bare = flat(inner)
        if of_a_person(inner, bare, ts):
            yield Bad(position, OF_A_PERSON, raw, JsonLines.id)
            return
        whole, row = {**whole, **inner}, {**row, **bare}
    message = _text(pick(row, MESSAGES)).strip()
    pid = _text(pick(row, _PIDS))
    told = dumps(whole)
    fields: Fields = {
        "ts": ts,
        "format": "json",
        "host": cloud_of(row) or _text(pick(row, HOSTS)),
        "program": _text(pick(row, _PROGRAMS)),
        "pid": whole_number(pid),
        "severity": _severity(pick(row, LEVELS)),
        "event_code": _text(pick(row, _CODES)),
        "user": principal(_text(pick(row, USERS))),
        "src_ip": source(row),
        "message": message or told,
        "data": told if message else None,
    }
    _unwrap(fields)
    message = fields["message"] if message else ""
    known = json_logon(row) or _logon(fields, message) or json_process(row)
    seen = None if known else json_network(row)
    found, known = threat(row), known or json_request(row)
    if seen:
        yield Item("network", {"ts": ts, "format": "json", **seen}, position, raw)
    elif known:
        yield Item("logs", {**fields, **known}, position, raw)
    elif found:
        yield Item("logs", {**fields, **found, "kind": "line", "data": told}, position, raw)
    elif message:
        yield from told_items(fields, position, raw)
    else:  # the message is the record itself, which is known already
        yield from line_items(fields, position, raw)


def _unwrap(fields: Fields) -> None:
    """A shipper's record may hold a line of syslog as its message: that line knows its program and its host."""
    if looks_like(fields["message"]):
        line = parse(fields["message"], YearClock(DEFAULT_YEAR)) or {}
        fields.update({name: line[name] for name in ("host", "program", "pid", "message") if line.get(name)})


def _logon(fields: Fields, message: str) -> Fields | None:
    """What the message tells of a logon, from the address that stands beside it; None where `told_items` knows more."""
    if not message or auth_events(fields["program"], message):
        return None
    address = fields["src_ip"]
    logon = told_logon(f"{message} from {address}" if address else message)
    return {"kind": "auth", **{name: value for name, value in logon.items() if value}} if logon else None


def _log_ts(whole: dict[str, Any], bare: dict[str, Any], row: dict[str, Any]) -> float | None:
    """The time of a record, flat as it is and completed; None where it has none or is no log."""
    ts = ts_of(row)
    if ts is None or of_a_person(whole, bare, ts):
        return None
    if any(bare.get(name) is not None for name in _LOG_MARKS):
        return ts
    if may_be_care(tuple(bare)):
        return None
    known = source(row) or row.get("destination.ip") or pick(row, LEVELS) or (pick(row, ACTS) and pick(row, USERS))
    told = known or sensor_fields(whole, row, 0.0) or json_request(row) or json_process(row) or json_network(row)
    return ts if told else None


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
