"""Where each field of a source stands in the columns: derived from the pydantic models, never written by hand.

The compiled reader (`json_kernel`) works from these tables, so the models stay the one description of the data.
"""

from dataclasses import dataclass, field
from functools import cache, cached_property
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipeline.features.hashing import hash_text
from schemas.sources import SOURCES, Source

TEXT, FLOAT, INT, BOOL, JSON = range(5)
_KEY_SLOTS = 512  # open addressing for fewer than 128 field names: load factor under 1/4


@dataclass(frozen=True)
class Column:
    """One field name, the same type in every model of the source that has it."""

    name: str
    type: int
    """TEXT, FLOAT, INT, BOOL, or JSON (a list or object, kept as its JSON text)."""
    low: float
    high: float
    """Numbers: inclusive bounds. Texts: least and greatest length."""
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    """Texts with a closed set of values."""


@dataclass(frozen=True)
class Layout:
    """Tables for one source. K kinds, C columns."""

    source: Source
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]
    index: dict[str, int]
    compiled: bool
    """Whether the kernel may accept documents itself; nested models always go through pydantic first."""
    slots: np.ndarray = field(repr=False)
    """int64[C]: row of the column among the numbers or among the texts."""
    form: tuple[Any, ...] = field(repr=False)
    """What the kernel reads by: table of field names (int32, column or -1, probed linearly from the name's hash),
    their hashes uint64[C]; types int8[C], low and high float64[C], start of allowed values int32[C + 1], their hashes,
    nullable bool[C]; slots; number of the column `kind`, whether it must be given, hashes of the kinds uint64[K];
    fields a kind's model has, and requires, as sets of bits uint64[K, 2] (others are dropped, as pydantic does);
    texts that a kind's model fills in where a field is left out: bits uint64[K, 2], place in `defaults` int64[C],
    size int32[C]."""
    defaults: bytes = b""
    """Those texts, end to end."""

    @cached_property
    def slot_of(self) -> dict[str, int]:
        """Field name → row of its matrix."""
        return {name: int(self.slots[i]) for name, i in self.index.items()}

    def text_slots(self, names: tuple[str, ...]) -> np.ndarray:
        """int64[m]: rows of these fields among the texts, -1 for one that is no text."""
        return _text_slots(self.source.name, names)

    @property
    def number_count(self) -> int:
        """How many columns hold numbers."""
        return sum(c.type in (FLOAT, INT, BOOL) for c in self.columns)


