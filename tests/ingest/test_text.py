"""Plain text: times of all forms, what is no text, JSON log records."""

import json
from pathlib import Path

import pytest
from ingested import events, letters, read

from pipeline.ingest.line_times import TimeFinder
from pipeline.ingest.year_clock import YearClock

TIMES = [
    ("2017-05-16 00:00:00.008 25746 INFO nova.compute", 1494892800.008),
    ("2015-07-29T17:41:44,747+02:00 - INFO", 1438184504.747),
    ("2015/07/29 17:41:44 [error] 12#0: x", 1438191704.0),
    ("- 1131566461 2005.11.09 dn228 x", 1131566461.0),
    ("KERNDTLB 1118536327 2005.06.11 R30 x", 1118536327.0),
    ("1521911720.865 x", 1521911720.865),
    ("1521911720865 x", 1521911720.865),
    ("Mar 27 13:06:56 x", 1711544816.0),
    ("[Sun Dec 04 04:47:44 2005] [notice] x", 1133671664.0),
    ("Nov  9 2005 12:01:01: x", 1131537661.0),
    ("10.0.0.1 [17/May/2015:10:05:03 +0000] x", 1431857103.0),
    ("20171223-22:15:29:606|Step|x", 1514067329.606),
    ("20171224-1:2:35:789|Step|x", 1514077355.789),
    ("2005-06-03-15.42.50.675872 x", 1117813370.675872),
    ("06/17/2009 20:10:40 x", 1245269440.0),
    ("17/06/09 20:10:40 INFO x", 1497039040.0),
    ("081109 203615 148 INFO x", 1226262975.0),
    ("03-17 16:13:38.811 1702 x", 1710692018.811),
    ("2019 May 06 09:28:12 vm-1->10.0.0.16 x", 1557134892.0),
    ("[2019-Jul-25 14:28:31] [INFO] x", 1564064911.0),
    ("start 2024:08:29 10:49:40.735 x", 1724928580.735),
    ("1,2021/03/24 11:30:00,013101305,GLOBALPROTECT,0", 1616585400.0),
    ("[10.30 16:49:06] chrome.exe - x", 1730306946.0),
    ("2024-05-01 10:00:00.123,x,y", 1714557600.123),
    ("2024-05-01 10:00:00.1234567891 x", 1714557600.123456789),
    ("2024-05-01 10:00:00,123,x", 1714557600.0),
    ("2024-05-01T10:00:00,123+02:00 x", 1714550400.123),
]


@pytest.mark.parametrize(("line", "ts"), TIMES)
def test_times_of_all_forms(line: str, ts: float) -> None:
    found = TimeFinder(YearClock(2024)).find(line)
    assert found is not None
    assert found[0] == pytest.approx(ts, abs=1e-6)


@pytest.mark.parametrize(
    ("head", "ts"),
    [
        (b"05/07/2024 10:00:00 x\n", 1715076000.0),
        (b"13/07/2024 10:00:00 x\n", 1720173600.0),
        (b"07/25/2024 10:00:00 letter of 13/07/2024 came\n", 1715076000.0),
    ],
)
def test_a_day_beyond_12_shows_that_days_come_first(head: bytes, ts: float) -> None:
    found = TimeFinder(YearClock(2024), head).find("05/07/2024 10:00:00 x")
    assert found is not None
    assert found[0] == ts


def test_a_line_of_pairs_has_its_time_far_behind(tmp_path: Path) -> None:
    names = " ".join(f"name{k}=a-value-of-some-length" for k in range(12))
    line = f"CEF:0|M|P|1|7|Session|3|act=Accept {names} src=10.0.0.7 dst=203.0.113.9 dpt=443 proto=6 rt="
    found = events(tmp_path, "fw.log", f"{line}1543270652000\n{line}Jan 17 2020 08:56:33\n")
    assert [(one["ts"], one["kind"]) for one in found] == [(1543270652.0, "flow"), (1579251393.0, "flow")]


