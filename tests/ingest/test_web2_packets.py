"""Requests over HTTP/2 in the clear are read from packets as those of HTTP/1 are."""

import struct
from pathlib import Path
from typing import Any

import pytest
from captured import SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.ingest.packets.headers import Headers
from pipeline.ingest.packets.huffman import opened
from pipeline.ingest.packets.packet import BrokenError
from pipeline.ingest.packets.web2 import PREFACE

SERVER = ("10.0.0.8", 8_080)
SETTINGS = b"\0\0\0\4\0\0\0\0\0"


def frame(kind: int, stream: int, body: bytes, flags: int = 4) -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + body


def plain(*fields: tuple[str, str], kept: bool = True) -> bytes:
    """A head without Huffman's code."""
    said = b""
    for name, value in fields:
        said += b"\x40" if kept else b"\0"
        for text in (name.encode(), value.encode()):
            said += (bytes((len(text),)) if len(text) < 127 else b"\x7f" + bytes((len(text) - 127,))) + text
    return said


ASKED = plain(
    (":method", "POST"), (":authority", "me:t0psecret@ehr.example"), (":path", "/ward.Pumps/Stop"),
    ("user-agent", "grpc-x/1"),
    ("content-length", "17"), ("authorization", "Basic bnVyc2U3OnQwcHNlY3JldA=="),
)  # fmt: skip
TOLD = plain(
    (":status", "200"), ("server", "envoy/1.29"), ("content-type", "application/grpc; x=1"), ("content-length", "9")
)


def _events(folder: Path, talk: Talk) -> list[dict[str, Any]]:
    found = events(folder, "x.pcap", pcap(talk.finish().frames))
    assert "t0psecret" not in str(found)
    return found


@pytest.mark.parametrize("size", [24, 4_096])
def test_requests(tmp_path: Path, size: int) -> None:
    again = (
        bytes((0x80 | 67,)) + bytes((0x80 | 66,)) + b"\x82" + plain((":path", "/x"), kept=False)
    )  # of the table, and GET
    padded = frame(1, 3, b"\2" + b"\0\0\0\0\x10" + again[:3] + b"\0\0", 0x28) + frame(9, 3, again[3:])
    mine = PREFACE + SETTINGS + frame(1, 1, ASKED) + frame(0, 1, b"x" * 17, 1) + padded
    theirs = SETTINGS + frame(1, 1, plain((":status", "100"))) + frame(1, 1, TOLD) + frame(0, 1, b"y" * 9, 0)
    theirs += frame(1, 1, plain(("grpc-status", "0"))) + frame(1, 3, b"\x8d")
    talk = Talk(server=SERVER).begin()
    for words, by in ((mine, True), (theirs, False)):
        for at in range(0, len(words), size):
            talk.send(words[at : at + size], mine=by)
    found = _events(tmp_path, talk)
    first, second = [e for e in found if e["kind"] == "http"]
    assert (first["method"], first["host"], first["uri"], first["status"], first["mime_type"], first["user"]) == (
        "POST", "ehr.example", "/ward.Pumps/Stop", 200, "application/grpc", "nurse7",
    )  # fmt: skip
    assert (first["bytes_out"], first["bytes_in"], first["user_agent"]) == (17, 9, "grpc-x/1")
    assert (second["method"], second["host"], second["uri"], second["status"]) == ("POST", "ehr.example", "/x", 404)
    assert [(e["software"], e["version"]) for e in found if e["kind"] == "software"] == [("envoy", "1.29")]
    assert found[-1]["service"] == "http"


def test_those_that_are_agreed_on_first(tmp_path: Path) -> None:
    talk = Talk(server=SERVER).begin().send(b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n")
    talk.send(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", mine=False).send(
        PREFACE + SETTINGS + frame(1, 3, ASKED)
    )
    talk.send(SETTINGS + frame(1, 3, TOLD), mine=False)
    found = _events(tmp_path, talk)
    assert [(e["uri"], e["status"]) for e in found if e["kind"] == "http"] == [("/a", 101), ("/ward.Pumps/Stop", 200)]


@pytest.mark.parametrize(
    ("between", "place"), [(frame(0x2A, 0, b"grease"), 63), (frame(5, 1, b"\0\0\0\2" + plain(("a", "b"))), 64)]
)
def test_frames_between_do_not_confuse_heads(tmp_path: Path, between: bytes, place: int) -> None:
    """One of a kind that nobody knows, and a promise, whose head counts in the table."""
    again = bytes(0x80 | index for index in (67, 66, 65))
    talk = Talk(server=SERVER).begin().send(PREFACE + SETTINGS + frame(1, 1, ASKED) + frame(1, 3, again))
    second = frame(1, 3, bytes((0x88, 0x80 | place)))  # 200, and the type of the first answer
    talk.send(SETTINGS + frame(1, 1, TOLD) + between + second, mine=False)
    found = [e for e in _events(tmp_path, talk) if e["kind"] == "http"]
    assert [(e.get("status"), e.get("mime_type")) for e in found] == [(200, "application/grpc")] * 2


def test_behind_a_hole_nothing_is_invented(tmp_path: Path) -> None:
    talk = Talk(server=SERVER).begin().send(PREFACE + SETTINGS)
    talk.seq[True] += 200
    talk.send(frame(1, 1, b"\xbe\xbf")).send(frame(1, 1, TOLD), mine=False)
    assert not [e for e in _events(tmp_path, talk) if e["kind"] == "http"]


def test_the_published_example_of_heads() -> None:
    """RFC 7541, appendix C.4: three requests with Huffman's code."""
    headers = Headers()
    blocks = (
        "828684418cf1e3c2e5f23a6ba0ab90f4ff",
        "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    )
    *_, last = [headers.read(bytes.fromhex(block)) for block in blocks]
    assert last == {
        ":method": "GET", ":scheme": "https", ":path": "/index.html", ":authority": "www.example.com",
        "custom-key": "custom-value",
    }  # fmt: skip
    assert headers.read(b"\x20\x82") == {":method": "GET"}, "the table was emptied"
    with pytest.raises(BrokenError):
        headers.read(b"\xbe")


@pytest.mark.parametrize("block", [b"\x80", b"\x41", b"\x40\x05ab", b"\x7f" + b"\xff" * 9, b"\x40\x81\xff"])
def test_heads_that_are_none(block: bytes) -> None:
    with pytest.raises(BrokenError):
        Headers().read(block)


def test_the_end_is_no_sign() -> None:
    with pytest.raises(BrokenError):
        opened(b"\xff\xff\xff\xff")


@settings(max_examples=300, deadline=None)
@given(
    said=st.lists(
        st.tuples(
            st.sampled_from([frame(1, 1, ASKED), frame(9, 1, ASKED), frame(1, 1, TOLD), SETTINGS, frame(1, 1,
            b"\xbe", 0x2C)])
            | st.binary(max_size=20),
            st.booleans(),
        ),
        max_size=8,
    ),
    where=st.integers(0, 60), what=st.binary(max_size=6),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[bytes, bool]], where: int, what: bytes
) -> None:
    talk = Talk(server=SERVER).send(flags=SYN).send(PREFACE)
    for words, mine in said:
        talk.send(words[:where] + what + words[where + len(what) :], mine=mine)
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(talk.frames))
    assert found[-1]["service"] == "http" and not [e for e in found if "_unread" in str(e)]
