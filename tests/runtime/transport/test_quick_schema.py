"""Kafka's messages about records written and read several numbers at a time are aiokafka's own."""

from io import BytesIO
from typing import Any

import pytest
from aiokafka.protocol import fetch, types
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime.transport.quick_schema import QuickSchema, ask_quickly

_BITS = {types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64}
_KINDS = [kind for request in fetch.FetchRequest._CLASSES for kind in (request, request.RESPONSE_TYPE)]


def _plain(field: Any) -> Any:
    """A description as aiokafka makes it, of the same fields."""
    if isinstance(field, types.Schema):
        return types.Schema(*zip(field.names, map(_plain, field.fields), strict=True))
    if isinstance(field, types.Array):
        plain = types.Array(types.Int8)
        plain.array_of = _plain(field.array_of)
        return plain
    return field


def _values(field: Any) -> st.SearchStrategy[Any]:
    """Any value a field can have."""
    if field in _BITS:
        bound = 1 << (_BITS[field] - 1)
        return st.integers(-bound, bound - 1)
    if isinstance(field, types.String):
        return st.text(max_size=12)
    if isinstance(field, types.Array):
        return st.lists(_values(field.array_of), max_size=3)
    if isinstance(field, types.Schema):
        return st.tuples(*map(_values, field.fields))
    return st.none() | st.binary(max_size=20)


@pytest.mark.parametrize("kind", [fetch.FetchRequest_v11, fetch.FetchResponse_v4, fetch.FetchResponse_v11])
@given(data=st.data())
def test_same_bytes_and_same_values(kind: Any, data: st.DataObject) -> None:
    plain = _plain(kind.SCHEMA)
    quick = QuickSchema(plain)
    values = data.draw(_values(plain))
    written = plain.encode(values)
    assert quick.encode(values) == written
    assert quick.decode(BytesIO(written)) == plain.decode(BytesIO(written)) == values


def test_all_versions_are_read_so_and_once_is_enough() -> None:
    ask_quickly()
    before = {kind: kind.SCHEMA for kind in _KINDS}
    ask_quickly()
    assert {kind: kind.SCHEMA for kind in _KINDS} == before
    assert all(isinstance(kind.SCHEMA, QuickSchema) for kind in _KINDS)


def test_what_does_not_fit_is_a_value_error() -> None:
    quick = QuickSchema(types.Schema(("a", types.Int32), ("b", types.Int64)))
    with pytest.raises(ValueError, match="2 fields"):
        quick.encode((1,))
    with pytest.raises(ValueError, match=r"int too large|format requires"):
        quick.encode((1 << 40, 1))
    with pytest.raises(ValueError, match="buffer"):
        quick.decode(BytesIO(b"\0\0\0\1\0"))
