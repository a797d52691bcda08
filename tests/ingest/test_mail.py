"""Mail files and gateway records: who, where to, what the server found; nothing of the body but bait words."""

import mailbox
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import orjson
import pytest
from ingest.ingested import events, letters, read

from pipeline.features.hashing import key_groups
from pipeline.ingest.mail.bait import bait_words
from pipeline.ingest.mail.links import chosen, html_links, text_links
from pipeline.ingest.mail.signs import disguised
from schemas.topics import KEY_GROUPS

RECEIVED = "from relay.sender.example (relay.sender.example [203.0.113.20]) by mx.hospital.example; "
WHEN = "Tue, 24 Nov 2026 09:15:00 +0100"
TS = 1795508100.0


def message(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Received"] = RECEIVED + WHEN
    mail["From"] = "Accounts <desk@sender.example>"
    mail["To"] = "ward3@hospital.example"
    mail["Date"] = "Tue, 24 Nov 2026 08:00:00 +0100"
    mail["Subject"] = "Your mailbox"
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content("Dear Jane Roe, verify your password at http://verify.other.example/login.php?id=7 today.")
    return mail


def test_a_message_without_its_body(tmp_path: Path) -> None:
    mail = message(Reply_To="other@else.example", Authentication_Results="mx; spf=softfail x; dkim=none; dmarc=fail")
    mail.add_alternative(
        '<p>Jane <a href="http://verify.other.example/login.php?id=7">https://portal.hospital.example/</a></p>'
        "<style>urgent</style>",
        subtype="html",
    )
    mail.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="invoice.pdf.exe")
    first, *links = events(tmp_path, "bait.eml", mail.as_bytes())
    assert first["ts"] == TS and first["kind"] == "mail" and first["src_ip"] == "203.0.113.20"
    assert first["mail_from"] == "desk@sender.example" and first["from_name"] == "Accounts"
    assert first["reply_to"] == "other@else.example" and first["rcpt_to"] == ["ward3@hospital.example"]
    assert (first["spf"], first["dkim"], first["dmarc"]) == ("softfail", "none", "fail")
    assert first["links"] == ["http://verify.other.example/login.php?id=7"] and first["link_mismatch"] == 1
    assert first["attachments"] == ["invoice.pdf.exe"]
    assert first["signs"] == "unvouched elsewhere reply link file" and first["suspicion"] == 5
    assert {"mailbox", "password", "verify"} <= set(first["words"].split())
    everything = orjson.dumps([first, *links]).decode().lower()
    assert "jane" not in everything and "roe" not in everything and "urgent" not in everything
    assert {link["site"] for link in links} == {"verify.other.example"}


def test_every_key_group_is_told_of_a_link(tmp_path: Path) -> None:
    links = events(tmp_path, "bait.eml", message().as_bytes())[1:]
    keys = [link["format"].encode() for link in links]
    length = np.array([len(k) for k in keys], np.int32)
    start = np.r_[0, np.cumsum(length, dtype=np.int64)][:-1]
    groups = key_groups(np.frombuffer(b"".join(keys), np.uint8), start, length, KEY_GROUPS)
    assert sorted(groups.tolist()) == list(range(KEY_GROUPS))


def test_the_senders_own_site_is_no_news(tmp_path: Path) -> None:
    mail = message()
    mail.set_content("See https://www.sender.example/terms")
    assert [e["kind"] for e in events(tmp_path, "own.eml", mail.as_bytes())] == ["mail"]


