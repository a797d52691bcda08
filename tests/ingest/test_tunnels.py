"""What lies in tunnels, behind tags and on odd links is told as if it were on the wire itself."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from captured import ACK, CLIENT, MACS, PUSH, SERVER, Frames, Talk, frame, pcap, udp
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events, letters, read

from pipeline.ingest.packets.frames import Frames as Taken
from pipeline.ingest.packets.links import LINKS
from schemas.dead_letter import DeadLetter

REQUEST = b"GET /in HTTP/1.1\r\nHost: inner.example\r\n\r\n"
CARDS = b"\x02\x00\x00\x00\x00\xaa\x02\x00\x00\x00\x00\xbb"


def _talk() -> Talk:
    return Talk().begin().send(REQUEST, PUSH | ACK).send(b"HTTP/1.1 200 OK\r\n\r\n", mine=False).finish()


def _known(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (e["kind"], e["src_ip"], e["dst_ip"], e["dst_port"], e.get("conn_state"), e.get("uri"), e.get("bytes_out"))
        for e in found
        if e["src_ip"] == CLIENT[0]
    ]


PLAIN = [
    ("http", CLIENT[0], SERVER[0], 80, None, "/in", None),
    ("flow", CLIENT[0], SERVER[0], 80, "SF", None, len(REQUEST)),
]


def _ip(data: bytes, proto: int) -> bytes:
    """An outer packet of version 4 in a frame."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, 64, proto, 0) + bytes((192, 0, 2, 1, 192, 0, 2, 2))
    return CARDS + b"\x08\x00" + head + data


def _ip6(data: bytes, proto: int) -> bytes:
    head = struct.pack(">IHBB", 6 << 28, len(data), proto, 64) + bytes(15) + b"\x01" + bytes(15) + b"\x02"
    return CARDS + b"\x86\xdd" + head + data


def _datagram(port: int) -> Callable[[bytes], bytes]:
    return lambda data: udp(("192.0.2.1", 40_000), ("192.0.2.2", port), data)


def _tag(kind: bytes) -> Callable[[bytes], bytes]:
    return lambda f: f[:12] + kind + f[12:]


