"""One event of a batch as a rule sees it: values by Sigma's field names, read when first asked for."""

import re
from functools import cache
from typing import Any

import orjson

from pipeline.features.batch import Batch
from pipeline.features.layout import BOOL, JSON, TEXT, layout
from pipeline.rules.fields import JSON_COLUMN, PLACES

_DEEPEST = 4
_MOST_VALUES = 512
# Letters whose other case is ASCII (KELVIN SIGN, LONG S, dotted and dotless I): they stay apart from ASCII, so that
# the pre-filter, which sees bytes, agrees with every comparison.
_APART = {0x212A: 0xFFFD, 0x017F: 0xFFFD, 0x0130: 0xFFFD, 0x0131: 0xFFFD}
_PAIR = re.compile(r"\b(\w+)=(\"[^\"]*\"|'[^']*'|\S+)")


class EventView:
    """Row `row` of `batch`. Texts come as they are or folded (lower case); a field may have several values."""

    __slots__ = ("_batch", "_columns", "_data", "_folded", "_row", "_texts")

    def __init__(self, batch: Batch, row: int) -> None:
        self._batch = batch
        self._row = row
        self._data: dict[str, list[str]] | None = None
        self._columns: dict[str, list[str]] = {}
        self._texts: dict[str, tuple[str, ...]] = {}
        self._folded: dict[str, tuple[str, ...]] = {}

    @property
    def ts(self) -> float:
        """Event time in seconds."""
        return float(self._batch.ts[self._row])

    def texts(self, field: str) -> tuple[str, ...]:
        """Values of a field (lower-case name) as text; none where it is not set."""
        found = self._texts.get(field)
        if found is None:
            values = [v for v in self._values(field) if v]
            found = tuple(v if v.isascii() else v.translate(_APART) for v in values)
            self._texts[field] = found
        return found

    def folded(self, field: str) -> tuple[str, ...]:
        """The same in lower case."""
        found = self._folded.get(field)
        if found is None:
            found = tuple(v.lower() for v in self.texts(field))
            self._folded[field] = found
        return found

    def everything(self) -> str:
        """All texts of the event, a line each, in lower case: what keywords are looked for in."""
        if "" not in self._folded:
            lines = [v for name in _searched(self._batch.source) for v in self._column(name)]
            lines += [v for values in self._record().values() for v in values]
            text = "\n".join(lines)
            self._folded[""] = ((text if text.isascii() else text.translate(_APART)).lower(),)
        return self._folded[""][0]

    def _values(self, field: str) -> list[str]:
        own = self._record().get(field)
        if own:
            return own
        for column, cut in PLACES[self._batch.source].get(field, ()):
            values = [cut(v) for v in self._column(column)]
            if any(values):
                return values
        return self._column(field) if self._batch.has(field) else []

    def _column(self, name: str) -> list[str]:
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._read(name)
        return found

    def _read(self, name: str) -> list[str]:
        batch = self._batch
        kind = batch.layout.columns[batch.layout.index[name]].type
        if kind == TEXT:
            text = batch.text(name, self._row)
            return [text] if text else []
        if kind == JSON:
            text = batch.text(name, self._row)
            return _items(text) if text else []
        number = batch.value(name, self._row)
        if number is None:
            return []
        if kind == BOOL:
            return ["true" if number else "false"]
        return [str(int(number)) if number.is_integer() else repr(number)]

    def _record(self) -> dict[str, list[str]]:
        """The record's own fields by lower-case name; of an audit record those in its message."""
        if self._data is None:
            column = JSON_COLUMN[self._batch.source]
            text = self._batch.text(column, self._row)
            self._data = {}
            if text:
                _flatten(_parsed(text), "", self._data, _DEEPEST)
            elif self._batch.source == "logs":
                message = self._batch.text("message", self._row)
                if message and "msg=audit(" in message[:64]:
                    self._data = {k.lower(): [v.strip("\"'")] for k, v in _PAIR.findall(message[:8192])}
        return self._data


@cache
def _searched(source: str) -> tuple[str, ...]:
    """Columns that hold words of the record itself."""
    skip = {"event_id", "format", "kind", "origin", JSON_COLUMN[source]}
    return tuple(c.name for c in layout(source).columns if c.type in (TEXT, JSON) and c.name not in skip)


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _items(text: str) -> list[str]:
    out: dict[str, list[str]] = {}
    _flatten({"x": _parsed(text)}, "", out, _DEEPEST)
    return [v for values in out.values() for v in values]


def _flatten(value: Any, name: str, out: dict[str, list[str]], deep: int) -> None:
    if isinstance(value, dict) and deep:
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}".lstrip(".").lower(), out, deep - 1)
    elif isinstance(value, list) and deep:
        for inner in value:
            _flatten(inner, name, out, deep - 1)
    elif isinstance(value, bool):
        out.setdefault(name, []).append("true" if value else "false")
    elif isinstance(value, str | int | float) and len(out) < _MOST_VALUES:
        out.setdefault(name, []).append(str(value))
