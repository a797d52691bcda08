"""Records of makers that nobody listed: told by what their names mean, in JSON, in lines of pairs and in CEF."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.ingest.told.name_words import words_of
from pipeline.ingest.told.pairs import pairs_in
from pipeline.ingest.told.roles import meaning, roles_in

HEAD = "<13>1 2026-11-20T10:00:00Z gw - - - - "
TS = 1795168800.0


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"httpRequest.clientIp": "203.0.113.7", "detectedAt": "2026-11-20T10:00:00Z"},
         {"source.ip": "203.0.113.7", "@timestamp": TS}),
        ({"Source IP": "10.0.0.7:50000", "dest_address": "::ffff:10.0.0.9", "DstPort": 443, "IpProtocol": "TCP/x"},
         {"source.ip": "10.0.0.7", "destination.ip": "10.0.0.9", "destination.port": "443",
          "network.transport": "tcp"}),
        ({"ClientRequestMethod": "GET", "EdgeStartTimestamp": "2026-11-20T10:00:00Z", "orig_client_ipv4": "10.0.0.7"},
         {"http.request.method": "GET", "@timestamp": TS, "source.ip": "10.0.0.7"}),
        ({"origin.address": "10.0.0.7:50000", "loginuser": "anna", "login_time": TS, "sso_token_success": False},
         {"source.ip": "10.0.0.7", "user.name": "anna", "@timestamp": TS, "event.outcome": "failure"}),
        ({"ip_address": "10.0.0.1", "viewer_ip": "10.0.0.7", "user": "N/A"}, {"source.ip": "10.0.0.7"}),
        ({"natSrcIp": "10.0.0.7", "srcPortName": "80", "userAgent": "curl", "expires_at": TS, "accountId": "7",
          "ParentCommandLine": "cmd", "surname": "anna", "certificate_start_date": TS}, {}),
        ({"actor": "anna", "ActorEmail": "anna@example.org"}, {"user.name": "anna@example.org"}),
        ({"user": "two words", "src": "a host", "dpt": "70000", "proto": "salary", "ts": "12"}, {}),
        ({"timestamp": "02/Jun/2026:13:07:18 +0200"}, {"@timestamp": 1780398438.0}),
    ],
)  # fmt: skip
def test_names_and_what_they_mean(record: dict[str, Any], told: dict[str, Any]) -> None:
    assert roles_in(record) == told


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ('aa=1 bb="two words" cc=\'x\'', {"aa": "1", "bb": "two words", "cc": "x"}),
        ("SrcIP: 10.0.0.7, DstIP: 10.0.0.9, User: No One, Port: 53",
         {"srcip": "10.0.0.7", "dstip": "10.0.0.9", "user": "No One", "port": "53"}),
        ("CEF:0|M|P|1|7|Session Closed|3|src=10.0.0.7 msg=a b c cs4=www.example.org cs4Label=query_name",
         {"src": "10.0.0.7", "msg": "a b c", "cs4": "www.example.org", "cs4label": "query_name",
          "eventname": "Session Closed", "query_name": "www.example.org"}),
        ("LEEF:1.0|M|P|4|15345|src=10.0.0.7\tusrName=jane doe\tcat=x",
         {"src": "10.0.0.7", "usrname": "jane doe", "cat": "x"}),
        ("https://example.org/?a=1&b=2&c=3", {}),
        ("[rest] origin_address=[10.0.0.7], principal=[anna], uri=[/_search]",
         {"origin_address": "10.0.0.7", "principal": "anna", "uri": "/_search"}),
    ],
)  # fmt: skip
def test_pairs_of_a_line(line: str, pairs: dict[str, str]) -> None:
    assert pairs_in(line) == pairs


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%FTD-1-430003: AccessControlRuleAction: Block, SrcIP: 10.0.0.7, DstIP: 203.0.113.9, SrcPort: 50000, "
         "DstPort: 80, Protocol: tcp, InitiatorBytes: 54, ResponderBytes: 0",
         {"kind": "flow", "src_ip": "10.0.0.7", "dst_ip": "203.0.113.9", "dst_port": 80, "conn_state": "S0",
          "bytes_out": 54}),
        ("id=600002 event=conn_close action=close [conn connsrcip=10.0.0.7 conndestip=203.0.113.9 connipproto=UDP "
         "connsrcport=64650 conndestport=53 origsent=59 termsent=75 ]",
         {"kind": "flow", "src_ip": "10.0.0.7", "dst_ip": "203.0.113.9", "dst_port": 53, "proto": "udp"}),
        ("CEF:0|M|P|1|9|Name asked|3|src=10.0.0.7 dst=10.0.0.9 dpt=53 cs4=www.example.org cs4Label=query_name",
         {"kind": "dns", "src_ip": "10.0.0.7", "query": "www.example.org"}),
        ('type=attack action="alert" proto=6 src="203.0.113.7" src_port=51982 dst="10.0.0.9" dst_port=443 '
         'http_method="POST" http_host="h.example" http_url="/a?q=1"',
         {"kind": "http", "src_ip": "203.0.113.7", "method": "POST", "uri": "/a?q=1"}),
        ("CEF:0|M|P|1|600|User Signed In|3|src=203.0.113.7 suser=admin outcome=Success",
         {"kind": "auth", "outcome": "success", "user": "admin", "src_ip": "203.0.113.7"}),
        ("1,2026/11/20 10:00:00,0165,GLOBALPROTECT,0,2305,2026/11/20 10:00:00,vsys1,gateway-auth,login,LDAP,,"
         "ward\\anna,FR,pc-7,203.0.113.7,0.0.0.0,0.0.0.0,0.0.0.0,h,,5.2,Windows,10,1,,,,failure,,0,",
         {"kind": "auth", "outcome": "failure", "user": "anna", "src_ip": "203.0.113.7"}),
        ("1,2026/11/20 10:00:00,0165,USERID,login,2305,2026/11/20 10:00:00,vsys,10.0.0.7,anna,srv,0,1,12000,0,0,"
         "active-directory,,9", {"kind": "auth", "outcome": "success", "user": "anna", "src_ip": "10.0.0.7"}),
        ("2 123456789012 eni-0f06a40fc9be596f6 203.0.113.7 10.0.0.96 40000 22 6 2 152 1795168700 1795168800 REJECT OK",
         {"kind": "flow", "src_ip": "203.0.113.7", "dst_port": 22, "proto": "tcp", "conn_state": "S0"}),
        ("client 10.0.0.7#1130: UDP: query: www.example.org IN A response: NXDOMAIN +",
         {"kind": "dns", "src_ip": "10.0.0.7", "query": "www.example.org"}),
        ('[{"srcaddr": "10.0.0.7", "destaddr": "10.0.0.9", "srcport": 46554, "destport": 80, "protocol": "TCP", '
         '"action": "deny"}]', {"kind": "flow", "src_ip": "10.0.0.7", "dst_port": 80, "conn_state": "S0"}),
        ("msg=asked src_ip=10.0.0.7 dst_ip=10.0.0.9 dst_port=53 proto=17 action=pass qname=www.example.org",
         {"kind": "dns", "src_ip": "10.0.0.7", "query": "www.example.org"}),
        ("CEF:0|M|P|1|7|HTTP Request|3|src=10.0.0.7 dst=10.0.0.9 dpt=443 requestMethod=POST request=/a/b",
         {"kind": "http", "src_ip": "10.0.0.7", "method": "POST", "uri": "/a/b"}),
        ("type=vpn msg= 'Server IP=10.0.0.9 Server port=1812 Peer IP=203.0.113.7 Peer port=5: no'",
         {"src_ip": "203.0.113.7"}),
        ('<?xml version="1.0"?><Alert id="7"><M><IPAddress>10.0.0.7</IPAddress><UserName>anna</UserName></M>'
         "<ThreatName>Example.A</ThreatName></Alert>", {"src_ip": "10.0.0.7", "user": "anna", "event_code": "threat"}),
        ("<Alert><M><UserName>anna</UserName><IPAddress>10.0.0.7</IPAddress></M></Alert>", {"user": "anna"}),
        ("1,2026/11/20 10:00:00,0165,THREAT,url,2049,2026/11/20 10:00:00,10.0.0.7,203.0.113.9,0.0.0.0,0.0.0.0,r,anna,,"
         "ssl,vsys1,a,b,e1,e2,fwd,2026/11/20 10:00:00,7,1,52984,443,0,0,0x4,tcp,block-url,\"a.example/x\",(9999)",
         {"kind": "http", "src_ip": "10.0.0.7", "dst_port": 443, "host": "a.example", "uri": "/x"}),
        ("action=blocked src_ip=10.0.0.7 dst_ip=203.0.113.9 dst_port=443 proto=tcp url=https://a.example/x status=0",
         {"kind": "http", "src_ip": "10.0.0.7", "host": "a.example", "uri": "https://a.example/x"}),
        ("action=blocked src_ip=10.0.0.7 dst_ip=203.0.113.9 dst_port=443 proto=tcp url=/x", {"kind": "flow"}),
        ("user anna logged on from 203.0.113.7", {"kind": "auth", "outcome": "success", "src_ip": "203.0.113.7"}),
        ('@cee: {"type": "USER_LOGIN", "status": "failed", "source": {"ip": "203.0.113.7", "userName": "anna"}}',
         {"kind": "auth", "outcome": "failure", "user": "anna", "src_ip": "203.0.113.7"}),
        ("CEF:0|M|P|1|7|Malware|9|dvchost=pc-7 virusName=Trojan.Example act=deleted fname=a.exe",
         {"kind": "line", "event_code": "threat"}),
        ('[audit] action="list" type="sessions" user="operator" client_ip="10.0.0.7" infos="open"',
         {"kind": "line", "user": "operator", "src_ip": "10.0.0.7"}),
    ],
)  # fmt: skip
def test_lines(tmp_path: Path, line: str, told: dict[str, Any]) -> None:
    (event,) = events(tmp_path, "maker.log", f"{HEAD}{line}\n")
    assert {name: event.get(name) for name in told} == told
    assert event["ts"] == TS


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"event_time": "2026-11-20T10:00:00Z", "dest_ip": "203.0.113.9", "dest_port": "443", "clientIP": "10.0.0.7",
          "ip_protocol": "TCP", "action": "Block"},
         {"kind": "flow", "src_ip": "10.0.0.7", "dst_ip": "203.0.113.9", "dst_port": 443, "conn_state": "S0"}),
        ({"QueryName": "www.example.org.", "SourceIP": "10.0.0.7", "Timestamp": 1795168800000000000},
         {"kind": "dns", "query": "www.example.org.", "src_ip": "10.0.0.7"}),
        ({"isotimestamp": "2026-11-20T10:00:00+00:00", "eventtype": "admin_log", "action": "admin_login_error",
          "username": "anna", "userIp": "203.0.113.7"},
         {"kind": "auth", "outcome": "failure", "user": "anna", "src_ip": "203.0.113.7"}),
        ({"timestamp": "2026-11-20T10:00:00Z", "event_type": "admin_login_attempt", "client_ip": "203.0.113.7",
          "success": True}, {"kind": "auth", "src_ip": "203.0.113.7"}),
        ({"detectedAt": "2026-11-20T10:00:00Z", "process": {"cmdLine": "net1 group x"}},
         {"kind": "process", "command_line": "net1 group x"}),
        ({"metadata": {"eventCreationTime": 1795168800000}, "event": {
            "DetectName": "Credential theft", "SeverityName": "High", "ComputerName": "pc-7"}},
         {"kind": "line", "event_code": "threat_grave", "message": "threat found: Credential theft", "host": "pc-7"}),
        ({"created_time": "2026-11-20T10:00:00Z", "threatName": "none", "severity": "high"},
         {"kind": "line", "event_code": None}),
        ({"Timestamp": "2026-11-20T10:00:00Z", "Severity": 3, "TypeComputedMap": "LostBuffers"},
         {"kind": "line", "severity": 3}),
    ],
)  # fmt: skip
def test_json(tmp_path: Path, record: dict[str, Any], told: dict[str, Any]) -> None:
    (event,) = events(tmp_path, "maker.json", json.dumps(record) + "\n")
    assert {name: event.get(name) for name in told} == told
    assert event["ts"] == TS


@pytest.mark.parametrize(
    "record",
    [
        {"time": "2026-11-20T10:00:00Z", "user": "anna", "action": "view", "patientName": "x"},
        {"time": "2026-11-20T10:00:00Z", "ip": "10.0.0.7", "birthDate": "2000-01-01"},
        {"time": "2026-11-20T10:00:00Z", "message": "opened", "logger": "chart", "patient_name": "x"},
        {"time": "2026-11-20T10:00:00Z", "event": {"action": "read", "patient": {"mrn": "1"}}, "user": {"name": "a"}},
        {"time": "2026-11-20T10:00:00Z", "userName": "a", "nhsNumber": "1"},
        {"time": "2026-11-20T10:00:00Z", "severity": "high", "diagnosis": "x"},
        {"time": "2026-11-20T10:00:00Z", "temperature": 7},
    ],
)
def test_records_of_people_in_care_and_of_nothing_are_no_logs(tmp_path: Path, record: dict[str, Any]) -> None:
    (letter,) = letters(read(tmp_path, "care.json", json.dumps(record) + "\n"))
    assert "not a format" in letter.reason or "no log record" in letter.reason


def test_names_that_nobody_wrote_mean_nothing() -> None:
    assert meaning("x" * 100 + ".clientip") and not meaning("x" * 200 + ".clientip")


def test_cef_without_any_name_is_a_line(tmp_path: Path) -> None:
    (event,) = events(
        tmp_path, "wall.log", "<14>1 2026-11-20T10:00:00Z wall - - - - CEF:0|Acme|Wall|1|100|Started|5|===: === \n"
    )
    assert event["kind"] == "line"


def test_a_name_of_many_readings_is_read_at_once() -> None:
    assert words_of("username" * 15 + "z") == ("username" * 15 + "z",)
    assert words_of("clientipaddress") == ("client", "ipaddress")