AIR = b"\x08\x01\x00\x00" + CARDS[:6] + MACS[CLIENT[0]] + MACS[SERVER[0]] + b"\x00\x00"  # to the station
SNAP = b"\xaa\xaa\x03\x00\x00\x00"
GTP = _datagram(2152)
WRAPS: dict[str, Callable[[bytes], bytes]] = {
    "vlan": _tag(b"\x81\x00\x00\x07"), "twice": _tag(b"\x88\xa8\x00\x07\x81\x00\x00\x08"),
    "security group": _tag(b"\x89\x09\x01\x01\x00\x01\x00\x05"),
    "mpls": lambda f: CARDS + b"\x88\x47\x00\x01\x00\xff\x00\x02\x01\xff" + f[14:],
    "wire over mpls": lambda f: CARDS + b"\x88\x47\x00\x02\x01\xff\x00\x00\x00\x00" + f,
    "pppoe": lambda f: CARDS + b"\x88\x64\x11\x00\x00\x01" + struct.pack(">H", len(f) - 12) + b"\x00\x21" + f[14:],
    "snap": lambda f: CARDS + struct.pack(">H", len(f) - 6) + b"\xaa\xaa\x03\x00\x00\x00" + f[12:],
    "fabric path": lambda f: CARDS + b"\x89\x03\x00\x00" + f, "bridges": lambda f: CARDS + b"\x88\xe7\0\0\0\1" + f,
    "4in4": lambda f: _ip(f[14:], 4), "4in6": lambda f: _ip6(f[14:], 4),
    "behind options": lambda f: _ip6(b"\x3c\x00" + bytes(6) + b"\x04\x01" + bytes(14) + f[14:], 0),
    "authenticated": lambda f: _ip(b"\x04\x04" + bytes(22) + f[14:], 51),
    "gre": lambda f: _ip(b"\x00\x00\x08\x00" + f[14:], 47),
    "gre with all": lambda f: _ip(b"\xb0\x00\x65\x58" + bytes(12) + f, 47),
    "pptp": lambda f: _ip(b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\x00\x21" + f[14:], 47),
    "erspan 1": lambda f: _ip(b"\x00\x00\x88\xbe" + f, 47),
    "erspan 2": lambda f: _ip(b"\x10\x00\x88\xbe" + bytes(12) + f, 47),
    "erspan 3": lambda f: _ip(b"\x10\x00\x22\xeb" + bytes(15) + b"\x01" + bytes(8) + f, 47),
    "wccp": lambda f: _ip(b"\x00\x00\x88\x3e" + bytes(4) + f[14:], 47),
    "etherip": lambda f: _ip(b"\x30\x00" + f, 97),
    "vxlan": lambda f: _datagram(4789)(b"\x08\0\0\0\0\0\x05\0" + f),
    "geneve": lambda f: _datagram(6081)(b"\x01\0\x65\x58\0\0\x05\0" + bytes(4) + f),
    "gtp": lambda f: GTP(b"\x30\xff" + struct.pack(">H", len(f) - 14) + bytes(4) + f[14:]),
    "gtp extended": lambda f: GTP(b"\x34\xff\0\0" + bytes(7) + b"\x85\x01\0\0\0" + f[14:]),
    "l2tp": lambda f: _datagram(1701)(b"\x40\x02\0\0\0\1\0\1\xff\x03\x00\x21" + f[14:]),
    "capwap": lambda f: _datagram(5247)(b"\0\x10\3\0" + bytes(4) + AIR[1::-1] + AIR[2:] + SNAP + f[12:]),
    "three deep": lambda f: _ip(_ip(_ip(f[14:], 4)[14:], 4)[14:], 4),
}  # fmt: skip


ROUTED = {"4in4", "4in6", "behind options", "authenticated", "gre", "pptp", "wccp", "gtp", "gtp extended", "l2tp",
          "three deep"}  # fmt: skip


def _framed(wrap: Callable[[bytes], bytes]) -> bool:
    """Whether the frame's own addresses are in what comes of it."""
    return MACS[CLIENT[0]] in wrap(_talk().frames[0][1])


@pytest.mark.parametrize("name", WRAPS)
def test_what_is_inside_is_told(tmp_path: Path, name: str) -> None:
    frames = [(ts, WRAPS[name](data)) for ts, data in _talk().frames]
    found = events(tmp_path, "x.pcap", pcap(frames))
    assert _known(found) == PLAIN
    inner = next(e for e in found if e["kind"] == "flow" and e["src_ip"] == CLIENT[0])
    frame_inside = _framed(WRAPS[name])
    gate = None if name in ROUTED else "02:00:00:00:00:bb"
    assert inner.get("src_mac") == ("02:00:00:00:00:05" if frame_inside else gate), "never a card of a tunnel's end"


@pytest.mark.parametrize(
    ("name", "service"), [("vxlan", "vxlan"), ("geneve", "geneve"), ("gtp", "gtpv1"), ("l2tp", "l2tp")]
)
def test_a_tunnel_over_datagrams_is_a_connection_too(tmp_path: Path, name: str, service: str) -> None:
    found = events(tmp_path, "x.pcap", pcap([(ts, WRAPS[name](data)) for ts, data in _talk().frames]))
    (outer,) = [e for e in found if e["src_ip"] == "192.0.2.1"]
    assert (outer["kind"], outer["service"], outer["packets_out"], outer["proto"]) == ("flow", service, 8, "udp")


def test_teredo_is_known_by_its_addresses_on_any_port(tmp_path: Path) -> None:
    inner = udp(("2001:0:1::5", 50_000), ("2001:db8::7", 53), b"x")[14:]
    for port, head in ((3544, b"\x00\x01\x00\x00" + bytes(9) + b"\x00\x00" + bytes(6)), (32_900, b"")):
        found = events(tmp_path, f"{port}", pcap([(1.7e9, _datagram(port)(head + inner))]))
        assert {(e["src_ip"], e.get("service")) for e in found} == {("192.0.2.1", "teredo"), ("2001:0:1::5", "dns")}
    found = events(
        tmp_path, "none", pcap([(1.7e9, _datagram(32_900)(inner.replace(b"\x20\x01\0\0", b"\x20\x01\0\1")))])
    )
    assert [e["src_ip"] for e in found] == ["192.0.2.1"]


def _sealed(head: bytes) -> bytes:
    return bytes((head[0], head[1] | 0x40)) + head[2:]


LINKED: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "bsd": (0, lambda f: b"\x02\0\0\0" + f[14:]), "loop": (108, lambda f: b"\0\0\0\x02" + f[14:]),
    "ppp": (9, lambda f: b"\x21" + f[14:]), "serial": (50, lambda f: b"\xff\x03\x00\x21" + f[14:]),
    "hdlc": (104, lambda f: b"\x0f\x00" + f[12:]), "pppoe": (51, lambda f: b"\x11" + bytes(5) + b"\0\x21" + f[14:]),
    "fddi": (10, lambda f: b"\x50" + f[:12] + SNAP + f[12:]), "raw": (101, lambda f: f[14:]),
    "raw 4": (228, lambda f: f[14:]), "ipsec": (109, lambda f: bytes(12) + f[14:]),
    "any": (113, lambda f: b"\0\0\0\1\0\6" + f[6:12] + b"\0\0" + f[12:]),
    "any 2": (276, lambda f: f[12:14] + bytes(6) + b"\0\1\0\6" + f[6:12] + b"\0\0" + f[14:]),
    "pflog": (117, lambda f: b"\x3d\x02" + bytes(62) + f[14:]),
    "nflog": (239, lambda f: b"\x02\0\0\0\5\0\x0a\0x\0\0\0" + struct.pack("<HH", len(f) - 10, 9) + f[14:]),
    "radio": (105, lambda f: AIR + SNAP + f[12:]),
    "radio with quality": (105, lambda f: b"\x88" + AIR[1:] + b"\0\0" + SNAP + f[12:]),
    "radio between stations": (105, lambda f: b"\x08\x03" + AIR[2:] + MACS[CLIENT[0]] + SNAP + f[12:]),
    "radiotap": (127, lambda f: b"\0\0\x0c\0" + bytes(8) + AIR + SNAP + f[12:]),
    "per packet": (192, lambda f: b"\0\0\x08\0\x69\0\0\0" + AIR + SNAP + f[12:]),
}  # fmt: skip


