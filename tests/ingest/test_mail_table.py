"""Message traces and message tracking as tables: a mail a row, whatever the columns are called."""

from pathlib import Path

import pytest
from ingest.ingested import events, letters, read

from pipeline.ingest.registry import recognise

TS = 1795508100.0  # 2026-11-24 08:15 UTC
TRACE = (
    "id,sender_address,recipient_address,subject,status,from_ip,date_time_utc\n"
    '1,Desk@sender.example,ward3@hospital.example,"Invoice, overdue",Seen,203.0.113.20,2026-11-24T08:15:00.1234567\n'
    "2,news@journal.example,a@hospital.example;b@hospital.example,Contents,Seen,203.0.113.21,11/24/2026 8:15:00 AM\n"
)
TRACKING = (
    "#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n"
    "#Fields: date-time,client-ip,source,event-id,recipient-address,message-subject,sender-address\n"
    "2026-11-24T08:15:00.000Z,203.0.113.20,SMTP,RECEIVE,ward3@hospital.example,Invoice overdue,desk@sender.example\n"
    "2026-11-24T08:15:01.000Z,203.0.113.20,SMTP,SEND,ward3@hospital.example,Invoice overdue,desk@sender.example\n"
    "#Software: Microsoft Exchange Server\n"
)


def test_a_trace_is_a_mail_a_row(tmp_path: Path) -> None:
    first, second = events(tmp_path, "trace.csv", TRACE)
    assert (first["kind"], first["mail_from"], first["rcpt_to"]) == (
        "mail",
        "desk@sender.example",
        ["ward3@hospital.example"],
    )
    assert (first["subject"], first["src_ip"]) == ("Invoice, overdue", "203.0.113.20")
    assert first["words"] == "invoice overdue"
    assert (int(first["ts"]), second["ts"]) == (TS, TS)
    assert second["rcpt_to"] == ["a@hospital.example", "b@hospital.example"]


def test_collections_of_mails_as_tables(tmp_path: Path) -> None:
    """Sender and receiver as mail programs write them: encoded names, a zone's name in brackets behind the time."""
    table = (
        "sender,receiver,date,subject,body,urls,label\n"
        "=?UTF-8?B?SVQgRGVzaw==?= <x@else.example>,ward3@hospital.example,"
        '"Tue, 24 Nov 2026 10:15:00 +0200 (EET)",=?UTF-8?Q?Verify_now?=,"Verify\nyour password",1,1\n'
    )
    (mail,) = events(tmp_path, "mails.csv", table)
    assert (mail["ts"], mail["mail_from"], mail["from_name"]) == (TS, "x@else.example", "IT Desk")
    assert mail["subject"] == "Verify now" and mail["words"] == "now password verify"


def test_of_tracking_only_what_came_in_is_a_mail(tmp_path: Path) -> None:
    (mail,) = events(tmp_path, "MSGTRK.LOG", TRACKING)
    assert (mail["ts"], mail["mail_from"], mail["subject"]) == (TS, "desk@sender.example", "Invoice overdue")
    assert not letters(read(tmp_path, "again.log", TRACKING))


def test_a_row_that_is_no_mail_is_said(tmp_path: Path) -> None:
    broken = (
        "3,nobody,a@b.example,Hello,Seen,203.0.113.22,2026-11-24T08:15:00\n4,x@y.example,a@b.example,Hello,,,soon\n"
    )
    found = letters(read(tmp_path, "trace.csv", TRACE + broken))
    assert len(found) == 2 and all("no mail" in letter.reason for letter in found)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (TRACE.encode(), "mail_table"),
        (TRACKING.encode(), "mail_table"),
        (TRACE.split("\n")[0].encode() + b"\n", "mail_table"),
        (b"from,to,date,subject\nanna,bert,2026-11-24,call back\n", None),
    ],
)
def test_which_tables_are_mails(head: bytes, expected: str | None) -> None:
    found = recognise(head, "data")
    assert (found.id if found else None) == expected
