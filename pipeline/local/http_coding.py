"""HTTP content codings in pieces and bounded memory: what a client sent decoded, what it gets encoded."""

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import cramjam
import pyarrow as pa

from pipeline.local.clickhouse_error import ClickHouseError

_PIECE_BYTES = 1 << 20
_DECODERS = {"gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd", "lz4": "lz4", "br": "brotli"}
_ENCODERS: dict[str, Callable[[], Any]] = {  # in our order of preference
    "lz4": cramjam.lz4.Compressor,
    "zstd": lambda: cramjam.zstd.Compressor(1),
    "gzip": lambda: cramjam.gzip.Compressor(3),
    "deflate": lambda: cramjam.zlib.Compressor(3),
    "br": lambda: cramjam.brotli.Compressor(3),
}


class Encoder(Protocol):
    """Turns pieces into coded pieces; `finish` gives the rest."""

    def encode(self, piece: bytes) -> bytes:
        """The coded bytes that are ready after `piece`."""

    def finish(self) -> bytes:
        """The end of the coded stream."""


class _Coded:
    def __init__(self, coding: str) -> None:
        self._compressor = _ENCODERS[coding]()

    def encode(self, piece: bytes) -> bytes:
        self._compressor.compress(piece)
        return bytes(self._compressor.flush())

    def finish(self) -> bytes:
        return bytes(self._compressor.finish())


class _Plain:
    def encode(self, piece: bytes) -> bytes:
        return piece

    def finish(self) -> bytes:
        return b""


def choose_coding(accept_encoding: str) -> str:
    """The coding to answer in: the first one we prefer that the header admits, '' for none."""
    offered = set()
    for part in accept_encoding.lower().split(","):
        name, _, weight = part.partition(";")
        if weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            offered.add(name.strip())
    return next((coding for coding in _ENCODERS if coding in offered), "")


def encoder(coding: str) -> Encoder:
    """An encoder for a coding chosen by `choose_coding`."""
    return _Coded(coding) if coding else _Plain()


def decoded(pieces: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """`pieces` without their Content-Encoding; raises ClickHouseError 354 when they do not match the header."""
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        yield from pieces
        return
    if coding != "deflate" and coding not in _DECODERS:
        raise ClickHouseError.make(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown Content-Encoding {coding[:20]}")
    try:
        yield from (_inflated(pieces) if coding == "deflate" else _decompressed(pieces, _DECODERS[coding]))
    except (OSError, zlib.error, EOFError) as error:
        raise ClickHouseError.make(354, "ZLIB_INFLATE_FAILED", f"The body is not valid {coding}") from error


def _decompressed(pieces: Iterable[bytes], codec: str) -> Iterator[bytes]:
    source = pa.PythonFile(io.BufferedReader(_Pieces(pieces), _PIECE_BYTES), mode="r")
    with pa.CompressedInputStream(source, codec) as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for piece in pieces:
        waiting = piece
        while waiting and not inflater.eof:
            yield inflater.decompress(waiting, _PIECE_BYTES)
            waiting = inflater.unconsumed_tail
    if not inflater.eof:
        raise EOFError


class _Pieces(io.RawIOBase):
    """An iterator of bytes as a readable file; what the iterator raises passes through."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken
