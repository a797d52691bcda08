"""Suricata EVE: event types, lines and arrays."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

BASE = {
    "timestamp": "2021-06-06T16:00:00.500000+0200",
    "flow_id": 77,
    "src_ip": "10.0.0.1",
    "src_port": 4000,
    "dest_ip": "10.0.0.2",
    "dest_port": 53,
    "proto": "UDP",
}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "flow",
        {
            "flow": {
                "pkts_toserver": 2,
                "pkts_toclient": 0,
                "bytes_toserver": 120,
                "bytes_toclient": 0,
                "state": "new",
                "start": "2021-06-06T15:59:00+0200",
                "end": "2021-06-06T15:59:30+0200",
            }
        },
        {
            "kind": "flow",
            "ts": 1622987940.0,
            "duration_s": 30.0,
            "bytes_out": 120,
            "conn_state": "S0",
            "proto": "udp",
        },
    ),
    (
        "flow",
        {
            "proto": "TCP",
            "flow": {"pkts_toserver": 2, "pkts_toclient": 1, "bytes_toserver": 120, "bytes_toclient": 60},
            "tcp": {"tcp_flags": "16", "tcp_flags_ts": "02", "tcp_flags_tc": "14", "syn": True, "rst": True},
        },
        {"conn_state": "REJ", "bytes_out": 0, "bytes_in": 0, "packets_in": 1},
    ),
    (
        "flow",
        {
            "proto": "TCP",
            "flow": {"pkts_toserver": 6, "pkts_toclient": 5, "bytes_toserver": 900, "bytes_toclient": 4000},
            "tcp": {"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b"},
        },
        {"conn_state": "SF", "bytes_out": 900, "bytes_in": 4000},
    ),
    (
        "arp",
        {
            "arp": {
                "opcode": "request",
                "src_mac": "02:00:00:00:00:09",
                "src_ip": "10.0.0.9",
                "dest_mac": "00:00:00:00:00:00",
                "dest_ip": "10.0.0.77",
            }
        },
        {
            "kind": "other",
            "name": "arp",
            "src_ip": "10.0.0.9",
            "dst_ip": "10.0.0.77",
            "src_mac": "02:00:00:00:00:09",
            "detail": '{"operation":"request"}',
        },
    ),
    (
        "flow",
        {
            "src_port": 445,
            "dest_port": 50060,
            "proto": "TCP",
            "flow": {"pkts_toserver": 5, "pkts_toclient": 6, "bytes_toserver": 4000, "bytes_toclient": 900},
            "tcp": {"tcp_flags_ts": "18", "tcp_flags_tc": "18"},
        },
        {
            "src_ip": "10.0.0.2",
            "src_port": 50060,
            "dst_port": 445,
            "bytes_out": 900,
            "packets_out": 6,
            "conn_state": "OTH",
        },
    ),
    (
        "flow",
        {
            "proto": "ICMP",
            "src_port": None,
            "dest_port": None,
            "icmp_type": 8,
            "icmp_code": 0,
            "flow": {"pkts_toserver": 1, "pkts_toclient": 0, "bytes_toserver": 42, "bytes_toclient": 0},
        },
        {"proto": "icmp", "src_port": 8, "dst_port": 0, "conn_state": "S0"},
    ),
    (
        "dcerpc",
        {
            "src_port": 49683,
            "dest_port": 50059,
            "dcerpc": {
                "request": "REQUEST",
                "req": {"opnum": 12},
                "interfaces": [
                    {"uuid": "12345678-0000-0000-0000-000000000000", "ack_result": 2},
                    {"uuid": "367abb81-9844-35f1-ad32-98f038001003", "version": "2.0", "ack_result": 0},
                ],
            },
        },
        {"name": "dcerpc", "src_ip": "10.0.0.2", "dst_port": 49683},
    ),
    (
        "krb5",
        {"src_port": 88, "dest_port": 50951, "krb5": {"msg_type": "KRB_AS_REP", "cname": "a.b", "realm": "EXAMPLE"}},
        {"src_ip": "10.0.0.2", "dst_ip": "10.0.0.1", "dst_port": 88, "user": "a.b", "outcome": "success"},
    ),
    (
        "netflow",
        {"netflow": {"pkts": 2, "bytes": 120, "age": 3}},
        {"kind": "flow", "packets_out": 2, "duration_s": 3.0},
    ),
    (
        "dns",
        {"dns": {"type": "query", "rrname": "a.example", "rrtype": "A"}},
        {"query": "a.example", "qtype": "A"},
    ),
    (
        "dns",
        {"dns": {"type": "answer", "rrname": "a.example", "rrtype": "A", "rcode": "NOERROR", "rdata": "10.0.0.9"}},
        {"answers": ["10.0.0.9"], "rcode": "NOERROR"},
    ),
    (
        "dns",
        {
            "dns": {
                "version": 2,
                "type": "answer",
                "rrname": "a.example",
                "rcode": "NXDOMAIN",
                "grouped": {"A": ["10.0.0.9"]},
            }
        },
        {"answers": ["10.0.0.9"], "rcode": "NXDOMAIN"},
    ),
    (
        "dns",
        {"dns": {"version": 3, "type": "request", "queries": [{"rrname": "b.example", "rrtype": "TXT"}]}},
        {"query": "b.example", "qtype": "TXT"},
    ),
    (
        "http",
        {"http": {"hostname": "h", "url": "/x", "http_method": "GET", "status": 404, "length": 5}},
        {"kind": "http", "host": "h", "status": 404, "bytes_in": 5, "service": "http"},
    ),
    (
        "tls",
        {"tls": {"sni": "s", "version": "TLS 1.2", "ja3": {"hash": "abc"}, "issuerdn": "CN=x"}},
        {"kind": "tls", "tls_version": "TLSv1.2", "ja3": "abc", "issuer": "CN=x"},
    ),
    (
        "tls",
        {"tls": {"subject": "CN=a", "issuerdn": "CN=a", "notafter": "2999-01-01T00:00:00"}},
        {"kind": "tls", "validation": "self signed certificate"},
    ),
    (
        "tls",
        {"tls": {"subject": "CN=a", "issuerdn": "CN=b", "notafter": "2001-01-01T00:00:00"}},
        {"kind": "tls", "validation": "certificate has expired"},
    ),
    (
        "smb",
        {"smb": {"command": "SMB2_COMMAND_WRITE", "dcerpc": {"request": "REQUEST", "opnum": 12}}},
        {"kind": "other", "name": "dcerpc", "detail": '{"request":"REQUEST","opnum":12}', "format": "suricata.dcerpc"},
    ),
    ("fileinfo", {"fileinfo": {"filename": "/f", "size": 9, "sha256": "00"}}, {"kind": "file", "size_bytes": 9}),
    (
        "smb",
        {"smb": {"command": "SMB2_COMMAND_CREATE", "filename": "a", "share": "\\\\s\\c$"}},
        {"kind": "file", "action": "SMB2_COMMAND_CREATE", "share": "\\\\s\\c$"},
    ),
    (
        "smb",
        {
            "smb": {
                "command": "SMB2_COMMAND_CREATE",
                "filename": "a",
                "status": "STATUS_SUCCESS",
                "disposition": "FILE_OVERWRITE_IF",
                "share": "\\\\s\\c$",
            }
        },
        {"kind": "file", "action": "SMB2_FILE_OVERWRITE_IF", "share": "\\\\s\\c$"},
    ),
    (
        "smb",
        {
            "smb": {
                "command": "SMB2_COMMAND_CREATE",
                "filename": "a",
                "status": "STATUS_SUCCESS",
                "disposition": "FILE_OPEN",
                "share": "\\\\s\\c$",
            }
        },
        {"kind": "file", "action": "SMB2_COMMAND_CREATE", "share": "\\\\s\\c$"},
    ),
    (
        "smb",
        {
            "smb": {
                "command": "SMB2_COMMAND_CREATE",
                "filename": "a",
                "status": "STATUS_ACCESS_DENIED",
                "disposition": "FILE_CREATE",
                "share": "\\\\s\\c$",
            }
        },
        {"kind": "file", "action": "SMB2_COMMAND_CREATE", "share": "\\\\s\\c$"},
    ),
    (
        "smb",
        {"smb": {"command": "SETUP", "status": "STATUS_LOGON_FAILURE", "ntlmssp": {"user": "u", "domain": "d"}}},
        {"kind": "auth", "user": "u", "outcome": "failure", "error": "STATUS_LOGON_FAILURE"},
    ),
    ("ssh", {"ssh": {"client": {"software_version": "x"}}}, {"kind": "auth", "client": "x"}),
    (
        "krb5",
        {"krb5": {"msg_type": "KRB_ERROR", "cname": "u", "realm": "R", "error_code": 6}},
        {"kind": "auth", "outcome": "failure", "user": "u", "error": "6"},
    ),
    ("rdp", {"rdp": {"event_type": "initial_request", "cookie": "u"}}, {"kind": "auth", "user": "u"}),
    (
        "ftp",
        {"ftp": {"command": "PASS", "command_data": "hidden", "completion_code": ["530"]}},
        {"kind": "auth", "outcome": "failure"},
    ),
    (
        "smtp",
        {"smtp": {"mail_from": "a", "rcpt_to": ["b"]}, "email": {"subject": "s"}},
        {"kind": "mail", "subject": "s"},
    ),
    (
        "dhcp",
        {"dhcp": {"client_mac": "02:00:00:00:00:01", "assigned_ip": "0.0.0.0", "hostname": "pump"}},  # noqa: S104 - means none
        {"kind": "dhcp", "src_mac": "02:00:00:00:00:01", "hostname": "pump"},
    ),
    (
        "alert",
        {"alert": {"signature": "S", "signature_id": 5, "severity": 1, "category": "C", "action": "allowed"}},
        {"kind": "ids_alert", "signature": "S", "signature_id": "5", "severity": 1},
    ),
    ("stats", {"stats": {"uptime": 4}}, {"kind": "other", "name": "stats", "detail": '{"stats":{"uptime":4}}'}),
]


@pytest.mark.parametrize(("event_type", "row", "expected"), CASES)
def test_what_an_event_type_becomes(
    tmp_path: Path, event_type: str, row: dict[str, Any], expected: dict[str, Any]
) -> None:
    (one,) = events(tmp_path, "eve.json", json.dumps({**BASE, "event_type": event_type, **row}))
    assert expected.items() <= one.items()
    assert one["format"] == expected.get("format", f"suricata.{event_type}")
    assert one["uid"] == "77"
    assert "hidden" not in json.dumps(one)


def test_an_answer_from_the_server_is_turned_round(tmp_path: Path) -> None:
    row = {**BASE, "src_port": 53, "dest_port": 4000, "event_type": "dns", "dns": {"rrname": "a"}}
    (one,) = events(tmp_path, "eve.json", json.dumps(row))
    assert (one["src_ip"], one["dst_port"]) == ("10.0.0.2", 53)


@pytest.mark.parametrize("indent", [None, 2])
def test_arrays(tmp_path: Path, indent: int | None) -> None:
    rows = [{**BASE, "event_type": "stats", "n": n} for n in range(5)]
    found = events(tmp_path, "eve.json", json.dumps(rows, indent=indent))
    assert [one["detail"] for one in found] == [f'{{"n":{n}}}' for n in range(5)]


def test_foreign_records_are_dead_letters(tmp_path: Path) -> None:
    good = json.dumps({**BASE, "event_type": "stats"})
    bad = ['{"timestamp": 5}', '{"event_type": "flow", "timestamp": "soon"}', "[]", "nothing"]
    results = read(tmp_path, "eve.json", "\n".join([good, *bad, good, good, good, good]))
    assert len(results) == 9
    assert len(letters(results)) == 4
