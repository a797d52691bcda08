"""Windows and Sysmon events in all their JSON forms."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

DATA = {
    "TargetUserName": "clerk",
    "TargetDomainName": "WARD",
    "LogonType": "3",
    "IpAddress": "::ffff:10.0.0.9",
    "IpPort": "4242",
    "AuthenticationPackageName": "NTLM",
    "WorkstationName": "WS1",
    "Status": "0xc000006d",
}
NESTED = {
    "Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}},
            "EventID": {"#text": 4625},
            "Channel": "Security",
            "Computer": "dc1",
            "TimeCreated": {"#attributes": {"SystemTime": "2024-05-01T10:00:00.5Z"}},
        },
        "EventData": DATA,
    }
}
NAMED = {"Event": {**NESTED["Event"], "EventData": {"Data": [{"@Name": k, "#text": v} for k, v in DATA.items()]}}}
BEATS = {
    "@timestamp": "2024-05-01T10:00:00.5Z",
    "message": "An account failed\nmore",
    "winlog": {"event_id": "4625", "channel": "Security", "computer_name": "dc1", "event_data": DATA},
}
OLD_BEATS = {
    "@timestamp": "2024-05-01T10:00:00.5Z",
    "event_id": 4625,
    "log_name": "Security",
    "computer_name": "dc1",
    "source_name": "s",
    "event_data": DATA,
}
FLAT = {
    "EventTime": "2024-05-01 12:00:00",
    "@timestamp": "2024-05-01T10:00:00.5Z",
    "EventID": 4625,
    "Channel": "security",
    "Hostname": "dc1",
    "SourceName": "s",
    **DATA,
}


@pytest.mark.parametrize("form", [NESTED, NAMED, BEATS, OLD_BEATS, FLAT])
def test_all_forms_say_the_same(tmp_path: Path, form: dict[str, Any]) -> None:
    (one,) = events(tmp_path, "w.json", json.dumps(form))
    expected = {
        "ts": 1714557600.5,
        "kind": "auth",
        "action": "logon",
        "outcome": "failure",
        "user": "clerk",
        "domain": "WARD",
        "src_ip": "10.0.0.9",
        "src_port": 4242,
        "method": "ntlm",
        "logon_type": 3,
        "src_host": "WS1",
        "host": "dc1",
        "event_code": "4625",
        "format": "windows.security",
    }
    assert expected.items() <= one.items()
    assert json.loads(one["data"])["Status"] == "0xc000006d"


CASES: list[tuple[str, int, dict[str, Any], dict[str, Any]]] = [
    ("Security", 4624, {"TargetUserName": "clerk"}, {"action": "logon", "outcome": "success", "user": "clerk"}),
    ("Security", 4672, {"SubjectUserName": "admin"}, {"action": "privilege_use", "user": "admin"}),
    (
        "Security",
        4720,
        {"SubjectUserName": "admin", "TargetUserName": "eve"},
        {"action": "account_created", "user": "admin", "target_user": "eve"},
    ),
    (
        "Security",
        4728,
        {"SubjectUserName": "admin", "TargetUserName": "Admins", "MemberName": "CN=eve"},
        {"action": "group_changed", "target_user": "CN=eve"},
    ),
    ("Security", 4740, {"TargetUserName": "clerk"}, {"action": "lockout", "outcome": "failure"}),
    ("Security", 4768, {"TargetUserName": "clerk", "Status": "0x0"}, {"action": "ticket", "outcome": "success"}),
    (
        "Security",
        4769,
        {"TargetUserName": "clerk@WARD", "Status": "0x1b", "ServiceName": "krbtgt"},
        {"user": "clerk", "outcome": "failure", "target_user": "krbtgt", "method": "kerberos"},
    ),
    ("Security", 4771, {"TargetUserName": "clerk"}, {"outcome": "failure"}),
    (
        "Security",
        4688,
        {"NewProcessName": "C:\\a.exe", "CommandLine": "a -x", "NewProcessId": "0x10"},
        {"kind": "process", "action": "start", "image": "C:\\a.exe", "command_line": "a -x", "pid": 16},
    ),
    ("Security", 1102, {}, {"kind": "process", "action": "log_cleared"}),
    (
        "System",
        7045,
        {"ServiceName": "x", "ImagePath": "C:\\x.exe"},
        {"action": "service_installed", "target": "x"},
    ),
    ("Application", 7045, {"ServiceName": "x"}, {"kind": "line"}),
    (
        "Microsoft-Windows-Sysmon/Operational",
        1,
        {"Image": "C:\\a.exe", "ParentImage": "C:\\b.exe", "ProcessId": "7"},
        {"kind": "process", "action": "start", "parent_image": "C:\\b.exe", "pid": 7, "format": "windows.sysmon"},
    ),
    (
        "Microsoft-Windows-Sysmon/Operational",
        3,
        {"SourceIp": "10.0.0.1", "DestinationIp": "fe80::1", "DestinationPort": "443"},
        {"action": "connect", "target": "[fe80::1]:443", "src_ip": "10.0.0.1"},
    ),
    (
        "Microsoft-Windows-Sysmon/Operational",
        10,
        {"SourceImage": "a", "TargetImage": "lsass.exe"},
        {"action": "access", "image": "a", "target": "lsass.exe"},
    ),
    (
        "Microsoft-Windows-Sysmon/Operational",
        22,
        {"QueryName": "a.example"},
        {"action": "dns_query", "target": "a.example"},
    ),
    ("Windows PowerShell", 800, {}, {"kind": "line", "event_code": "800"}),
]


@pytest.mark.parametrize(("channel", "code", "data", "expected"), CASES)
def test_what_an_id_becomes(
    tmp_path: Path, channel: str, code: int, data: dict[str, str], expected: dict[str, Any]
) -> None:
    row = {"TimeCreated": "2024-05-01T10:00:00Z", "EventID": code, "Channel": channel, "Hostname": "h", **data}
    (one,) = events(tmp_path, "w.json", json.dumps([row], indent=1))
    assert expected.items() <= one.items()


def test_lines_keep_message_and_data(tmp_path: Path) -> None:
    row = {
        "TimeCreated": "2024-05-01T10:00:00Z",
        "EventID": 9,
        "Channel": "X",
        "Message": "one\r\ntwo",
        "Extra": "e",
    }
    (one,) = events(tmp_path, "w.json", json.dumps(row))
    assert one["message"] == "one\r\ntwo"
    assert one["data"] == '{"Extra":"e"}'


def test_events_without_a_time_are_dead_letters(tmp_path: Path) -> None:
    good = json.dumps(FLAT)
    bad = json.dumps({"EventID": 1, "Channel": "Security", "TimeCreated": "soon"})
    results = read(tmp_path, "w.json", "\n".join((good, bad, '{"x": 1}', good)))
    assert [letter.position for letter in letters(results)] == ["line 2", "line 3"]


def test_what_sysmon_did_to_a_key_is_kept_and_the_shippers_word_for_a_level_is_not(tmp_path: Path) -> None:
    common = {"Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "ws1", "EventID": 13,
              "EventTime": "2026-11-24 08:15:00", "TargetObject": "HKLM\\Run", "Image": "C:\\a.exe"}  # fmt: skip
    rows = [json.dumps(common | {"EventType": word}) for word in ("SetValue", "INFO")]
    first, second = events(tmp_path, "sysmon.json", "\n".join(rows))
    assert json.loads(first["data"])["EventType"] == "SetValue"
    assert "EventType" not in json.loads(second["data"])


SQL = {
    "Event": {
        **NESTED["Event"],
        "System": {
            **NESTED["Event"]["System"],
            "Provider": {"#attributes": {"Name": "MSSQLSERVER"}},
            "EventID": {"#attributes": {"Qualifiers": 49152}, "#text": 18456},
            "Channel": "Application",
        },
    }
}


@pytest.mark.parametrize(
    "values",
    [
        {"Data": {"#text": ["sa", " Reason: wrong", " [CLIENT: 10.0.0.9]"]}, "Binary": "1848"},
        {"Data": ["sa", " Reason: wrong", " [CLIENT: 10.0.0.9]"]},
        {"param1": "sa", "param3": " [CLIENT: 10.0.0.9]"},
    ],
)
def test_values_without_names(tmp_path: Path, values: dict[str, Any]) -> None:
    (one,) = events(tmp_path, "w.json", json.dumps({"Event": {**SQL["Event"], "EventData": values}}))
    assert (one["kind"], one["action"], one["outcome"], one["method"]) == ("auth", "logon", "failure", "sql")
    assert (one["user"], one["src_ip"]) == ("sa", "10.0.0.9")


def test_sql_logon_told_in_words(tmp_path: Path) -> None:
    said = "Login failed for user 'sa'. Reason: wrong. [CLIENT: <local machine>]"
    form = {"@timestamp": "2024-05-01T10:00:00Z", "message": said}
    form |= {"winlog": {"event_id": 18456, "channel": "Application", "provider_name": "MSSQL$ERP"}}
    (one,) = events(tmp_path, "w.json", json.dumps(form))
    assert one["user"] == "sa" and "src_ip" not in one


def test_openssh_for_windows_writes_lines_of_sshd(tmp_path: Path) -> None:
    system = {**NESTED["Event"]["System"], "Provider": {"#attributes": {"Name": "OpenSSH"}}, "EventID": 4}
    system["Channel"] = "OpenSSH/Operational"
    said = {"process": "sshd", "payload": "Failed password for invalid user bob from 10.0.0.9 port 4242 ssh2"}
    (one,) = events(tmp_path, "w.json", json.dumps({"Event": {"System": system, "UserData": {"EventXML": said}}}))
    assert (one["kind"], one["program"], one["outcome"]) == ("auth", "sshd", "failure")
    assert (one["user"], one["src_ip"]) == ("bob", "10.0.0.9")