def _is_list_or_model(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return origin is list or (isinstance(annotation, type) and issubclass(annotation, BaseModel))


def _unwrap(annotation: Any, metadata: list[Any]) -> Any:
    """The bare type under Optional and Annotated; the limits found on the way are added to `metadata`."""
    while True:
        origin = get_origin(annotation)
        if origin in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        elif hasattr(annotation, "__metadata__"):
            for extra in annotation.__metadata__:
                metadata.extend(extra.metadata if isinstance(extra, FieldInfo) else [extra])
            annotation = annotation.__origin__
        else:
            return annotation


def _column(name: str, info: FieldInfo) -> Column:
    metadata = list(info.metadata)
    bare = _unwrap(info.annotation, metadata)
    low, high = -np.inf, np.inf
    for m in metadata:
        if isinstance(m, Ge | Gt):
            low = float(m.ge) if isinstance(m, Ge) else float(m.gt)  # type: ignore[arg-type]
        elif isinstance(m, Le):
            high = float(m.le)  # type: ignore[arg-type]
        elif isinstance(m, Lt):
            high = float(m.lt) - 1  # type: ignore[arg-type]
        elif isinstance(m, MinLen):
            low = float(m.min_length)
        elif isinstance(m, MaxLen):
            high = float(m.max_length)
    nullable = type(None) in get_args(info.annotation)
    if get_origin(bare) is Literal:
        return Column(name, TEXT, 0, 1024, nullable, tuple(map(str, get_args(bare))))
    if _is_list_or_model(bare):
        return Column(name, JSON, 0, np.inf, nullable)
    kinds = {str: TEXT, float: FLOAT, int: INT, bool: BOOL}
    return Column(name, kinds[bare], low, high, nullable)


def _key_table(count: int, hashes: np.ndarray) -> np.ndarray:
    table = np.full(_KEY_SLOTS, -1, np.int32)
    for c in range(count):
        slot = int(hashes[c]) % _KEY_SLOTS
        while table[slot] >= 0:
            slot = (slot + 1) % _KEY_SLOTS
        table[slot] = c
    return table


def _kinds(source: Source) -> list[tuple[str, type[BaseModel]]]:
    pairs: list[tuple[str, type[BaseModel]]] = []
    for model in source.models:
        metadata: list[Any] = []
        values = get_args(_unwrap(model.model_fields["kind"].annotation, metadata))
        pairs += [(str(value), model) for value in values]
    return pairs


@cache
def layout(name: str) -> Layout:
    """The layout of a source, built once a process. `name` is one of `SOURCES`; KeyError otherwise."""
    source = SOURCES[name]
    merged: dict[str, Column] = {}
    for model in source.models:
        for field_name, info in model.model_fields.items():
            column = _column(field_name, info)
            before = merged.setdefault(field_name, column)
            if field_name != "kind" and (before.type, before.allowed) != (column.type, column.allowed):
                raise TypeError(f"{name}.{field_name} has two types among the models of its source")
    pairs = _kinds(source)
    kinds = tuple(value for value, _ in pairs)
    merged["kind"] = Column("kind", TEXT, 0, 64, False, kinds)
    columns = tuple(merged.values())
    slots = _slots(columns)
    texts, places = _defaults(columns, pairs)
    return Layout(
        source=source,
        columns=columns,
        kinds=kinds,
        index={c.name: i for i, c in enumerate(columns)},
        compiled=not any(_nested(m) for _, m in pairs),
        slots=slots,
        form=(*_form(columns, pairs, slots, len(source.models) > 1), places),
        defaults=texts,
    )


@cache
def _text_slots(source: str, names: tuple[str, ...]) -> np.ndarray:
    form = layout(source)
    textual = [form.columns[form.index[name]].type in (TEXT, JSON) for name in names]
    return np.array([form.slot_of[n] if t else -1 for n, t in zip(names, textual, strict=True)], np.int64)


def _slots(columns: tuple[Column, ...]) -> np.ndarray:
    used = [0, 0]
    slots = np.zeros(len(columns), np.int64)
    for i, column in enumerate(columns):
        textual = int(column.type in (TEXT, JSON))
        slots[i] = used[textual]
        used[textual] += 1
    return slots


def _form(
    columns: tuple[Column, ...], pairs: list[tuple[str, type[BaseModel]]], slots: np.ndarray, kind_required: bool
) -> tuple[Any, ...]:
    hashes = np.array([hash_text(c.name) for c in columns], np.uint64)
    allowed = [[hash_text(a) for a in c.allowed] for c in columns]
    tables = (
        np.array([c.type for c in columns], np.int8),
        np.array([c.low for c in columns]),
        np.array([c.high for c in columns]),
        np.cumsum([0] + [len(a) for a in allowed]).astype(np.int32),
        np.array([h for a in allowed for h in a], np.uint64),
        np.array([c.nullable for c in columns]),
    )
    member = [[c.name in m.model_fields for c in columns] for _, m in pairs]
    required = [[c.name in m.model_fields and _is_required(m.model_fields[c.name]) for c in columns] for _, m in pairs]
    kind = next(i for i, c in enumerate(columns) if c.name == "kind")
    kind_hashes = np.array([hash_text(k) for k, _ in pairs], np.uint64)
    return (
        _key_table(len(columns), hashes), hashes, tables, slots, kind, kind_required, kind_hashes,
        _bits(member), _bits(required),
    )  # fmt: skip


def _defaults(
    columns: tuple[Column, ...], pairs: list[tuple[str, type[BaseModel]]]
) -> tuple[bytes, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Default texts end to end, and (bits, place, size) of them as `Layout.form` describes."""
    text = b""
    place, size = np.zeros(len(columns), np.int64), np.zeros(len(columns), np.int32)
    filled = [[False] * len(columns) for _ in pairs]
    for c, column in enumerate(columns):
        infos = [model.model_fields.get(column.name) for _, model in pairs]
        values = {i.default for i in infos if i is not None and isinstance(i.default, str)}
        if len(values) != 1:
            continue  # none; or `kind` of a source with several models, which is never left out
        value = values.pop().encode()
        place[c], size[c] = len(text), len(value)
        text += value
        for k, info in enumerate(infos):
            filled[k][c] = info is not None and isinstance(info.default, str)
    return text, (_bits(filled), place, size)


def _bits(rows: list[list[bool]]) -> np.ndarray:
    """uint64[K, 2]: each row of truth values as a set of bits."""
    out = np.zeros((len(rows), 2), np.uint64)
    for k, row in enumerate(rows):
        for c, present in enumerate(row):
            if present:
                out[k, c >> 6] |= np.uint64(1) << np.uint64(c & 63)
    return out


def _is_required(info: FieldInfo) -> bool:
    return info.default is PydanticUndefined


def _nested(model: type[BaseModel]) -> bool:
    """Whether a field holds a list of models, which only pydantic validates."""
    for info in model.model_fields.values():
        bare = _unwrap(info.annotation, [])
        if get_origin(bare) is list:
            inner = _unwrap(get_args(bare)[0], [])
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                return True
    return False
