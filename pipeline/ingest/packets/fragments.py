"""Packets that were cut up on their way are put together again."""

from collections import OrderedDict

MOST_PACKETS, MOST_BYTES, PATIENCE_S = 4_096, 16 << 20, 30.0
"""Packets and bytes that wait for their rest at a time, and how long: RFC 791 and 8200 name 15 and 60 s."""
_LONGEST, _MOST_PARTS = 65_535, 1_024
Key = tuple[bytes, bytes, int, int]
"""Both addresses, the packet's number, its protocol."""


class _Begun:
    __slots__ = ("bytes", "end", "parts", "ts")

    def __init__(self, ts: float) -> None:
        self.ts = ts
        self.parts: dict[int, bytes] = {}
        self.bytes = 0
        self.end: int | None = None


class Fragments:
    """Where parts lie over each other, what came first counts. The packet that waits for longest is given up when
    there is no room for more."""

    def __init__(self) -> None:
        self._begun: OrderedDict[Key, _Begun] = OrderedDict()
        self.bytes = 0
        """That wait."""

    def whole(self, key: Key, ts: float, begin: int, part: bytes, *, last: bool) -> bytes | None:
        """What the packet carried, with its last missing part; None until then. `begin`: where the part begins."""
        if begin + len(part) > _LONGEST:
            return None
        packet = self._begun.get(key)
        if packet is None or abs(ts - packet.ts) > PATIENCE_S:
            self._forget(key)
            packet = self._begun[key] = _Begun(ts)
        if last and packet.end is None:
            packet.end = begin + len(part)
        if len(part) > len(packet.parts.get(begin, b"")):
            more = len(part) - len(packet.parts.get(begin, b""))
            packet.parts[begin] = part
            packet.bytes += more
            self.bytes += more
        if packet.end is not None and packet.bytes >= packet.end and (found := _joined(packet)) is not None:
            self._forget(key)
            return found
        if len(packet.parts) > _MOST_PARTS or packet.bytes > 2 * _LONGEST:  # nobody cuts so, or so often
            self._forget(key)
        while len(self._begun) > MOST_PACKETS or self.bytes > MOST_BYTES:
            self._forget(next(iter(self._begun)))
        return None

    def _forget(self, key: Key) -> None:
        packet = self._begun.pop(key, None)
        self.bytes -= packet.bytes if packet else 0


def _joined(packet: _Begun) -> bytes | None:
    found = bytearray()
    for begin in sorted(packet.parts):
        if begin > len(found):
            return None
        found += packet.parts[begin][len(found) - begin :]
    return bytes(found[: packet.end]) if packet.end is not None and len(found) >= packet.end else None
