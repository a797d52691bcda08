"""One step of the schema."""

from dataclasses import dataclass

DEDUP_WINDOW = 10_000
"""Rows of one insert keep their token this many inserts long: a block whose reply was lost is not stored again."""


@dataclass(frozen=True)
class Migration:
    """One step of the schema. All statements are idempotent."""

    version: int
    title: str
    statements: tuple[str, ...]