def test_a_mailbox_holds_several(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number in range(3):
        mail = message(Subject=f"number {number}")
        mail.set_content("From here on nothing\n\nFrom nobody to no one\n")
        box.add(mail)
    box.close()
    found = events(tmp_path, "again", (tmp_path / "box.mbox").read_bytes())
    assert [e["subject"] for e in found] == ["number 0", "number 1", "number 2"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fields_whose_value_begins_on_the_next_line(tmp_path: Path, end: str) -> None:
    """As Exchange writes its own, with names that hold digits and marks."""
    head = (
        "X-IncomingTopHeaderMarker:",
        " Checksum:06D5",
        "X_MS-2nd!Field: 1",
        "Received: from a by b; Tue, 24 Nov 2026",
    )
    rest = ("From: a@sender.example", "Subject: hello", "", "text")
    (one,) = events(tmp_path, "m", end.join((*head[:3], f"{head[3]} 08:15:00 +0000", *rest)))
    assert (one["kind"], one["subject"]) == ("mail", "hello")


@pytest.mark.parametrize(
    ("results", "signs"),
    [("spf=pass; dkim=none; dmarc=none", 0), ("spf=none; dkim=none; dmarc=none", 2), ("spf=softfail; dkim=pass", 1),
     ("dmarc=bestguesspass", 0), ("", 0)],
)  # fmt: skip
def test_nothing_vouches_for_it(tmp_path: Path, results: str, signs: int) -> None:
    mail = message(Subject="hello")
    if results:
        mail["Authentication-Results"] = f"mx; {results}"
    assert events(tmp_path, "m", mail.as_bytes())[0].get("suspicion", 0) == signs


@pytest.mark.parametrize(("link", "signs"), [("https://www.sender.example/x", 1), ("https://else.example/x", 2)])
def test_a_sender_whom_nobody_vouches_for_and_links_to_himself(tmp_path: Path, link: str, signs: int) -> None:
    record = {"date": 1795508100, "from": "a@sender.example", "to": ["b@hospital.example"], "subject": "x"}
    mail = events(tmp_path, "g.json", orjson.dumps(record | {"spf": "none", "urls": [link]}))[0]
    assert mail["suspicion"] == signs


@pytest.mark.parametrize(
    ("result", "shown", "signs"),
    [("pass", "www.sender.example", 0), ("pass", "www.bank.example", 1), ("fail", "www.sender.example", 3)],
)
def test_who_is_vouched_for_may_count_clicks(tmp_path: Path, result: str, shown: str, signs: int) -> None:
    record = {
        "date": 1795508100, "from": "a@sender.example", "to": ["b@hospital.example"], "subject": "x", "spf": result,
        "body": f'<a href="https://clicks.example/7">{shown}</a>',
    }  # fmt: skip
    mail = events(tmp_path, "g.json", orjson.dumps(record))[0]
    assert mail["suspicion"] == signs and mail["link_mismatch"] == (shown != "www.sender.example" or result != "pass")


@pytest.mark.parametrize(
    ("text", "dressed"),
    [
        ("𝗬𝗼𝘂𝗿 account", True), ("p\u0430ssword", True), ("wal\u200blet", True), ("Wa\U000e0139llet", True),
        ("", False), ("Röntgenbefund für Zoë", False), ("пароль и password", False), ("πυρετός 39 °C", False),
        ("ａｂｃ 会議", False), ("👩\u200d⚕️ rounds", False), ("μg und mg", False),
    ],
)  # fmt: skip
def test_letters_that_only_look_like_letters(text: str, dressed: bool) -> None:
    assert disguised(text) is dressed


def test_without_a_time_it_is_a_dead_letter(tmp_path: Path) -> None:
    mail = message()
    del mail["Date"]
    del mail["Received"]
    results = read(tmp_path, "late.eml", mail.as_bytes())
    assert [letter.reason for letter in letters(results)] == [
        "the message has neither a Date nor a Received line with a time"
    ]
    assert "Jane" not in letters(results)[0].excerpt


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a\nTo: b\nSubject: =?utf-8?q?=ff=fe?=\nDate: Tue, 24 Nov 2026 09:15:00 +0100\nContent-Type: text/html;"
        b" charset=nonsense\n\n<a href='http://[bad'>x</a>\xff",
        b"From: <<>>@,,\nTo: b\nSubject: x\nDate: Tue, 24 Nov 2026 09:15:00 +0100\nContent-Type: multipart/mixed\n\nx",
        b"Received: from [999.9.9.9]; Tue, 24 Nov 2026 09:15:00 +0100\nFrom: a@b.example\nTo: b\n\n"
        + b"http://" * 9999,
    ],
)
def test_broken_messages_are_read_as_far_as_they_go(raw: bytes, tmp_path: Path) -> None:
    assert events(tmp_path, "broken.eml", raw)[0]["ts"] == TS


def test_gateway_records_under_usual_names(tmp_path: Path) -> None:
    record = {
        "Timestamp": "2026-11-24T08:15:00Z", "SenderFromAddress": "desk@sender.example", "SenderDisplayName": "Desk",
        "RecipientEmailAddress": "ward3@hospital.example", "Subject": "Invoice overdue", "SenderIPv4": "203.0.113.20",
        "AuthenticationDetails": '{"SPF":"fail","DKIM":"none","DMARC":"fail"}', "Urls": ["https://pay.other.example/x"],
    }  # fmt: skip
    other = {
        "date": 1795508100, "from": '"Desk" <desk@sender.example>', "to": ["a@hospital.example", "b@hospital.example"],
        "subject": "Hello", "body": '<a href="http://pay.other.example">www.bank.example</a>', "spf": "pass",
    }  # fmt: skip
    text = "\n".join(orjson.dumps(r).decode() for r in (record, other))
    found = [e for e in events(tmp_path, "gateway.json", text) if e["kind"] == "mail"]
    assert [e["ts"] for e in found] == [TS, TS]
    assert [e["mail_from"] for e in found] == ["desk@sender.example"] * 2
    assert found[0]["spf"] == "fail" and found[0]["dmarc"] == "fail" and found[0]["suspicion"] == 2
    assert found[0]["words"] == "invoice overdue"
    assert found[1]["rcpt_to"] == ["a@hospital.example", "b@hospital.example"] and found[1]["link_mismatch"] == 1


