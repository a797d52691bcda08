"""A record that could not be read: kept, explained and out of the way of its neighbours."""

from typing import Annotated, ClassVar

from pydantic import Field

from schemas.base import Count, Text, Wire

EXCERPT_BYTES = 1024


class DeadLetter(Wire):
    """Where the record stood, why it was refused, and its first 1,024 bytes.

    The excerpt of a record that may hold patient data is masked (letters become x, digits 9), so that its form can
    be seen and its content not; `sha256` tells whether two records were the same.
    """

    KEY: ClassVar[tuple[str, ...]] = ("source",)

    source: Text
    """File path or topic."""
    position: Text
    """`line 12`, `record 3`, `offset 1001` …"""
    partition: Annotated[int, Field(ge=-1)] = -1
    offset: Annotated[int, Field(ge=-1)] = -1
    format: Text
    """What it was taken for; `unknown` where nothing fitted."""
    reason: Annotated[str, Field(min_length=1, max_length=1024)]
    excerpt: Annotated[str, Field(max_length=4 * EXCERPT_BYTES)]
    size_bytes: Count
    sha256: Annotated[str, Field(min_length=64, max_length=64)]
    letter_id: Annotated[str, Field(min_length=1, max_length=64)]
    """Deterministic: hash of source, position and sha256."""
