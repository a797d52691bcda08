"""Mail and files on their way are read from packets: who, for whom, what the message is; log-ons and their outcome."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from captured import CLIENT, SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events
from test_packets import contexts, handshake

from pipeline.ingest.packets import mail as mail_module

__all__ = ["contexts"]  # a fixture
SERVER = ("10.0.0.25", 25)


def _message() -> bytes:
    mail = EmailMessage()
    mail["From"] = "Help Desk <desk@sender.example>"
    mail["To"] = "ward3@hospital.example"
    mail["Reply-To"] = "other@else.example"
    mail["Subject"] = "Your mailbox"
    mail.set_content("Dear Jane Roe,\n.\nverify your password at http://verify.other.example/login.php?id=7 today.")
    mail.add_attachment(b"MZ" * 200, maintype="application", subtype="octet-stream", filename="invoice.exe")
    return mail.as_bytes().replace(b"\n", b"\r\n")


def _stuffed(message: bytes) -> bytes:
    return message.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n"


class Post:
    """A session between two mail servers."""

    def __init__(self, server: tuple[str, int] = SERVER) -> None:
        self.talk = Talk(server=server).begin()
        self.answer("220 mx.hospital.example ESMTP Postfix").ask("EHLO relay.example").answer("250-mx\r\n250 CHUNKING")
        self.ask("MAIL FROM:<bounce@sender.example> SIZE=1").answer("250 ok")
        self.ask("RCPT TO:<nurse@hospital.example>").answer("250 ok")

    def ask(self, line: str) -> "Post":
        self.talk.send(line.encode() + b"\r\n")
        return self

    def answer(self, line: str) -> "Post":
        self.talk.send(line.encode() + b"\r\n", mine=False)
        return self

    def said(self, content: bytes, size: int = 100) -> "Post":
        for at in range(0, len(content), size):
            self.talk.send(content[at : at + size])
        return self


def _mails(folder: Path, name: str, post: Post) -> list[dict[str, Any]]:
    return [e for e in events(folder, name, pcap(post.talk.finish().frames)) if e["kind"] == "mail"]


def test_a_mail_is_judged_as_one_from_a_file(tmp_path: Path) -> None:
    post = Post().ask("DATA").answer("354 go on").said(_stuffed(_message())).answer("250 taken").ask("QUIT")
    found = events(tmp_path, "x.pcap", pcap(post.talk.finish().frames))
    (mail,) = [e for e in found if e["kind"] == "mail"]
    assert (mail["mail_from"], mail["from_name"], mail["reply_to"], mail["subject"]) == (
        "desk@sender.example", "Help Desk", "other@else.example", "Your mailbox",
    )  # fmt: skip
    assert mail["rcpt_to"] == ["nurse@hospital.example"], "for whom it is, the envelope knows"
    assert (mail["src_ip"], mail["dst_ip"], mail["dst_port"], mail["uid"]) == (*CLIENT[:1], *SERVER, found[-1]["uid"])
    assert mail["links"] == ["http://verify.other.example/login.php?id=7"] and mail["attachments"] == ["invoice.exe"]
    assert mail["signs"] == "reply file office" and "password" in mail["words"]
    assert mail["ts"] == pytest.approx(1_700_000_000.0, abs=2)
    links = [e for e in found if e["kind"] == "mail_link"]
    assert len(links) == 8 and links[0]["site"] == "verify.other.example"
    assert [e["software"] for e in found if e["kind"] == "software"] == ["Postfix"]
    assert found[-1]["service"] == "smtp" and "Jane Roe" not in str(found), "the body is not kept"


def test_a_mail_in_chunks(tmp_path: Path) -> None:
    message = _message()
    post = Post().ask(f"BDAT {200}").said(message[:200]).answer("250 go on")
    post.ask(f"BDAT {len(message) - 200} LAST").said(message[200:]).answer("250 taken").ask("QUIT")
    (mail,) = _mails(tmp_path, "x.pcap", post)
    assert (mail["signs"], mail["attachments"]) == ("reply file office", ["invoice.exe"])


def test_mails_that_come_to_nothing(tmp_path: Path) -> None:
    (refused,) = _mails(tmp_path, "refused", Post().ask("DATA").answer("554 no"))
    assert (refused["mail_from"], refused.get("links")) == ("bounce@sender.example", [])
    (cut,) = _mails(tmp_path, "cut", Post().ask("DATA").answer("354 go on").said(_stuffed(_message())[:600]))
    assert cut["subject"] == "Your mailbox"
    assert len(_mails(tmp_path, "two", Post().ask("RSET").ask("MAIL FROM:<>").answer("250 ok"))) == 2


def test_a_message_that_is_none_leaves_the_envelope(tmp_path: Path) -> None:
    post = Post().ask("DATA").answer("354 go on").said(b"\xff\xfe\x00" * 50 + b"\r\n.\r\n").answer("250 taken")
    (mail,) = _mails(tmp_path, "x.pcap", post)
    assert (mail["mail_from"], mail["rcpt_to"]) == ("bounce@sender.example", ["nurse@hospital.example"])


def test_long_messages_are_kept_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_module, "MOST_BYTES", 700)
    post = (
        Post().ask("DATA").answer("354 go on").said(_stuffed(_message() + b"\r\nx" * 5_000), 1_400).answer("250 taken")
    )
    (mail,) = _mails(tmp_path, "x.pcap", post)
    assert mail["subject"] == "Your mailbox" and mail["links"]


@pytest.mark.parametrize("port", [25, 143])
def test_what_goes_on_over_tls_is_read_as_tls(tmp_path: Path, contexts: Any, port: int) -> None:
    talk = Talk(server=("10.0.0.25", port)).begin()
    talk.send(b"220 mx ESMTP\r\n" if port == 25 else b"* OK ready\r\n", mine=False)
    talk.send(b"STARTTLS\r\n" if port == 25 else b"a STARTTLS\r\n").send(b"220 go\r\n", mine=False)
    for mine, said in handshake(contexts):
        talk.send(said, mine=mine)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [e["sni"] for e in found if e["kind"] == "tls"] == ["ehr.example"]
    assert found[-1]["service"] == ("smtp" if port == 25 else "imap")


def test_log_ons_to_a_file_server(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.21", 2_121)).begin().send(b"220 (vsFTPd 3.0.3)\r\n", mine=False)
    for secret, answer in ((b"s3cret", b"530 Login incorrect."), (b"s4cret", b"230 Login successful.")):
        talk.send(b"USER biomed\r\n").send(b"331 Please specify the password.\r\n", mine=False)
        talk.send(b"PASS " + secret + b"\r\n").send(answer + b"\r\n", mine=False)
    talk.send(b"PASV\r\n").send(b"227 (10,0,0,21,200,1)\r\n", mine=False)
    talk.send(b"RETR config.bin\r\n").send(b"150 Opening\r\n226 Done\r\n", mine=False).send(b"STOR x\r\n")
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    rows = [(e["request_type"], e["user"], e["outcome"], e.get("target")) for e in found if e["kind"] == "auth"]
    assert rows == [
        ("PASS", "biomed", "failure", None), ("PASS", "biomed", "success", None),
        ("RETR", "biomed", "unknown", "config.bin"), ("STOR", "biomed", "unknown", "x"),
    ]  # fmt: skip
    assert [(e["software"], e["version"]) for e in found if e["kind"] == "software"] == [("vsFTPd", "3.0.3")]
    assert found[-1]["service"] == "ftp" and "cret" not in str(found)


@pytest.mark.parametrize("many", [1, 40])
@pytest.mark.parametrize("hole", [False, True])
def test_files_that_are_fetched_are_told_whatever_came_of_the_answers(tmp_path: Path, many: int, *, hole: bool) -> None:
    talk = Talk(server=("10.0.0.21", 21)).begin().send(b"USER biomed\r\n").send(b"331 ?\r\n", mine=False)
    talk.send(b"".join(b"RETR file%d\r\n" % k for k in range(many)))
    if hole:
        talk.seq[False] += 500  # the answers were not captured
        talk.send(b"226 Done\r\n", mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [e["target"] for e in found if e["kind"] == "auth"] == [f"file{k}" for k in range(many)]


WORDS = (
    b"220 mx ESMTP\r\n", b"EHLO a\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n", b"BDAT 9 LAST\r\n",
    b"354 go\r\n", b"250 ok\r\n", b".\r\n", b"Subject: x\r\n\r\n", b"USER a\r\n", b"PASS b\r\n", b"530 no\r\n",
    b"\x16\x03\x01\0\x05\x01", b"x" * 5_000,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    said=st.lists(st.tuples(st.sampled_from(WORDS) | st.binary(max_size=9), st.booleans()), max_size=20),
    port=st.sampled_from([21, 25]),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]], port: int
) -> None:
    talk = Talk(server=("10.0.0.25", port)).send(flags=SYN).send(b"220 x\r\n", mine=False)
    for words, mine in said:
        talk.send(words, mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["service"] == ("ftp" if port == 21 else "smtp")
