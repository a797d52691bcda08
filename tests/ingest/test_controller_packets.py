"""What controllers of buildings and plants are asked for is read from packets, each function once; never a value."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from captured import CLIENT, SYN, Frames, Talk, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

PLC = "10.0.0.90"


def s7(function: int, kind: int = 1) -> bytes:
    parameters = bytes((function,)) + b"\0" * 13 if kind == 1 else b"\0\1\x12\4\x11\x44\1\0"
    said = b"\x32" + bytes((kind,)) + b"\0\0\0\1" + struct.pack(">HH", len(parameters), 0) + parameters
    return struct.pack(">BBH", 3, 0, len(said) + 7) + b"\2\xf0\x80" + said


BEGUN = b"\3\0\0\x16\x11\xe0\0\0\0\1\0\xc1\2\1\0\xc2\2\1\2\xc0\1\x0a"


def dnp3(function: int, body: bytes = b"") -> bytes:
    said = b"\xc0\xc1" + bytes((function,)) + body
    blocks = b"".join(said[at : at + 16] + b"cc" for at in range(0, len(said), 16))
    return b"\x05\x64" + bytes((len(said) + 5,)) + b"\xc4\1\0\2\0cc" + blocks


def enip(service: int, *, connected: bool = False) -> bytes:
    said = (b"\7\0" if connected else b"") + bytes((service,)) + b"\2\x20\1\x24\1"
    item = struct.pack("<HH", 0xB1 if connected else 0xB2, len(said)) + said
    body = b"\0" * 6 + b"\2\0" + (b"\xa1\0\4\0abcd" if connected else b"\0\0\0\0") + item
    return struct.pack("<HH", 0x70 if connected else 0x6F, len(body)) + b"\0" * 20 + body


def bacnet(choice: int, *, confirmed: bool = True, sent_on: bool = False, far: bool = False) -> bytes:
    said = b"\1" + (b"\x2c\0\1\0\0\2\1\7\xff" if far else b"\4")
    said += b"\0\5\1" + bytes((choice,)) if confirmed else b"\x10" + bytes((choice,))
    head = (
        b"\4" + struct.pack(">H", len(said) + 10) + b"\x0a\0\0\5\xba\xc0"
        if sent_on
        else b"\x0a" + struct.pack(">H", len(said) + 4)
    )
    return b"\x81" + head + said


def _told(found: list[dict[str, Any]], column: str) -> list[str]:
    return [json.loads(e["detail"])[column] for e in found if e["kind"] == "other"]


def _stream(folder: Path, port: int, *said: bytes) -> list[dict[str, Any]]:
    talk = Talk(server=(PLC, port)).begin()
    talk.send(said[0])
    for words in said[1:]:
        talk.send(words[:9]).send(words[9:])
    return events(folder, "x.pcap", pcap(talk.finish().frames))


def test_s7(tmp_path: Path) -> None:
    found = _stream(tmp_path, 102, BEGUN, s7(0xF0) + s7(4), s7(4), s7(0x29), s7(0, 7), s7(5, 3))
    assert _told(found, "function_name") == ["Setup Communication", "Read Variable", "PLC Stop", "User Data 4.1"]
    assert found[-1]["service"] == "s7comm"


@pytest.mark.parametrize("datagrams", [True, False])
def test_dnp3(tmp_path: Path, datagrams: bool) -> None:
    said = [dnp3(1, b"\x3c\2\6"), dnp3(1), dnp3(13), dnp3(2, b"v" * 40)]
    frames: Frames = [(1.7e9 + k, udp(CLIENT, (PLC, 20_000), words)) for k, words in enumerate(said)]
    found = events(tmp_path, "x.pcap", pcap(frames)) if datagrams else _stream(tmp_path, 20_000, *said)
    assert _told(found, "fc_request") == ["READ", "COLD_RESTART", "WRITE"]


def test_ethernet_ip(tmp_path: Path) -> None:
    begun = struct.pack("<HH", 0x65, 4) + b"\0" * 20 + b"\1\0\0\0"
    found = _stream(tmp_path, 44_818, begun, enip(0x4C), enip(0x05, connected=True), enip(0xCC))
    assert _told(found, "cip_service") == ["Register Session", "Read Tag", "Reset"]
    answer = b"\0" * 26 + b"\1\0\x0c\0\x30\0\1\0" + b"\0" * 16 + b"\1\0\x0e\0\x36\0\x14\x0b\0\0\0\0\0\0\x08PLC-7/AB\xff"
    body = answer[26:]
    talk = Talk(server=(PLC, 44_818)).begin().send(struct.pack("<HH", 0x63, 0) + b"\0" * 20)
    talk.send(struct.pack("<HH", 0x63, len(body)) + b"\0" * 20 + body, mine=False)
    found = events(tmp_path, "x.pcap", pcap(talk.finish().frames))
    assert [(e["software_type"], e["src_ip"]) for e in found if e["kind"] == "software"] == [("ENIP", PLC)]


def test_bacnet(tmp_path: Path) -> None:
    said = (
        bacnet(8, confirmed=False), bacnet(12), bacnet(12), bacnet(15, sent_on=True), bacnet(20, far=True),
        b"\x81\x0a\0\6\1\x80", b"\x81\x0a\0\7\1\4\x30",
    )  # fmt: skip
    frames: Frames = [(1.7e9 + k, udp((CLIENT[0], 47_808), (PLC, 47_808), words)) for k, words in enumerate(said)]
    found = events(tmp_path, "x.pcap", pcap(frames))
    assert _told(found, "pdu_service") == ["who_is", "read_property", "write_property", "reinitialize_device"]


@pytest.mark.parametrize(("kind", "action"), [(1, "TFTP::READ"), (2, "TFTP::WRITE")])
def test_files_without_a_log_on(tmp_path: Path, kind: int, action: str) -> None:
    asked = b"\0" + bytes((kind,)) + b"bot.mips\0octet\0"
    frames = [(1.7e9 + k, udp(CLIENT, ("198.51.100.7", 69), asked)) for k in range(3)]
    (file, flow) = events(tmp_path, "x.pcap", pcap(frames))
    assert (file["kind"], file["filename"], file["action"], file["dst_ip"]) == (
        "file",
        "bot.mips",
        action,
        "198.51.100.7",
    )
    assert flow["service"] == "tftp"


SAID = (s7(4), s7(0, 7), dnp3(1), enip(5), enip(5, connected=True), bacnet(12, far=True), b"\0\1a\0octet\0", BEGUN)


@settings(max_examples=400, deadline=None)
@given(
    first=st.sampled_from(SAID), said=st.lists(st.sampled_from(SAID) | st.binary(max_size=9), max_size=6),
    where=st.integers(0, 60), what=st.binary(max_size=6), datagrams=st.booleans(),
)  # fmt: skip
def test_no_words_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, first: bytes, said: list[bytes], where: int, what: bytes, datagrams: bool
) -> None:
    words = [first, *(w[:where] + what + w[where + len(what) :] for w in said)]
    frames: Frames = [(1.7e9 + k, udp(CLIENT, (PLC, 47_808), w)) for k, w in enumerate(words)]
    if not datagrams:
        talk = Talk(server=(PLC, 102)).send(flags=SYN)
        for w in words:
            talk.send(w)
        frames = talk.frames
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap(frames))
    assert found[-1]["kind"] == "flow" and not [e for e in found if "_unread" in str(e)]
