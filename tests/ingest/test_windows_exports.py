"""Windows events as XML and as tables, and the English text of events that came without their data."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.ingest.windows.messages import data_of

TIME = 1795168800.0
XMLNS = 'xmlns="http://schemas.microsoft.com/win/2004/08/events/event"'
PROCESS = (
    f'<Event {XMLNS}><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4688</EventID>'
    '<TimeCreated SystemTime="2026-11-20T10:00:00.0000000Z"/><Channel>Security</Channel><Computer>pc-7</Computer>'
    '</System><EventData><Data Name="SubjectUserName">anna</Data><Data Name="NewProcessName">C:\\x.exe</Data>'
    '<Data Name="CommandLine">x.exe /a &amp; b</Data></EventData></Event>'
)
REFUSED = """An account failed to log on.

Subject:
\tSecurity ID:\t\tSYSTEM
\tAccount Name:\t\tPC-7$

Logon Type:\t\t\t3

Account For Which Logon Failed:
\tSecurity ID:\t\tNULL SID
\tAccount Name:\t\tanna

Failure Information:
\tFailure Reason:\t\tUnknown user name or bad password.
\tStatus:\t\t\t0xC000006D

Network Information:
\tWorkstation Name:\tLAPTOP
\tSource Network Address:\t203.0.113.7
\tSource Port:\t\t4711
"""


def told(event: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(event.get(name) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        PROCESS,
        f"<Events>{PROCESS}</Events>",
        '<?xml version="1.0" encoding="utf-8"?>\n<Events>\n' + PROCESS.replace("><", ">\n<") + "\n</Events>\n",
        ('<?xml version="1.0" encoding="utf-16"?>' + PROCESS).encode("utf-16"),
        f"Nov 20 10:00:00 2026 pc-7 forwarder: {PROCESS}\n",
    ],
)
def test_events_as_xml(tmp_path: Path, text: str | bytes) -> None:
    (event,) = events(tmp_path, "exported.xml", text)
    assert told(event, "ts", "kind", "host", "user", "image") == (TIME, "process", "pc-7", "anna", "C:\\x.exe")
    assert event["command_line"] == "x.exe /a & b"


def test_data_without_names_and_data_of_the_users(tmp_path: Path) -> None:
    unnamed = PROCESS.replace("4688", "4104").replace(' Name="SubjectUserName"', "")
    cleared = PROCESS.replace("4688", "1102").partition("<EventData>")[0]
    cleared += "<UserData><LogFileCleared><SubjectUserName>anna</SubjectUserName></LogFileCleared></UserData></Event>"
    first, second = events(tmp_path, "exported.xml", unnamed + cleared)
    assert "anna" in json.loads(first["data"]).values()
    assert told(second, "kind", "action", "user") == ("process", "log_cleared", "anna")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda xml: xml.replace("</Data>", "", 1), "not well-formed"),
        (lambda xml: xml.replace("2026-11-20T10:00:00.0000000Z", "soon"), "no time"),
        (lambda xml: xml.replace("<EventID>4688</EventID>", ""), "no Windows event"),
        (lambda xml: xml[:-20], "has no end"),
    ],
)
def test_a_broken_event_is_a_dead_letter_and_harms_no_other(tmp_path: Path, damage: Any, reason: str) -> None:
    good, bad, after = read(tmp_path, "exported.xml", f"<Events>{PROCESS}{damage(PROCESS)}{PROCESS}</Events>")
    assert reason in letters([bad])[0].reason
    assert not letters([good, after])


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = PROCESS.replace("anna", "&lol;")
    results = read(tmp_path, "exported.xml", '<!DOCTYPE x [<!ENTITY lol "lol">]>\n' + bomb)
    assert [letter.reason for letter in letters(results)][-1] == "the event is not well-formed XML"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def test_the_event_viewers_table(tmp_path: Path) -> None:
    text = (
        "Keywords,Date and Time,Source,Event ID,Task Category\n"
        f"Audit Failure,11/20/2026 10:00:00 AM,Microsoft-Windows-Security-Auditing,4625,Logon,{_quoted(REFUSED)}\n"
    )
    (event,) = events(tmp_path, "viewer.csv", text)
    assert told(event, "ts", "kind", "action", "outcome") == (TIME, "auth", "logon", "failure")
    assert told(event, "user", "src_ip", "src_port", "src_host", "logon_type") == (
        "anna", "203.0.113.7", 4711, "LAPTOP", 3)  # fmt: skip


def test_the_table_of_get_winevent_in_one_line_a_row(tmp_path: Path) -> None:
    message = REFUSED.replace("\n", "  ").replace("\t", " ")
    text = (
        '"TimeCreated","Id","ProviderName","LogName","MachineName","Message"\n'
        f'"20.11.2026 10:00:00","4625","Microsoft-Windows-Security-Auditing","Security","pc-7",{_quoted(message)}\n'
    )
    (event,) = events(tmp_path, "events.csv", text)
    assert told(event, "ts", "host", "user", "src_ip") == (TIME, "pc-7", "anna", "203.0.113.7")


def test_the_table_of_evtxecmd(tmp_path: Path) -> None:
    payload = {"EventData": {"Data": [{"@Name": "NewProcessName", "#text": "C:\\x.exe"},
                                      {"@Name": "CommandLine", "#text": "x.exe /a"}]}}  # fmt: skip
    text = (
        "RecordNumber,TimeCreated,EventId,Level,Provider,Channel,Computer,Payload\n"
        "1,2026-11-20 10:00:00.0000000,4688,LogAlways,Microsoft-Windows-Security-Auditing,Security,pc-7,"
        f"{_quoted(json.dumps(payload))}\n"
        "2,2026-11-20 10:00:00.0000000,4688\n"
    )
    first, second = read(tmp_path, "events.csv", text)
    assert letters([second])[0].position == "line 3"
    (event,) = events(tmp_path, "events.csv", text.rpartition("2,2026")[0])
    assert told(event, "ts", "image", "command_line") == (TIME, "C:\\x.exe", "x.exe /a")
    assert not letters([first])


def test_columns_of_a_search_are_the_events_data(tmp_path: Path) -> None:
    text = (
        "_time,EventCode,Channel,host,TimeCreated,Image,CommandLine\n"
        "x,1,Microsoft-Windows-Sysmon/Operational,pc-7,2026-11-20T10:00:00Z,C:\\x.exe,x.exe /a\n"
    )
    (event,) = events(tmp_path, "search.csv", text)
    assert told(event, "ts", "kind", "host", "image", "command_line") == (
        TIME, "process", "pc-7", "C:\\x.exe", "x.exe /a")  # fmt: skip


def test_texts_of_other_events() -> None:
    script = "Creating Scriptblock text (1 of 1):\nGet-Date\n\nScriptBlock ID: 1-2\nPath: "
    assert data_of(script) == {"ScriptBlockText": "Get-Date"}
    service = "A service was installed in the system.\n\nService Name:  x\nService File Name:  C:\\x.exe\n"
    assert data_of(service)["ImagePath"] == "C:\\x.exe"
    sysmon = "Process Create:\nUtcTime: 2026-11-20 10:00:00.000\nImage: C:\\x.exe\nParentImage: C:\\y.exe"
    assert data_of(sysmon)["ParentImage"] == "C:\\y.exe"
    assert data_of("The system is up.") == {}


@pytest.mark.parametrize("head", ["a,b,c\n1,2,3\n", "time,id,value\n2026-11-20,1,2\n", "EventID,Channel\n1,x\n"])
def test_other_tables_are_no_windows_events(tmp_path: Path, head: str) -> None:
    assert len(letters(read(tmp_path, "other.csv", head))) == 1
