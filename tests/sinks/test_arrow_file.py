"""The pieces of a table are Arrow's own file, and what is long in them is not copied."""

import pyarrow as pa
import pytest

from pipeline.sinks.arrow_file import ArrowFile

LONG = pa.table({
    "text": pa.array([f"{i:06}" * 40 for i in range(2000)]),
    "number": pa.array(range(2000), pa.int64()),
    "kind": pa.DictionaryArray.from_arrays([0] * 2000, pa.array(["flow"])),
})  # fmt: skip


def _whole(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.RecordBatchFileWriter(sink, rows.schema) as writer:
        writer.write(rows)
    return bytes(sink.getvalue())


@pytest.mark.parametrize(
    "rows", [LONG, LONG.slice(7, 1), pa.concat_tables([LONG, LONG.slice(3, 900)]), LONG.slice(0, 0)]
)
def test_the_pieces_are_the_file_that_arrow_writes(rows: pa.Table) -> None:
    file = ArrowFile(rows)
    assert b"".join(file) == b"".join(file) == file.to_pybytes() == _whole(rows)
    assert file.size == len(file.to_pybytes())


def test_long_columns_are_sent_from_where_they_lie_and_short_ones_together() -> None:
    pieces = list(ArrowFile(LONG))
    text = LONG.column("text").chunk(0).buffers()[2]
    assert text.address in {piece.address for piece in pieces if isinstance(piece, pa.Buffer)}
    assert len(pieces) == 3
    assert len(list(ArrowFile(LONG.slice(0, 20)))) == 1
