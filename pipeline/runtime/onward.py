"""What is given on to a topic that workers write, and text as JSON."""

import re
from dataclasses import dataclass

import numpy as np
import orjson

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


def quoted(text: bytes) -> bytes:
    """A JSON string."""
    return b'"' + text + b'"' if PLAIN(text) else orjson.dumps(text.decode())
