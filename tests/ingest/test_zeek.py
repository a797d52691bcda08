"""Zeek logs: both forms, headers anywhere, escapes, and what each log becomes."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, fields, letters, read

CONN = """#separator \\x09
#set_separator	,
#empty_field	(empty)
#unset_field	-
#path	conn
#open	2024-04-19-00-00-01
#fields	_node_name	ts	uid	id.orig_h	id.orig_p	id.resp_h	id.resp_p	proto	service	duration	orig_bytes	resp_bytes	conn_state	history	orig_pkts	resp_pkts	tunnel_parents
#types	string	time	string	addr	port	addr	port	enum	string	interval	count	count	string	string	count	count	set[string]
w-1	1713484795.943239	CYl7	10.1.2.3	25320	10.9.8.7	443	tcp	SSL	1.5	100	2000	SF	ShADad	5	7	-
w-1	1713484799.565772	CNXh	10.1.2.4	1451	10.9.8.7	22	tcp	-	-	-	-	S0	S	1	0	(empty)
#close	2024-04-19-01-00-00
"""  # noqa: E501


def test_tsv_conn_becomes_flows(tmp_path: Path) -> None:
    first, second = events(tmp_path, "conn.log", CONN)
    assert first == {
        "ts": 1713484795.943239,
        "format": "zeek.conn",
        "kind": "flow",
        "uid": "CYl7",
        "src_ip": "10.1.2.3",
        "src_port": 25320,
        "dst_ip": "10.9.8.7",
        "dst_port": 443,
        "proto": "tcp",
        "service": "ssl",
        "duration_s": 1.5,
        "bytes_out": 100,
        "bytes_in": 2000,
        "conn_state": "SF",
        "history": "ShADad",
        "packets_out": 5,
        "packets_in": 7,
    }
    assert "duration_s" not in second
    assert "service" not in second


def test_headers_may_come_again_and_change(tmp_path: Path) -> None:
    other = "#path\tdns\n#fields\tts\tuid\tquery\tanswers\n#types\ttime\tstring\tstring\tvector[string]\n"
    found = events(tmp_path, "conn.log", CONN + other + "5.5\tC9\ta.example\t10.0.0.1,-,x\\x2cy\n" + CONN)
    assert [one["kind"] for one in found] == ["flow", "flow", "dns", "flow", "flow"]
    assert found[2]["answers"] == ["10.0.0.1", "x,y"]


def test_other_separators_and_escapes(tmp_path: Path) -> None:
    text = "#separator \\x7c\n#set_separator|;\n#unset_field|?\n#empty_field|!\n#path|http\n"
    text += "#fields|ts|uid|host|uri|user_agent|username|password\n"
    text += "#types|time|string|string|string|string|string|string\n"
    text += "1.0|C1|h.example|/\\xe2\\x82\\xac\\xff|?|nurse|hidden\n"
    (one,) = events(tmp_path, "http.log", text)
    assert one["uri"] == "/€\\xff"
    assert one["user"] == "nurse"
    assert "user_agent" not in one
    assert "hidden" not in json.dumps(one)


def test_bad_rows_are_told_apart(tmp_path: Path) -> None:
    text = CONN + "short\trow\n" + CONN.splitlines()[8].replace("25320", "port") + "\n"
    results = read(tmp_path, "conn.log", text)
    assert len(results) == 4
    assert [letter.reason for letter in letters(results)] == [
        "the row has 2 columns where the header names 17",
        "column of src_port does not hold its type",
    ]
    assert "9" in letters(results)[1].excerpt
    assert "10.1.2.3" not in letters(results)[1].excerpt


def test_a_row_before_any_header_is_a_dead_letter(tmp_path: Path) -> None:
    results = read(tmp_path, "conn.log", "1.0\tC1\n" + CONN)
    assert [letter.position for letter in letters(results)] == ["line 1"]
    assert len(results) == 3


def test_json_times_and_logs_told_by_columns(tmp_path: Path) -> None:
    rows = [
        {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "orig_pkts": 1, "resp_pkts": 0, "conn_state": "S0"},
        {
            "ts": "2018-03-24T17:15:20.865716Z",
            "uid": "C2",
            "query": "a.example",
            "qtype_name": "A",
            "rcode_name": "nxdomain",
        },
        {
            "_path": "ssl",
            "ts": 2.0,
            "uid": "C3",
            "version": "TLSv12",
            "server_name": "s.example",
            "established": True,
        },
        {
            "ts": 3.0,
            "id": {"orig_h": "10.0.0.2", "resp_h": "10.0.0.3"},
            "trans_depth": 1,
            "uri": "/x",
            "status_code": 200,
        },
    ]
    flow, dns, tls, http = events(tmp_path, "anything.json", "\n".join(map(json.dumps, rows)))
    assert flow["kind"] == "flow"
    assert (dns["ts"], dns["rcode"], dns["service"]) == (1521911720.865716, "NXDOMAIN", "dns")
    assert (tls["tls_version"], tls["sni"]) == ("TLSv1.2", "s.example")
    assert (http["src_ip"], http["dst_ip"], http["status"]) == ("10.0.0.2", "10.0.0.3", 200)


CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "ssl",
        {"server_name": "a.example", "validation_status": "ok", "sni_matches_cert": False},
        {"kind": "tls", "validation": "ok; name mismatch"},
    ),
    (
        "ssh",
        {"auth_success": False, "auth_attempts": 3, "client": "SSH-2.0-x"},
        {"kind": "auth", "outcome": "failure", "attempts": 3, "service": "ssh"},
    ),
    ("rdp", {"cookie": "clerk", "result": "Success"}, {"kind": "auth", "outcome": "success", "user": "clerk"}),
    (
        "kerberos",
        {"client": "clerk/WARD.EXAMPLE", "service": "krbtgt/X", "success": False, "error_msg": "KDC_ERR"},
        {
            "user": "clerk",
            "domain": "WARD.EXAMPLE",
            "outcome": "failure",
            "target": "krbtgt/X",
            "service": "kerberos",
        },
    ),
    ("ntlm", {"username": "clerk", "domainname": "W", "success": True}, {"user": "clerk", "outcome": "success"}),
    (
        "ftp",
        {"user": "clerk", "password": "p", "command": "PASS", "reply_code": 530},
        {"kind": "auth", "outcome": "failure", "user": "clerk"},
    ),
    (
        "notice",
        {"note": "Scan::Port_Scan", "msg": "scanned", "src": "10.0.0.9", "p": 80, "actions": ["A", "B"]},
        {
            "kind": "ids_alert",
            "src_ip": "10.0.0.9",
            "dst_port": 80,
            "signature_id": "Scan::Port_Scan",
            "category": "Scan",
            "action": "A,B",
        },
    ),
    (
        "dhcp",
        {
            "client_addr": "10.0.0.5",
            "mac": "02:00:00:00:00:01",
            "assigned_addr": "10.0.0.6",
            "lease_time": 4294967295,
            "host_name": "pump-7",
            "uids": ["C1", "C2"],
        },
        {
            "kind": "dhcp",
            "src_mac": "02:00:00:00:00:01",
            "assigned_ip": "10.0.0.6",
            "hostname": "pump-7",
            "lease_s": 1e9,
            "uid": "C1",
        },
    ),
    (
        "files",
        {
            "tx_hosts": ["10.0.0.1"],
            "rx_hosts": ["10.0.0.2"],
            "is_orig": False,
            "seen_bytes": 5,
            "source": "HTTP",
            "conn_uids": ["C7"],
        },
        {
            "kind": "file",
            "src_ip": "10.0.0.2",
            "dst_ip": "10.0.0.1",
            "size_bytes": 5,
            "uid": "C7",
            "service": "http",
        },
    ),
    (
        "smb_files",
        {"action": "SMB::FILE_RENAME", "path": "\\\\s\\c$", "name": "b", "prev_name": "a"},
        {"kind": "file", "share": "\\\\s\\c$", "filename": "b", "previous_filename": "a", "service": "smb"},
    ),
    (
        "smb_mapping",
        {"path": "\\\\s\\ADMIN$", "share_type": "DISK", "service": "IPC"},
        {"action": "map", "service": "smb"},
    ),
    ("smtp", {"mailfrom": "a@x.example", "rcptto": ["b@y.example"]}, {"kind": "mail", "rcpt_to": ["b@y.example"]}),
    (
        "software",
        {"host": "10.0.0.4", "name": "OpenSSH", "version.major": 8, "version.minor": 1},
        {"kind": "software", "src_ip": "10.0.0.4", "version": "8.1"},
    ),
    ("weird", {"name": "above_hole", "peer": "zeek"}, {"kind": "other", "name": "weird"}),
    (
        "open_conn",
        {"conn_state": "S1", "orig_bytes": 9},
        {"kind": "other", "name": "open_conn", "format": "zeek.open_conn"},
    ),
    ("modbus", {"func": "READ_COILS"}, {"kind": "other", "detail": '{"func":"READ_COILS"}'}),
]


@pytest.mark.parametrize(("log", "row", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_a_log_becomes(tmp_path: Path, log: str, row: dict[str, Any], expected: dict[str, Any]) -> None:
    line = json.dumps({"_path": log, "ts": 10.0, **row})
    (one,) = events(tmp_path, "x.log", line)
    assert expected.items() <= one.items()


def test_syslog_log_is_a_log_event(tmp_path: Path) -> None:
    row = {
        "_path": "syslog",
        "ts": 1.0,
        "id.orig_h": "10.0.0.1",
        "severity": "ERR",
        "facility": "AUTH",
        "message": "m",
    }
    (result,) = read(tmp_path, "syslog.json", json.dumps(row))
    assert result.source == "logs"
    assert fields(result)["severity"] == 3


def test_a_log_without_times_borrows_that_of_its_file(tmp_path: Path) -> None:
    text = "#separator \\x09\n#path\tloaded_scripts\n#open\t2020-10-06-17-32-45\n"
    text += "#fields\tname\n#types\tstring\na.zeek\n"
    (one,) = events(tmp_path, "loaded_scripts.log", text)
    assert one["ts"] == 1602005565.0


def test_certificates_of_the_log_beside(tmp_path: Path) -> None:
    """Since Zeek 4.1 ssl.log names fingerprints, and x509.log says whose they are."""
    x509 = [
        {"ts": 10.2, "fingerprint": "f1", "certificate.subject": "CN=box", "certificate.issuer": "CN=box"},
        {"ts": 10.3, "fingerprint": "f2", "certificate.subject": "CN=a.example", "certificate.issuer": "O=Some CA",
         "certificate.not_valid_after": 9.0},
    ]  # fmt: skip
    (tmp_path / "x509.log").write_text("\n".join(json.dumps(row) for row in x509))
    base = {"ts": 10.0, "id.orig_h": "10.0.0.1", "id.resp_h": "203.0.113.9", "established": True, "uid": "C1"}
    rows = [base | {"cert_chain_fps": chain} for chain in (["f1", "f2"], ["f2"], ["f3"], [])]
    rows.append(base | {"cert_chain_fps": ["f1"], "subject": "CN=own", "validation_status": "ok"})
    told = events(tmp_path, "ssl.log", "\n".join(json.dumps(row) for row in rows))
    assert [(e.get("subject"), e.get("issuer"), e.get("validation")) for e in told] == [
        ("CN=box", "CN=box", "self signed certificate"), ("CN=a.example", "O=Some CA", "certificate has expired"),
        (None, None, None), (None, None, None), ("CN=own", None, "ok"),
    ]  # fmt: skip


def test_a_log_of_certificates_that_cannot_be_read_is_told_by_itself(tmp_path: Path) -> None:
    (tmp_path / "x509.log").write_bytes(b"\x00\x01\x02" * 50)
    row = {"ts": 10.0, "id.orig_h": "10.0.0.1", "id.resp_h": "203.0.113.9", "uid": "C1", "cert_chain_fps": ["f1"]}
    (told,) = events(tmp_path, "ssl.log", json.dumps(row | {"server_name": "a.example"}))
    assert told["sni"] == "a.example"


def test_a_separator_by_its_other_name_and_at_the_end(tmp_path: Path) -> None:
    """Some agents write `\\t` where Zeek writes `\\x09`, and end their rows with one more."""
    head = (
        "#separator \\t",
        "#unset_field\t-",
        "#path\thttp",
        "#fields\tts\thost\turi",
        "#types\ttime\tstring\tstring",
    )
    (told,) = events(tmp_path, "http.log", "\n".join((*head, "10.5\ta.example\t/x\t")))
    assert (told["ts"], told["host"], told["uri"]) == (10.5, "a.example", "/x")
