"""Mapping files: how a user describes a table or JSON that wardwatch does not know, without programming."""

from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipeline.errors import ConfigError
from pipeline.ingest.events import model_of
from pipeline.ingest.streams import display_name
from schemas.base import Event
from schemas.sources import INPUTS

UNITS = {
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0,
    "B": 1.0, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1024.0, "MiB": 1024.0**2, "GiB": 1024.0**3,
    "bit": 0.125, "cent": 0.01,
}  # fmt: skip
"""Factors to our units: seconds, bytes and currency."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column and how its text becomes a value."""

    column: str = Field(min_length=1)
    """Header of the column, or dotted path into JSON (`actor.name`, `items.0.code`)."""
    type: Literal["text", "int", "float", "bool", "time", "list"] | None = None
    """What it is; by default `time` for fields named `ts` or `…_ts`, `text` otherwise."""
    format: str | None = None
    """strptime form of a time; without it ISO 8601 and epoch numbers are understood."""
    timezone: str | None = None
    """IANA zone of times that carry none; UTC by default."""
    unit: str | None = None
    separator: str = ";"
    """Between the items of a list."""
    map: dict[str, str | int | float | bool] | None = None
    """The source's words → ours; words that are not listed stay as they are."""

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        if unit is not None and unit not in UNITS:
            raise ValueError(f"unknown unit; known are {', '.join(UNITS)}")
        return unit

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, timezone: str | None) -> str | None:
        try:
            ZoneInfo(timezone or "UTC")
        except (KeyError, ValueError, OSError):
            raise ValueError("unknown time zone; write it as Europe/Vienna") from None
        return timezone


class Mapping(_Strict):
    """A mapping file."""

    source: str
    """Name in `schemas.sources.INPUTS`: network, logs, ehr, context, claims, devices."""
    kind: str | None = None
    """Kind of event, where the source has several: flow, auth, claim …"""
    format: str = Field(min_length=1, max_length=64)
    """What the events call their origin: `vendor.product`."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Of a table; found from the header by default."""
    columns: list[str] | None = None
    """Names of the columns of a table without a header."""
    fields: dict[str, Column] = Field(min_length=1)
    """Event field → column; a bare name stands for `{column: name}`."""
    constants: dict[str, str | int | float | bool] = {}
    """Event field → the same value for every record."""
    unset: list[str] = ["", "NULL", "null", "\\N"]
    """Texts that mean: no value."""

    @field_validator("fields", mode="before")
    @classmethod
    def _bare_names(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        return {name: {"column": value} if isinstance(value, str) else value for name, value in fields.items()}

    @model_validator(mode="after")
    def _fits_an_event(self) -> "Mapping":
        if self.source not in INPUTS:
            raise ValueError(f"source: unknown; known are {', '.join(INPUTS)}")
        known = self.event_model().model_fields
        for name in (*self.fields, *self.constants):
            if name not in known or name in ("event_id", "origin", "format", "kind"):
                usable = sorted(set(known) - {"event_id", "origin", "format", "kind"})
                raise ValueError(f"fields.{name}: no such field; known are {', '.join(usable)}")
        if "ts" not in self.fields:
            raise ValueError("fields.ts: missing; name the column that holds the time of the record")
        return self

    def event_model(self) -> type[Event]:
        """The model of the events."""
        models = INPUTS[self.source].models
        if self.kind is None and len(models) > 1:
            raise ValueError(f"kind: missing; known are {', '.join(_kinds(models))}")
        model = model_of(self.source, self.kind)
        if model is None or (self.kind and self.kind not in str(model.model_fields["kind"].annotation)):
            raise ValueError(f"kind: unknown for {self.source}; known are {', '.join(_kinds(models))}")
        return model


def _kinds(models: tuple[type[Event], ...]) -> list[str]:
    return [str(model.model_fields["kind"].default) for model in models]


def load_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file; ConfigError names the file and the key that is wrong, in one line."""
    name = display_name(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read mapping file {name}: {error.strerror}") from None
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"mapping file {name} is not valid YAML{where}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"mapping file {name} has no keys; it needs source, format and fields")
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"mapping file {name}: {key + ': ' if key else ''}{text}") from None
