"""Log-ons to mailboxes, and to send mail, are read from packets; what is in the mailbox is not looked at."""

from pathlib import Path
from typing import Any

import pytest
from captured import SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events
from log_on_words import b64
from windows_words import answer_token, challenge_token, negotiate_token

SECRET = b"t0psecret"
Words = list[tuple[bool, bytes]]


def _talk(port: int, words: Words) -> Talk:
    talk = Talk(server=("10.0.0.26", port)).begin()
    for mine, said in words:
        talk.send(said, mine=mine)
    return talk.finish()


def _rows(folder: Path, port: int, words: Words) -> list[tuple[Any, ...]]:
    found = events(folder, "x.pcap", pcap(_talk(port, words).frames))
    assert "t0psecret" not in str(found), "no password leaves the reader"
    return [(e.get("user"), e.get("request_type"), e["outcome"]) for e in found if e["kind"] == "auth"]


def test_pop3(tmp_path: Path) -> None:
    words: Words = [
        (False, b"+OK Dovecot ready. <1@x>\r\n"), (True, b"CAPA\r\n"), (False, b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n"),
        (True, b"USER nurse7\r\nPASS " + SECRET + b"\r\n"), (False, b"+OK\r\n-ERR [AUTH] no\r\n"),
        (True, b"AUTH PLAIN\r\n"), (False, b"+ \r\n"), (True, b64(b"\0nurse8\0" + SECRET)), (False, b"-ERR no\r\n"),
        (True, b"AUTH LOGIN\r\n"), (False, b"+ VXNlcm5hbWU6\r\n"), (True, b64(b"nurse9")), (False,
        b"+ UGFzc3dvcmQ6\r\n"),
        (True, b64(SECRET)), (False, b"-ERR no\r\n"), (True, b"APOP nurse10 0123456789abcdef\r\n"), (False,
        b"+OK in\r\n"),
        (True, b"RETR 1\r\n"), (False, b"+OK\r\nUSER jane\r\nPASS roe\r\n.\r\n"), (True, b"USER jane\r\n"),
        (False, b"+OK\r\n"),
    ]  # fmt: skip
    assert _rows(tmp_path, 1_100, words) == [
        ("nurse7", None, "failure"), ("nurse8", "PLAIN", "failure"), ("nurse9", "LOGIN", "failure"),
        ("nurse10", "APOP", "success"),
    ]  # fmt: skip
    found = events(tmp_path, "x.pcap", pcap(_talk(1_100, words).frames))
    assert [e["software"] for e in found if e["kind"] == "software"] == ["Dovecot"]
    assert found[-1]["service"] == "pop3" and "jane" not in str(found)


def test_imap(tmp_path: Path) -> None:
    words: Words = [
        (False, b"* OK [CAPABILITY IMAP4rev1] ready\r\n"), (True, b'a1 LOGIN "m \\"x\\" lane" ' + SECRET + b"\r\n"),
        (False, b"* CAPABILITY IMAP4rev1\r\na1 NO [AUTHENTICATIONFAILED] no\r\n"),
        (True, b"a2 LOGIN {7}\r\n"), (False, b"+ go\r\n"), (True, b"nurse 7 {9}\r\n"), (False, b"+ go\r\n"),
        (True, SECRET + b"\r\n"), (False, b"a2 NO no\r\n"), (True, b"a3 LOGIN\r\n"), (False, b"a3 BAD words?\r\n"),
        (True, b"a4 AUTHENTICATE CRAM-MD5\r\n"), (False, b"+ PDE+\r\n"), (True, b64(b"nurse 8 0123abc")),
        (False, b"a4 NO no\r\n"), (True, b"a5 AUTHENTICATE SCRAM-SHA-256 " + b64(b"n,,n=nurse9,r=abc")),
        (False, b"+ cj1h\r\n"), (True, b64(b"c=biws,r=abc,p=xx")), (False, b"a5 OK in\r\n"),
        (True, b"a6 LOGIN jane roe\r\n"), (False, b"a6 NO no\r\n"),
    ]  # fmt: skip
    assert _rows(tmp_path, 143, words) == [
        ('m "x" lane', None, "failure"), ("nurse 7", None, "failure"), ("nurse 8", "CRAM-MD5", "failure"),
        ("nurse9", "SCRAM-SHA-256", "success"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("begun", "answers"),
    [
        (b"AUTH LOGIN\r\n", [b"\r\n", b64(SECRET)]),
        (b"AUTH LOGIN\r\n", [b"nurse\r\n", b64(SECRET)]),
        (b"AUTH LOGIN =\r\n", [b64(SECRET)]),
        (b"AUTH PLAIN\r\n", [b64(b"nurse7\0" + SECRET)]),
        (b"AUTH OAUTHBEARER\r\n", [b64(b"n,,\1auth=Bearer a=" + SECRET + b"\1\1")]),
    ],
    ids=["no name", "a name as it is", "an empty name at once", "a name without a realm", "a token alone"],
)
def test_a_password_is_no_name(tmp_path: Path, begun: bytes, answers: list[bytes]) -> None:
    words: Words = [(False, b"+OK ready\r\n"), (True, begun)]
    for said in answers:
        words += [(False, b"+ \r\n"), (True, said)]
    ((user, _, outcome),) = _rows(tmp_path, 110, [*words, (False, b"-ERR no\r\n")])
    assert (user, outcome) == (None, "failure")


@pytest.mark.parametrize(("answer", "outcome"), [(b"235 2.7.0 in\r\n", "success"), (b"535 5.7.8 no\r\n", "failure")])
def test_log_ons_to_send_mail(tmp_path: Path, answer: bytes, outcome: str) -> None:
    begun: Words = [
        (False, b"220 mx ESMTP\r\n"),
        (True, b"EHLO pump\r\n"),
        (False, b"250-mx\r\n250 AUTH PLAIN LOGIN\r\n"),
    ]
    plain: Words = [(True, b"AUTH PLAIN " + b64(b"\0pump\0" + SECRET)), (False, answer)]
    asked: Words = [
        (True, b"AUTH LOGIN\r\n"), (False, b"334 VXNlcm5hbWU6\r\n"), (True, b64(b"pump")), (False, b"334 UGFz\r\n"),
        (True, b64(SECRET)), (False, answer),
    ]  # fmt: skip
    assert _rows(tmp_path, 587, begun + plain) == [("pump", "PLAIN", outcome)]
    assert _rows(tmp_path, 587, begun + asked) == [("pump", "LOGIN", outcome)]
    mail: Words = [(True, b"MAIL FROM:<a@b.example>\r\n"), (False, b"250 ok\r\n")]
    one_sided = [said for said in begun + plain + mail if said[0]]
    found = events(tmp_path, "x.pcap", pcap(_talk(587, one_sided).frames))
    assert [e["mail_from"] for e in found if e["kind"] == "mail"] == ["a@b.example"], "where answers were not captured"


def test_logons_by_ntlm_are_told_as_such(tmp_path: Path) -> None:
    words: Words = [
        (False, b"* OK ready\r\n"), (True, b"a AUTHENTICATE NTLM\r\n"), (False, b"+\r\n"),
        (True, b64(negotiate_token())), (False, b"+ " + b64(challenge_token())),
        (True, b64(answer_token("m.lane"))), (False, b"a NO no\r\n"),
    ]  # fmt: skip
    found = events(tmp_path, "x.pcap", pcap(_talk(143, words).frames))
    (logon,) = [e for e in found if e["kind"] == "auth"]
    assert (logon["service"], logon["user"], logon["outcome"]) == ("ntlm", "m.lane", "failure")


@pytest.mark.parametrize("hole", [True, False])
def test_a_hole_makes_no_outcome(tmp_path: Path, hole: bool) -> None:
    talk = Talk(server=("10.0.0.26", 110)).begin().send(b"+OK ready\r\n", mine=False)
    talk.send(b"USER nurse7\r\nPASS x\r\n").send(b"+OK\r\n", mine=False)
    talk.seq[False] += 40 if hole else 0
    talk.send(b"-ERR no\r\n", mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [e["outcome"] for e in found if e["kind"] == "auth"] == ([] if hole else ["failure"])


WORDS = (
    b"USER a\r\n", b"PASS b\r\n", b"+OK\r\n", b"-ERR\r\n", b"AUTH PLAIN\r\n", b"AUTH\r\n", b"AAAA\r\n",
    b"a LOGIN b c\r\n",
    b"a LOGIN {1}\r\n", b"a AUTHENTICATE PLAIN AGEAYg==\r\n", b"a OK\r\n", b"a NO\r\n", b"+ \r\n", b"* BYE\r\n",
    b"235 \r\n", b"535 \r\n", b"\x16\x03\x01\0\x05\x01", b"x" * 5_000,
)  # fmt: skip
FIRST = {110: b"+OK \r\n", 143: b"* OK \r\n", 25: b"220 SMTP\r\n"}


@settings(max_examples=300, deadline=None)
@given(
    said=st.lists(st.tuples(st.sampled_from(WORDS) | st.binary(max_size=9), st.booleans()), max_size=20),
    port=st.sampled_from(sorted(FIRST)),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]], port: int
) -> None:
    talk = Talk(server=("10.0.0.26", port)).send(flags=SYN).send(FIRST[port], mine=False)
    for words, mine in said:
        talk.send(words, mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["service"] in ("pop3", "imap", "smtp") and not [e for e in found if "_unread" in str(e)]