@pytest.mark.parametrize("name", LINKED)
def test_links(tmp_path: Path, name: str) -> None:
    link, wrap = LINKED[name]
    assert _known(events(tmp_path, "x.pcap", pcap([(ts, wrap(data)) for ts, data in _talk().frames], link))) == PLAIN


def test_what_is_encrypted_on_the_air_is_left(tmp_path: Path) -> None:
    frames = [(ts, _sealed(AIR) + SNAP + data[12:]) for ts, data in _talk().frames]
    assert read(tmp_path, "x.pcap", pcap(frames, 105)) == []


def _cut(whole: bytes, size: int, *, number: int = 7) -> list[bytes]:
    """A frame's packet in parts of `size` bytes."""
    head, data = whole[:34], whole[34:]
    parts = []
    for at in range(0, len(data), size):
        part = data[at : at + size]
        more = 0x2000 if at + size < len(data) else 0
        own = struct.pack(">HHH", 20 + len(part), number, more | at // 8)
        parts.append(head[:16] + own + head[22:] + part)
    return parts


def test_fragments_are_put_together(tmp_path: Path) -> None:
    whole = _talk().frames
    request = _cut(whole[3][1], 16)
    for name, parts in {
        "in order": request,
        "turned": request[::-1],
        "twice": [p for p in request for _ in (0, 1)],
    }.items():
        frames: Frames = [*whole[:3], *((whole[3][0], part) for part in parts), *whole[4:]]
        assert _known(events(tmp_path, name, pcap(frames))) == PLAIN, name


def test_fragments_of_version_6(tmp_path: Path) -> None:
    inner = udp(("2001:db8::5", 50_000), ("2001:db8::7", 514), bytes(600))
    head, data = inner[:54], inner[54:]
    frames = []
    for at in range(0, len(data), 400):
        part = b"\x11\x00" + struct.pack(">HI", at | (at + 400 < len(data)), 9) + data[at : at + 400]
        frames.append((1.7e9, head[:18] + struct.pack(">HB", len(part), 44) + head[21:] + part))
    (flow,) = events(tmp_path, "x.pcap", pcap(frames))
    assert (flow["bytes_out"], flow["packets_out"]) == (600, 1)
    assert len(read(tmp_path, "half", pcap(frames[:1]))) == 0, "what never came whole is nobody's"


def test_fragments_that_wait_are_bounded() -> None:
    taken = Taken()
    whole = udp(CLIENT, SERVER, bytes(60_000))
    for number in range(2_000):
        for part in _cut(whole, 30_000, number=number)[:1]:
            assert taken.packets(part, 1, 1.7e9) == []
    assert taken.waiting <= 16 << 20
    pieces = _cut(whole, 8)
    for at in range(3_000):  # one packet in odd pieces for ever
        taken.packets(pieces[at], 1, 1.7e9)
    assert taken.waiting <= 16 << 20


def test_late_fragments_begin_anew(tmp_path: Path) -> None:
    first, *rest = _cut(udp(CLIENT, SERVER, bytes(600)), 304)
    frames = [(1.7e9, first), *((1.7e9 + 40.0, part) for part in rest)]
    assert read(tmp_path, "x.pcap", pcap(frames)) == []


def test_messages_of_icmp(tmp_path: Path) -> None:
    def said(src: str, dst: str, kind: int, code: int = 0) -> bytes:
        return frame((src, 0), (dst, 0), bytes((kind, code)) + bytes(6) + b"abc", 1)  # type: ignore[arg-type]

    one, two = CLIENT[0], SERVER[0]
    frames: Frames = [
        (1.7e9, said(one, two, 8)), (1.7e9, said(two, one, 0)), (1.7e9, said(two, one, 3, 1)),
        (1.7e9, said(one, two, 14)),
    ]  # fmt: skip
    found = {
        (e["src_ip"], e["src_port"], e["dst_port"], e["bytes_out"], e["bytes_in"], e["conn_state"])
        for e in events(tmp_path, "x.pcap", pcap(frames))
    }
    assert found == {(one, 8, 0, 3, 3, "OTH"), (two, 3, 1, 3, 0, "OTH"), (two, 13, 14, 0, 3, "OTH")}


def test_an_association_of_sctp(tmp_path: Path) -> None:
    head = struct.pack(">HHII", 36_412, 36_412, 1, 0)
    begin, data = b"\x01\x00\x00\x14" + bytes(16), b"\x00\x03\x00\x13" + bytes(12) + b"abc\0"
    frames = [(1.7e9, _ip(head + begin, 132)), (1.7e9, _ip(head + data + data, 132))]
    (flow,) = events(tmp_path, "x.pcap", pcap(frames))
    assert (flow["proto"], flow["dst_port"], flow["bytes_out"], flow["packets_out"]) == ("sctp", 36_412, 6, 2)


def test_what_is_broken_inside_leaves_the_tunnel(tmp_path: Path) -> None:
    broken = WRAPS["vxlan"](_talk().frames[0][1][:30])
    (flow,) = events(tmp_path, "x.pcap", pcap([(1.7e9, broken)]))
    assert (flow["service"], flow["src_ip"]) == ("vxlan", "192.0.2.1")
    (letter,) = letters(read(tmp_path, "y.pcap", pcap([(1.7e9, _ip(b"\x45", 4))])))
    assert letter.reason.startswith("1 of 1 packets are broken")


def test_a_tunnel_in_itself_for_ever_ends(tmp_path: Path) -> None:
    data = _talk().frames[0][1][14:]
    for _ in range(60):
        data = _ip(data, 4)[14:]
    assert read(tmp_path, "x.pcap", pcap([(1.7e9, CARDS + b"\x08\x00" + data)])) == []
    tags = CARDS + b"\x81\x00\x00\x01" * 5_000
    assert read(tmp_path, "y.pcap", pcap([(1.7e9, tags)])) == []


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(WRAPS)), link=st.sampled_from(sorted(LINKS)), where=st.integers(0, 120),
    what=st.binary(max_size=12), keep=st.integers(0, 200),
)  # fmt: skip
def test_no_bytes_make_it_fail(
    tmp_path_factory: pytest.TempPathFactory, name: str, link: int, where: int, what: bytes, keep: int
) -> None:
    frames = []
    for ts, data in _talk().frames[:4]:
        whole = WRAPS[name](data)
        frames += [(ts, (whole[:where] + what + whole[where + len(what) :])[: keep + 20]), (ts, whole[:keep])]
    for kind in (1, link):
        for result in read(tmp_path_factory.mktemp("x"), "x.pcap", pcap(frames, kind)):
            assert not (isinstance(result, DeadLetter) and "failed" in result.reason), result
