"""Opens what a user names: plain or compressed files and pipes become one buffered stream of UTF-8 or raw bytes.

Regular files are opened, read and closed for every block: a merge over thousands of files then holds no open file
at all, and costs one `open` per 128 KiB.
"""

import codecs
import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO

from pipeline.errors import UsageError
from pipeline.ingest.compression import decompressed

BLOCK_BYTES = 131_072
HEAD_BYTES = 65_536
STDIN = Path("-")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class ChunkStream(io.RawIOBase):
    """An iterator of byte blocks as a raw stream; every read is filled, so that `peek` shows a whole head."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled, size = 0, len(buffer)
        while filled < size:
            if not self._rest:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    break
            piece = self._rest[: size - filled]
            buffer[filled : filled + len(piece)] = piece
            self._rest = self._rest[len(piece) :]
            filled += len(piece)
        return filled


def open_stream(path: Path, problems: list[str]) -> io.BufferedReader:
    """The decompressed bytes of `path` (`-`: standard input), without byte order mark, UTF-16 and -32 as UTF-8.

    What goes wrong while reading (a truncated or swelling archive, a file replaced under our hands) ends the
    stream and is added to `problems` as one sentence; only a path that cannot be opened raises UsageError.
    """
    chunks = _not_empty(_decoded(_not_empty(decompressed(_blocks(path, problems), problems))))
    return io.BufferedReader(ChunkStream(chunks), HEAD_BYTES)


def head_of(stream: BinaryIO) -> bytes:
    """The first 64 KiB without consuming them; nothing of a stream that cannot be looked into."""
    return stream.peek(HEAD_BYTES)[:HEAD_BYTES] if hasattr(stream, "peek") else b""


def ends_lines_with_returns(head: bytes) -> bool:
    """Whether this text, as written on old systems, ends its lines with carriage returns alone."""
    return b"\r" in head and b"\n" not in head and b"\0" not in head


def with_line_feeds(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream with a line feed for each carriage return."""
    blocks = iter(lambda: stream.read(BLOCK_BYTES), b"")
    return io.BufferedReader(ChunkStream(block.replace(b"\r", b"\n") for block in blocks), HEAD_BYTES)


RECORD_MARK = b"\x1e"
"""What RFC 7464 (`journalctl -o json-seq`) sets before every record of JSON."""


def without_record_marks(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream with records of JSON that are not marked."""
    blocks = iter(lambda: stream.read(BLOCK_BYTES), b"")
    unmarked = _not_empty(block.replace(RECORD_MARK, b"") for block in blocks)
    return io.BufferedReader(ChunkStream(unmarked), HEAD_BYTES)


_OF_TOPIC = re.compile(
    rb"^(?:CreateTime|LogAppendTime|NoTimestampType):-?\d{1,15}\t(?:Partition:\d{1,9}\t)?(?:Offset:\d{1,18}\t)?"
    rb"(?:(?:Headers:|NO_HEADERS)[^\t\n]{0,4096}\t)?(?:[^\t\n{]{0,1024}\t)?(?=[{<])",
    re.MULTILINE,
)
"""What Kafka's console prints in front of a message (`print.timestamp`, `print.key` and kin)."""


def is_of_topic(head: bytes) -> bool:
    """Whether this is what Kafka's console printed of a topic, with more than the messages."""
    return _OF_TOPIC.match(head) is not None


def without_topics(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream with the messages of a topic alone."""
    blocks = iter(lambda: stream.read(BLOCK_BYTES) + stream.readline(), b"")
    return io.BufferedReader(ChunkStream(_not_empty(_OF_TOPIC.sub(b"", block) for block in blocks)), HEAD_BYTES)


def with_first_blank(stream: io.BufferedReader, size: int) -> io.BufferedReader:
    """The stream with nothing but the line feeds of its first `size` bytes, so that lines keep their numbers."""
    above = b"\n" * stream.read(size).count(b"\n")
    blocks = iter(lambda: stream.read(BLOCK_BYTES), b"")
    return io.BufferedReader(ChunkStream(chain([above], blocks)), HEAD_BYTES)


SHOWN_AS: dict[str, str] = {}
"""Folders in which the members of archives lie while they are read → the archives' own names."""


def display_name(path: Path) -> str:
    """The path as text that is always valid UTF-8 and at most 1,024 characters (the end tells most)."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    folder = next((name for parent in path.parents if (name := str(parent)) in SHOWN_AS), "") if SHOWN_AS else ""
    if folder:
        text = SHOWN_AS[folder] + text[len(folder) :]
    return text[-1024:]


def _blocks(path: Path, problems: list[str]) -> Iterator[bytes]:
    if path == STDIN:
        return _pipe_blocks(sys.stdin.buffer)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UsageError(f"{display_name(path)} is a folder: name a file, or read it with read_paths")
        file = path.open("rb", buffering=0)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise UsageError(f"cannot read {display_name(path)}: {why}; check the path and its permissions") from None
    if stat.S_ISREG(status.st_mode):
        file.close()
        return _file_blocks(path, (status.st_dev, status.st_ino), problems)
    return _pipe_blocks(file)


def _pipe_blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _file_blocks(path: Path, identity: tuple[int, int], problems: list[str]) -> Iterator[bytes]:
    offset = 0
    while True:
        try:
            with path.open("rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                if (status.st_dev, status.st_ino) != identity:
                    problems.append("the file was replaced while it was read; what followed is missing")
                    return
                file.seek(offset)
                block = file.read(BLOCK_BYTES)
        except OSError as error:
            problems.append(f"reading stopped: {error.strerror or 'input/output error'}")
            return
        if not block:
            return
        offset += len(block)
        yield block


def _decoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            rest = chain([first[len(bom) :]], chunks)
            return rest if encoding == "utf-8" else _as_utf8(rest, encoding)
    return chain([first], chunks)


def _as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _not_empty(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return (chunk for chunk in chunks if chunk)
