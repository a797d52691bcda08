"""What is given on to a topic that workers write, and text as JSON."""

import re
from dataclasses import dataclass

import numpy as np
import orjson

from pipeline.features.hashing import key_groups

PLAIN = re.compile(rb"[ !#-\[\]-~]*").fullmatch
"""Text that stands in JSON as it is."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Documents for another source's topic, in order."""

    source: str
    groups: np.ndarray
    """int64[n]: key group each belongs to."""
    keys: list[bytes]
    documents: list[bytes]


def groups_of(keys: list[bytes], groups: int) -> np.ndarray:
    """int64[n]: the key group of each key."""
    length = np.array([len(key) for key in keys], np.int32)
    start = np.cumsum(length, dtype=np.int64) - length
    return key_groups(np.frombuffer(b"".join(keys) or b"\0", np.uint8), start, length, groups).astype(np.int64)


def quoted(text: bytes) -> bytes:
    """A JSON string."""
    return b'"' + text + b'"' if PLAIN(text) else orjson.dumps(text.decode())
