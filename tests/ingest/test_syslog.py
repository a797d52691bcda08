"""Syslog: both RFCs, years, frames, and what lines about authentication become."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.errors import UsageError
from pipeline.ingest.reader import Manner
from pipeline.ingest.told.auth_lines import auth_events


def test_rfc5424(tmp_path: Path) -> None:
    line = '<34>1 2024-05-01T10:00:00.25+02:00 ward-1 sshd 812 ID47 [x@1 a="b\\]"] '
    line += "Failed password for root from 10.0.0.9 port 22 ssh2"
    (one,) = events(tmp_path, "m.log", line)
    assert one["ts"] == 1714550400.25
    assert (one["host"], one["program"], one["pid"], one["severity"], one["event_code"]) == (
        "ward-1",
        "sshd",
        812,
        2,
        "ID47",
    )
    assert (one["kind"], one["user"], one["src_ip"]) == ("auth", "root", "10.0.0.9")


def test_an_address_with_its_port_is_no_program_and_an_id_may_be_left_out(tmp_path: Path) -> None:
    line = "2024-05-01T10:00:00Z lb-1 203.0.113.7:54106 10.0.1.1:80 0.1 200 0 612"
    (one,) = events(tmp_path, "lb.log", f'{line} "GET http://a.example:80/ HTTP/1.1" "probe/1.0" - -\n')
    assert (one["kind"], one["src_ip"], one["uri"]) == ("web", "203.0.113.7", "/")
    (one,) = events(tmp_path, "m.log", "<14>1 2024-05-01T10:00:00Z fw-1 agent 1402  - ready\n")
    assert (one["host"], one["program"], one["message"]) == ("fw-1", "agent", "ready")


@pytest.mark.parametrize(
    "head",
    ["<189>29: *Nov 27 2026 03:10:00.5: ", "<164>:Nov 27 2026 03:10:00.5 UTC: ", "<164>Nov 27 2026 03:10:00.5: "],
)
def test_cisco_counts_its_messages_and_leaves_the_host_out(tmp_path: Path, head: str) -> None:
    (one,) = events(tmp_path, "m.log", f"{head}%SEC_LOGIN-5-LOGIN_SUCCESS: hello")
    assert one["ts"] == datetime(2026, 11, 27, 3, 10, 0, 500_000, UTC).timestamp()
    assert (one["program"], one["message"], one.get("host")) == ("%SEC_LOGIN-5-LOGIN_SUCCESS", "hello", None)


def test_octet_counting_with_and_without_line_breaks(tmp_path: Path) -> None:
    frames = [b"<13>1 2024-05-01T10:00:00Z h app - - - one\ntwo", b"<13>1 2024-05-01T10:00:01Z h app - - - three"]
    raw = b"".join(b"%d %b" % (len(frame), frame) for frame in frames)
    found = events(tmp_path, "m.log", raw)
    assert [one["message"] for one in found] == ["one\ntwo", "three"]


def test_iso_times_of_rsyslog_and_lines_without_a_time(tmp_path: Path) -> None:
    text = "2024-05-01T10:00:00.5+00:00 ward-1 kernel: [ 1.0] up\n  continued here\n"
    first, second = events(tmp_path, "messages", text, format="syslog")
    assert (first["program"], first["message"]) == ("kernel", "[ 1.0] up")
    assert (second["ts"], second["message"]) == (first["ts"], "  continued here")


def test_a_first_line_without_a_time_is_a_dead_letter(tmp_path: Path) -> None:
    results = read(tmp_path, "messages", "no time\nMar  3 10:00:00 h cron[5]: (root) CMD (x)\n", format="syslog")
    assert [letter.position for letter in letters(results)] == ["line 1"]


@pytest.mark.parametrize(
    ("name", "first", "year"),
    [
        ("auth.log", "Dec 31 23:59:59 h a: x", 2024),
        ("auth.log-20260101", "Dec 31 23:59:59 h a: x", 2025),
        ("auth.log-2026", "Dec 31 23:59:59 h a: x", 2026),
        ("auth.log", "Dec 31 23:59:59 h a: since 2019-01-01 up", 2019),
    ],
)
def test_the_year_is_found_without_a_clock(tmp_path: Path, name: str, first: str, year: int) -> None:
    text = f"{first}\nJan  1 00:00:01 h a: x\nDec 31 23:59:58 h a: late\nFeb  1 00:00:00 h a: x\n"
    found = events(tmp_path, name, text, format="syslog")
    start = found[0]["ts"]
    assert start == pytest.approx((year - 1970) * 31_556_952 + 365 * 86_400, abs=2 * 86_400)
    assert found[1]["ts"] - start == 2
    assert found[2]["ts"] - start == -1
    assert found[3]["ts"] > found[1]["ts"]


@pytest.mark.parametrize(
    ("today", "year"), [((2027, 3, 1), 2026), ((2026, 12, 31), 2026), ((2026, 12, 30), 2026), ((2026, 12, 29), 2025)]
)
def test_no_file_is_from_after_the_day_that_is_told(tmp_path: Path, today: tuple[int, int, int], year: int) -> None:
    line = "Dec 31 10:00:00 ward-1 a: x\n"
    for name, text in (("auth.log", line), ("app.log", "[Dec 31 10:00:00] up\n")):
        (one,) = events(tmp_path, name, text, manner=Manner(today=date(*today)))
        assert datetime.fromtimestamp(one["ts"], UTC).year == year


def test_february_29_of_any_start_year(tmp_path: Path) -> None:
    (one,) = events(tmp_path, "a.log-2023", "Feb 29 10:00:00 h a: x", format="syslog")
    assert one["ts"] == 1582970400.0


LINES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "sshd",
        "Failed password for root from 10.0.0.9 port 4242 ssh2",
        {
            "action": "logon",
            "outcome": "failure",
            "user": "root",
            "src_ip": "10.0.0.9",
            "src_port": "4242",
            "method": "password",
        },
    ),
    (
        "sshd",
        "Failed password for invalid user x from 9.9.9.9 port 1 from 10.0.0.9 port 22 ssh2",
        {"src_ip": "10.0.0.9", "user": "x from 9.9.9.9 port 1"},
    ),
    (
        "sshd",
        "Accepted publickey for clerk from fe80::1%eth0 port 22 ssh2: RSA SHA256:abc",
        {"action": "logon", "outcome": "success", "src_ip": "fe80::1%eth0", "method": "publickey"},
    ),
    ("sshd", "Invalid user  from 10.0.0.9", {"action": "invalid_user", "src_ip": "10.0.0.9"}),
    (
        "sshd",
        "Connection closed by authenticating user root 10.0.0.9 port 5 [preauth]",
        {"action": "disconnect", "user": "root", "src_ip": "10.0.0.9"},
    ),
    ("sshd", "Disconnected from user clerk 10.0.0.9 port 5", {"action": "logoff", "user": "clerk"}),
    (
        "sshd",
        "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9  user=root",
        {"action": "authentication", "outcome": "failure", "user": "root", "src_ip": "10.0.0.9"},
    ),
    (
        "sshd",
        "authentication failure; logname= uid=0 tty=x ruser= rhost=a-1-2-3.example.org  user=root",
        {"src_host": "a-1-2-3.example.org", "user": "root"},
    ),
    ("sshd", "PAM 5 more authentication failures; logname= uid=0 rhost=10.0.0.9", {"action": "attempts_exceeded"}),
    (
        "sshd",
        "pam_unix(sshd:session): session opened for user clerk(uid=1000) by (uid=0)",
        {"action": "session_opened", "user": "clerk"},
    ),
    (
        "sudo",
        "  clerk : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/bin/sh",
        {"action": "privilege_use", "outcome": "success", "user": "clerk", "target_user": "root"},
    ),
    (
        "sudo",
        "clerk : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
        {"outcome": "failure"},
    ),
    (
        "sudo",
        "clerk : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
        {"outcome": "failure"},
    ),
    ("su", "FAILED su for root by clerk", {"outcome": "failure", "user": "clerk", "target_user": "root"}),
    ("useradd", "new user: name=eve, UID=1001, GID=1001", {"action": "account_created", "target_user": "eve"}),
    ("userdel", "delete user 'eve'", {"action": "account_deleted", "target_user": "eve"}),
    ("usermod", "add 'eve' to group 'sudo'", {"action": "group_changed", "target_user": "eve"}),
    (
        "passwd",
        "pam_unix(passwd:chauthtok): password changed for eve",
        {"action": "password_change", "target_user": "eve"},
    ),
    (
        "login",
        "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
        {"action": "logon", "user": "root"},
    ),
]


@pytest.mark.parametrize(("program", "message", "expected"), LINES)
def test_lines_about_authentication(program: str, message: str, expected: dict[str, Any]) -> None:
    (one,) = auth_events(program, message)
    assert expected.items() <= one.items()


def test_repeated_messages_count(tmp_path: Path) -> None:
    line = "Mar 27 13:06:56 h sshd[1]: message repeated 3 times: "
    line += "[ Failed password for root from 10.0.0.9 port 5 ssh2]\n"
    results = read(tmp_path, "auth.log", line)
    assert len(results) == 3
    assert len({result.value for result in results}) == 3  # type: ignore[union-attr]


@pytest.mark.parametrize("message", ["Server listening on 0.0.0.0 port 22.", "", "Failed", "session", "[ ] " * 500])
def test_other_lines_stay_lines(message: str) -> None:
    assert auth_events("sshd", message) == []


def test_the_user_may_give_the_year(tmp_path: Path) -> None:
    (one,) = events(tmp_path, "auth.log", "Mar 27 13:06:56 h a: x", format="syslog@2026")
    (two,) = events(tmp_path, "app.log", "03-27 13:06:56.5 x", format="text@2026")
    assert (one["ts"], two["ts"]) == (1774616816.0, 1774616816.5)
    for wrong in ("syslog@", "syslog@26", "zeek@2026"):
        with pytest.raises(UsageError, match="year"):
            read(tmp_path, "auth.log", "x", format=wrong)
