"""What is given on to a topic that workers write, and text as JSON."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from pipeline.features.documents import Documents
from pipeline.features.hashing import key_groups
from schemas.base import ID_SIZE

PLAIN = re.compile(rb"[ !#-\[\]-~]*").fullmatch
"""Text that stands in JSON as it is."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Documents for another source's topic, in order."""

    source: str
    groups: np.ndarray
    """int64[n]: key group each belongs to."""
    keys: Sequence[bytes]
    documents: Sequence[bytes]


def together(parts: Sequence[Onward]) -> Onward:
    """Several for one source, one after the other."""
    return Onward(
        parts[0].source,
        np.concatenate([p.groups for p in parts]),
        Documents.joined([Documents.of(p.keys) for p in parts]),
        Documents.joined([Documents.of(p.documents) for p in parts]),
    )


def groups_of(keys: Sequence[bytes], groups: int) -> np.ndarray:
    """int64[n]: the key group of each key."""
    texts = Documents.of(keys)
    data = texts.data if len(texts.data) else np.zeros(1, np.uint8)
    return key_groups(data, texts.bounds[:-1], texts.sizes.astype(np.int32), groups).astype(np.int64)


def marked(event_id: str, kind: str) -> str:
    """The event's id with the kind of what is given on behind it, so that this is no copy of the event or of what else
    is given on of it, where both lie in one key group; a long id is cut for it."""
    mark = f":{kind}"
    return event_id[: ID_SIZE - len(mark)] + mark


def quoted(text: bytes) -> bytes:
    """A JSON string."""
    return b'"' + text + b'"' if PLAIN(text) else orjson.dumps(text.decode())
