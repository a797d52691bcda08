"""Native blocks for clients that name a protocol version (clickhouse-go, hence Grafana).

chDB writes Native as for version 0. From version 1 a block begins with a block info, from 54454 each column says
whether its serialization is a custom one: each column's end must be found, which most of this file does.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator

from pipeline.local.clickhouse_error import ClickHouseError

_CUSTOM_SERIALIZATION = 54454
_BLOCK_INFO = b"\x01\x00\x02" + struct.pack("<i", -1) + b"\x00"  # no overflow, bucket -1, end
_WIDTHS = (  # bytes a value
    (1, "Int8 UInt8 Bool Nothing Enum8"),
    (2, "Int16 UInt16 BFloat16 Date Enum16"),
    (4, "Int32 UInt32 Float32 Date32 DateTime Time IPv4 Decimal32"),
    (8, "Int64 UInt64 Float64 DateTime64 Time64 Decimal64"),
    (16, "Int128 UInt128 UUID IPv6 Decimal128"),
    (32, "Int256 UInt256 Decimal256"),
)
_FIXED = {name: width for width, names in _WIDTHS for name in names.split()}
_ALIAS = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "Polygon": "Array(Ring)",
    "MultiLineString": "Array(LineString)",
    "MultiPolygon": "Array(Polygon)",
}
_PART = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[(),\s]|[^'`(),\s]+", re.DOTALL)


def for_protocol(pieces: Iterable[bytes], version: int) -> Iterator[bytes]:
    """Native pieces, cut anywhere, as protocol `version` wants them. Holds at most one block and as much again.

    Raises ClickHouseError 48 for a type whose length cannot be told (AggregateFunction, JSON, Variant, Dynamic),
    33 when the last block is not whole.
    """
    if not version:
        yield from pieces
        return
    waiting, enough = b"", 0
    for piece in pieces:
        waiting += piece
        if len(waiting) < enough:
            continue
        out, at = _whole_blocks(waiting, version)
        waiting = waiting[at:]
        enough = 2 * len(waiting)  # a large block is looked at again only when twice as much is there
        if out:
            yield out
    out, at = _whole_blocks(waiting, version)
    if at < len(waiting):
        raise ClickHouseError.make(33, "CANNOT_READ_ALL_DATA", "The result ends in the middle of a block")
    if out:
        yield out


def _whole_blocks(data: bytes, version: int) -> tuple[bytes, int]:
    """The blocks that are there to their end, converted, and where the rest begins."""
    at, out = 0, list[bytes]()
    while at < len(data):
        block: list[bytes] = []
        try:
            end = _block(data, at, version, block)
        except (IndexError, struct.error):
            break
        if end > len(data):
            break
        out += block
        at = end
    return b"".join(out), at


def _block(data: bytes, at: int, version: int, out: list[bytes]) -> int:
    start = at
    columns, at = _varint(data, at)
    rows, at = _varint(data, at)
    out += [_BLOCK_INFO, data[start:at]]
    for _ in range(columns):
        start = at
        size, at = _varint(data, at)
        size, at = _varint(data, at + size)
        if at + size > len(data):
            raise IndexError
        kind = data[at : at + size].decode()
        at += size
        out.append(data[start:at])
        if version >= _CUSTOM_SERIALIZATION:
            out.append(b"\x00")
        start = at
        if rows:
            at = _body(kind, data, _prefix(kind, at), rows)
        out.append(data[start:at])
    return at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _split(kind: str) -> tuple[str, list[str]]:
    """`Map(String, Array(UInt8))` → ("Map", ["String", "Array(UInt8)"]); names of tuple elements are dropped."""
    name, bracket, inside = kind.partition("(")
    if not bracket:
        return kind, []
    arguments, parts, depth = list[str](), list[str](), 0
    for part in [*_PART.findall(inside[:-1]), ","]:
        depth += (part == "(") - (part == ")")
        if depth == 0 and part == ",":
            arguments.append("".join(parts).strip())
            parts = []
        elif depth == 0 and part.isspace() and name in ("Tuple", "Nested"):
            parts = []
        else:
            parts.append(part)
    return name, arguments


def _plain(kind: str) -> tuple[str, list[str]]:
    kind = _ALIAS.get(kind, kind)
    name, arguments = _split(kind)
    if name == "SimpleAggregateFunction":
        return _plain(arguments[1])
    if name == "Map":
        return "Array", [f"Tuple({arguments[0]}, {arguments[1]})"]
    if name == "Nested":
        return "Array", [f"Tuple({', '.join(arguments)})"]
    return name, arguments


def _prefix(kind: str, at: int) -> int:
    """Skip what a column says once: the version number of each LowCardinality in it."""
    name, arguments = _plain(kind)
    if name == "LowCardinality":
        return at + 8
    if name in ("Array", "Tuple", "Nullable"):
        for argument in arguments:
            at = _prefix(argument, at)
    return at


def _body(kind: str, data: bytes, at: int, rows: int) -> int:
    """Offset after `rows` values of `kind`."""
    name, arguments = _plain(kind)
    if name in _FIXED:
        return at + _FIXED[name] * rows
    if name.startswith("Interval"):
        return at + 8 * rows
    skip = _SKIP.get(name)
    if skip is None:
        text = f"Type {name} is not supported for this client; cast it to String"
        raise ClickHouseError.make(48, "NOT_IMPLEMENTED", text)
    return skip(arguments, data, at, rows)


def _strings(_: list[str], data: bytes, at: int, rows: int) -> int:
    for _row in range(rows):
        size = data[at]
        at += 1
        if size >= 0x80:
            size, at = _varint(data, at - 1)
        at += size
    return at


def _array(arguments: list[str], data: bytes, at: int, rows: int) -> int:
    at += 8 * rows
    total = struct.unpack_from("<Q", data, at - 8)[0] if rows else 0
    return _body(arguments[0], data, at, total)


def _tuple(arguments: list[str], data: bytes, at: int, rows: int) -> int:
    for argument in arguments:
        at = _body(argument, data, at, rows)
    return at if arguments else at + rows


def _low_cardinality(arguments: list[str], data: bytes, at: int, rows: int) -> int:
    if not rows:
        return at
    flags, keys = struct.unpack_from("<2Q", data, at)
    inner, nested = _split(arguments[0])
    at = _body(nested[0] if inner == "Nullable" else arguments[0], data, at + 16, keys)
    count = struct.unpack_from("<Q", data, at)[0]
    return int(at + 8 + count * (1 << (flags & 0xFF)))


def _fixed_string(arguments: list[str], _: bytes, at: int, rows: int) -> int:
    return at + int(arguments[0]) * rows


def _nullable(arguments: list[str], data: bytes, at: int, rows: int) -> int:
    return _body(arguments[0], data, at + rows, rows)


def _decimal(arguments: list[str], _: bytes, at: int, rows: int) -> int:
    precision = int(arguments[0])
    width = next(size for limit, size in ((9, 4), (18, 8), (38, 16), (76, 32)) if precision <= limit)
    return at + width * rows


_SKIP: dict[str, Callable[[list[str], bytes, int, int], int]] = {
    "String": _strings,
    "FixedString": _fixed_string,
    "Decimal": _decimal,
    "Nullable": _nullable,
    "Array": _array,
    "Tuple": _tuple,
    "LowCardinality": _low_cardinality,
}
