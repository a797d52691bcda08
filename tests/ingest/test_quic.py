"""Greetings over QUIC are opened with the key that they name, and told as TLS."""

import ssl
import struct
from pathlib import Path

import pytest
from captured import CLIENT, Frames, pcap, udp
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events, read
from test_packets import contexts, handshake

from pipeline.ingest.packets.fingerprints import ja4, numbers
from pipeline.ingest.packets.quic import key_of
from schemas.dead_letter import DeadLetter

__all__ = ["contexts"]  # a fixture
V1, V2, DRAFT29 = 1, 0x6B3343CF, 0xFF00001D
SERVER = ("198.51.100.7", 443)
ID = bytes.fromhex("8394c8f03e515708")


def test_keys_are_those_of_the_standards_examples() -> None:
    key, iv, mask = key_of(V1, ID, mine=True)
    assert (key.hex(), iv.hex(), mask.hex()) == (
        "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2",
    )  # fmt: skip
    assert key_of(V2, ID, mine=True)[0].hex() == "8b1a0bc121284290a29e0971b5cd045d"


def _coded(number: int) -> bytes:
    return struct.pack(">H", number | 0x4000)


def seal(
    frames: bytes, number: int, target: bytes = ID, key_id: bytes = ID, version: int = V1, *, mine: bool = True
) -> bytes:
    """A first packet with these frames, as an end sends it."""
    key, iv, mask = key_of(version, key_id, mine=mine)
    first = 0xC0 | (0x10 if version == V2 else 0) | 1  # the number takes two bytes
    head = bytes((first,)) + struct.pack(">I", version) + bytes((len(target),)) + target + b"\x04abcd\x00"
    head += _coded(2 + len(frames) + 16)
    counted = struct.pack(">H", number)
    nonce = bytes(a ^ b for a, b in zip(iv, counted.rjust(12, b"\0"), strict=True))
    sealed = AESGCM(key).encrypt(nonce, frames, head + counted)
    hidden = Cipher(AES(mask), ECB()).encryptor().update(sealed[2:18])  # noqa: S305 - as the standard has it
    start = bytes((head[0] ^ (hidden[0] & 15),)) + head[1:]
    return start + bytes(a ^ b for a, b in zip(counted, hidden[1:], strict=False)) + sealed


def crypto(said: bytes, begin: int = 0) -> bytes:
    return b"\x06" + _coded(begin) + _coded(len(said)) + said


@pytest.fixture(scope="module")
def greetings(contexts: dict[bool, ssl.SSLContext]) -> dict[bool, bytes]:
    """What a real client and a real server say first over TLS 1.3, without the records around it."""
    contexts[True].maximum_version = contexts[True].minimum_version = ssl.TLSVersion.TLSv1_3
    said: dict[bool, bytes] = {}
    for mine, records in handshake(contexts):
        said.setdefault(mine, records[5 : 5 + int.from_bytes(records[3:5], "big")])
    return said


def _told(folder: Path, name: str, datagrams: list[tuple[bool, bytes]]) -> list[tuple[object, ...]]:
    ends = {True: (CLIENT, SERVER), False: (SERVER, CLIENT)}
    frames: Frames = [(1.7e9 + i, udp(*ends[mine], data)) for i, (mine, data) in enumerate(datagrams)]
    found = events(folder, name, pcap(frames))
    assert [e["service"] for e in found if e["kind"] == "flow"] == ["quic"]
    greeted = [e for e in found if e["kind"] == "tls"]
    return [(e["sni"], e["ja4"][:3], e.get("tls_version"), e["established"], len(e.get("ja3s", ""))) for e in greeted]


WHOLE = [("ehr.example", "q13", "TLSv1.3", True, 32)]
ALONE = [("ehr.example", "q13", None, False, 0)]


