"""An Arrow table as the pieces of an Arrow file, so that sending it copies nothing that is long."""

from collections.abc import Iterator

import pyarrow as pa

_LONG = 64 << 10
"""Bytes from which a piece is sent from where it lies; shorter ones are put together, or each would be a packet."""


class ArrowFile:
    """What a database is sent: give it as the body of a request, with `size` as its length.

    A file in one buffer is as long as all rows: filling that with the processor clearing page after page of new memory
    took most of the time of an insert.
    """

    def __init__(self, rows: pa.Table) -> None:
        sink = _Sink()
        with pa.RecordBatchFileWriter(pa.PythonFile(sink, "w"), rows.schema) as writer:
            writer.write(rows)
        self._pieces = sink.pieces
        self.size = sink.size

    def __iter__(self) -> Iterator[pa.Buffer | bytearray]:
        """Piece by piece, for HTTP. The table's own memory: it must not change before all is sent."""
        return iter(self._pieces)

    def to_pybytes(self) -> bytes:
        """The whole in one, as Arrow's own buffers give it: for a database in this process."""
        return b"".join(self._pieces)


class _Sink:
    """What Arrow needs of a file to write to."""

    closed = False

    def __init__(self) -> None:
        self.pieces: list[pa.Buffer | bytearray] = []
        self.size = 0

    def write(self, data: pa.Buffer | bytes) -> int:
        if len(data) >= _LONG:
            self.pieces.append(data if isinstance(data, pa.Buffer) else pa.py_buffer(data))
        elif self.pieces and isinstance(self.pieces[-1], bytearray):
            self.pieces[-1] += data
        else:
            self.pieces.append(bytearray(data))
        self.size += len(data)
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""
