"""What Hypothesis draws documents from: every field of every source, with values that are right, odd or hostile."""

import json
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import BaseModel

from pipeline.features.layout import BOOL, FLOAT, INT, JSON, TEXT, Column, _unwrap, layout
from schemas.sources import SOURCES

_DEEP = "[" * 5000 + "]" * 5000
ODD_VALUES = (
    "null", "true", "false", '""', "[]", "{}", '"x"', '[""]', '["a", "é"]', '[1]', "[null]", '{"a":[{"b":"]"}]}',
    "NaN", "Infinity", "-Infinity", "nul", "tru", "-", "+1", "01", "1.", ".5", "1e", "1e5", "1E+2", "-0", "-0.0", "0.0",
    "1e999", "-1e999", "1e-400", "5e-324", "1" * 5000, "0." + "3" * 5000, "9007199254740991", "9007199254740992",
    "9007199254740993", "9223372036854775808", "18446744073709551616", "123456789012345678", "1234567890123456789",
    "0.1234567890123456789", "1.7976931348623157e308", "2.2250738585072014e-308", "1790000000.123456789", "80.0",
    "80.5", "65535", "65536", "-1", '"80"', '" 80 "', '"1e3"', '"NaN"', '"true"', '"yes"', '"on"', "1", "0", "2",
    '"\\u0041\\u00e9\\u75c5"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00"', '"\\ud800\\u0041"', '"\\u0000"',
    '"\\""', '"\\\\"', '"\\/\\b\\f\\n\\r\\t"', '"\\x"', '"\\u12g4"', '"\\u12"', '"病院 ⚕️ Жук"', '"\x00"', '"\n"',
    '"' + "é" * 1024 + '"', '"' + "é" * 1025 + '"', '"' + "a" * 1024 + '"', '"' + "a" * 1025 + '"',
    '"' + "\\u00e9" * 1024 + '"', '"' + "b" * 32_768 + '"', '"' + "ж" * 32_768 + '"', '"' + "b" * 32_769 + '"',
    '["' + "é" * 1024 + '"]', "[" + ",".join(['"a"'] * 1024) + "]", "[" + ",".join(['"a"'] * 1025) + "]", _DEEP,
)  # fmt: skip
GARBAGE = (
    b"\x80",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf5",
    b"\xc0\xaf",
    b"\xf0\x82\x82\xac",
    b"\x00",
    b'"',
    b"}",
    b"{",
    b"\\",
)
_spaces = st.sampled_from(("", "", "", " ", "\t", "\r\n", "\n  "))
_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def _number(column: Column) -> st.SearchStrategy[str]:
    low, high = max(column.low, -1e15), min(column.high, 1e15)
    if column.type == INT:
        return st.integers(int(low), int(high)).map(str)
    floats = st.floats(low, high, allow_nan=False).map(repr)
    long = st.tuples(st.integers(int(low), int(high) - 1), st.integers(0, 10**18)).map(lambda t: f"{t[0]}.{t[1]:018d}")
    return floats | st.integers(int(low), int(high)).map(str) | long


def _nested(annotation: Any) -> st.SearchStrategy[str]:
    """A list of texts, or of a model's objects, as the annotation says."""
    inner = get_args(_unwrap(annotation, []))[0]
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        names = st.sampled_from((*inner.model_fields, "foreign"))
        values = _texts | st.floats(0, 1e9) | st.none() | st.integers(0, 9) | st.lists(_texts, max_size=2)
        return st.lists(st.dictionaries(names, values, max_size=4), max_size=3).map(json.dumps)
    return st.lists(_texts, max_size=4).map(lambda v: json.dumps(v, ensure_ascii=False))


def _usual(source: str, column: Column) -> st.SearchStrategy[str]:
    if column.allowed:
        return st.sampled_from(column.allowed).map(json.dumps)
    if column.type == TEXT:
        return _texts.map(json.dumps) | _texts.map(lambda v: json.dumps(v, ensure_ascii=False))
    if column.type == BOOL:
        return st.sampled_from(("true", "false"))
    if column.type == JSON:
        model = next(m for m in SOURCES[source].models if column.name in m.model_fields)
        return _nested(model.model_fields[column.name].annotation)
    assert column.type in (INT, FLOAT)
    return _number(column)


@st.composite
def _member(draw: st.DrawFn, source: str) -> tuple[str, str]:
    """A field with a value, usual or odd; now and then a field nobody knows."""
    column = draw(st.sampled_from(layout(source).columns))
    odd = draw(st.integers(0, 9)) == 0
    value = draw(st.sampled_from(ODD_VALUES) if odd else _usual(source, column))
    return draw(st.sampled_from((column.name,) * 12 + ("foreign", "us\\u0065r", "é"))), value


@st.composite
def documents(draw: st.DrawFn, source: str) -> bytes:
    """One JSON text, most often valid for the source; fields may come twice, be missing, or be another kind's."""
    form = layout(source)
    fields = [
        ("ts", draw(_number(form.columns[form.index["ts"]]))),
        ("event_id", json.dumps(draw(_texts.filter(bool)))),
        ("format", '"test"'),
        ("kind", json.dumps(draw(st.sampled_from(form.kinds)))),
        ("signature", '"s"'),
    ]
    if draw(st.integers(0, 4)) == 0:
        fields.pop(draw(st.integers(0, 4)))
    known = {name for name, _ in fields}
    for name, value in draw(st.lists(_member(source), max_size=6)):
        if name not in known or draw(st.integers(0, 5)) == 0:
            fields.append((name, value))
            known.add(name)
    space = draw(_spaces)
    body = ",".join(f'{space}"{name}"{space}:{space}{value}{space}' for name, value in draw(st.permutations(fields)))
    text = f"{space}{{{body}}}{space}".encode()
    return _garbled(draw, text) if draw(st.integers(0, 11)) == 0 else text


def _garbled(draw: st.DrawFn, text: bytes) -> bytes:
    at = draw(st.integers(0, len(text)))
    how = draw(st.sampled_from(("cut", "insert", "replace", "bare")))
    if how == "cut":
        return text[:at]
    if how == "bare":
        return draw(
            st.sampled_from((b"", b" ", b"[]", b"1", b"null", b"\xef\xbb\xbf" + text, text + b"x", _DEEP.encode()))
        )
    return text[:at] + draw(st.sampled_from(GARBAGE)) + text[at + (how == "replace") :]


def column_values(source: str, model: BaseModel) -> dict[str, Any]:
    """What every column must hold for a validated event."""
    return {c.name: getattr(model, c.name, None) for c in layout(source).columns}
