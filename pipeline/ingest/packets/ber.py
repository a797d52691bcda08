"""Values as BER writes them (X.690): what agents and directories speak in."""

from collections.abc import Iterator


def head(data: bytes, at: int) -> tuple[int, int]:
    """(where the content of the value at `at` begins, where it ends, maybe behind what is there); (0, 0) where none
    begins, or one whose length is not told."""
    if at + 2 > len(data):
        return 0, 0
    size, begin = data[at + 1], at + 2
    if size & 0x80:
        many = size & 0x7F
        if not 1 <= many <= 4 or begin + many > len(data):
            return 0, 0
        size, begin = int.from_bytes(data[begin : begin + many], "big"), begin + many
    return begin, begin + size


def values(data: bytes) -> list[tuple[int, bytes]]:
    """(tag, content) of values one after the other, as far as they are whole."""
    return [(tag, content) for tag, content, whole in _each(data) if whole]


def pieces(data: bytes) -> list[tuple[int, bytes]]:
    """The same with what is there of the last one."""
    return [(tag, content) for tag, content, _ in _each(data)]


def number(content: bytes) -> int:
    """An integer's value, of its last eight bytes."""
    return int.from_bytes(content[-8:], "big", signed=True)


def _each(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    at = 0
    while at < len(data):
        begin, end = head(data, at)
        if not begin:
            return
        yield data[at], data[begin:end], end <= len(data)
        at = end