def test_other_json_is_not_taken_for_mail(tmp_path: Path) -> None:
    log = orjson.dumps(
        {"timestamp": "2026-11-24T08:15:00Z", "message": "mail from x@y.example queued", "level": "info"}
    )
    assert [e["kind"] for e in events(tmp_path, "app.json", log)] == ["line"]


def test_links_that_pretend_come_first() -> None:
    links, text = html_links(
        '<a href="https://a.example/1">read on</a> <a href="http://b.example/2">www.bank.example</a>'
        '<a href="https://mail.shop.example/3">shop.example</a> <a href="mailto:x@y.example">x</a>'
    )
    assert [(link.site, link.mismatch) for link in chosen(links)] == [
        ("b.example", True), ("a.example", False), ("mail.shop.example", False),
    ]  # fmt: skip
    assert "read on" in text
    assert [link.url for link in text_links("go to http://c.example/x. Now")] == ["http://c.example/x"]


def test_only_listed_words_leave_a_body() -> None:
    assert bait_words("URGENT: Mr Smith, Verify", "the password of ward 7") == "password urgent verify ward"


def test_broken_marked_sections_end_nothing() -> None:
    links, text = html_links("<p>one</p><![=\nendif]--></td><![if !mso]><a href='http://c.example/x'>two</a><![")
    assert "one" in text and [link.url for link in links] == ["http://c.example/x"]


def test_what_sensors_hear_of_a_mail(tmp_path: Path) -> None:
    """The header's sender and what it pretends, not the envelope's alone; lines as people read them."""
    header = {"from": '"=?utf-8?q?help=40bank.example?=" <x7@else.example>', "reply_to": "Desk <a@third.example>"}
    zeek = {
        "_path": "smtp",
        "ts": TS,
        "id.orig_h": "203.0.113.20",
        "id.resp_h": "10.0.0.25",
        "id.resp_p": 25,
        "mailfrom": "bounce@mailer.example",
        "rcptto": ["ward3@hospital.example"],
        "subject": "=?utf-8?q?Z=C3=BCge?=",
    }
    eve = {"timestamp": "2026-11-24T08:15:00.000000+0000", "event_type": "smtp", "src_ip": "203.0.113.20",
           "dest_ip": "10.0.0.25", "dest_port": 25, "proto": "TCP",
           "smtp": {"mail_from": "<bounce@mailer.example>", "rcpt_to": ["<ward3@hospital.example>"]},
           "email": {**header, "subject": "Züge", "url": ["pay.example/x", "http://pay.example/x"],
                     "attachment": ["invoice.js"]}}  # fmt: skip
    for name, row, signs in (("smtp.log", zeek | header, "reply name"), ("eve.json", eve, "reply file name")):
        (mail, *_) = events(tmp_path, name, orjson.dumps(row))
        assert (mail["mail_from"], mail["from_name"]) == ("x7@else.example", "help@bank.example")
        assert (mail["reply_to"], mail["subject"], mail["signs"]) == ("a@third.example", "Züge", signs)
    silent = events(tmp_path, "smtp.log", orjson.dumps({k: v for k, v in zeek.items() if k != "mailfrom"}))[0]
    assert silent["kind"] == "mail" and "suspicion" not in silent
    plain = events(tmp_path, "smtp.log", orjson.dumps(zeek | {"subject": "=?none?q?=ff?="}))[0]
    assert (plain["mail_from"], plain["subject"], plain["suspicion"]) == ("bounce@mailer.example", "=?none?q?=ff?=", 0)
    odd = zeek | {"mailfrom": 5, "from": {"a": 1}, "reply_to": ["x"], "subject": 7}
    assert events(tmp_path, "smtp.log", orjson.dumps(odd))[0]["kind"] == "mail"


@pytest.mark.parametrize(
    ("sender", "subject", "sign"),
    [
        ("Mail Administrator <desk@else.example>", "Your quota", "office"),
        ("Webmail <x@else.example>", "Storage", "office"),
        ("IT Service Desk <desk@hospital.example>", "Your quota", None),
        ("Mail Delivery System <MAILER-DAEMON@else.example>", "Returned", None),
        ("Support Group of Sarcoma Patients <news@else.example>", "Our meeting", None),
        ("hospital.example <no-reply@else.example>", "Pending mails", "house"),
        ("Alerts <x@else.example>", "ward3@hospital.example: password expires today", "house"),
        ("Alerts <x@else.example>", "News of st-hospital.example and hospital.example.org-x", None),
        ("Alerts <x@mail.hospital.example>", "About hospital.example", None),
    ],
)
def test_outsiders_who_speak_as_the_house(tmp_path: Path, sender: str, subject: str, sign: str | None) -> None:
    """As one of the recipient's own house, or as those who run its mail; not from inside, and no bounces."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "ward3@hospital.example", subject
    mail["Date"] = "Tue, 24 Nov 2026 08:15:00 +0000"
    mail.set_content("Hello")
    assert events(tmp_path, "m", mail.as_bytes())[0].get("signs") == sign
