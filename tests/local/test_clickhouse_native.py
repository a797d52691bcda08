"""Compressed blocks and versioned Native, as Go and Java clients (Grafana among them) use them."""

import struct
from itertools import pairwise
from pathlib import Path

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.cityhash import cityhash128
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.clickhouse_blocks import pack_block, pack_blocks, unpack_blocks
from pipeline.local.clickhouse_error import ClickHouseError
from pipeline.local.clickhouse_native import for_protocol
from pipeline.settings import Settings
from pipeline.sinks.clickhouse import ClickHouse
from tests.local.conftest import Call

VERSION = 54460  # what clickhouse-go names
BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
COLUMNS = [
    "toUInt8(number)",
    "toInt256(number)",
    "number / 3",
    "toString(number)",
    "repeat('x', number * 50)",
    "toFixedString(toString(number), 3)",
    "toDate(number)",
    "toDateTime(number, 'UTC')",
    "toDateTime64(number, 6, 'UTC')",
    "toDecimal128(number, 4)",
    "if(number % 2 = 0, number, NULL)",
    "NULL",
    "toLowCardinality(toString(number % 3))",
    "CAST(if(number % 2 = 0, 'a', NULL), 'LowCardinality(Nullable(String))')",
    "range(number % 4)",
    "[]",
    "arrayMap(x -> toLowCardinality(toString(x)), range(number % 2))",
    "[[range(number)], []]",
    "map(toLowCardinality('k'), number)",
    "tuple(number, toLowCardinality('a'), 'b')",
    "CAST((number, 'x'), 'Tuple(a UInt64, `b c` String)')",
    "CAST('a', 'Enum8(\\'a\\' = 1, \\'b),(\\' = 2)')",
    "generateUUIDv4(0) = generateUUIDv4(0)",
    "toIPv4('1.2.3.4')",
    "toIPv6('::1')",
    "toIntervalDay(number)",
    "(1., 2.)::Point",
    "[[(1., 2.)]]::Polygon",
]


def varint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


@given(st.binary(max_size=3000))
def test_blocks_round_trip(data: bytes) -> None:
    packed = b"".join(pack_blocks([data]))
    assert b"".join(unpack_blocks(packed[n : n + 7] for n in range(0, len(packed), 7))) == data


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_damaged_block_is_refused(data: bytes, draw: st.DataObject) -> None:
    packed = bytearray(pack_block(data))
    packed[draw.draw(st.integers(0, len(packed) - 1))] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(ClickHouseError):
        list(unpack_blocks([bytes(packed)]))
    with pytest.raises(ClickHouseError, match="cut off"):
        list(unpack_blocks([pack_block(data)[:-1]]))


def test_other_methods() -> None:
    for method, data in ((0x02, b"plain"), (0x90, bytes(cramjam.zstd.compress(b"plain")))):
        body = struct.pack("<BII", method, len(data) + 9, 5) + data
        assert list(unpack_blocks([cityhash128(body) + body])) == [b"plain"]


@pytest.mark.servers
def test_the_engines_own_files_carry_our_checksum(clickhouse: LocalClickHouse, http: Call) -> None:
    """The oracle: parts on disk are made of the same blocks, written by ClickHouse's own code."""
    wide = "SETTINGS min_bytes_for_wide_part = 0, min_rows_for_wide_part = 0"
    http(f"CREATE OR REPLACE TABLE sums (a UInt64, b String) ENGINE = MergeTree ORDER BY a {wide}".encode())
    for rows in (1, 2, 3, 10, 100, 1000, 50000):
        sql = f"INSERT INTO sums SELECT number, hex(sipHash128(number)) FROM numbers({rows})"
        assert http(sql.encode()).status == 200
    files = list(Path(clickhouse.data_dir).rglob("[ab].bin"))
    assert len(files) >= 14
    assert sum(len(piece) for path in files for piece in unpack_blocks([path.read_bytes()])) > 50_000 * 40


