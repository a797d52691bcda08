"""Traffic in JSON of shippers, and sensors' records that travel in lines of others."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

ENDS = {"@timestamp": "2026-11-20T10:00:00Z", "source": {"ip": "10.0.0.9", "port": 40000},
        "destination": {"ip": "203.0.113.9", "port": 443}, "network": {"transport": "TCP"}}  # fmt: skip


def one_of(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    (event,) = events(folder, "records.json", json.dumps(record) + "\n")
    ends = (event["ts"], event["src_ip"], event["src_port"], event["dst_ip"], event["dst_port"], event["proto"])
    assert ends == (1795168800.0, "10.0.0.9", 40000, "203.0.113.9", 443, "tcp")
    return event


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"dns": {"question": {"name": "a.example", "type": "TXT"}, "response_code": "nxdomain",
                  "answers": [{"data": "x"}, {"ttl": 1}]}},
         {"kind": "dns", "query": "a.example", "qtype": "TXT", "rcode": "NXDOMAIN", "answers": ["x"]}),
        ({"tls": {"client": {"server_name": "a.example", "ja3": "ab"}, "version": "1.2"}},
         {"kind": "tls", "sni": "a.example", "ja3": "ab", "tls_version": "1.2"}),
        ({"http": {"request": {"method": "get"}, "response": {"status_code": 404}}, "url": {"path": "/x"}},
         {"kind": "http", "method": "GET", "uri": "/x", "status": 404}),
        ({"event": {"kind": "alert"}, "rule": {"name": "Beacon", "id": 7, "category": "C2"}},
         {"kind": "ids_alert", "signature": "Beacon", "signature_id": "7", "category": "C2"}),
        ({"event": {"kind": "alert"}, "suricata": {"eve": {"alert": {"signature": "Beacon", "severity": 1}}}},
         {"kind": "ids_alert", "signature": "Beacon", "severity": 1}),
        ({"event": {"type": ["connection", "denied"]}, "message": ""}, {"kind": "flow", "conn_state": "S0"}),
        ({"event": {"action": "allowed"}}, {"kind": "flow", "conn_state": "SF"}),
    ],
)  # fmt: skip
def test_records_of_the_elastic_common_schema(tmp_path: Path, more: dict[str, Any], told: dict[str, Any]) -> None:
    event = one_of(tmp_path, {**ENDS, **more})
    assert {name: event[name] for name in told} == told


def test_connections_of_ocsf_and_of_defender(tmp_path: Path) -> None:
    ocsf = {"class_uid": 4001, "activity_name": "Refuse", "time": 1795168800000,
            "src_endpoint": {"ip": "10.0.0.9", "port": 40000}, "dst_endpoint": {"ip": "203.0.113.9", "port": 443},
            "connection_info": {"protocol_name": "tcp"}, "disposition": "Blocked"}  # fmt: skip
    defender = {"Timestamp": "2026-11-20T10:00:00Z", "ActionType": "ConnectionFailed", "LocalIP": "10.0.0.9",
                "LocalPort": 40000, "RemoteIP": "203.0.113.9", "RemotePort": 443, "Protocol": "Tcp"}  # fmt: skip
    for record in (ocsf, defender):
        event = one_of(tmp_path, record)
        assert (event["kind"], event["conn_state"]) == ("flow", "S0")


def test_flows_among_other_records_are_flows_too(tmp_path: Path) -> None:
    flow = {**ENDS, "event": {"dataset": "flow"}}
    flow["source"] = {**ENDS["source"], "bytes": 60}  # type: ignore[dict-item]
    query = {**ENDS, "dns": {"question": {"name": "a.example"}}}
    text = "".join(json.dumps(record) + "\n" for record in (flow, flow, query))
    assert [event["kind"] for event in events(tmp_path, "packets.json", text)] == ["flow", "flow", "dns"]


EVE = {"timestamp": "2026-11-20T10:00:00.000000+0000", "event_type": "dns", "src_ip": "10.0.0.9", "src_port": 40000,
       "dest_ip": "10.0.0.1", "dest_port": 53, "proto": "UDP",
       "dns": {"type": "query", "rrname": "a.example", "rrtype": "A"}}  # fmt: skip
CONN = {"ts": 1795168800.0, "uid": "C1", "id.orig_h": "10.0.0.9", "id.orig_p": 40000, "id.resp_h": "10.0.0.1",
        "id.resp_p": 53, "proto": "udp", "conn_state": "SF"}  # fmt: skip
SYSMON = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "pc-7",
          "@timestamp": "2026-11-20T10:00:00Z", "Image": "C:\\x.exe", "CommandLine": "x.exe"}  # fmt: skip


@pytest.mark.parametrize(
    ("program", "record", "form", "kind"),
    [("suricata", EVE, "suricata.dns", "dns"), ("zeek_conn", CONN, "zeek.conn", "flow"),
     ("winevent", SYSMON, "windows.sysmon", "process")],
)  # fmt: skip
def test_a_sensors_record_in_syslog_and_in_a_shippers_record(
    tmp_path: Path, program: str, record: dict[str, Any], form: str, kind: str
) -> None:
    plain = json.dumps(record)
    line = f"Nov 20 10:00:00 sensor {program}[9]: {plain}\n"
    cookie = f"Nov 20 10:00:00 sensor {program}: @cee: {plain}\n"
    shipped = json.dumps({"@timestamp": "2026-11-20T10:00:05Z", "message": plain, "host": {"name": "sensor"}}) + "\n"
    for name, text in (("a.log", line), ("b.log", cookie), ("c.json", shipped)):
        (event,) = events(tmp_path, name, text)
        assert (event["format"], event["kind"], event["ts"]) == (form, kind, 1795168800.0)


def test_json_that_a_program_wrote_into_its_line(tmp_path: Path) -> None:
    inner = json.dumps({"level": "warn", "msg": "login failed", "user": "anna", "ip": "203.0.113.7"})
    text = json.dumps({"time": "2026-11-20T10:00:00Z", "stream": "stdout", "log": inner + "\n"}) + "\n"
    (event,) = events(tmp_path, "container.json", text)
    assert (event["kind"], event["outcome"], event["user"], event["src_ip"]) == (
        "auth",
        "failure",
        "anna",
        "203.0.113.7",
    )


@pytest.mark.parametrize("text", ["{", "{}", '{"a": 1', "{a: 1}", '["x"]', '{"timestamp": "x", "event_type": "dns"}'])
def test_what_only_looks_like_a_record_stays_a_line(tmp_path: Path, text: str) -> None:
    (event,) = events(tmp_path, "a.log", f"Nov 20 10:00:00 sensor suricata[9]: {text}\n")
    assert (event["kind"], event["message"]) == ("line", text)


def test_a_sensors_record_without_a_time_is_a_dead_letter(tmp_path: Path) -> None:
    broken = json.dumps({**CONN, "ts": "yesterday"})
    results = read(tmp_path, "a.log", f"Nov 20 10:00:00 sensor zeek_conn: {broken}\n")
    assert "neither a number nor ISO 8601" in letters(results)[0].reason
