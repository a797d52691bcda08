"""Text that was written to keep a reader busy. Each of these took minutes, or the life of the universe, before."""

import json
from pathlib import Path

import pytest
from ingested import events, letters, read

from pipeline.ingest.mail.links import html_links
from pipeline.ingest.mail.message import read_message
from pipeline.ingest.plain_text import is_health
from pipeline.ingest.told.logons import told_logon
from pipeline.ingest.windows.messages import data_of

MAIL = "From: a@b.example\nTo: c@d.example\nSubject: x\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n"


@pytest.mark.parametrize("unit", ["_a", "fail_", "a ", "invalid_", "not be valid_", " _-"])
def test_words_around_a_failure(unit: str) -> None:
    assert told_logon("unauthorized" + unit * (2000 // len(unit))) is None


@pytest.mark.parametrize(
    "said", ["Failed password", "invalid one-time password", "bad user or password", "rejected_login", "login failures"]
)
def test_failures_are_still_told(said: str) -> None:
    told = told_logon(f"{said} for user anna from 10.0.0.9")
    assert told is not None and told["outcome"] == "failure"


def test_runs_of_blanks_in_a_windows_message() -> None:
    assert data_of("A" + " " * 30_000 + "!") == {}
    told = data_of("Gone.  Account Name:\t\t" + "anna" + " " * 9000 + "Logon Type:  3 \t")
    assert told == {"AccountName": "anna", "LogonType": "3"}
    assert data_of("Label:" + "\t" * 15_000 + "x" + "\t" * 15_000 + "\nMore:\ty") == {"Label": "x", "More": "y"}


def test_blank_lines_ahead_of_anything(tmp_path: Path) -> None:
    assert not is_health(b"\n" * 65_000 + b"x")
    assert is_health(b"\n" * 1000 + b"  ISA*00*x~\nGS*HC*x~\nST*837*0001~\n")
    assert len(letters(read(tmp_path, "x", b"\n" * 65_000 + b"x"))) == 1


@pytest.mark.parametrize("unit", ["<a ", "<a href='", "<!--", "<a/", '<a "'])
def test_tags_that_nothing_closes(unit: str) -> None:
    links, text = html_links('<a href="http://a.example/x">here</a> said ' + unit * (190_000 // len(unit)))
    assert [link.url for link in links] == ["http://a.example/x"]
    assert text.split()[:2] == ["here", "said"]


def test_what_follows_an_unclosed_comment_is_read() -> None:
    links, _ = html_links('<!--> <p <b>x</b> <a href="http://a.example/x">here</a>')
    assert [link.url for link in links] == ["http://a.example/x"]


@pytest.mark.parametrize("name", ["From", "To", "Reply-To", "Content-Type", "Content-Disposition"])
@pytest.mark.parametrize("unit", ['"', "a ", ".", ",", "(", "(a", "; "])
def test_headers_without_end(name: str, unit: str) -> None:
    found = read_message(f"{MAIL}{name}: {unit * (200_000 // len(unit))}\n\nhello\n".encode())
    assert found is not None and found.fields["subject"] == "x"


def test_recipients_are_still_read() -> None:
    many = ", ".join(f'"Nurse {n}" <nurse{n}@ward.example>' for n in range(300))
    found = read_message(f"{MAIL.replace('c@d.example', many)}Cc: e@f.example\n\nhello\n".encode())
    assert found is not None and len(found.fields["rcpt_to"]) == 301


def test_a_hostile_line_is_an_event_like_others(tmp_path: Path) -> None:
    row = {"@timestamp": "2024-05-01T10:00:00Z", "log.level": "warn", "message": "user unauthorized" + "_a" * 20_000}
    (event,) = events(tmp_path, "x.json", json.dumps(row) + "\n")
    assert event["kind"] != "auth"
