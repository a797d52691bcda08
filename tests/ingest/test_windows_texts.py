"""Windows events as blocks of text and as Snare's lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.ingest.lines import MAX_RECORD_BYTES

TIME = 1795168800.0
FAILED = (
    "An account failed to log on.\n\nSubject:\n\tAccount Name:\t\tPC-7$\n\nLogon Type:\t\t\t3\n\n"
    "Account For Which Logon Failed:\n\tAccount Name:\t\tanna\n\nNetwork Information:\n"
    "\tWorkstation Name:\tLAPTOP\n\tSource Network Address:\t203.0.113.7\n\tSource Port:\t\t4711"
)
SPLUNK = (
    "11/20/2026 10:00:00 AM\nLogName=Security\nSourceName=Microsoft Windows security auditing.\nEventCode=4625\n"
    "EventType=0\nType=Information\nComputerName=pc-7\nTaskCategory=Logon\nKeywords=Audit Failure\n"
    f"Message={FAILED}\n"
)
SCRIPT = (
    "11/20/2026 10:00:01 AM\nLogName=Microsoft-Windows-PowerShell/Operational\nEventCode=4104\nComputerName=pc-7\n"
    "Message=Creating Scriptblock text (1 of 1):\nGet-Date\n\nScriptBlock ID: 1-2\nPath:\n"
)
XML = (
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-'
    'Sysmon"/><EventID>1</EventID><TimeCreated SystemTime="2026-11-20T10:00:02Z"/><Channel>Microsoft-Windows-Sysmon/'
    'Operational</Channel><Computer>pc-7</Computer></System><EventData><Data Name="Image">C:\\x.exe</Data></EventData>'
    "</Event>\n"
)
WEVTUTIL = (
    "Event[0]:\n  Log Name: Security\n  Source: Microsoft-Windows-Security-Auditing\n  Date: 2026-11-20T10:00:00.000\n"
    "  Event ID: 4625\n  Task: Logon\n  Level: Information\n  Opcode: Info\n  Keyword: Audit Failure\n  User: N/A\n"
    f"  User Name: N/A\n  Computer: pc-7\n  Description: \n{FAILED}\n\n"
)
VIEWER = (
    "Log Name:      Security\nSource:        Microsoft-Windows-Security-Auditing\nDate:          20.11.2026 10:00:00\n"
    "Event ID:      4625\nTask Category: Logon\nLevel:         Information\nKeywords:      Audit Failure\n"
    f"User:          N/A\nComputer:      pc-7\nDescription:\n{FAILED}\n"
)
INDENTED = FAILED.replace("\n", "\n" + " " * 15)
WIN_EVENT = (
    "TimeCreated  : 11/20/2026 10:00:00 AM\nProviderName : Microsoft-Windows-Security-Auditing\nId           : 4625\n"
    f"Message      : {INDENTED}\nMachineName  : pc-7\n\n"
)
EVENT_LOG = (
    "Index              : 77\nEntryType          : FailureAudit\nInstanceId         : 3221230097\n"
    f"Message            : {FAILED}\nCategory           : (12544)\nSource             : "
    "Microsoft-Windows-Security-Auditing\nTimeGenerated      : 11/20/2026 10:00:00 AM\nMachineName        : pc-7\n\n"
)


def told(event: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(event.get(name) for name in names)


@pytest.mark.parametrize("block", [SPLUNK, WEVTUTIL, VIEWER, WIN_EVENT, "\n\n" + WIN_EVENT])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_refused_logon_reads_alike_in_every_form(tmp_path: Path, block: str, ending: str) -> None:
    first, second = events(tmp_path, "events.txt", (block + block).replace("\n", ending))
    assert told(first, "ts", "host", "kind", "action", "outcome", "user", "src_ip", "src_port", "src_host") == (
        TIME, "pc-7", "auth", "logon", "failure", "anna", "203.0.113.7", 4711, "LAPTOP")  # fmt: skip
    assert second == first


def test_the_id_of_get_eventlog_stands_behind_severity_and_facility(tmp_path: Path) -> None:
    first, second = events(tmp_path, "events.txt", EVENT_LOG.replace("3221230097", "1073746449") + EVENT_LOG)
    assert first["event_code"] == second["event_code"] == "4625"


def test_what_follows_the_message_of_a_list_is_no_part_of_it(tmp_path: Path) -> None:
    (event,) = events(tmp_path, "list.txt", WIN_EVENT.replace("4625", "9999").replace("Security-Auditing", "Other"))
    assert "MachineName" not in event["message"]
    assert event["message"].endswith("4711")


def test_a_search_of_splunk_mixes_text_and_xml(tmp_path: Path) -> None:
    for content in (SPLUNK + SCRIPT + XML, XML + SPLUNK + SCRIPT, SCRIPT + XML + SPLUNK):
        found = {event["event_code"]: event for event in events(tmp_path, "search.raw", content)}
        assert found.keys() == {"4625", "4104", "1"}
        assert json.loads(found["4104"]["data"]) == {"ScriptBlockText": "Get-Date"}
        assert found["1"]["image"] == "C:\\x.exe"


def test_a_shippers_record_holds_a_block(tmp_path: Path) -> None:
    (event,) = events(
        tmp_path, "export.json", json.dumps({"preview": False, "result": {"_raw": SPLUNK, "_time": TIME}})
    )
    assert told(event, "kind", "user", "src_ip") == ("auth", "anna", "203.0.113.7")


@pytest.mark.parametrize("tab", ["\t", "#011"])
def test_a_line_of_snare(tmp_path: Path, tab: str) -> None:
    said = " ".join(FAILED.replace("\t", " ").split("\n")).replace("   ", "  ")
    parts = ("MSWinEventLog", "1", "Security", "3", "Fri Nov 20 10:00:00 2026", "4625",
             "Microsoft-Windows-Security-Auditing", "anna", "N/A", "Failure Audit", "pc-7", "Logon", "", said,
             "17")  # fmt: skip
    (event,) = events(tmp_path, "snare.log", f"<14>Nov 20 10:00:00 pc-7 {tab.join(parts)}\n")
    assert told(event, "kind", "host", "outcome", "src_ip") == ("auth", "pc-7", "failure", "203.0.113.7")
    odd = f"<14>Nov 20 10:00:00 pc-7 {tab.join((*parts[:4], 'soon', *parts[5:]))}\n"
    assert events(tmp_path, "odd.log", odd)[0].get("event_code") is None  # a line like any other, read by its words


def test_a_block_that_is_no_event_harms_no_other(tmp_path: Path) -> None:
    broken = SPLUNK.replace("EventCode=4625\n", "")
    long = SPLUNK + "x" * MAX_RECORD_BYTES + "\n"
    timeless = WEVTUTIL.replace("2026-11-20T10:00:00.000", "soon")
    first, bad, too_long, last = read(tmp_path, "search.raw", SPLUNK + broken + long + SPLUNK)
    assert [letter.reason for letter in letters([bad, too_long])] == [
        "the text is no Windows event: it has no event id",
        f"the record is longer than {MAX_RECORD_BYTES:,} bytes",
    ]
    assert not letters([first, last])
    good, undated = read(tmp_path, "events.txt", WEVTUTIL + timeless)
    assert not letters([good])
    assert "no time" in letters([undated])[0].reason


@pytest.mark.parametrize(
    "text",
    [
        "11/20/2026 10:00:00 AM service started\nLogName=x\n",
        "Event[0]:\n  nothing of the kind\n",
        "Date: 2026-11-20 10:00:00\nFrom: a\nId: 7\n",
    ],
)
def test_other_texts_are_left_to_others(tmp_path: Path, text: str) -> None:
    assert not [event for event in read(tmp_path, "other.txt", text) if b"windows" in getattr(event, "value", b"")]
