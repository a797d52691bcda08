"""Los Alamos' two public records: rows without names, JSON of its own, and how both become Windows' events."""

import json
from pathlib import Path

from ingested import events, letters, read

from pipeline.ingest.registry import recognise

_AUTH = """1,ANONYMOUS LOGON@C586,ANONYMOUS LOGON@C586,C1250,C586,NTLM,Network,LogOn,Success
2,C101$@DOM1,C101$@DOM1,C988,C988,?,Network,LogOff,Success
3,U66@DOM1,U66@DOM1,C17693,C1003,NTLM,Network,LogOn,Fail
4,U22@DOM1,U22@DOM1,C477,C625,Kerberos,?,TGS,Success
5,C1@?,U7@C3,C3,C3,?,?,ScreenLock,Success
6,C9$@DOM1,C9$@DOM1,C9,C529,MICROSOFT_AUTHENTICATION_PACKAGE_V1_0,?,AuthMap,Success
"""
_PROC = "1,C553$@DOM1,C553,P16,Start\n2,U7@DOM1,C553,P25,End\n"
_FLOWS = "1,0,C1065,389,C3799,N10451,6,10,5323\n1,3,C3799,N10451,C1065,389,6,12,900\n9,0,C17,N1,C18,445,6,1,46\n"
_DNS = "2,C4653,C5030\n35,C5782,C16712\n"
_NETFLOW = "118781,5580,Comp364445,Comp547245,17,Port05507,Port46272,0,755065,0,1042329018\n"


def _unified(**values: object) -> str:
    return json.dumps({"LogHost": "Comp1", "DomainName": "Domain001", "Time": 86400, **values}) + "\n"


def test_log_ons_are_those_of_windows(tmp_path: Path) -> None:
    told = events(tmp_path, "auth.txt", _AUTH)
    assert [event["action"] for event in told] == [
        "logon", "logoff", "logon", "ticket", "session_locked", "credential_check",
    ]  # fmt: skip
    refused = told[2]
    assert (refused["ts"], refused["user"], refused["domain"], refused["host"]) == (3.0, "U66", "DOM1", "C1003")
    assert (refused["src_host"], refused["outcome"], refused["logon_type"]) == ("C17693", "failure", 3)
    assert refused["method"] == "ntlm"
    assert told[3]["target_user"] == "C625"
    assert told[5]["outcome"] == "success"


def test_programs_start_and_end(tmp_path: Path) -> None:
    start, end = events(tmp_path, "proc.txt", _PROC)
    assert (start["action"], start["image"], start["host"], start["user"]) == ("start", "P16", "C553", "C553$")
    assert (end["action"], end["image"]) == ("stop", "P25")


def test_flows_and_questions_between_computers_that_are_numbers(tmp_path: Path) -> None:
    joined, alone = events(tmp_path, "flows.txt", _FLOWS)
    assert (joined["src_ip"], joined["dst_ip"], joined["dst_port"]) == ("C3799", "C1065", 389)
    assert "src_port" not in joined  # a number that stands for a rare port is none
    assert alone["dst_port"] == 445
    asked = events(tmp_path, "dns.txt", _DNS)
    assert [(event["src_ip"], event["query"]) for event in asked] == [("C4653", "C5030"), ("C5782", "C16712")]


def test_the_netflow_of_2017_tells_both_directions(tmp_path: Path) -> None:
    (flow,) = events(tmp_path, "netflow_day-02.csv", _NETFLOW)
    assert (flow["src_ip"], flow["dst_ip"], flow["proto"]) == ("Comp364445", "Comp547245", "udp")
    assert (flow["packets_in"], flow["ts"], flow["duration_s"]) == (755065, 118781.0, 5580.0)


def test_unified_host_records(tmp_path: Path) -> None:
    lines = (
        _unified(UserName="User1", EventID=4625, LogonType=3, Source="Comp9", AuthenticationPackage="NTLM")
        + _unified(UserName="Comp1$", EventID=4688, ProcessName="rundll32.exe", ParentProcessName="services",
                   ProcessID="0x1e4")
        + _unified(UserName="Comp1$", EventID=4689, ProcessName="rundll32.exe", ProcessID="0x1e4")
        + _unified(EventID=4608)
    )  # fmt: skip
    refused, start, end, line = events(tmp_path, "wls_day-01.json", lines)
    assert (refused["outcome"], refused["src_host"], refused["host"]) == ("failure", "Comp9", "Comp1")
    assert (start["image"], start["parent_image"], start["pid"]) == ("rundll32.exe", "services", 0x1E4)
    assert (end["action"], end["pid"]) == ("stop", 0x1E4)
    assert line["event_code"] == "4608"


def test_an_odd_row_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    results = read(tmp_path, "auth.txt", _AUTH + "7,nobody\n")
    assert [letter.reason for letter in letters(results)] == [
        "the row is no log-on, start of a program or question for a name"
    ]
    assert len(results) == 7


def test_other_tables_of_numbers_are_not_taken_for_it() -> None:
    for text in ("1,2,3\n4,5,6\n", "2,C4653,5030\n", "time,C1,C2\n", "1,C1,C2,3\n"):
        known = recognise(text.encode(), "dns.txt")
        assert known is None or known.id != "bare_table", text
