"""Unpacks gzip, bzip2, xz and zstd on the way, recognised by content, in constant memory."""

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


STEP_BYTES = 262_144
"""Most that one step may unpack."""
BOMB_AFTER_BYTES = 128 * 2**20
BOMB_RATIO = 250
"""Logs shrink 10 to 60 times; an archive that has swollen past both limits is taken for a decompression bomb."""
XZ_MEMORY_BYTES = 128 * 2**20


class _Unpacker(Protocol):
    """One member of an archive (the interface of bz2 and lzma)."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


_ZSTD = {int(zstd.DecompressionParameter.window_log_max): 27}
"""Windows of up to 128 MiB, which is what zstd itself unpacks unasked."""


class _Gunzip:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


_MAGIC: tuple[tuple[bytes, str, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b\x08", "gzip", _Gunzip),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY_BYTES)),
    (b"\x28\xb5\x2f\xfd", "zstd", lambda: zstd.ZstdDecompressor(options=_ZSTD)),
)


def is_packed(head: bytes) -> bool:
    """Whether the first bytes of a file are those of one of these."""
    return head.startswith(tuple(magic for magic, _, _ in _MAGIC))


def decompressed(chunks: Iterator[bytes], problems: list[str]) -> Iterator[bytes]:
    """The unpacked blocks; blocks of anything else pass as they are.

    Archives of several members are read to the end. A truncated, damaged or swelling archive gives what could be
    read, and one sentence in `problems`.
    """
    first = next(chunks, b"")
    while 0 < len(first) < 6 and (more := next(chunks, b"")):
        first += more
    rest = chain([first], chunks)
    for magic, name, unpacker in _MAGIC:
        if first.startswith(magic):
            return _unpacked(rest, magic, name, unpacker, problems)
    return rest


def _unpacked(
    chunks: Iterator[bytes], magic: bytes, name: str, make: Callable[[], _Unpacker], problems: list[str]
) -> Iterator[bytes]:
    unpacker, consumed, produced = make(), 0, 0
    for chunk in chunks:
        consumed += len(chunk)
        data = chunk
        while True:
            if unpacker.eof:
                data = (unpacker.unused_data + data).lstrip(b"\x00")
                if not data:
                    break
                if not data.startswith(magic[: len(data)]):
                    problems.append(f"bytes that are no {name} follow the end of the archive; they were not read")
                    return
                unpacker = make()
            try:
                piece = unpacker.decompress(data, STEP_BYTES)
            except (zlib.error, OSError, EOFError, lzma.LZMAError, zstd.ZstdError, ValueError):
                problems.append(f"the {name} archive is damaged; what follows could not be read")
                return
            data = b""
            produced += len(piece)
            yield piece
            if produced > BOMB_AFTER_BYTES and produced > BOMB_RATIO * consumed:
                problems.append(f"the {name} archive swells more than {BOMB_RATIO} times; the rest was not read")
                return
            if not unpacker.eof and unpacker.needs_input:
                break
    if not unpacker.eof:
        problems.append(f"the {name} archive ends early; what is missing could not be read")
