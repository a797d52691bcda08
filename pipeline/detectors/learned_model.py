"""A model learned from a historical labelled file, with all that has to be known of it: never without its manifest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import ConfigError
from pipeline.features.layout import BOOL, FLOAT, INT, TEXT, layout
from pipeline.models.frozen_forest import FrozenForest
from schemas.sources import SOURCES

NUMBER, PORT, CATEGORY = "number", "port", "category"


class LearnedColumn(BaseModel):
    """A column of the file as the forest knows it, and the event field that stands for it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    taken_for: str = Field(pattern=f"^({NUMBER}|{PORT}|{CATEGORY})$")
    field: str | None = None
    """Field of the events; None where the model is for no events."""


class Quality(BaseModel):
    """How good it was on its own file: each row judged with labels that are at least `late_rows` rows old."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    auc: float | None
    ap: float | None
    rows: int
    late_rows: int


class Manifest(BaseModel):
    """What the model was trained on, and for which events it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    """Of wardwatch."""
    name: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    trained_at: str
    file: str
    sha256: str
    rows: int
    attacks: int
    label: str
    labels: dict[str, int]
    """Rows by label as written."""
    benign: tuple[str, ...]
    columns: tuple[LearnedColumn, ...] = Field(min_length=1)
    left_out: dict[str, str]
    """Column → why the model does not see it."""
    first_row: str | None = None
    last_row: str | None = None
    """Time of the first and last row, where --time was given."""
    warnings: tuple[str, ...] = ()
    quality: Quality
    seed: int
    source: str | None = None
    kind: str | None = None
    """Events that it judges; None: none."""

    def in_short(self) -> str:
        """A sentence for people."""
        auc = "unknown" if self.quality.auc is None else f"{self.quality.auc:.3f}"
        return f"learned from {self.file} ({self.rows:,} rows, {self.attacks:,} attacks), ROC AUC there {auc}"

    @model_validator(mode="after")
    def _fits_events(self) -> Manifest:
        if self.source is None:
            return self
        if self.source not in SOURCES or self.kind not in layout(self.source).kinds:
            raise ValueError(f"there are no {self.kind} events on the topic {self.source}")
        for column in self.columns:
            check_field(self.source, column)
        return self


def check_field(source: str, column: LearnedColumn) -> None:
    """Raises ValueError when events have no such field, or none of that type."""
    shape = layout(source)
    if column.field not in shape.index:
        raise ValueError(f"{source} events have no field {column.field!r}, which stands for column {column.name}")
    kind = shape.columns[shape.index[column.field]].type
    if column.taken_for == CATEGORY and kind != TEXT:
        raise ValueError(f"column {column.name} is a category, but field {column.field} of {source} events is no text")
    if column.taken_for != CATEGORY and kind not in (FLOAT, INT, BOOL):
        raise ValueError(f"column {column.name} is a number, but field {column.field} of {source} events is none")


@dataclass(frozen=True)
class LearnedModel:
    """Trees and manifest. Raises ConfigError when they do not belong together."""

    manifest: Manifest
    forest: FrozenForest

    def __post_init__(self) -> None:
        numbers = sum(c.taken_for == NUMBER for c in self.manifest.columns)
        if (numbers, len(self.manifest.columns) - numbers) != (self.forest.numbers, self.forest.categories):
            raise ConfigError("a model file's trees and manifest name other columns: it is damaged")

    @property
    def id(self) -> str:
        """Of the detector."""
        return f"{self.manifest.source}.learned_{self.manifest.name}"

    @cached_property
    def digest(self) -> str:
        """Tells this model from any other; part of the engine's version."""
        digest = hashlib.blake2b(self.manifest.model_dump_json().encode(), digest_size=8)
        for array in (self.forest.nodes, self.forest.cut, self.forest.code):
            digest.update(array.tobytes())
        return digest.hexdigest()
