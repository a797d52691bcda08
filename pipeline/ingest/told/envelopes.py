"""What shippers, searches and clouds put around records: a record is read as if it had come without them.

Splunk (exports, HEC), Elasticsearch and OpenSearch, Loki, CloudWatch, Google's and Datadog's logs, OpenTelemetry, and
any answer of a service that holds a list of records with times of their own.
"""

from typing import Any

from pipeline.ingest.accesses.columns import record_columns
from pipeline.ingest.format import Bad
from pipeline.ingest.json_records import JsonRecord, dumps, loads
from pipeline.ingest.told.completed import TIMES, completed, ts_of
from pipeline.ingest.told.json_fields import Row, flat, pick
from pipeline.ingest.told.list_heads import is_record
from pipeline.ingest.told.roles import Names, remembered

_DEEPEST = 4
_LISTS_WITHIN = 4
"""How deep the list of an answer may lie: Elasticsearch's `hits.hits`, GraphQL's `data.logs.edges`."""
_WRAPPERS = frozenset(("node", "event", "record", "item", "entry", "row", "log", "hit", "doc", "document", "data"))
"""Names under which an object holds a record and nothing else."""
_SAYS = frozenset(("message", "msg", "log", "level", "severity", "host", "hostname", "user", "eventName", "eventType",
                   "event_type", "event", "Operation", "src_ip", "action", "actor"))  # fmt: skip
_ROWS = ("rows", "values", "datarows")
_HOSTS = ("host.name", "host", "hostname", "instance", "node", "nodename")
"""Of labels around lines."""
_AROUND = ("time", "timestamp", "_time", "date", "host", "severity")
"""What an envelope says of a record that does not say it itself."""
_AZURE = ("time", "src_ip", "dst_ip", "src_port", "dst_port", "protocol")
_AMOUNTS = ("packets_sent", "bytes_sent", "packets_received", "bytes_received")
_AZURE_PROTOCOLS = {"T": "tcp", "U": "udp"}
_BEGUN, _DENIED = "B", "D"
_LOKI = ("streams", "result")
_DATADOG = {"id", "type", "attributes"}
_KCAT = {"topic", "partition", "offset", "payload"}
_COLLECTOR = {"time", "host", "source", "sourcetype", "index", "event", "fields"}
"""All that Splunk's collector knows: a record with more has an `event` of its own."""


def opened(value: Any) -> list[Any]:
    """The records inside a JSON value, in order; the value itself, alone, where nothing is around it.

    >>> opened({"preview": False, "result": {"_raw": "x", "_time": 1795168800}})
    [{'_raw': 'x', '_time': 1795168800}]
    """
    return _opened(value, 0)


def singly(record: JsonRecord | Bad) -> list[JsonRecord | Bad]:
    """The records inside one that was cut out of a stream, one by one."""
    if isinstance(record, Bad):
        return [record]
    rows = opened(record.value)
    if len(rows) == 1:
        return [JsonRecord(record.position, rows[0], record.raw)]
    return [JsonRecord(f"{record.position} item {k}", row, dumps(row).encode()) for k, row in enumerate(rows, 1)]


def _opened(value: Any, depth: int) -> list[Any]:
    if not isinstance(value, dict) or depth >= _DEEPEST:
        return [value]
    inner = _one_in(value)
    if inner is not None:
        return _opened(inner, depth + 1)
    if not _SAYS.isdisjoint(value) and any(name in value for name in TIMES):
        return [value]  # most records, quickly
    rows = _streams(value) or _telemetry(value) or _tuples(value) or _tabled(value) or _keyed(value) or _listed(value)
    return [row for one in rows for row in _opened(one, depth + 1)] if rows else [value]


def _one_in(value: Row) -> Row | None:
    """The record that fills this envelope; None where it is none."""
    if "_index" in value and isinstance(value.get("_source"), dict):  # Elasticsearch
        return _with(value, value["_source"])
    if "preview" in value and isinstance(value.get("result"), dict):  # an export of Splunk
        return _with(value, value["result"])
    if "logName" in value and isinstance(value.get("jsonPayload"), dict) and "httpRequest" not in value:  # Google
        return _with(value, value["jsonPayload"])
    if isinstance(value.get("line"), str) and isinstance(value.get("labels"), dict):  # Loki's logcli
        return {**value, "message": value["line"], "host": pick(value["labels"], _HOSTS)}
    if value.get("type") == "log" and value.keys() <= _DATADOG and isinstance(value.get("attributes"), dict):
        return _with(value, value["attributes"])
    if {"event", "time"} <= value.keys() <= _COLLECTOR and value.keys() & {"sourcetype", "source", "index"}:
        event = value["event"]
        if isinstance(event, dict):
            return _with(value, event)
        if isinstance(event, str):
            return {"message": event, **{name: value[name] for name in _AROUND if name in value}}
    if value.keys() >= _KCAT and isinstance(value["payload"], str):
        return _of_topic(value, value["payload"])
    if len(value) == 1:
        ((name, record),) = value.items()
        if name in _WRAPPERS and _is_record(record):
            return record
    return None


def _of_topic(around: Row, payload: str) -> Row | None:
    """What kcat prints around a message (`-J`); its time is that of the broker."""
    try:
        record = loads(payload.encode())
    except ValueError:
        return {"message": payload, "time": around.get("ts")}
    return _with({"time": around.get("ts")}, record) if isinstance(record, dict) else None


def _with(around: Row, record: Row) -> Row:
    """A record with a time of its own speaks for itself."""
    if ts_of(completed(flat(record))) is not None:
        return record
    return {**{name: around[name] for name in _AROUND if name in around}, **record}


