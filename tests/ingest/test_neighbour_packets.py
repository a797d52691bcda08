"""Names that are asked for, of neighbours too (NetBIOS, LLMNR), are read from packets however odd the message."""

import struct
from pathlib import Path

import dpkt
import pytest
from captured import Frames, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

ASKS, LIAR, OWNER = "10.0.0.5", "10.0.0.66", "10.0.0.7"


def netbios(name: str, kind: int = 0) -> str:
    """As it is written on the wire."""
    padded = name.upper().ljust(15).encode() + bytes((kind,))
    return "".join(chr(65 + (sign >> 4)) + chr(65 + (sign & 15)) for sign in padded)


def _question(name: str) -> bytes:
    return bytes(dpkt.dns.DNS(id=7, qr=0, qd=[dpkt.dns.DNS.Q(name=netbios(name), type=32)]))


def _answer(name: str, address: str, flags: int = 0) -> bytes:
    told = netbios(name)
    rdata = struct.pack(">H", flags) + bytes(map(int, address.split(".")))
    head = struct.pack(">HHHHHH", 7, 0x8500, 0, 1, 0, 0)
    return head + bytes((32,)) + told.encode() + b"\0" + struct.pack(">HHIH", 32, 1, 165, len(rdata)) + rdata


def test_names_of_netbios(tmp_path: Path) -> None:
    frames: Frames = [
        (1.7e9, udp((ASKS, 137), ("10.0.0.255", 137), _question("wpad"))),
        (1.7e9 + 0.1, udp((LIAR, 137), (ASKS, 137), _answer("wpad", LIAR))),
        (1.7e9 + 0.2, udp((OWNER, 137), (ASKS, 137), _answer("hospital", OWNER, 0x8000))),
    ]
    found = [e for e in events(tmp_path, "x.pcap", pcap(frames)) if e["kind"] == "dns"]
    rows = {(e["query"], e["qtype"], e["src_ip"]): e.get("answers") for e in found}
    assert rows == {
        ("wpad", "NB", ASKS): None, ("wpad", "NB", LIAR): [LIAR], ("hospital", "NB", OWNER): None,
    }, "a name that many share is nobody's address"  # fmt: skip


def test_who_answers_a_neighbour_is_the_server(tmp_path: Path) -> None:
    said = dpkt.dns.DNS(id=7, qr=1, qd=[dpkt.dns.DNS.Q(name="wpad", type=1)])
    said.an = [dpkt.dns.DNS.RR(name="wpad", type=1, rdata=bytes(map(int, LIAR.split("."))))]
    frames = [(1.7e9, udp((LIAR, 5_355), (ASKS, 50_123), bytes(said)))]
    dns, flow = events(tmp_path, "x.pcap", pcap(frames))
    assert (dns["src_ip"], dns["dst_ip"], dns["dst_port"], dns["answers"]) == (ASKS, LIAR, 5_355, [LIAR])
    assert (flow["src_ip"], flow["service"]) == (ASKS, "dns")


def _message(flags: int, asked: bytes, *records: tuple[bytes, int, bytes]) -> bytes:
    told = b"".join(name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for name, kind, data in records)
    return struct.pack(">HHHHHH", 7, flags, 1, len(records), 0, 0) + asked + told


def _told(folder: Path, message: bytes) -> list[tuple[str, str, list[str] | None]]:
    frames = [(1.7e9, udp(("10.0.0.2", 53), (ASKS, 50_123), message))]
    found = events(folder, "x.pcap", pcap(frames))
    return [(e["query"], e["qtype"], e.get("answers")) for e in found if e["kind"] == "dns"]


BACK, A = b"\xc0\x0c", bytes((10, 0, 0, 9))


def test_records_of_any_type_are_passed_over(tmp_path: Path) -> None:
    asked = b"\3ehr\7example\0\0\x41\0\1"
    said = _message(
        0x8180, asked, (BACK, 65, b"\0\1\0"), (BACK, 5, b"\2gw" + BACK), (BACK, 1, A), (BACK, 15, b"\0\5" + BACK)
    )
    assert _told(tmp_path, said) == [("ehr.example", "HTTPS", ["gw.ehr.example", "10.0.0.9", "ehr.example"])]
    assert _told(tmp_path, said[:-3])[0][2] == ["gw.ehr.example", "10.0.0.9"], "what was captured of it"


def test_names_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    asked = b"\5\xffab\xfec\1t\7example\0\0\x0a\0\1"
    texts = (BACK, 16, b"\2hi\2\xff!")
    assert _told(tmp_path, _message(0x8180, asked, texts)) == [("\\xffab\\xfec.t.example", "NULL", ["TXT hi \\xff!"])]


@pytest.mark.parametrize(
    "message",
    [
        _message(0x8180, b"\xc0\x0c\0\1\0\1"), _message(0x8180, b"\1a\0\0\1\0\x99"), _message(0xFFFF, b"\1a\0\0\1\0\1"),
        _message(0x8180, b"\x3fabc"), b"\0" * 12, b"x", b"\x80" * 400,
    ],
)  # fmt: skip
def test_what_is_no_message_is_a_flow(tmp_path: Path, message: bytes) -> None:
    assert _told(tmp_path, message) == []


@settings(max_examples=200, deadline=None)
@given(where=st.integers(0, 70), what=st.binary(max_size=6), port=st.sampled_from([137, 5_353, 5_355]))
def test_no_answer_makes_it_fail(tmp_path_factory: pytest.TempPathFactory, where: int, what: bytes, port: int) -> None:
    said = _answer("wpad", LIAR)
    said = said[:where] + what + said[where + len(what) :]
    found = events(tmp_path_factory.mktemp("x"), "x.pcap", pcap([(1.7e9, udp((LIAR, port), (ASKS, port), said))]))
    assert found[-1]["kind"] == "flow" and not [e for e in found if "_unread" in str(e)]
