"""The first SMB is read from packets as Zeek tells it."""

import json
import struct
from pathlib import Path
from typing import Any

import windows_words as w
from captured import Talk, pcap
from ingested import events

ANDX = struct.pack("<BBH", 0xFF, 0, 0)
FILE, PIPE = 0x4001, 0x4002


def _smb(command: int, words: bytes, data: bytes = b"", *, answer: bool = False, status: int = 0, number: int = 1,
         tree: int = 3) -> bytes:  # fmt: skip
    head = struct.pack(
        "<4sBIBHHQHHHHH", b"\xffSMB", command, status, 0x80 if answer else 0, 0xC001, 0, 0, 0, tree, 7, 8, number
    )
    return head + bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data


def _text(text: str, at: int = 0) -> bytes:
    """At an even place; `at`: what stands before it."""
    return b"\0" * (at % 2) + text.encode("utf-16-le") + b"\0\0"


def _session(token: bytes, *, answer: bool = False, status: int = 0, number: int = 1) -> bytes:
    words = ANDX + (
        struct.pack("<HH", 0, len(token)) if answer else struct.pack("<HHHIHII", 0, 0, 0, 0, len(token), 0, 0)
    )
    return _smb(0x73, words, token, answer=answer, status=status, number=number)


def _tree(path: str, number: int) -> bytes:
    return _smb(
        0x75, ANDX + struct.pack("<HH", 0, 1), b"\0" + _text(path, 32 + 1 + 8 + 2 + 1) + b"?????\0", number=number
    )


def _create(name: str, number: int, options: int = 0) -> bytes:
    text = name.encode("utf-16-le")
    words = ANDX + struct.pack("<BHIIIQIIIIIB", 0, len(text), 0, 0, 0, 0, 0, 0, 1, options, 2, 0)
    return _smb(0xA2, words, b"\0" + text, number=number)


def _created(file: int, size: int, number: int) -> bytes:
    words = ANDX + struct.pack("<BHI32xIQQHHB", 0, file, 1, 0, 0, size, 0, 0, 0)
    return _smb(0xA2, words, answer=True, number=number)


def _write(file: int, data: bytes, number: int) -> bytes:
    begin = 32 + 1 + 28 + 2
    words = ANDX + struct.pack("<HIIHHHHHI", file, 0, 0, 0, 0, 0, len(data), begin, 0)
    return _smb(0x2F, words, data, number=number)


def _read(file: int, number: int) -> bytes:
    return _smb(0x2E, ANDX + struct.pack("<HIHHIHI", file, 0, 4096, 0, 0, 0, 0), number=number)


def _was_read(data: bytes, number: int) -> bytes:
    words = ANDX + struct.pack("<HHHHH10x", 0, 0, 0, len(data), 32 + 1 + 24 + 2)
    return _smb(0x2E, words, data, answer=True, number=number)


def _transact(data: bytes, number: int) -> bytes:
    words = struct.pack(
        "<HHHHBBHIHHHHHBBHH", 0, len(data), 0, 1024, 0, 0, 0, 0, 0, 0, 0, len(data), 67, 2, 0, 0x26, PIPE
    )
    return _smb(0x25, words, data, number=number)


def _transacted(data: bytes, number: int) -> bytes:
    words = struct.pack("<HHHHHHHHHH", 0, len(data), 0, 0, 0, 0, len(data), 55, 0, 0)
    return _smb(0x25, words, data, answer=True, number=number)


def _set(level: int, data: bytes, number: int) -> bytes:
    words = struct.pack("<HHHHBBHIHHHHHBBH", 6, len(data), 0, 0, 0, 0, 0, 0, 0, 6, 65, len(data), 71, 1, 0, 8)
    return _smb(0x32, words, struct.pack("<HHH", FILE, level, 0) + data, number=number)


def _done(command: int, number: int) -> bytes:
    return _smb(command, b"", answer=True, number=number)


def _told(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    out = []
    for e in found:
        if e["kind"] == "file":
            out.append((e["action"], e.get("share"), e.get("filename"), e.get("previous_filename")))
        elif e["kind"] == "auth":
            out.append((e.get("user"), e["outcome"]))
        elif e["kind"] == "other":
            out.append(tuple(json.loads(e["detail"])[n] for n in ("endpoint", "operation")))
    return out


def test_an_old_machine_is_used_from_afar(tmp_path: Path) -> None:
    renaming = struct.pack("<III", 1, 0, 2 * len("b.exe")) + "b.exe".encode("utf-16-le")
    words = [
        (True, _session(w.negotiate_token())),
        (False, _session(w.challenge_token(), answer=True, status=w.MORE)),
        (True, _session(w.answer_token("a.meier"), number=2)), (False, _session(b"", answer=True, number=2)),
        (True, _tree("\\\\old\\C$", 3)), (False, _smb(0x75, ANDX + b"\1\0", b"A:\0NTFS\0\0", answer=True, number=3)),
        (True, _create("a.exe", 4)), (False, _created(FILE, 9, 4)),
        (True, _write(FILE, b"MZ", 5)), (False, _done(0x2F, 5)),
        (True, _read(FILE, 6)), (False, _was_read(b"MZ", 6)),
        (True, _set(1010, renaming, 7)), (False, _done(0x32, 7)),
        (True, _set(0x102, b"\1", 8)), (False, _done(0x32, 8)),
        (True, _smb(4, struct.pack("<HI", FILE, 0), number=9)), (False, _done(4, 9)),
        (True, _smb(7, b"\0\0", b"\4" + _text("x", 36) + b"\4" + _text("y", 1), number=10)), (False, _done(7, 10)),
        (True, _smb(6, b"\0\0", b"\4" + _text("y", 36), number=11)), (False, _done(6, 11)),
        (True, _tree("\\\\old\\IPC$", 12)), (False, _smb(0x75, ANDX + b"\1\0", b"IPC\0\0\0", answer=True, number=12)),
        (True, _create("\\svcctl", 13)), (False, _created(PIPE, 0, 13)),
        (True, _write(PIPE, w.bind(), 14)), (False, _done(0x2F, 14)),
        (True, _read(PIPE, 15)), (False, _was_read(w.bind_answer(), 15)),
        (True, _transact(w.request(24), 16)), (False, _transacted(w.response(), 16)),
        (True, _tree("\\\\old\\D$", 17)), (False, _smb(0x75, b"", answer=True, status=0xC0000022, number=17)),
    ]  # fmt: skip
    talk = Talk(server=("10.0.0.20", 139)).begin().send(b"\x81\0\0\x44" + bytes(68)).send(b"\x82\0\0\0", mine=False)
    for mine, said in words:
        talk.send(w.nbss(said), mine=mine)
    found = events(tmp_path, "x.pcap", pcap(talk.frames))
    share = "\\\\old\\C$"
    assert _told(found) == [
        ("a.meier", "success"), ("map", share, None, None), ("SMB::FILE_OPEN", share, "a.exe", None),
        ("SMB::FILE_WRITE", share, "a.exe", None), ("SMB::FILE_READ", share, "a.exe", None),
        ("SMB::FILE_RENAME", share, "b.exe", "a.exe"), ("SMB::FILE_DELETE", share, "b.exe", None),
        ("SMB::FILE_RENAME", share, "y", "x"), ("SMB::FILE_DELETE", share, "y", None),
        ("map", "\\\\old\\IPC$", None, None), ("SMB::PIPE_OPEN", "\\\\old\\IPC$", "\\svcctl", None),
        ("svcctl", "CreateServiceA"),
    ]  # fmt: skip
    assert found[-1]["service"] == "smb"
