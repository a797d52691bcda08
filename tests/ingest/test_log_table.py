"""Log records that a search exported as a table are read as the same records are as JSON."""

from pathlib import Path

import pytest
from ingested import events, letters, read

TS = 1795168800.0


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        # Defender's advanced hunting
        ("Timestamp,DeviceName,ActionType,FileName,FolderPath,ProcessCommandLine,InitiatingProcessFileName,AccountName",
         'Nov 20 2026,x,,,,,,\n2026-11-20T10:00:00Z,pc-7,ProcessCreated,u.exe,C:\\u.exe,"u.exe /a, /b",cmd.exe,anna',
         {"kind": "process", "host": "pc-7", "command_line": "u.exe /a, /b", "user": "anna",
          "parent_image": "cmd.exe"}),
        # Sentinel: half a day means that months come first, zones stand in the header
        ('"TimeGenerated [UTC]",OperationName,ResultType,UserPrincipalName,IPAddress,ResourceDisplayName',
         '"11/20/2026, 10:00:00.000 AM",Sign-in activity,50126,anna@example.org,203.0.113.7,Mail',
         {"kind": "auth", "outcome": "failure", "user": "anna@example.org", "src_ip": "203.0.113.7",
          "host": "Microsoft cloud", "program": "Mail"}),
        # Entra's portal
        ("Date (UTC),Request ID,User,Username,Application,Resource,IP address,Location,Status,Sign-in error code",
         '2026-11-20T10:00:00Z,r-1,Anna Example,anna@example.org,Mail,Mail,203.0.113.7,"Rome, IT",Failure,50126',
         {"kind": "auth", "outcome": "failure", "user": "anna@example.org", "src_ip": "203.0.113.7",
          "host": "Microsoft cloud", "program": "Mail"}),
        # Splunk, with the line as it was
        ("_time,host,sourcetype,_raw",
         "2026-11-20T10:00:00.000+0000,web-1,linux_secure,"
         '"Nov 20 10:00:00 web-1 sshd[7]: Failed password for anna from 203.0.113.7 port 4 ssh2"',
         {"kind": "auth", "outcome": "failure", "user": "anna", "src_ip": "203.0.113.7", "host": "web-1"}),
        # Elastic
        ("@timestamp,host.name,process.command_line,process.executable,user.name",
         "2026-11-20T10:00:00.000Z,lx-4,id,/usr/bin/id,web",
         {"kind": "process", "host": "lx-4", "command_line": "id", "image": "/usr/bin/id", "user": "web"}),
        # a cloud's trail by Athena, whose columns have lost their capitals
        ("eventtime,eventsource,eventname,sourceipaddress,errorcode,useridentity",
         "2026-11-20T10:00:00Z,signin.example.com,ConsoleLogin,203.0.113.7,,{}",
         {"kind": "auth", "host": "signin.example.com", "src_ip": "203.0.113.7", "event_code": "ConsoleLogin"}),
        # a directory of whatever maker
        ("id;date;user;pc;activity", "{A-1};20/11/2026 10:00:00;anna;PC-7;Logon",
         {"kind": "auth", "action": "logon", "user": "anna", "host": "PC-7"}),
        # the day and the clock apart
        ("Date,Time,Source,Severity,Message", "20/11/2026,10:00:00,x,ERROR,disk 7 is full",
         {"kind": "line", "severity": 3, "message": "disk 7 is full"}),
    ],
)  # fmt: skip
def test_exports(tmp_path: Path, header: str, row: str, told: dict[str, str]) -> None:
    *refused, event = read(tmp_path, "export.csv", f"{header}\n{row}\n")
    assert len(refused) == row.count("\n") and all("no time" in letter.reason for letter in letters(refused))
    (event,) = events(tmp_path, "alone.csv", f"{header}\n{row.splitlines()[-1]}\n")
    assert {name: event.get(name) for name in told} == told
    assert event["ts"] == TS


@pytest.mark.parametrize(
    "text",
    [
        "datetime;Pressure;Temperature;anomaly\n2026-11-20 10:00:00;0.05;79.3;0\n",  # measurements
        "duration,protocol,label\n1,tcp,normal\n",  # rows of a data set without times
        "time,patient,message\n2026-11-20T10:00:00Z,p-1,seen\n",  # anybody's health
        "Date/Time,User,Event Type,Patient Name,Source IP\n2026-11-20 10:00:00,anna,Record viewed,x,10.0.0.7\n",
        "timestamp,dob,severity,message\n2026-11-20T10:00:00Z,1970-01-01,high,x\n",
        "timestamp,eventName\n1809.49,socket\n",  # seconds since somebody started
        "Date,Time,Level,Content,EventTemplate\n2026-11-20,10:00:00,INFO,a 1,a <*>\n",  # what a parser made of a log
    ],
)
def test_other_tables_are_no_logs(tmp_path: Path, text: str) -> None:
    (letter,) = letters(read(tmp_path, "table.csv", text))
    assert "not a format" in letter.reason or "no time" in letter.reason


def test_one_bad_row_costs_itself(tmp_path: Path) -> None:
    rows = "time,host,message\n2026-11-20T10:00:00Z,a,one\nsome time,a,two\n2026-11-20T10:00:01Z,a\n"
    found = read(tmp_path, "log.csv", rows + "2026-11-20T10:00:02Z,a,three\n")
    assert len(found) == 4 and [letter.reason for letter in letters(found)] == [
        "the row has no time with a day",
        "the row has 2 cells where the table has 3",
    ]


@pytest.mark.parametrize(
    ("header", "row", "kind"),
    [
        ("Time,User,Chart ID,Action,Message", "2026-11-20 10:00:00,anna,4711,View,summary opened", "access"),
        ("timestamp,sender,recipient,subject,message",
         "2026-11-20 10:00:00,a@x.example,b@hosp.example,Hello,delivered", "mail"),
        ("timestamp,src_ip,src_port,dst_ip,dst_port,proto,bytes,packets,input,output",
         "2026-11-20 10:00:00,10.1.1.1,50000,10.2.2.2,443,tcp,100,2,7,9", "flow"),
    ],
)  # fmt: skip
def test_tables_that_say_what_they_are_may_hold_messages(tmp_path: Path, header: str, row: str, kind: str) -> None:
    (event,) = events(tmp_path, "table.csv", f"{header}\n{row}\n")
    assert event["kind"] == kind
    assert event["format"] != "json"
