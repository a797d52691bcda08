"""Packets as tools write them down: heads without what was in them, so sizes and flags are known and words are not.

Numbers of TCP are counted anew from the sizes, as tools write them counted or as they were. A question for a name and
how it was answered are written out by all of them, and are put in as the message that they were.
"""

import re
import struct
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.packets.connections import Connections
from pipeline.ingest.packets.items import items_of
from pipeline.ingest.packets.packet import ICMP, TCP, UDP, Packet
from pipeline.ingest.packets.transport import asked

K = TypeVar("K")
V = TypeVar("V")
_MOST = 65_536
"""Directions of connections, and questions, that are remembered."""
_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65,
          "ANY": 255, "NULL": 10}  # fmt: skip
CODES = {"NXDOMAIN": 3, "NO SUCH NAME": 3, "SERVFAIL": 2, "SERVER FAILURE": 2, "REFUSED": 5, "FORMERR": 1}
_BITS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32}
_WORDS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16, "URG": 32}
_WRAP = 1 << 32
_LABEL = 63
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|(?=[\da-fA-F.]*:)[\da-fA-F:.]{2,45}")


@dataclass(slots=True)
class Question:
    """A question for a name, or its answer."""

    number: int
    code: int | None = None
    """How it was answered; None of a question."""
    name: str = ""
    type: str = "A"


@dataclass(slots=True)
class Written:
    """What a line or row says of one packet."""

    ts: float
    proto: str
    src: str
    dst: str
    sport: int = 0
    dport: int = 0
    size: int = 0
    flags: int = 0
    src_mac: str = ""
    dst_mac: str = ""
    question: Question | None = None


class Wire:
    """Follows one file: the connections of its packets, which come without their payload."""

    def __init__(self) -> None:
        self._connections = Connections()
        self._next: OrderedDict[tuple[str, int, str, int], int] = OrderedDict()
        self._asked: OrderedDict[tuple[str, str, int], bytes] = OrderedDict()

    def take(self, told: Written, number: int) -> Iterator[Item | Bad]:
        """What is over by the packet that stands at `number`, and what was asked in it."""
        for log, row in self._connections.take(self._packet(told)):
            yield from items_of(log, row, number)

    def end(self, number: int) -> Iterator[Item | Bad]:
        """What was not over yet."""
        for log, row in self._connections.end():
            yield from items_of(log, row, number)

    def _packet(self, told: Written) -> Packet:
        packet = Packet(told.ts, told.proto, told.src, told.dst, told.sport, told.dport, b"", told.size, told.flags,
                        src_mac=told.src_mac, dst_mac=told.dst_mac)  # fmt: skip
        if told.proto == TCP:
            ends = (told.src, told.sport, told.dst, told.dport)
            packet.seq = self._next.get(ends, 0)
            packet.ack = self._next.get((told.dst, told.dport, told.src, told.sport), 0)
            used = told.size + bool(told.flags & 2) + bool(told.flags & 1)
            _keep(self._next, ends, (packet.seq + used) % _WRAP)
        elif told.question is not None:
            packet.payload = self._message(told, told.question)
        return packet

    def _message(self, told: Written, question: Question) -> bytes:
        number = question.number & 0xFFFF
        if question.code is None:
            said = _name(question.name) + struct.pack(">HH", _TYPES.get(question.type, 1), 1)
            _keep(self._asked, (told.src, told.dst, number), said)
            return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + said
        said = self._asked.get((told.dst, told.src, number), b"")
        return struct.pack(">HHHHHH", number, 0x8180 | question.code, bool(said), 0, 0, 0) + said


def flags_of(text: str) -> int:
    """Of `S.`, `SYN, ACK`, `0x0012` or `18` the flags of TCP."""
    if text[:2].lower() == "0x":
        return int(text, 16) & 0xFF if len(text) < 12 else 0
    if text.isdecimal():
        return int(text[:4]) & 0xFF
    words = re.findall(r"[A-Z]{3}", text)
    return sum(_WORDS.get(word, 0) for word in words) if words else sum(_BITS.get(letter, 0) for letter in text)


def is_address(text: str) -> bool:
    """Whether it is written as an address of IP."""
    return _ADDRESS.fullmatch(text) is not None


def icmp_of(info: str, version: int) -> tuple[int, int] | None:
    """The type and its counterpart of a message of ICMP, told in words."""
    low = info.lower()
    if "request" in low and "echo" in low:
        return (8, 0) if version == 4 else (128, 129)
    if "reply" in low and "echo" in low:
        return (0, 8) if version == 4 else (129, 128)
    return ((3, 1) if version == 4 else (1, 0)) if "unreachable" in low else None


def written_of(values: Mapping[str, str], ts: float) -> Written | None:
    """The packet of a row under the names of Wireshark's fields (`ip.src`, `tcp.srcport`); None of other packets."""
    src, dst = (_first(values.get(f"ip.{end}") or values.get(f"ipv6.{end}")) for end in ("src", "dst"))
    if not (is_address(src) and is_address(dst)):
        return None
    told = Written(ts, "", src, dst, src_mac=values.get("eth.src", ""), dst_mac=values.get("eth.dst", ""))
    room = max(_number(values.get("frame.len")) - (54 if ":" in src else 34), 0)
    for name, version in (("icmp", 4), ("icmpv6", 6)):
        if values.get(f"{name}.type"):  # what the message is about lies in it, with ports of its own
            kind, code = _number(values[f"{name}.type"]), _number(values.get(f"{name}.code"))
            told.proto, told.size = ICMP, max(room - 8, 0)
            told.sport, told.dport = asked(kind, code, version)
            return told
    told.proto = TCP if values.get("tcp.srcport") else UDP if values.get("udp.srcport") else ""
    told.sport, told.dport = (_number(values.get(f"{told.proto}.{end}port")) for end in ("src", "dst"))
    if told.proto == TCP:
        told.size = _number(values["tcp.len"]) if values.get("tcp.len") else max(room - 20, 0)
        told.flags = flags_of(values.get("tcp.flags", ""))
    elif told.proto == UDP:
        told.size = max((_number(values["udp.length"]) if values.get("udp.length") else room) - 8, 0)
        told.question = _question(values)
    return told if told.proto else None


def _question(values: Mapping[str, str]) -> Question | None:
    name = _first(values.get("dns.qry.name"))
    if not name or not values.get("dns.id"):
        return None
    answered = values.get("dns.flags.response", "").lower() in ("1", "true")
    kind = _number(values.get("dns.qry.type"))
    named = next((text for text, value in _TYPES.items() if value == kind), "A")
    code = _number(values.get("dns.flags.rcode")) & 15 if answered else None
    return Question(_number(values["dns.id"]), code, name, named)


def _first(text: str | None) -> str:
    """Of fields that a packet has twice (tunnels, several questions) the first."""
    return (text or "").partition(",")[0]


def _number(text: str | None) -> int:
    """A count; 0 of what is none."""
    text = _first(text)
    try:
        return int(text, 0) & 0xFFFFFFFF if len(text) < 16 else 0
    except ValueError:
        return 0


def _name(text: str) -> bytes:
    labels = [label.encode("utf-8", "replace")[:_LABEL] for label in text.rstrip(".").split(".") if label][:127]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def _keep(table: OrderedDict[K, V], key: K, value: V) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > _MOST:
        table.popitem(last=False)
