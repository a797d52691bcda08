"""What aiokafka fetched, as columns: whole record batches are read by a kernel, not record by record.

aiokafka makes a Python object of every record, which alone costs a third of what scoring it does. Its fetcher is
left as it is - positions, aborted transactions, checksums, back-off are all its own - but what it keeps for a
partition gives `Records` of many events at a time instead of single records.
"""

# ruff: noqa: SLF001  (aiokafka offers no way in; its version is pinned, and tests hold what is relied on)

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from aiokafka import codec
from aiokafka.consumer import fetcher as driver
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch

from pipeline.features.record_batch import HEADER_BYTES, LENGTH_END, Records, joined, read_records
from pipeline.runtime.transport.fetch_patience import FetchPatience
from pipeline.runtime.transport.quick_schema import ask_quickly

_UNPACK = {1: codec.gzip_decode, 2: codec.snappy_decode, 3: codec.lz4_decode, 4: codec.zstd_decode}
_READ_COMMITTED = 1
_FORMAT_V2 = 2
_APPEND_TIME = 1
_REST = 4
"""A rest of a chunk divided by this is no chunk of its own: one costs some 12 ms beside its events."""


class KeptBytes(driver.MemoryRecords):
    """A fetched record set that still knows its bytes, which the original hides."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


# The fetcher looks this name up in its module. Nothing changes for other consumers in this process.
driver.MemoryRecords = KeptBytes
ask_quickly()


class ChunkRecords(driver.PartitionRecords):
    """A partition's fetched records, given in chunks of `limit`; a rest of at most a quarter goes with the last."""

    next_fetch_offset: int

    def __init__(self, fetched: Any, limit: int) -> None:
        self._limit = limit
        super().__init__(
            fetched._tp, fetched._records, fetched._aborted_transactions, fetched.next_fetch_offset, None, None,
            fetched._check_crcs, fetched._isolation_level,
        )  # fmt: skip

    def _unpack_records(self) -> Iterator[Records]:
        parts: list[Records] = []
        waiting, after = 0, self.next_fetch_offset
        fault: CorruptRecordException | None = None
        batches = self._batches()
        while True:
            try:
                records, after_batch = next(batches)
            except StopIteration:
                break
            except CorruptRecordException as error:
                fault = error  # told when what came before it is consumed
                break
            after = max(after, after_batch)
            parts.append(records.since(self.next_fetch_offset))
            waiting += len(parts[-1])
            while waiting > self._limit + self._limit // _REST:
                whole = joined(parts)
                chunk, rest = whole.part(0, self._limit), whole.part(self._limit, waiting)
                parts, waiting = [rest], len(rest)
                self.next_fetch_offset = int(rest.offsets[0]) if waiting else after
                yield chunk
            if not waiting:
                parts, self.next_fetch_offset = [], after
        if waiting:
            self.next_fetch_offset = after
            yield joined(parts)
        if fault is not None:
            raise fault

    def _batches(self) -> Iterator[tuple[Records, int]]:
        """Records of each batch that counts, and the offset after the batch."""
        data = memoryview(self._records.data)
        at = 0
        while at + HEADER_BYTES <= len(data):
            end = at + LENGTH_END + int.from_bytes(data[at + 8 : at + LENGTH_END], "big")
            if end > len(data):
                return  # the broker cuts the last batch where the answer is full
            raw = bytes(data[at:end])
            at = end
            if raw[16] != _FORMAT_V2:
                raise CorruptRecordException(f"{self._tp}: message format {raw[16]}, which Kafka 4 no longer has")
            batch = DefaultRecordBatch(raw)
            if self._check_crcs and not batch.validate_crc():
                raise CorruptRecordException(f"{self._tp}: a record batch does not match its checksum")
            if self._counts(batch):
                yield self._read(batch, raw), batch.next_offset
            else:
                yield _NONE, batch.next_offset

    def _counts(self, batch: Any) -> bool:
        """Neither a control batch nor part of an aborted transaction."""
        if self._isolation_level == _READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
            if batch.is_transactional and batch.producer_id in self._aborted_producers:
                return False
        return not batch.is_control_batch

    def _read(self, batch: Any, raw: bytes) -> Records:
        payload = raw[HEADER_BYTES:]
        if batch.compression_type:
            payload = bytes(_UNPACK[batch.compression_type](payload))
        count = int.from_bytes(raw[57:61], "big")
        append_time = batch.max_timestamp if batch.timestamp_type == _APPEND_TIME else None
        try:
            return read_records(payload, count, batch.base_offset, batch.first_timestamp, append_time)
        except ValueError as error:
            raise CorruptRecordException(f"{self._tp}: {error}") from error


class Fetched(OrderedDict[Any, Any]):
    """The fetcher's store of results by partition: those put in give chunks from then on."""

    def __init__(self, limit: int, already: "OrderedDict[Any, Any]") -> None:
        super().__init__()
        self._limit = limit
        self.patience = FetchPatience()
        self.update(already)

    def __setitem__(self, tp: Any, result: Any) -> None:
        self.patience.filled()
        if isinstance(result, driver.FetchResult):
            result._partition_records = ChunkRecords(result._partition_records, self._limit)
        super().__setitem__(tp, result)


def leave_in_chunks(consumer: Any, limit: int) -> None:
    """From now on this started aiokafka consumer's `getmany` gives lists of `Records` of about `limit` records,
    instead of lists of single records; its `max_records` counts them, too."""
    fetcher = consumer._fetcher
    if not isinstance(fetcher._records, Fetched):
        fetcher._records = Fetched(limit, fetcher._records)
        plan = fetcher._get_actions_per_node

        def planned(assignment: Any) -> Any:
            kept = fetcher._records
            fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = kept.patience.terms(waiting=bool(kept))
            return plan(assignment)

        fetcher._get_actions_per_node = planned


_NONE = read_records(b"", 0, 0, 0)
