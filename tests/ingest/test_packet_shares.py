"""Shares, pipes and logons are read from packets as Zeek tells them."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import windows_words as w
from captured import ACK, PUSH, SYN, Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.ingest.packets.connections import Connections
from pipeline.ingest.packets.packet import TCP, Packet
from pipeline.ingest.packets.shares import Shares
from pipeline.ingest.packets.smb import Smb
from pipeline.ingest.packets.smb2 import Smb2

ENDS: dict[str, tuple[str, int]] = {"client": ("10.0.0.5", 50_000), "server": ("10.0.0.20", 445)}
FILE, PIPE = b"F" * 16, b"P" * 16
Words = list[tuple[bool, bytes]]


def _talk(words: Words) -> Talk:
    talk = Talk(**ENDS).begin()
    for mine, said in words:
        talk.send(w.nbss(said), PUSH | ACK, mine=mine)
    return talk


def _asked(command: int, body: bytes, answer: bytes, message: int, **more: Any) -> Words:
    return [
        (True, w.smb2(command, body, message)),
        (False, w.smb2(command, answer, message, answer=True, **more)),
    ]


def _logon(user: str, status: int = 0) -> Words:
    return [
        (True, w.smb2(1, w.session_setup(w.negotiate_token()), 1, session=0)),
        (False, w.smb2(1, w.session_answer(w.challenge_token()), 1, answer=True, status=w.MORE)),
        (True, w.smb2(1, w.session_setup(w.answer_token(user)), 2)),
        (False, w.smb2(1, w.session_answer(), 2, answer=True, status=status)),
    ]


def _share(path: str, kind: int, message: int) -> Words:
    return _asked(3, w.tree_connect(path), w.tree_answer(kind), message)


PSEXEC: Words = [
    *_logon("a.meier"),
    *_share("\\\\ward-srv\\ADMIN$", 1, 3),
    *_asked(5, w.create("tools\\run.exe"), w.create_answer(FILE, 7), 4),
    *_asked(9, w.write(FILE, b"MZ" * 900), b"\x11\0" + bytes(14), 5),
    *_asked(9, w.write(FILE, b"MZ" * 900), b"\x11\0" + bytes(14), 6),
    *_asked(8, w.read(FILE), w.read_answer(b"MZ" * 20), 7),
    *_asked(17, w.set_info(FILE, 10, w.renaming("tools\\gone.exe")), b"\2\0", 8),
    *_asked(17, w.set_info(FILE, 13, b"\1"), b"\2\0", 9),
    *_asked(6, w.close(FILE), b"\x3c\0" + bytes(58), 10),
    *_share("\\\\ward-srv\\IPC$", 2, 11),
    *_asked(5, w.create("svcctl"), w.create_answer(PIPE), 12),
    *_asked(9, w.write(PIPE, w.bind()), b"\x11\0" + bytes(14), 13),
    *_asked(8, w.read(PIPE), w.read_answer(w.bind_answer()), 14),
    *_asked(11, w.transceive(PIPE, w.request(12)), w.transceive_answer(PIPE, w.response()), 15),
]  # fmt: skip


def _told(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    out = []
    for e in found:
        if e["kind"] == "file":
            out.append((e["action"], e.get("share"), e.get("filename"), e.get("previous_filename")))
        elif e["kind"] == "auth":
            out.append((e["service"], e.get("user"), e.get("domain"), e.get("client"), e.get("server"), e["outcome"]))
        elif e["kind"] == "other":
            detail = json.loads(e["detail"])
            out.append((e["name"], *(detail.get(n) for n in ("named_pipe", "endpoint", "operation", "name"))))
    return out


EXPECTED = [
    ("ntlm", "a.meier", "HOSPITAL", "WARD-PC7", "ward-srv.hospital.example", "success"),
    ("map", "\\\\ward-srv\\ADMIN$", None, None),
    ("SMB::FILE_OPEN", "\\\\ward-srv\\ADMIN$", "tools\\run.exe", None),
    ("SMB::FILE_WRITE", "\\\\ward-srv\\ADMIN$", "tools\\run.exe", None),
    ("SMB::FILE_READ", "\\\\ward-srv\\ADMIN$", "tools\\run.exe", None),
    ("SMB::FILE_RENAME", "\\\\ward-srv\\ADMIN$", "tools\\gone.exe", "tools\\run.exe"),
    ("SMB::FILE_DELETE", "\\\\ward-srv\\ADMIN$", "tools\\gone.exe", None),
    ("map", "\\\\ward-srv\\IPC$", None, None),
    ("SMB::PIPE_OPEN", "\\\\ward-srv\\IPC$", "svcctl", None),
    ("dce_rpc", "\\PIPE\\svcctl", "svcctl", "CreateServiceW", None),
]


def test_a_service_is_made_over_shares(tmp_path: Path) -> None:
    found = events(tmp_path, "x.pcap", pcap(_talk(PSEXEC).frames))
    assert _told(found) == EXPECTED
    assert found[-1]["service"] == "smb" and {e["uid"] for e in found} == {found[-1]["uid"]}


def _packets(words: Words, piece: int) -> list[Packet]:
    """Segments of at most so many bytes."""
    ends, at = (*ENDS["client"], *ENDS["server"]), {True: 1001, False: (1 << 32) - 5}
    packets = [
        Packet(0.0, TCP, ends[0], ends[2], ends[1], ends[3], b"", 0, SYN, 1000),
        Packet(0.0, TCP, ends[2], ends[0], ends[3], ends[1], b"", 0, SYN | ACK, (1 << 32) - 6),
    ]
    for mine, said in words:
        data = w.nbss(said)
        src, sport, dst, dport = ends if mine else (*ends[2:], *ends[:2])
        for begin in range(0, len(data), piece):
            part = data[begin : begin + piece]
            packets.append(
                Packet(float(len(packets)), TCP, src, dst, sport, dport, part, len(part), ACK, at[mine] % (1 << 32))
            )
            at[mine] += len(part)
    return packets


def _rows(packets: list[Packet]) -> list[tuple[str, Any]]:
    connections = Connections()
    rows = [row for packet in packets for row in connections.take(packet)]
    rows += connections.end()
    return [(log, row.get("operation") or row.get("name") or row.get("path")) for log, row in rows if log != "conn"]


@settings(max_examples=50, deadline=None)
@given(piece=st.integers(60, 1460), order=st.randoms(use_true_random=False))
def test_segments_of_any_size_in_any_order_say_the_same(piece: int, order: Any) -> None:
    packets = _packets(PSEXEC, piece)
    mixed: list[Packet] = []
    for _, turn in groupby(packets[3:], key=lambda p: p.dport):
        sent = list(turn)
        order.shuffle(sent)
        mixed += [*sent, *order.sample(sent, 1)]
    for k, packet in enumerate(mixed):
        packet.ts = k + 1.0
    assert _rows([*packets[:3], *mixed]) == _rows(_packets(PSEXEC, 60_000))


def test_a_password_is_refused_and_nobody_is_no_guess(tmp_path: Path) -> None:
    found = events(tmp_path, "x.pcap", pcap(_talk([*_logon("a.meier", w.REFUSED), *_logon("", w.REFUSED)]).frames))
    assert [(e["outcome"], e["error"]) for e in found if e["kind"] == "auth"] == [("failure", "STATUS_LOGON_FAILURE")]


def test_what_was_refused_or_is_pending_is_not_told(tmp_path: Path) -> None:
    words = [
        *_share("\\\\ward-srv\\C$", 1, 1)[:1],
        (False, w.smb2(3, w.tree_answer(1), 1, answer=True, status=0xC0000022)),
        *_asked(5, w.create("a.txt"), w.create_answer(FILE), 2)[:1],
        (False, w.smb2(5, bytes(9), 2, answer=True, status=w.PENDING, flags=2)),
        (False, w.smb2(5, w.create_answer(FILE), 2, answer=True, flags=2)),
    ]
    assert _told(events(tmp_path, "x.pcap", pcap(_talk(words).frames))) == [("SMB::FILE_OPEN", None, "a.txt", None)]


def test_commands_that_come_as_one(tmp_path: Path) -> None:
    same = b"\xff" * 16
    asked = w.joined(
        w.smb2(5, w.create("note.txt", 0x1000), 1), w.smb2(9, w.write(same, b"pay"), 2), w.smb2(6, w.close(same), 3)
    )
    said = w.joined(
        w.smb2(5, w.create_answer(FILE), 1, answer=True), w.smb2(9, b"\x11\0" + bytes(14), 2, answer=True),
        w.smb2(6, b"\x3c\0" + bytes(58), 3, answer=True),
    )  # fmt: skip
    found = events(tmp_path, "x.pcap", pcap(_talk([(True, asked), (False, said)]).frames))
    assert [(e["action"], e["filename"]) for e in found if e["kind"] == "file"] == [
        ("SMB::FILE_OPEN", "note.txt"), ("SMB::FILE_DELETE", "note.txt"), ("SMB::FILE_WRITE", "note.txt"),
    ]  # fmt: skip


def test_what_is_encrypted_says_so_once(tmp_path: Path) -> None:
    words = [*_logon("a.meier"), *[(k % 2 == 0, b"\xfdSMB" + bytes(60)) for k in range(6)]]
    found = events(tmp_path, "x.pcap", pcap(_talk(words).frames))
    assert _told(found)[1:] == [("weird", None, None, None, "smb3_encrypted")]


def test_a_pipe_that_was_opened_before_the_capture_began(tmp_path: Path) -> None:
    words = [
        *_asked(11, w.transceive(PIPE, w.bind()), w.transceive_answer(PIPE, w.bind_answer()), 31),
        *_asked(11, w.transceive(PIPE, w.request(19)), w.transceive_answer(PIPE, w.response()), 32),
    ]
    talk = _talk(words)
    assert _told(events(tmp_path, "x.pcap", pcap(talk.frames[3:]))) == [
        ("dce_rpc", "\\PIPE\\svcctl", "svcctl", "StartServiceW", None)
    ]


def test_a_share_in_use_when_the_capture_began(tmp_path: Path) -> None:
    talk = Talk(**ENDS)
    for _ in range(40):
        talk.send(b"q" * 1000, mine=False)
    for mine, said in PSEXEC[4:]:
        talk.send(w.nbss(said), mine=mine)
    assert _told(events(tmp_path, "x.pcap", pcap(talk.frames))) == EXPECTED[1:]


def test_reading_goes_on_behind_a_hole(tmp_path: Path) -> None:
    frames = _talk(PSEXEC).frames
    lost = next(f for f in frames if "run.exe".encode("utf-16-le") in f[1])
    found = _told(events(tmp_path, "x.pcap", pcap([f for f in frames if f is not lost])))
    assert found == [*EXPECTED[:2], *EXPECTED[7:]], "the file has no name; all else is told"
    short = [(ts, data[:400]) for ts, data in frames]
    assert [t for t in _told(events(tmp_path, "s.pcap", pcap(short))) if t[0] != "SMB::FILE_READ"] == [
        t for t in EXPECTED if t[0] != "SMB::FILE_READ"
    ], "bytes that were not captured belong to what was written"


def test_what_waits_is_bounded() -> None:
    shares = Shares()
    new = Smb2(shares)
    rows = []
    for k in range(5000):
        rows += list(new.message(float(k), w.smb2(5, w.create(f"f{k}" * 500), k)))
        rows += list(new.message(float(k), w.smb2(1, w.session_setup(w.answer_token(f"u{k}")), 10**6 + k, session=k)))
        if k % 2:
            answer = w.smb2(5, w.create_answer(k.to_bytes(16, "little")), k, answer=True)
            rows += list(new.message(float(k), answer))
    assert len(rows) == 2500 and max(len(row["name"]) for _, row in rows) == 1024
    held = [len(v) for o in (shares, new) for v in vars(o).values() if hasattr(v, "__len__")]
    assert max(held) <= 2048


@settings(max_examples=300, deadline=None)
@given(
    torn=st.lists(st.tuples(st.integers(0, 2**30), st.integers(0, 255)), max_size=12),
    gone=st.sets(st.integers(0, len(PSEXEC))),
)
def test_no_bytes_make_it_fail(torn: list[tuple[int, int]], gone: set[int]) -> None:
    packets = _packets(PSEXEC, 60_000)
    for where, what in torn:
        packet = packets[where % len(packets)]
        at = (where >> 8) % max(len(packet.payload), 1)
        packet.payload = packet.payload[:at] + bytes([what]) + packet.payload[at + 1 :]
    rows = _rows([packet for k, packet in enumerate(packets) if k not in gone])
    assert {log for log, _ in rows} <= {"ntlm", "smb_files", "smb_mapping", "dce_rpc", "weird"}


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(st.tuples(st.booleans(), st.binary(max_size=200), st.integers(0, 50)), max_size=30))
def test_any_bytes_behind_a_mark_are_heard(pieces: list[tuple[bool, bytes, int]]) -> None:
    speaker = Smb()
    for mine, payload, missed in pieces:
        for mark in (b"\xfeSMB", b"\xffSMB"):
            list(speaker.hear(1.0, w.nbss(mark + payload), mine=mine))
        speaker.miss(missed, mine=mine)
        list(speaker.hear(1.0, payload, mine=mine))
    for _, row in speaker.end():
        assert row["ts"] == 1.0
