"""Samba's audit of log-ons, directory and shares becomes events like Windows' and Zeek's."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events, read

from pipeline.ingest.format import Item
from pipeline.ingest.samba.records import samba_item

TIME, TS = "2026-11-20T10:00:00.000000+0000", 1795168800.0
SID = "S-1-5-21-1-2-3-"
LOGON: dict[str, Any] = {
    "version": {"major": 1, "minor": 2}, "eventId": 4624, "logonType": 3, "status": "NT_STATUS_OK",
    "localAddress": "ipv4:10.1.0.10:445", "remoteAddress": "ipv4:10.1.0.90:53170", "serviceDescription": "SMB2",
    "authDescription": "NTLMSSP", "clientDomain": "WARD", "clientAccount": "anna", "workstation": "WS07",
    "becameAccount": "anna", "becameDomain": "WARD", "mappedAccount": "anna", "passwordType": "NTLMv2",
}  # fmt: skip
REFUSED = {"eventId": 4625, "status": "NT_STATUS_WRONG_PASSWORD", "becameAccount": None, "becameDomain": None}
BY = {"statusCode": 0, "status": "Success", "remoteAddress": "ipv4:10.1.0.90:34448", "userSid": f"{SID}500"}
KINDS = ("Authentication", "Authorization", "KDC Authorization", "passwordChange", "groupChange", "dsdbChange",
         "dsdbTransaction", "replicatedUpdate")  # fmt: skip
HEAD = "[2026/11/20 10:00:00.000000,  3] ../../auth/auth_log.c:220(log_json)\n"
AUDIT = "2026-11-20T10:00:00.000+00:00 fs1 smbd_audit: "


def record(kind: str, told: dict[str, Any]) -> str:
    return f"  {json.dumps({'timestamp': TIME, 'type': kind, kind: told})}\n"


def one(folder: Path, text: str) -> dict[str, Any]:
    (event,) = events(folder, "log.samba", text)
    return {name: value for name, value in event.items() if name not in ("data", "message", "program")}


def logon(folder: Path, **changed: Any) -> dict[str, Any]:
    return one(folder, record("Authentication", LOGON | changed))


def test_a_log_on_reads_as_windows_own(tmp_path: Path) -> None:
    assert logon(tmp_path) == {
        "ts": TS, "format": "samba", "kind": "auth", "host": "10.1.0.10", "src_ip": "10.1.0.90", "src_port": 53170,
        "event_code": "4624", "action": "logon", "outcome": "success", "method": "ntlm", "logon_type": 3,
        "domain": "WARD", "user": "anna", "src_host": "WS07",
    }  # fmt: skip


def test_a_ticket_that_is_refused_names_its_account_without_the_realm(tmp_path: Path) -> None:
    nothing = dict.fromkeys(("localAddress", "workstation", "mappedAccount", "passwordType"))
    asked = {"serviceDescription": "Kerberos KDC", "authDescription": "AS-REQ", "clientAccount": "anna@WARD.EXAMPLE"}
    event = logon(tmp_path, **REFUSED, **nothing, **asked)
    assert (event["action"], event["outcome"], event["method"]) == ("ticket", "failure", "kerberos")
    assert event["user"] == "anna"
    assert "host" not in event
    assert "logon_type" not in event


def test_a_simple_bind_does_not_come_from_the_server_itself(tmp_path: Path) -> None:
    bind = {"serviceDescription": "LDAP", "authDescription": "simple bind", "passwordType": "Plaintext", "logonType": 8}
    event = logon(tmp_path, **bind, workstation="DC1")
    assert (event["method"], event["src_ip"]) == ("password", "10.1.0.90")
    assert "src_host" not in event


def test_what_a_member_passes_on_comes_from_the_workstation(tmp_path: Path) -> None:
    event = logon(tmp_path, serviceDescription="SamLogon", authDescription="network", workstation="\\\\WS07")
    assert (event["action"], event["src_host"]) == ("credential_check", "WS07")
    assert "src_ip" not in event


def test_a_log_on_that_the_file_server_tells_itself_is_told_once(tmp_path: Path) -> None:
    event = logon(tmp_path, serviceDescription="winbind", authDescription="NTLM_AUTH, smbd, 812", localAddress="unix:")
    assert event["kind"] == "line"
    assert logon(tmp_path, serviceDescription="winbind", authDescription="NTLM_AUTH, squid, 9")["kind"] == "auth"


def test_a_session_by_ticket_is_a_log_on_and_others_are_not(tmp_path: Path) -> None:
    session = {"localAddress": "ipv6:fe80::1:445", "remoteAddress": "ipv6:fe80::2:50000", "account": "anna",
               "serviceDescription": "SMB2", "domain": "WARD"}  # fmt: skip
    event = one(tmp_path, record("Authorization", session | {"authType": "krb5"}))
    assert (event["action"], event["method"], event["user"]) == ("logon", "kerberos", "anna")
    assert (event["host"], event["src_ip"]) == ("fe80::1", "fe80::2")
    assert one(tmp_path, record("Authorization", session | {"authType": "NTLMSSP"}))["kind"] == "line"


@pytest.mark.parametrize(
    ("kind", "told", "action", "code", "target"),
    [
        ("passwordChange", {"eventId": 4724, "action": "Reset", "dn": "CN=anna,CN=Users,DC=ward"}, "password_change",
         "4724", "anna"),
        ("groupChange", {"eventId": 4728, "action": "Added", "group": "CN=Domain Admins,CN=Users,DC=ward",
                         "user": "CN=anna,CN=Users,DC=ward"}, "group_changed", "4728", "anna"),
        ("dsdbChange", {"operation": "Add", "dn": "CN=Meier\\, A,CN=Users,DC=ward", "attributes": {
            "objectClass": {"actions": [{"action": "add", "values": [{"value": "top"}, {"value": "user"}]}]}}},
         "account_created", "4720", "Meier, A"),
    ],
)  # fmt: skip
def test_changes_of_accounts(
    tmp_path: Path, kind: str, told: dict[str, Any], action: str, code: str, target: str
) -> None:
    event = one(tmp_path, record(kind, BY | told))
    assert (event["kind"], event["action"], event["event_code"], event["outcome"]) == ("auth", action, code, "success")
    assert (event["user"], event["target_user"], event["src_ip"]) == ("Administrator", target, "10.1.0.90")


def test_an_account_that_is_told_as_its_own_group_is_no_change_of_groups(tmp_path: Path) -> None:
    same = {"eventId": 4728, "action": "Added", "group": "CN=anna,CN=Users,DC=ward", "user": "CN=anna,CN=Users,DC=ward"}
    assert one(tmp_path, record("groupChange", BY | same))["kind"] == "line"


def test_an_attribute_that_is_written_reads_as_windows_own_event(tmp_path: Path) -> None:
    told = {"operation": "Modify", "dn": "CN=fs1,CN=Computers,DC=ward", "userSid": f"{SID}1107",
            "attributes": {"msDS-AllowedToActOnBehalfOfOtherIdentity": {"actions": []}}}  # fmt: skip
    (event,) = events(tmp_path, "log.samba", record("dsdbChange", BY | told))
    assert (event["kind"], event["event_code"], event["user"]) == ("line", "5136", f"{SID}1107")
    assert json.loads(event["data"])["AttributeLDAPDisplayName"] == "msDS-AllowedToActOnBehalfOfOtherIdentity"


def test_records_among_the_lines_of_samba_and_in_syslog(tmp_path: Path) -> None:
    told = record("Authentication", LOGON)
    said = "[2026/11/20 10:00:01.5,  1] ../../source3/profile/profile.c:53(set_profile_level)\n  Profiling turned OFF\n"
    found = events(tmp_path, "log.smbd", f"{HEAD}{told}{said}{HEAD}{told}")
    assert [(event["kind"], event["ts"]) for event in found] == [("auth", TS), ("line", TS + 1.5), ("auth", TS)]
    assert (found[1]["message"], found[1]["severity"]) == ("Profiling turned OFF", 4)
    (event,) = events(tmp_path, "syslog", f"2026-11-20T10:00:00+00:00 dc1 samba[71]: {told}")
    assert (event["kind"], event["host"], event["user"]) == ("auth", "dc1", "anna")


def test_the_audit_in_words_reads_as_the_one_in_json(tmp_path: Path) -> None:
    at = "at [Fri, 20 Nov 2026 10:00:00.0 UTC]"
    ends = {
        "NT_STATUS_OK": "became [WARD]\\[anna] [S-1-5-21-1-2-3-1103].",
        "NT_STATUS_WRONG_PASSWORD": "mapped to [WARD]\\[anna].",
    }
    for status, end in ends.items():
        line = (
            f"  Auth: [SMB2,(null)] user [WARD]\\[anna] {at} with [NTLMv2] status [{status}] workstation [WS07] "
            f"remote host [ipv4:10.1.0.90:53170] {end} local host [ipv4:10.1.0.10:445] \n"
        )
        changed = {} if status == "NT_STATUS_OK" else REFUSED
        assert one(tmp_path, HEAD + line) == {
            name: value for name, value in logon(tmp_path, **changed).items() if name != "logon_type"
        }
        assert one(tmp_path, f"2026-11-20T10:00:00+00:00 fs1 smbd[8]: {line}")["host"] == "fs1"


def test_lines_of_samba_before_any_head_are_refused(tmp_path: Path) -> None:
    found = read(tmp_path, "log.smbd", "[2026/13/40 10:00:00,  1] a.c:1(b)\n  said\n" + HEAD + "  said\n")
    assert [type(result).__name__ for result in found] == ["DeadLetter", "Parsed"]


NAMES = sorted({*LOGON, *BY, "action", "group", "user", "dn", "operation", "attributes", "authType", "account"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**9) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["objectClass", "actions", "values", "value"]), inner, max_size=3)
    ),
    max_leaves=9,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(NAMES), JSON))
def test_whatever_stands_in_a_record_does_not_end_the_reading(kind: str, told: dict[str, Any]) -> None:
    item = samba_item({"timestamp": TIME, "type": kind, kind: told}, "", "line 1", b"")
    assert isinstance(item, Item)
    assert item.fields["kind"] in ("auth", "line")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("WARD\\anna|10.1.0.90|ws07|ward|connect|ok|C$", {"action": "map", "share": "\\\\fs1\\C$"}),
        ("anna|10.1.0.90|ws07|ward|renameat|ok|/srv/a.docx|/srv/a.docx.k3y",
         {"action": "SMB::FILE_RENAME", "filename": "/srv/a.docx.k3y", "previous_filename": "/srv/a.docx"}),
        ("anna|::ffff:10.1.0.90|ward|unlinkat|ok|/srv/a.docx",
         {"action": "SMB::FILE_DELETE", "filename": "/srv/a.docx"}),
        ("anna|10.1.0.90|ward|create_file|ok|0x12019f|file|overwrite_if|/srv/a.docx",
         {"action": "SMB::FILE_WRITE", "filename": "/srv/a.docx"}),
        ("anna|10.1.0.90|ward|create_file|ok|0x12019f|file|open|/srv/a.docx",
         {"action": "SMB::FILE_OPEN", "filename": "/srv/a.docx"}),
        ("anna|10.1.0.90|ward|open|ok|w|a.docx", {"action": "SMB::FILE_WRITE", "filename": "a.docx"}),
        ("anna|10.1.0.90|ward|pwrite|ok|a.docx", {"action": "SMB::FILE_WRITE", "filename": "a.docx"}),
    ],
)  # fmt: skip
def test_what_is_done_on_a_share(tmp_path: Path, words: str, told: dict[str, str]) -> None:
    event = one(tmp_path, f"{AUDIT}{words}\n")
    usual = {
        "ts": TS,
        "format": "syslog",
        "kind": "file",
        "service": "smb",
        "src_ip": "10.1.0.90",
        "share": "\\\\fs1\\ward",
    }
    assert event == usual | told


@pytest.mark.parametrize(
    "words",
    [
        "anna|10.1.0.90|ward|renameat|fail (Permission denied)|a|b",
        "anna|10.1.0.90|ward|create_file|ok|0x80|dir|open|/srv",
        "anna|10.1.0.90|ward|disconnect|ok|ward",
        "anna|ward|unlinkat|ok|/srv/a.docx",
        "anna|10.1.0.90|ward|unlinkat|ok|Failed password for root from 203.0.113.7 port 22 ssh2|ok",
    ],
)
def test_other_lines_of_a_share_stay_lines_and_names_of_files_are_not_believed(tmp_path: Path, words: str) -> None:
    event = one(tmp_path, f"{AUDIT}{words}\n")
    assert event["kind"] in ("line", "file")
    assert event.get("src_ip") != "203.0.113.7"
