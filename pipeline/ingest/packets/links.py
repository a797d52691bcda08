"""Links that captures are taken on, by their number (LINKTYPE_* of tcpdump.org)."""

from collections.abc import Callable

from pipeline.ingest.packets.layers import IP4, IP6, NOTHING, Layer, bare, card, ethernet, kind_at, llc, ppp
from pipeline.ingest.packets.packet import BrokenError

_RADIO, _RADIOTAP = 105, 127
_NFLOG_PAYLOAD = 9
_DATA, _SEALED, _TO, _FROM = 2, 0x4000, 0x0100, 0x0200
"""Of 802.11's frame control: the type of data, and flags."""


def _headed(size: int) -> Callable[[bytes], Layer]:
    """A packet behind so many bytes; the family that they name differs from system to system."""
    return lambda frame: _bare(frame[size:])


def _bare(frame: bytes) -> Layer:
    if not frame:
        raise BrokenError
    return Layer(bare(frame), frame)


def _cooked(frame: bytes) -> Layer:
    kind = kind_at(frame, 14)
    return Layer(kind, frame[16:], card(frame[6:12]) if frame[4:6] == b"\x00\x06" else "")


def _cooked2(frame: bytes) -> Layer:
    if len(frame) < 20:
        raise BrokenError
    return Layer(kind_at(frame, 0), frame[20:], card(frame[12:18]) if frame[11] == 6 else "")


def _serial(frame: bytes) -> Layer:
    """PPP, or Cisco's own frames, which some call so."""
    return Layer(kind_at(frame, 2), frame[4:]) if frame[:2] in (b"\x0f\x00", b"\x8f\x00") else ppp(frame)


def _fddi(frame: bytes) -> Layer:
    inner = llc(frame[13:])
    return Layer(inner.kind, inner.data, card(frame[7:13]), card(frame[1:7]))


def _filtered(frame: bytes) -> Layer:
    """pf's log, whose head says how long it is."""
    if not frame:
        raise BrokenError
    return _bare(frame[(frame[0] + 3) // 4 * 4 :])


def _marked(frame: bytes) -> Layer:
    """Netfilter's log: a list of things, one of them the packet."""
    at = 4
    while at + 4 <= len(frame):
        size, kind = int.from_bytes(frame[at : at + 2], "little"), int.from_bytes(frame[at + 2 : at + 4], "little")
        if size < 4:
            raise BrokenError
        if kind & 0x7FFF == _NFLOG_PAYLOAD:
            return _bare(frame[at + 4 : at + size])
        at += (size + 3) // 4 * 4
    return Layer(NOTHING, b"")


def wireless(frame: bytes) -> Layer:
    """802.11: data that is not encrypted; of frames sent together, the first."""
    if len(frame) < 2:
        raise BrokenError
    control = int.from_bytes(frame[:2], "little")
    kind, subtype = control >> 2 & 3, control >> 4 & 15
    if kind != _DATA or subtype & 4 or control & _SEALED:
        return Layer(NOTHING, b"")
    head = 30 if control & _TO and control & _FROM else 24
    one, two, three, four = frame[4:10], frame[10:16], frame[16:22], frame[24:30]
    dst = three if control & _TO else one
    src = (four if control & _TO else three) if control & _FROM else two
    together = False
    if subtype & 8:
        together = bool(frame[head : head + 1] >= b"\x80") and bool(frame[head] & 0x80)
        head += 2 + (4 if control & 0x8000 else 0)
    inner = llc(frame[head + (14 if together else 0) :])
    return Layer(inner.kind, inner.data, card(src), card(dst))


def _radiotap(frame: bytes) -> Layer:
    return wireless(frame[int.from_bytes(frame[2:4], "little") :])


def _per_packet(frame: bytes) -> Layer:
    """CACE's head, which names the link under it."""
    link = int.from_bytes(frame[4:8], "little")
    read = LINKS.get(link) if link != _PER_PACKET else None
    return read(frame[int.from_bytes(frame[2:4], "little") :]) if read else Layer(NOTHING, b"")


_PER_PACKET = 192
LINKS: dict[int, Callable[[bytes], Layer]] = {
    0: _headed(4), 1: ethernet, 9: _serial, 10: _fddi, 12: _bare, 14: _bare, 50: _serial, 51: lambda f: ppp(f[6:]),
    101: _bare, 104: _serial, _RADIO: wireless, 108: _headed(4), 109: _headed(12), 113: _cooked, 117: _filtered,
    _RADIOTAP: _radiotap, _PER_PACKET: _per_packet, 228: lambda f: Layer(IP4, f), 229: lambda f: Layer(IP6, f),
    239: _marked, 276: _cooked2,
}  # fmt: skip
"""What lies under each, and the cards of both sides where they are told. Each raises BrokenError for what is broken,
or any error of bytes that are too short."""
