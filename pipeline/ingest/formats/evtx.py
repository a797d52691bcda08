"""Event log files as Windows keeps and exports them (`Security.evtx`), without a converter in between."""

import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, BinaryIO

from evtx import PyEvtxParser
from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, loads
from pipeline.ingest.windows.events import windows_item

_MAGIC = b"ElfFile\x00"
_HEADER_BYTES, _CHUNK_BYTES, _CHUNKS_AT = 4096, 65_536, 42
"""Of a file: its header, each of its chunks, and where the header tells how many there are."""
_MOST_BAD = 1000
"""A file of which so many records in a row cannot be read is given up."""
_BROKEN = "the file is damaged here or was cut off, and the event log reader makes nothing of it"


class Evtx(Format):
    """Windows event log files; their chunks are checked and read one after the other from a copy on disk, as the
    reader has to move about in them."""

    id = "evtx"
    title = "Windows event log files (EVTX)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The file's own mark."""
        return 1.0 if head.startswith(_MAGIC) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every record."""
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            size = copy.tell()
            copy.seek(_CHUNKS_AT)
            chunks = int.from_bytes(copy.read(2), "little")
            copy.seek(0)
            yield from self._records(copy)
            if size < _HEADER_BYTES + chunks * _CHUNK_BYTES:  # the reader passes over a last chunk that is not whole
                yield Bad("end of file", _BROKEN, b"", self.id)

    def _records(self, copy: IO[bytes]) -> Iterator[Item | Bad]:
        try:
            records = PyEvtxParser(copy, number_of_threads=1).records_json()
        except (RuntimeError, OSError, ValueError):
            yield Bad("file", _BROKEN, b"", self.id)
            return
        bad = 0
        while bad < _MOST_BAD:
            try:
                record = next(records, None)
            except (RuntimeError, OSError, ValueError):
                bad += 1
                yield Bad("record", _BROKEN, b"", self.id)
                continue
            if record is None:
                return
            bad = 0
            position, raw = f"record {record['event_record_id']}", record["data"].encode()
            try:
                cut = JsonRecord(position, loads(raw), raw)
            except ValueError:  # names of a damaged record are written as they are, line breaks and all
                yield Bad(position, _BROKEN, raw, self.id)
            else:
                yield from each([cut], lambda r: [windows_item(r.value, r.position, r.raw, self.id)], self.id)