@pytest.mark.servers
def test_compressed_both_ways(http: Call) -> None:
    http(b"CREATE OR REPLACE TABLE blocks (a UInt64) ENGINE = MergeTree ORDER BY a")
    native = http(b"SELECT number AS a FROM numbers(100000) FORMAT Native").body
    body = b"".join(pack_blocks([native]))
    reply = http(body, query="INSERT INTO blocks FORMAT Native", decompress=1)
    assert reply.status == 200, reply.body
    packed = http(b"SELECT a FROM blocks ORDER BY a", compress=1, default_format="RowBinary").body
    assert b"".join(unpack_blocks([packed])) == struct.pack("<100000Q", *range(100000))
    assert http(body[:-1], query="INSERT INTO blocks FORMAT Native", decompress=1).status != 200
    assert http(b"SELECT count() FROM blocks").body == b"100000\n"


@pytest.mark.servers
@pytest.mark.parametrize("rows", [1, 7])
def test_versioned_native(http: Call, rows: int) -> None:
    """Columns asked one by one show where each ends; asked together for a version, each has its flag in front."""
    expected = BLOCK_INFO + varint(len(COLUMNS)) + varint(rows)
    for place, expression in enumerate(COLUMNS):
        name = f"c{place}".encode()
        alone = http(f"SELECT {expression} AS c{place} FROM numbers({rows}) FORMAT Native".encode()).body
        head = varint(1) + varint(rows) + varint(len(name)) + name
        assert alone.startswith(head), expression
        kind = alone[len(head) : len(head) + 1 + alone[len(head)]]  # every type's name here is shorter than 128
        expected += head[2:] + kind + b"\x00" + alone[len(head) + len(kind) :]
    columns = ", ".join(f"{expression} AS c{place}" for place, expression in enumerate(COLUMNS))
    sql = f"SELECT {columns} FROM numbers({rows})".encode()
    assert http(sql, default_format="Native", client_protocol_version=VERSION).body == expected


@pytest.mark.servers
def test_the_greeting_of_clickhouse_go(http: Call) -> None:
    sql = b"SELECT displayName(), version(), revision(), timezone()"
    query = {
        "default_format": "Native",
        "client_protocol_version": VERSION,
        "compress": 1,
        "max_execution_time": 60,
    }
    plain = b"".join(unpack_blocks([http(sql, **query).body]))
    assert plain.startswith(BLOCK_INFO + b"\x04\x01" + b"\x0ddisplayName()\x06String\x00")
    empty = http(b"SELECT 1 WHERE 0", **query)
    assert (empty.status, empty.body) == (200, b"")
    refused = http(b"SELECT sumState(number) FROM numbers(3)", **query)
    assert (refused.status, refused.headers["X-ClickHouse-Exception-Code"]) == (501, "48")


@given(st.lists(st.integers(0, 400), max_size=8))
def test_versioned_native_cut_anywhere(cuts: list[int]) -> None:
    """A large result comes in pieces that know nothing of blocks."""
    blocks = []
    for rows in (1, 3, 200):
        text = b"".join(varint(len(word)) + word for word in (b"x" * (n % 150) for n in range(rows)))
        blocks.append(varint(2) + varint(rows) + b"\x01a\x05UInt8" + bytes(range(rows)) + b"\x01b\x06String" + text)
    whole = b"".join(for_protocol(blocks, VERSION))
    data = b"".join(blocks)
    ends = sorted({min(c * 10, len(data)) for c in cuts} | {0, len(data)})
    pieces = [data[a:b] for a, b in pairwise(ends)]
    assert b"".join(for_protocol(pieces, VERSION)) == whole
    assert whole.count(BLOCK_INFO) == len(blocks)
    with pytest.raises(ClickHouseError, match="middle of a block"):
        list(for_protocol([data[:-1]], VERSION))


@pytest.mark.servers
def test_a_large_result(clickhouse: LocalClickHouse) -> None:
    """Blocks larger than a piece, by a client that names a version."""
    database = ClickHouse.connect(Settings(clickhouse_url=clickhouse.url))
    rows = database.query("SELECT number, repeat('x', 40) FROM numbers(100000) ORDER BY number")
    database.close()
    assert rows == [(n, "x" * 40) for n in range(100_000)]