@pytest.mark.parametrize("version", [V1, V2, DRAFT29])
def test_both_greetings(tmp_path: Path, greetings: dict[bool, bytes], version: int) -> None:
    asked = seal(crypto(greetings[True]) + bytes(300), 0, version=version)
    answer = seal(b"\x02\x00\x00\x00\x00" + crypto(greetings[False]), 0, b"abcd", version=version, mine=False)
    assert _told(tmp_path, "x.pcap", [(True, asked), (False, answer + b"\xe0rest of another packet")]) == WHOLE
    assert _told(tmp_path, "alone", [(True, asked)]) == ALONE


def test_a_greeting_in_pieces_and_out_of_order(tmp_path: Path, greetings: dict[bool, bytes]) -> None:
    said = greetings[True]
    cut = len(said) // 3
    pieces = [crypto(said[2 * cut :], 2 * cut) + b"\x01" + crypto(said[:cut]), crypto(said[cut : 2 * cut], cut)]
    first, second = (seal(piece, n) for n, piece in enumerate(pieces))
    for name, datagrams in {"two": [first, second], "turned": [second, first], "one": [first + second]}.items():
        assert _told(tmp_path, name, [(True, data) for data in datagrams]) == ALONE, name


def test_a_client_that_has_to_come_again(tmp_path: Path, greetings: dict[bool, bytes]) -> None:
    first, again = seal(crypto(greetings[True][:50]), 0), seal(crypto(greetings[True]), 1, b"retried!", b"retried!")
    answer = seal(crypto(greetings[False]), 0, b"abcd", b"retried!", mine=False)
    assert _told(tmp_path, "x.pcap", [(True, first), (True, again), (False, answer)]) == WHOLE
    later = seal(crypto(greetings[True][50:], 50), 1, b"servers1", ID)
    assert _told(tmp_path, "y.pcap", [(True, first), (True, later)]) == ALONE, "the key stays the first one's"


def test_what_cannot_be_opened_is_a_connection(tmp_path: Path) -> None:
    assert _told(tmp_path, "x.pcap", [(True, seal(crypto(b"x" * 60), 0, ID, b"another!"))]) == []


def test_a_fingerprint_that_is_widely_known() -> None:
    ciphers = bytes.fromhex("002f0035009c009d130113021303c013c014c02bc02cc02fc030cca8cca90a0a")
    kinds = bytes.fromhex("00000005000a000b000d0010001200150017001b0023002b002d00334469ff011a1a")
    signed = bytes.fromhex("0010" + "0403080404010503080505010806" + "0601")
    said = {0x0D: signed, 0x10: b"\0\x03\x02h2", 0x2B: b"\x04\x03\x04\x03\x03"}
    extensions = [(kind, said.get(kind, b"")) for kind in numbers(kinds)]
    for order in (1, -1):
        found = ja4("t", 0x0303, numbers(ciphers)[::order], extensions[::order])
        assert found == "t13d1516h2_8daaf6152771_e5627efa2ab1"


FRAMES = [crypto(b"\1\0\0\4ab"), b"\x02", b"\x03\xff", b"\x06\xff"]


@settings(max_examples=300, deadline=None)
@given(
    frames=st.lists(st.sampled_from(FRAMES) | st.binary(max_size=20)),
    where=st.integers(0, 60), what=st.binary(max_size=6), mine=st.booleans(),
)  # fmt: skip
def test_no_bytes_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, frames: list[bytes], where: int, what: bytes, mine: bool
) -> None:
    data = seal(b"".join(frames) + bytes(20), 0, mine=mine)
    broken = data[:where] + what + data[where + len(what) :]
    ends = (CLIENT, SERVER) if mine else (SERVER, CLIENT)
    capture = pcap(
        [(1.7e9, udp(CLIENT, SERVER, seal(crypto(b"\1"), 0))), (1.7e9, udp(*ends, data)), (1.7e9, udp(*ends, broken))]
    )
    for result in read(tmp_path_factory.mktemp("x"), "x.pcap", capture):
        assert not isinstance(result, DeadLetter), result
