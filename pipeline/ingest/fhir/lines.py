"""NDJSON: recognises it by its first lines and cuts it, in bounded memory."""

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from pipeline.ingest.fhir.elements import MAX_RECORD_BYTES

_CHUNK_BYTES = 1024 * 1024
_LINES_LOOKED_AT = 64


def is_lines(head: bytes) -> bool:
    """Whether the document has one whole JSON object a line; a damaged first line does not mislead."""
    found = [line.strip() for line in head.split(b"\n", _LINES_LOOKED_AT) if line.strip()]
    if not found or not found[0].startswith(b'{"'):
        return False
    if _whole(found[0]):
        return True
    # A document cut by hand may hold whole resources on lines of their own too: only as entries or indented.
    lines = [line for line in head.split(b"\n", _LINES_LOOKED_AT)[1:] if line.startswith(b'{"resourceType"')]
    return b'"entry"' not in found[0] and any(_whole(line) for line in lines)


def _whole(line: bytes) -> bool:
    try:
        return type(orjson.loads(line)) is dict
    except orjson.JSONDecodeError:
        return False


def lines(stream: BinaryIO, start: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Number (from 1), bytes and wholeness of every line that is not blank; a line over 64 MiB gives its
    beginning.
    """
    buffer, number, skipping, more = start, 0, False, start
    while more:
        *whole, buffer = buffer.split(b"\n")
        for line in whole:
            number += 1
            if not skipping and (line := line.strip()):
                yield number, line, True
            skipping = False
        if len(buffer) > MAX_RECORD_BYTES:
            if not skipping:
                yield number + 1, buffer[:4096], False
            buffer, skipping = b"", True
        more = stream.read(max(_CHUNK_BYTES, len(buffer)))
        buffer += more
    if not skipping and (line := buffer.strip()):
        yield number + 1, line, True
