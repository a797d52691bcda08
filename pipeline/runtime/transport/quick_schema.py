"""Kafka's questions for records and the answers, read and written several numbers at a time.

aiokafka describes each message as a tree of fields and calls Python for every number of it. A question names every
partition, so that most of what an idle or a busy consumer thread did was asking. Here the numbers that stand side by
side are one `struct`, which gives the same bytes and the same values: `tests/runtime/transport/test_quick_schema.py`.
"""

import struct
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from aiokafka.protocol import fetch, types

_CODES: dict[Any, str] = {types.Int8: "b", types.Int16: "h", types.Int32: "i", types.Int64: "q"}


class QuickSchema(types.Schema):
    """The same fields; runs of whole numbers among them are read and written at once."""

    def __init__(self, original: types.Schema) -> None:
        self.names = original.names
        self.fields = tuple(_quick(field) for field in original.fields)
        self._steps: list[tuple[struct.Struct | None, Any, int, int]] = []
        """A run of numbers or a single field, and which of the fields it is: from, to."""
        first = 0
        while first < len(self.fields):
            last, codes = first, ">"
            while last < len(self.fields) and self.fields[last] in _CODES:
                codes += _CODES[self.fields[last]]
                last += 1
            if last > first:
                self._steps.append((struct.Struct(codes), None, first, last))
            else:
                last = first + 1
                self._steps.append((None, self.fields[first], first, last))
            first = last

    def encode(self, item: Sequence[Any]) -> bytes:
        """Raises ValueError for values that do not fit."""
        if len(item) != len(self.fields):
            raise ValueError(f"{len(item)} values for {len(self.fields)} fields")
        try:
            return b"".join(
                field.encode(item[first]) if run is None else run.pack(*item[first:last])
                for run, field, first, last in self._steps
            )
        except struct.error as error:
            raise ValueError(str(error)) from error

    def decode(self, data: BytesIO) -> tuple[Any, ...]:
        """Raises ValueError where the data ends too soon."""
        found: list[Any] = []
        try:
            for run, field, _, _ in self._steps:
                if run is None:
                    found.append(field.decode(data))
                else:
                    found += run.unpack(data.read(run.size))
        except struct.error as error:
            raise ValueError(str(error)) from error
        return tuple(found)


def _quick(field: Any) -> Any:
    if isinstance(field, types.Schema):
        return QuickSchema(field)
    if isinstance(field, types.Array):
        quick = types.Array(types.Int8)
        quick.array_of = _quick(field.array_of)
        return quick
    return field


def ask_quickly() -> None:
    """From now on aiokafka's messages about records are read and written so, in this process."""
    for request in fetch.FetchRequest._CLASSES:  # noqa: SLF001  (all versions; there is no other list of them)
        for kind in (request, request.RESPONSE_TYPE):
            if not isinstance(kind.SCHEMA, QuickSchema):
                kind.SCHEMA = QuickSchema(kind.SCHEMA)
