"""Packets as a capture has them, for tests of what is read from them."""

import socket
import struct
from io import BytesIO

import dpkt

CLIENT, SERVER = ("10.0.0.5", 50_000), ("198.51.100.7", 80)
MACS = {CLIENT[0]: b"\x02\x00\x00\x00\x00\x05", SERVER[0]: b"\x02\x00\x00\x00\x00\x07"}
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
Frames = list[tuple[float, bytes]]


def frame(src: tuple[str, int], dst: tuple[str, int], carried: dpkt.Packet, proto: int) -> bytes:
    """An Ethernet frame with an IP packet of version 4 or 6."""
    card = MACS.get(src[0], b"\x02\x00\x00\x00\x00\x99"), MACS.get(dst[0], b"\x02\x00\x00\x00\x00\x99")
    if ":" in src[0]:
        ends = (socket.inet_pton(socket.AF_INET6, host) for host in (src[0], dst[0]))
        inner = dpkt.ip6.IP6(
            **dict(zip(("src", "dst"), ends, strict=True)), nxt=proto, plen=len(bytes(carried)), hlim=64
        )
        inner.data, inner.extension_hdrs, inner.all_extension_headers = carried, {}, []
        return bytes(dpkt.ethernet.Ethernet(src=card[0], dst=card[1], type=0x86DD, data=inner))
    ends = (socket.inet_aton(host) for host in (src[0], dst[0]))
    inner = dpkt.ip.IP(
        **dict(zip(("src", "dst"), ends, strict=True)), p=proto, data=carried, len=20 + len(bytes(carried))
    )
    return bytes(dpkt.ethernet.Ethernet(src=card[0], dst=card[1], type=0x0800, data=inner))


def udp(src: tuple[str, int], dst: tuple[str, int], payload: bytes) -> bytes:
    """A datagram."""
    return frame(src, dst, dpkt.udp.UDP(sport=src[1], dport=dst[1], data=payload, ulen=8 + len(payload)), 17)


class Talk:
    """A TCP connection, segment by segment, a hundredth of a second apart."""

    def __init__(self, client: tuple[str, int] = CLIENT, server: tuple[str, int] = SERVER, ts: float = 1_700_000_000.0):
        self.ends, self.ts = {True: client, False: server}, ts
        self.seq = {True: 1_000, False: 0xFFFF_FFF0}  # the server's numbers begin anew after some bytes
        self.frames: Frames = []

    def send(self, payload: bytes = b"", flags: int = ACK, *, mine: bool = True, again: bool = False) -> "Talk":
        """A segment; `again`: the last one's bytes, sent a second time."""
        src, dst = self.ends[mine], self.ends[not mine]
        if again:
            self.seq[mine] -= len(payload)
        seq, ack = self.seq[mine] % (1 << 32), self.seq[not mine] % (1 << 32)
        segment = dpkt.tcp.TCP(sport=src[1], dport=dst[1], seq=seq, ack=ack, flags=flags, data=payload)
        self.seq[mine] += len(payload) + bool(flags & (SYN | FIN))
        self.frames.append((self.ts, frame(src, dst, segment, 6)))
        self.ts += 0.01
        return self

    def begin(self) -> "Talk":
        """The handshake."""
        return self.send(flags=SYN).send(flags=SYN | ACK, mine=False).send()

    def finish(self) -> "Talk":
        """Both ends are done."""
        return self.send(flags=FIN | ACK).send(flags=FIN | ACK, mine=False).send()


def pcap(frames: Frames, link: int = 1) -> bytes:
    """A capture file."""
    out = BytesIO()
    writer = dpkt.pcap.Writer(out, linktype=link)
    for ts, data in frames:
        writer.writepkt(data, ts=ts)
    return out.getvalue()


def pcapng(frames: Frames) -> bytes:
    """The same in the newer form."""
    out = BytesIO()
    writer = dpkt.pcapng.Writer(out)
    for ts, data in frames:
        writer.writepkt(data, ts=ts)
    return out.getvalue()


def nanoseconds(frames: Frames) -> bytes:
    """The same with times in nanoseconds."""
    head = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65_535, 1)
    return head + b"".join(
        struct.pack("<IIII", int(ts), round(ts % 1 * 1e9), len(data), len(data)) + data for ts, data in frames
    )


def block(kind: int, body: bytes) -> bytes:
    """A block of a pcapng file."""
    body += b"\0" * (-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def section() -> bytes:
    """The head of a pcapng file, or of a part of one."""
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(link: int, resolution: int = 6) -> bytes:
    """An interface whose clock has `resolution` digits behind the second."""
    return block(1, struct.pack("<HHIHHBxxxHH", link, 0, 0, 9, 1, resolution, 0, 0))


def seen(number: int, frames: Frames, resolution: int = 6) -> bytes:
    """Packets of the interface of that number."""
    blocks = []
    for ts, data in frames:
        ticks = round(ts * 10**resolution)
        head = struct.pack("<IIIII", number, ticks >> 32, ticks & 0xFFFF_FFFF, len(data), len(data))
        blocks.append(block(6, head + data))
    return b"".join(blocks)