def _streams(value: Row) -> list[Any]:
    """Loki: labels, and under them pairs of nanoseconds and a line."""
    if _is_stream(value):
        return [_line(value["stream"], pair) for pair in value["values"]]
    data = value.get("data")
    for holder in (value, data if isinstance(data, dict) else {}):
        for name in _LOKI:
            streams = holder.get(name)
            if isinstance(streams, list) and streams and all(_is_stream(one) for one in streams):
                return [_line(one["stream"], pair) for one in streams for pair in one["values"]]
    return []


def _is_stream(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("stream"), dict) and isinstance(one.get("values"), list)


def _line(labels: Row, pair: Any) -> Any:
    if not (isinstance(pair, list) and len(pair) >= 2):
        return pair
    return {"time": pair[0], "message": pair[1], "host": pick(labels, _HOSTS), "labels": labels}


def _telemetry(value: Row) -> list[Any]:
    """OpenTelemetry: resources, scopes, log records."""
    found: list[Any] = []
    for resource in _objects(value.get("resourceLogs")):
        about = _attributes(resource.get("resource"))
        for scope in _objects(resource.get("scopeLogs")):
            for record in _objects(scope.get("logRecords")):
                body = _plain(record.get("body"))
                found.append({
                    **(body if isinstance(body, dict) else {"message": body}),
                    "time": record.get("timeUnixNano") or record.get("observedTimeUnixNano"),
                    "host": pick(about, _HOSTS),
                    "severity": record.get("severityText"),
                    "attributes": about | _attributes(record),
                })  # fmt: skip
    return found


def _objects(value: Any) -> list[Row]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _attributes(holder: Any) -> Row:
    pairs = _objects(holder.get("attributes")) if isinstance(holder, dict) else []
    return {str(pair.get("key")): _plain(pair.get("value")) for pair in pairs}


def _plain(value: Any, depth: int = 0) -> Any:
    """A value as OpenTelemetry types it: `{"stringValue": …}`."""
    if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
        return value
    ((kind, one),) = value.items()
    if kind == "kvlistValue":
        pairs = _objects(one.get("values")) if isinstance(one, dict) else []
        return {str(pair.get("key")): _plain(pair.get("value"), depth + 1) for pair in pairs}
    return one if kind.endswith("Value") else value


def _tuples(value: Row) -> list[Any]:
    """Azure's flows: rules, and under them lines of values. Of network security groups the decision stands before the
    state, of virtual networks a state of its own says that it was denied; version 1 has neither states nor amounts."""
    about = value.get("properties") or value.get("flowRecords")
    rules = _objects(about.get("flows")) if isinstance(about, dict) else []
    groups = [group for rule in rules for group in _objects(rule.get("flows")) + _objects(rule.get("flowGroups"))]
    found: list[Any] = []
    for line in [line for group in groups for line in group.get("flowTuples") or ()]:
        cells = str(line).split(",")
        denied = _DENIED in cells[7:8]
        if len(cells) not in (8, 13) or (_BEGUN in cells[7:9] and not denied):
            continue  # what came of a connection that begins is told when it goes on or ends
        found.append(
            dict(zip(_AZURE, cells[:6], strict=True))
            | dict.fromkeys(_AMOUNTS)
            | dict(zip(_AMOUNTS, cells[9:], strict=False))
            | {"protocol": _AZURE_PROTOCOLS.get(cells[5], cells[5]), "action": "deny" if denied else "allow"}
        )
    return found


def _tabled(value: Row) -> list[Any]:
    """Names of columns, and under them lists of values: Kusto, SQL of Elasticsearch, Splunk's `json_rows`, InfluxDB."""
    columns = value.get("columns") or value.get("fields")
    if not isinstance(columns, list):
        return []
    rows = next((value[name] for name in _ROWS if isinstance(value.get(name), list)), None)
    if not rows or not all(isinstance(row, list) for row in rows):
        return []
    names = [str(one.get("name") if isinstance(one, dict) else one) for one in columns]
    return [dict(zip(names, row, strict=False)) for row in rows]


def _keyed(value: Row) -> list[Any]:
    """Records of one form, each under its number."""
    first = next(iter(value.values()), None)
    if not isinstance(first, dict) or len(value) < 2:
        return []
    alike = all(isinstance(row, dict) and row.keys() == first.keys() for row in value.values())
    return list(value.values()) if alike and _is_record(first) else []


def _listed(value: Row, before: str = "", depth: int = 1) -> list[Any]:
    """The list of records of a service's answer or an export: the only one with times in it, where what stands beside
    it is no record itself. `before`: the names of the objects that it lies in."""
    found = [one for one in value.values() if isinstance(one, list) and one and _is_record(_opened(one[0], depth)[0])]
    if depth < _LISTS_WITHIN:
        inner = [(f"{before}{name}.", one) for name, one in value.items() if isinstance(one, dict)]
        found += [rows for name, one in inner if (rows := _listed(one, name, depth + 1))]
    if len(found) != 1:
        return []
    around = flat(_around(value), before)
    return found[0] if ts_of(completed(around)) is None or not is_record(around) else []


def _is_record(value: Any) -> bool:
    """Whether it has a time of an event, or the columns of a claim, a visit, somebody of the staff …"""
    row = flat(value) if isinstance(value, dict) else {}
    return bool(row) and (ts_of(completed(row)) is not None or bool(_kind_of(tuple(row))))


@remembered
def _kind_of(names: Names) -> dict[str, Names]:
    columns = record_columns(list(names))
    return {columns.kind: ()} if columns else {}


def _around(value: Row) -> Row:
    """What an object holds beside lists, at any depth."""
    kept = {name: _around(one) if isinstance(one, dict) else one for name, one in value.items()}
    return {name: one for name, one in kept.items() if not isinstance(one, list)}
