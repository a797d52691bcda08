"""Checkpoints: the state of a partition and the offset it belongs to, written whole or not at all.

Plain arrays and JSON under an HMAC, never pickles: loading one cannot run code. Several are kept; a damaged or
foreign one is refused and the one before it used.
"""

import hashlib
import hmac
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cramjam
import numpy as np
import orjson

from pipeline.errors import CheckpointError

State = Mapping[str, Mapping[str, Mapping[str, np.ndarray]]]
"""Key group → part (detector, `alerts`) → array."""

MAGIC = b"WWCP\x01"
_MAC_BYTES = 32
KEEP = 5
_MAX_BYTES = 0x7E000000  # what one LZ4 block holds, 2 GB
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """State after every event below offset `next_offset` of a partition, and after no other."""

    topic: str
    partition: int
    next_offset: int
    identity: str
    """What must agree for the state to be usable: detectors, options, seed, key groups."""
    state: State


def encode(checkpoint: Checkpoint, key: bytes) -> bytes:
    """The checkpoint as bytes: magic, HMAC-SHA-256 of all that follows, header length, header, compressed arrays.

    Raises CheckpointError for more than 2 GB of state.
    """
    arrays, body = [], bytearray()
    for group, parts in checkpoint.state.items():
        for part, named in parts.items():
            for name, value in named.items():
                flat = np.ascontiguousarray(value)
                arrays.append([group, part, name, flat.dtype.str, list(flat.shape)])
                body += flat.tobytes()
    header = orjson.dumps(
        {
            "topic": checkpoint.topic,
            "partition": checkpoint.partition,
            "next": checkpoint.next_offset,
            "identity": checkpoint.identity,
            "groups": [[group, list(parts)] for group, parts in checkpoint.state.items()],
            "arrays": arrays,
            "size": len(body),
        }
    )
    if len(body) > _MAX_BYTES:
        raise CheckpointError("the state is larger than a checkpoint can be: give the topic more partitions")
    packed = bytes(cramjam.lz4.compress_block(body, store_size=False))
    content = len(header).to_bytes(4, "big") + header + packed
    return MAGIC + hmac.new(key, content, hashlib.sha256).digest() + content


def decode(data: bytes, key: bytes) -> Checkpoint:
    """Inverse of `encode`. Raises CheckpointError when truncated, altered, made with another key, or too new."""
    if data[: len(MAGIC)] != MAGIC:
        raise CheckpointError("not a checkpoint of this version")
    mac, content = data[len(MAGIC) : len(MAGIC) + _MAC_BYTES], data[len(MAGIC) + _MAC_BYTES :]
    if not hmac.compare_digest(mac, hmac.new(key, content, hashlib.sha256).digest()):
        raise CheckpointError("truncated, altered or written with another key")
    try:
        return _unpack(content)
    except (ValueError, KeyError, TypeError, cramjam.DecompressionError) as error:
        raise CheckpointError("written by another version") from error


def _unpack(content: bytes) -> Checkpoint:
    size = int.from_bytes(content[:4], "big")
    header = orjson.loads(content[4 : 4 + size])
    if header["size"] > _MAX_BYTES:
        raise CheckpointError("larger than a checkpoint can be")
    body = bytes(cramjam.lz4.decompress_block(content[4 + size :], output_len=header["size"]))
    state: dict[str, dict[str, dict[str, np.ndarray]]] = {g: {p: {} for p in parts} for g, parts in header["groups"]}
    at = 0
    for group, part, name, dtype, shape in header["arrays"]:
        kind = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        flat = np.frombuffer(body, kind, count, at)
        state[group][part][name] = flat.reshape(shape).copy()
        at += count * kind.itemsize
    return Checkpoint(header["topic"], header["partition"], header["next"], header["identity"], state)


class CheckpointStore:
    """A folder of checkpoints, the newest KEEP of each partition."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write durably and drop the oldest. Raises CheckpointError, for example when the disk is full."""
        folder = self._of(checkpoint.topic, checkpoint.partition)
        path = folder / f"{checkpoint.next_offset:020d}.ckpt"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for torn in folder.glob("*.part"):
                torn.unlink(missing_ok=True)  # of a write that a crash or a full disk cut short
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
                file.write(encode(checkpoint, self._key))
                file.flush()
                os.fsync(file.fileno())
            os.replace(file.name, path)
            for old in sorted(folder.glob("*.ckpt"))[:-KEEP]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise CheckpointError(f"checkpoint cannot be written to {folder}: {error.strerror}") from error
        return path

    def load(self, topic: str, partition: int, identity: str) -> Checkpoint | None:
        """The newest usable checkpoint of a partition, None when there is none."""
        for path in self._newest(topic, partition):
            try:
                found = decode(path.read_bytes(), self._key)
                if (found.topic, found.partition) != (topic, partition):
                    raise CheckpointError("of another partition")
                if found.identity != identity:
                    raise CheckpointError("made with other detectors or settings")
            except (CheckpointError, OSError) as error:
                log.warning("checkpoint %s refused: %s; the one before it is tried", path.name, error)
                continue
            return found
        return None

    def _newest(self, topic: str, partition: int) -> Iterator[Path]:
        return iter(sorted(self._of(topic, partition).glob("*.ckpt"), reverse=True))

    def _of(self, topic: str, partition: int) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", topic) or topic in (".", ".."):
            raise CheckpointError("the topic's name cannot be a folder")
        return self._folder / topic / str(partition)