@pytest.mark.parametrize(
    "line", ["", "x" * 500, "1.2.3", "99/99/99 99:99:99", "2024-13-45 00:00:00", "12345678901234567890"]
)
def test_no_time_is_made_up(line: str) -> None:
    assert TimeFinder(YearClock(2024)).find(line) is None


def test_lines_inherit_the_time_before_them(tmp_path: Path) -> None:
    text = "banner\n\n2024-05-01 10:00:00 ERROR dfs.DataNode: failed\n\tat Frame(1)\n2024-05-01 10:00:05 INFO ok\n"
    found = events(tmp_path, "app.log", text)
    assert [one["ts"] - 1714557600 for one in found] == [0, 0, 0, 5]
    assert found[1]["severity"] == 3
    assert found[1]["program"] == "dfs.DataNode"
    assert found[1]["message"] == "ERROR dfs.DataNode: failed"
    assert found[2]["message"] == "\tat Frame(1)"


@pytest.mark.parametrize(
    "content",
    [
        "a,b,c\n1,2,2024-05-01 10:00:00\n3,4,2024-05-01 10:00:01\n",
        "PatientID;Name;Seen\n1;x;2024-05-01 10:00:00\n",
        "sent at 2024-05-01T10:00:00Z:\nMSH|^~\\&|A|B|C|D|20240501100000||ADT^A01|1|P|2.5\rPID|1||9\r",
        "ISA*00* *00* *ZZ*A*ZZ*B*240501*1000*^*00501*1*0*P*:~GS*HC*A*B*20240501*1000*1*X*005010X222A1~ST*997*1~",
        "<?xml version='1.0'?><a t='2024-05-01 10:00:00'/>",
        "<html>2024-05-01 10:00:00</html>",
        "hello\nworld\n",
        '{"patient": {"mrn": "1"}, "time": "2024-05-01T10:00:00Z", "message": "x"}\n',
        '{"a": 1}\n{"a": 2}\n',
        "\x00\x01\x02\x03" * 50,
    ],
)
def test_what_is_no_log_text_is_refused_as_a_whole(tmp_path: Path, content: str) -> None:
    results = read(tmp_path, "data.txt", content)
    assert len(results) == 1
    (letter,) = letters(results)
    assert letter.reason.startswith(("not a format wardwatch reads", "transaction set", "no "))
    assert not any(word in letter.excerpt for word in ("hello", "Name", "mrn"))


def test_json_log_records(tmp_path: Path) -> None:
    rows = [
        {
            "@timestamp": "2024-05-01T10:00:00Z",
            "message": "up",
            "host": {"name": "h1"},
            "log.level": "warn",
            "process": {"name": "app", "pid": 7},
        },
        {
            "__REALTIME_TIMESTAMP": "1714557600500000",
            "_HOSTNAME": "h2",
            "SYSLOG_IDENTIFIER": "sshd",
            "PRIORITY": "6",
            "MESSAGE": "Failed password for root from 10.0.0.9 port 5 ssh2",
            "_PID": "9",
        },
        {"time": "2024-05-01T10:00:00.123456789Z", "log": "line\n", "stream": "stderr"},
        {"ts": 1714557600.25, "level": "info", "logger": "x", "code": 5},
    ]
    ecs, journal, docker, odd = events(tmp_path, "j.json", "\n".join(map(json.dumps, rows)))
    assert (ecs["host"], ecs["program"], ecs["pid"], ecs["severity"], ecs["message"]) == ("h1", "app", 7, 4, "up")
    assert (journal["kind"], journal["src_ip"], journal["ts"], journal["severity"]) == (
        "auth",
        "10.0.0.9",
        1714557600.5,
        6,
    )
    assert (docker["message"], docker["ts"]) == ("line", 1714557600.123456)
    assert json.loads(odd["message"])["code"] == 5
