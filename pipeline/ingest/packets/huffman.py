"""The code in which HTTP/2 and HTTP/3 write texts (RFC 7541, appendix B)."""

from pipeline.ingest.packets.packet import BrokenError

# Bits of the code of each byte and, last, of the end. The codes themselves follow: shorter ones first, then by byte.
_LENGTHS = (
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6,
    12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15,
    5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20,
    22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22,
    23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26,
    27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
)  # fmt: skip
_END = 256


def _tree() -> list[list[int]]:
    """Node and bit → the next node; below zero: the byte that ends there, less one, negated."""
    found, code, bits = [[0, 0]], 0, 0
    for length, byte in sorted((length, byte) for byte, length in enumerate(_LENGTHS)):
        code <<= length - bits
        bits, at = length, 0
        for place in range(length - 1, 0, -1):
            if not found[at][code >> place & 1]:
                found.append([0, 0])
                found[at][code >> place & 1] = len(found) - 1
            at = found[at][code >> place & 1]
        found[at][code & 1] = -byte - 1
        code += 1
    return found


def _steps() -> list[list[tuple[int, int]]]:
    """Node and four bits → (the next node, the byte that they end or -1): no code is shorter than five."""
    tree, found = _tree(), []
    for node in range(len(tree)):
        row = []
        for four in range(16):
            at, told = node, -1
            for place in (3, 2, 1, 0):
                at = tree[at][four >> place & 1]
                if at < 0:
                    at, told = 0, -at - 1
            row.append((at, told))
        found.append(row)
    return found


_STEPS = _steps()


def opened(data: bytes) -> bytes:
    """The text. BrokenError where it holds the end.

    >>> opened(bytes.fromhex("f1e3c2e5f23a6ba0ab90f4ff"))
    b'www.example.com'
    """
    found, at = bytearray(), 0
    for byte in data:
        for four in (byte >> 4, byte & 15):
            at, told = _STEPS[at][four]
            if told == _END:
                raise BrokenError
            if told >= 0:
                found.append(told)
    return bytes(found)
