"""Records that shippers, searches and clouds put something around: each reads as it does without."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ingested import events

from pipeline.ingest.told.envelopes import opened

TIME = 1795168800
ISO = "2026-11-20T10:00:00.000Z"
COUNT = 3
SSHD = "Nov 20 10:00:00 2026 srv-1 sshd[77]: Failed password for root from 203.0.113.7 port 4711 ssh2"
EVE = json.dumps(
    {"timestamp": "2026-11-20T10:00:00.000000+0000", "event_type": "dns", "src_ip": "10.0.0.5", "src_port": 4711,
     "dest_ip": "10.0.0.1", "dest_port": 53, "proto": "UDP", "dns": {"type": "query", "rrname": "a.example.com"}}
)  # fmt: skip
ZEEK = json.dumps(
    {"ts": TIME, "uid": "C1", "id.orig_h": "10.0.0.5", "id.orig_p": 4711, "id.resp_h": "10.0.0.1", "id.resp_p": 445,
     "proto": "tcp", "service": "smb", "conn_state": "SF", "orig_bytes": 10, "resp_bytes": 20, "history": "ShADadFf"}
)  # fmt: skip
WINDOWS = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-'
    f'Security-Auditing"/><EventID>4625</EventID><TimeCreated SystemTime="{ISO}"/><Channel>Security</Channel><Computer>'
    'pc-7</Computer></System><EventData><Data Name="TargetUserName">root</Data><Data Name="IpAddress">203.0.113.7'
    "</Data></EventData></Event>"
)
CEF = f"CEF:0|Acme|Wall|1|100|Logon failed|5|rt={TIME}000 src=203.0.113.7 suser=root outcome=failure act=login"
LOGON = {"kind": "auth", "outcome": "failure", "user": "root", "src_ip": "203.0.113.7"}
RECORDS = {
    SSHD: LOGON,
    EVE: {"kind": "dns", "query": "a.example.com", "src_ip": "10.0.0.5"},
    ZEEK: {"kind": "flow", "dst_port": 445, "src_ip": "10.0.0.5"},
    WINDOWS: LOGON,
    CEF: LOGON,
}


def source(record: str) -> dict[str, Any]:
    """A document as a shipper would index it."""
    return json.loads(record) if record[0] == "{" else {"@timestamp": ISO, "message": record, "host": {"name": "srv-1"}}


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(header: list[str], row: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header] + [row] * COUNT)
    return out.getvalue()


def hits(record: str) -> dict[str, Any]:
    found = [{"_index": "logs", "_id": str(n), "_source": source(record)} for n in range(COUNT)]
    return {"took": 1, "timed_out": False, "_shards": {"total": 1, "failed": 0},
            "hits": {"total": {"value": COUNT}, "hits": found, "max_score": 1.0}}  # fmt: skip


def streams(record: str) -> list[Any]:
    return [{"stream": {"host": "srv-1"}, "values": [[f"{TIME}000000000", record]] * COUNT}]


def telemetry(record: str) -> dict[str, Any]:
    rows = [{"timeUnixNano": f"{TIME}000000000", "body": {"stringValue": record}}] * COUNT
    return {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"scope": {}, "logRecords": rows}]}]}


def google(record: str) -> dict[str, Any]:
    payload = {"jsonPayload": json.loads(record)} if record[0] == "{" else {"textPayload": record}
    return {"insertId": "x", "timestamp": ISO, "logName": "projects/p/logs/l", "resource": {"type": "gce"}, **payload}


ENVELOPES: dict[str, Callable[[str], str]] = {
    "Splunk's JSON": lambda r: lines([{"preview": False, "offset": 0, "result": {"_raw": r, "_time": ISO}}] * COUNT),
    "Splunk's array": lambda r: json.dumps([{"_raw": r, "_time": ISO, "host": "srv-1"}] * COUNT),
    "Splunk's answer": lambda r: json.dumps(
        {"preview": False, "messages": [], "fields": [{"name": "_raw"}, {"name": "_time"}],
         "results": [{"_raw": r, "_time": ISO}] * COUNT, "highlighted": {}}),
    "Splunk's CSV": lambda r: table(["_raw", "_time", "host", "sourcetype"], [r, ISO, "srv-1", "st"]),
    "Splunk's collector": lambda r: lines([{"time": TIME, "sourcetype": "st", "event": source(r)}] * COUNT),
    "Splunk's collector, text": lambda r: lines([{"time": TIME, "sourcetype": "st", "event": r}] * COUNT),
    "hits of Elasticsearch, a line each": lambda r: lines(hits(r)["hits"]["hits"]),
    "a search of Elasticsearch": lambda r: json.dumps(hits(r)),
    "the same, indented": lambda r: json.dumps(hits(r), indent=2),
    "two of them": lambda r: json.dumps(hits(r), indent=2) + "\n" + json.dumps(hits(r), indent=2),
    "Kibana's CSV": lambda r: table(["@timestamp", "host.name", "message"], ["Nov 20, 2026 @ 10:00:00.000", "s", r]),
    "Filebeat": lambda r: lines([{"@timestamp": ISO, "message": r, "log": {"offset": 0}}] * COUNT),
    "Docker": lambda r: lines([{"log": r + "\n", "stream": "stdout", "time": ISO}] * COUNT),
    "Loki's answer": lambda r: json.dumps({"status": "ok", "data": {"resultType": "streams", "result": streams(r)}}),
    "Loki's push": lambda r: json.dumps({"streams": streams(r)}),
    "Loki's command": lambda r: lines([{"labels": {"host": "srv-1"}, "line": r, "timestamp": ISO}] * COUNT),
    "CloudWatch's subscription": lambda r: json.dumps(
        {"messageType": "DATA_MESSAGE", "subscriptionFilters": ["f"],
         "logEvents": [{"id": "1", "timestamp": TIME * 1000, "message": r}] * COUNT}),
    "CloudWatch's answer": lambda r: json.dumps(
        {"events": [{"timestamp": TIME * 1000, "message": r}] * COUNT, "searchedLogStreams": [{"n": 1}]}, indent=1),
    "Google's logs": lambda r: lines([google(r)] * COUNT),
    "Azure's agent": lambda r: lines(
        [{"time": ISO, "category": "WindowsEventLogsTable", "level": "Informational",
          "properties": {"RawXml": r}} if r[0] == "<" else {"time": ISO, "message": r}] * COUNT),
    "Datadog": lambda r: lines([{"id": "a", "type": "log", "attributes": {"timestamp": ISO, "message": r}}] * COUNT),
    "OpenTelemetry": lambda r: json.dumps(telemetry(r)),
    "Graylog's CSV": lambda r: table(["timestamp", "source", "message"], [ISO, "srv-1", r]),
    "Sentinel's CSV": lambda r: table(
        ["TimeGenerated [UTC]", "Computer", "SyslogMessage"], ["11/20/2026, 10:00:00.000 AM", "srv-1", r]),
    "an export with its date": lambda r: json.dumps(
        {"generated_at": ISO, "host": "siem-1", "count": COUNT, "data": [{"when": ISO, "message": r}] * COUNT}),
    "a report with its date": lambda r: json.dumps(
        {"timestamp": ISO, "total": COUNT, "auditTrail": [{"when": ISO, "message": r}] * COUNT}, indent=2),
    "a list further inside": lambda r: json.dumps(
        {"export": {"created": ISO, "user": "admin", "body": {"rows": [{"when": ISO, "message": r}] * COUNT}}}),
    "GraphQL's answer": lambda r: json.dumps(
        {"data": {"logs": {"edges": [{"node": {"when": ISO, "message": r}}] * COUNT, "pageInfo": {"next": False}}}}),
    "Log Analytics' answer": lambda r: json.dumps(
        {"tables": [{"name": "PrimaryResult", "columns": [{"name": "TimeGenerated"}, {"name": "SyslogMessage"}],
                     "rows": [[ISO, r]] * COUNT}]}),
    "columns and rows": lambda r: json.dumps({"columns": ["time", "message"], "rows": [[ISO, r]] * COUNT}),
    "records under their numbers": lambda r: json.dumps({f"r{k}": {"when": ISO, "message": r} for k in range(COUNT)}),
    "a sequence of RFC 7464": lambda r: "".join(
        "\x1e" + json.dumps({"when": ISO, "message": r}) + "\n" for _ in range(COUNT)),
    "Kafka's console": lambda r: "".join(
        f"CreateTime:{TIME}000\tPartition:0\tOffset:{k}\tsrv-1\t" + json.dumps({"when": ISO, "message": r}) + "\n"
        for k in range(COUNT)),
    "kcat": lambda r: lines(
        [{"topic": "logs", "partition": 0, "offset": k, "tstype": "create", "ts": TIME * 1000, "broker": 1,
          "key": None, "payload": r} for k in range(COUNT)]),
    "an array of lines with a comma too many": lambda r: "\ufeff[\r\n" + "".join(
        json.dumps({"when": ISO, "message": r}) + ",\r\n" for _ in range(COUNT)) + "]\r\n",
    "a service's answer": lambda r: json.dumps({"next": None, "logs": [{"when": ISO, "message": r}] * COUNT}),
    "a syslog head without a tag": lambda r: f"2026-11-20T10:00:00Z srv-1 {r}\n" * COUNT,
}  # fmt: skip


@pytest.mark.parametrize("record", list(RECORDS), ids=["sshd", "eve", "zeek", "windows", "cef"])
@pytest.mark.parametrize("envelope", list(ENVELOPES))
def test_a_record_reads_as_it_does_without(tmp_path: Path, envelope: str, record: str) -> None:
    found = events(tmp_path, "exported", ENVELOPES[envelope](record))
    expected = {**RECORDS[record], "ts": TIME}
    assert [{name: event.get(name) for name in expected} for event in found] == [expected] * (
        COUNT * (1 + (envelope == "two of them"))
    )


@pytest.mark.parametrize(
    "envelope", ["a search of Elasticsearch", "Splunk's answer", "an export with its date", "a report with its date"]
)
def test_a_document_of_many_megabytes_is_read_record_by_record(
    tmp_path: Path, envelope: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "COUNT", 3_000)
    content = ENVELOPES[envelope](SSHD + " " * 1_400)
    assert len(content) > 4 * 2**20
    assert len(events(tmp_path, "search.json", content)) == 3_000


@pytest.mark.parametrize(
    "value",
    [
        {"time": ISO, "message": "x", "items": [{"time": ISO}]},
        {"items": [{"name": "no time"}]},
        {"a": [{"time": ISO}], "b": [{"time": ISO}]},
        {"_source": {"time": ISO}},
        {"event": "x", "time": ISO},
        {"created": ISO, "title": "Malware", "alerts": [{"time": ISO, "message": "y"}]},
        {"timestamp": ISO, "rule": "r", "evidence": [{"time": ISO, "message": "y"}]},
        {"columns": ["time"], "rows": "none"},
        {"a": {"time": ISO}, "b": {"time": ISO, "c": 1}},
        {"event": "login", "time": ISO, "source": "portal", "user": "nora", "outcome": "failure"},
        {"type": "log", "time": ISO, "message": "x", "attributes": {"a": 1}},
        {"logName": "l", "timestamp": ISO, "jsonPayload": {"a": 1}, "httpRequest": {"requestMethod": "GET"}},
        {"when": ISO, "message": "x", "detail": {"events": [{"time": ISO, "message": "y"}]}},
        {"resourceLogs": "none", "streams": [], "data": {"result": [1]}},
        [{"time": ISO}],
        None,
    ],
)
def test_what_is_no_envelope_stays_whole(value: Any) -> None:
    assert opened(value) == [value]


def test_lists_of_claims_staff_and_resources_need_no_time_of_an_event(tmp_path: Path) -> None:
    staff = [{"employeeId": f"e{k}", "fullName": "Anna Muster", "department": "ICU"} for k in range(COUNT)]
    found = events(tmp_path, "hr.json", json.dumps({"generated_at": ISO, "count": COUNT, "employees": staff}))
    assert [event["kind"] for event in found] == ["practitioner"] * COUNT
    visit = {"resourceType": "Encounter", "status": "finished", "period": {"start": ISO}}
    resources = [{**visit, "id": f"e{k}", "subject": {"reference": f"Patient/{k}"}} for k in range(COUNT)]
    plain = events(tmp_path, "a.ndjson", lines(resources))
    assert len(plain) == COUNT
    assert events(tmp_path, "b.json", json.dumps({"exported": ISO, "data": {"resources": resources}})) == plain


def test_typed_values_and_damage_of_opentelemetry() -> None:
    body = {"kvlistValue": {"values": [{"key": "msg", "value": {"stringValue": "x"}}, {"key": "n", "value": 3}, "odd"]}}
    damaged = {"resourceLogs": [None, {"resource": 7, "scopeLogs": [3, {"logRecords": [{"body": body}, "odd"]}]}]}
    (row,) = opened(damaged)
    assert (row["msg"], row["n"], row["attributes"]) == ("x", 3, {})
