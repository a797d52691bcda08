"""Checkpoint files: plain arrays and JSON under an HMAC, never pickles; nothing is parsed before it is verified.

Version byte and magic, HMAC-SHA-256 of all that follows, length of the header, header, LZ4 blocks of pages.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cramjam
import numpy as np
import orjson

from pipeline.errors import CheckpointError
from pipeline.runtime.checkpoint.snapshot import PAGE_BYTES, Snapshot

MAGIC = b"WWCP\x02"
MAC_BYTES = 32
_START = len(MAGIC) + MAC_BYTES

State = dict[str, dict[str, dict[str, np.ndarray]]]
"""Key group → part (detector, `alerts`) → name → array."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint file's content, to be written piece by piece."""

    mac: bytes
    pieces: list[bytes]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(map(len, self.pieces))


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified file: who wrote what, and the blocks of its pages still packed."""

    mac: bytes
    topic: str
    partition: int
    next_offset: int
    identity: str
    base_name: str
    """Empty: it is whole."""
    base_mac: bytes
    groups: list[tuple[str, list[str]]]
    arrays: list[tuple[str, str, str, str, list[int]]]
    pages: list[int]
    lengths: list[int]
    blocks: list[tuple[int, int]]
    """Bytes of each block, unpacked and packed."""
    packed: memoryview


def seal(snapshot: Snapshot, key: bytes) -> Sealed:
    """Pack and sign a snapshot; its memory can be released then."""
    packed = [
        bytes(cramjam.lz4.compress_block(block[:size].data, store_size=False))
        for block, size in zip(snapshot.blocks, snapshot.filled, strict=True)
    ]
    base = snapshot.base
    header = orjson.dumps(
        {
            "topic": snapshot.topic,
            "partition": snapshot.partition,
            "next": snapshot.next_offset,
            "identity": snapshot.identity,
            "base": [base.name, base.mac.hex()] if base else ["", ""],
            "groups": snapshot.groups,
            "arrays": snapshot.arrays,
            "pages": snapshot.pages,
            "lengths": snapshot.lengths,
            "blocks": [[size, len(p)] for size, p in zip(snapshot.filled, packed, strict=True)],
        }
    )
    content = [len(header).to_bytes(4, "big"), header, *packed]
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for piece in content:
        mac.update(piece)
    return Sealed(mac.digest(), [MAGIC, mac.digest(), *content])


def unseal(data: bytes, key: bytes) -> Opened:
    """Verify a file and read its header.

    Raises CheckpointError when it is truncated, altered, signed with another key, or of another version.
    """
    if data[: len(MAGIC) - 1] == MAGIC[:-1] and data[len(MAGIC) - 1 : len(MAGIC)] != MAGIC[-1:]:
        raise CheckpointError("written by another version of wardwatch")
    mac, content = data[len(MAGIC) : _START], memoryview(data)[_START:]
    if data[: len(MAGIC)] != MAGIC or not hmac.compare_digest(mac, hmac.digest(key, content, "sha256")):
        raise CheckpointError("truncated, altered or written with another key")
    try:
        size = int.from_bytes(content[:4], "big")
        return _opened(mac, orjson.loads(content[4 : 4 + size]), content[4 + size :])
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError("written by another version of wardwatch") from error


def _opened(mac: bytes, header: dict[str, Any], packed: memoryview) -> Opened:
    name, base_mac = header["base"]
    return Opened(
        mac=mac,
        topic=header["topic"],
        partition=header["partition"],
        next_offset=header["next"],
        identity=header["identity"],
        base_name=name,
        base_mac=bytes.fromhex(base_mac),
        groups=header["groups"],
        arrays=header["arrays"],
        pages=header["pages"],
        lengths=header["lengths"],
        blocks=header["blocks"],
        packed=packed,
    )


def own_pages(opened: Opened) -> list[memoryview]:
    """The pages that this file holds. Raises CheckpointError when they do not unpack."""
    try:
        return _unpacked(opened)
    except (ValueError, TypeError, StopIteration, cramjam.DecompressionError) as error:
        raise CheckpointError("written by another version of wardwatch") from error


def _unpacked(opened: Opened) -> list[memoryview]:
    pages: list[memoryview] = []
    lengths = iter(opened.lengths)
    at = 0
    for size, packed in opened.blocks:
        block = memoryview(bytes(cramjam.lz4.decompress_block(opened.packed[at : at + packed], output_len=size)))
        at += packed
        begin = 0
        while begin < size:
            length = next(lengths)
            pages.append(block[begin : begin + length])
            begin += length
    return pages


def assemble(opened: Opened, pages: Sequence[memoryview]) -> State:
    """The arrays, writable, from the base's pages followed by the file's own. Raises CheckpointError when they do not
    fit each other."""
    state: State = {group: {part: {} for part in parts} for group, parts in opened.groups}
    numbers = iter(opened.pages)
    try:
        for group, part, name, dtype, shape in opened.arrays:
            kind = np.dtype(dtype)
            size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
            flat = np.empty(size, np.uint8)
            for begin, end in pairwise([*range(0, size, PAGE_BYTES), size]):
                flat[begin:end] = pages[next(numbers)]
            state[group][part][name] = flat.view(kind).reshape(shape)
    except (ValueError, KeyError, TypeError, IndexError, StopIteration) as error:
        raise CheckpointError("written by another version of wardwatch") from error
    return state
