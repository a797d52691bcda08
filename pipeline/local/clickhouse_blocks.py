"""ClickHouse's own compressed blocks: Go and Java clients ask for them by `compress=1`, send by `decompress=1`.

A block is a CityHash128 checksum (16 bytes), a method byte, the compressed size with this 9-byte head (u32), the
plain size (u32), then the data.
"""

import struct
from collections.abc import Iterable, Iterator

import cramjam

from pipeline.local.cityhash import cityhash128
from pipeline.local.clickhouse_error import ClickHouseError

_HEAD = struct.Struct("<BII")
_SUM_BYTES = 16
_STORED, _LZ4, _ZSTD = 0x02, 0x82, 0x90
_PLAIN_BYTES = 1 << 20  # ClickHouse's own max_compress_block_size
_MOST_BYTES = 1 << 30  # as ClickHouse: DBMS_MAX_COMPRESSED_SIZE


def pack_block(plain: bytes) -> bytes:
    """One LZ4 block."""
    packed = bytes(cramjam.lz4.compress_block(plain, store_size=False))
    body = _HEAD.pack(_LZ4, len(packed) + _HEAD.size, len(plain)) + packed
    return cityhash128(body) + body


def pack_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each piece as blocks of at most 1 MB of plain data."""
    for piece in pieces:
        for start in range(0, len(piece), _PLAIN_BYTES):
            yield pack_block(piece[start : start + _PLAIN_BYTES])


def unpack_blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The plain data of a stream of blocks; raises ClickHouseError (40, 271, 33) for a damaged one."""
    source, waiting = iter(pieces), bytearray()
    while True:
        need = _SUM_BYTES + _HEAD.size
        if len(waiting) >= need:
            need = _SUM_BYTES + _checked_size(waiting)
        if len(waiting) >= need > _SUM_BYTES + _HEAD.size:
            yield _unpack(bytes(waiting[:need]))
            del waiting[:need]
            continue
        piece = next(source, None)
        if piece is not None:
            waiting += piece
        elif waiting:
            raise ClickHouseError.make(
                33, "CANNOT_READ_ALL_DATA", "Cannot read all data: a compressed block is cut off"
            )
        else:
            return


def _checked_size(waiting: bytearray) -> int:
    _, size, plain_size = _HEAD.unpack_from(waiting, _SUM_BYTES)
    if not _HEAD.size < size <= _MOST_BYTES or plain_size > _MOST_BYTES:
        raise ClickHouseError.make(271, "CANNOT_DECOMPRESS", "Data compressed with a wrong header")
    return int(size)


def _unpack(block: bytes) -> bytes:
    body = block[_SUM_BYTES:]
    if cityhash128(body) != block[:_SUM_BYTES]:
        raise ClickHouseError.make(40, "CHECKSUM_DOESNT_MATCH", "Checksum doesn't match: corrupted data")
    method, _, plain_size = _HEAD.unpack_from(body)
    data = body[_HEAD.size :]
    try:
        if method == _LZ4:
            data = bytes(cramjam.lz4.decompress_block(data, output_len=plain_size))
        elif method == _ZSTD:
            data = bytes(cramjam.zstd.decompress(data, output_len=plain_size))
        elif method != _STORED:
            raise ClickHouseError.make(89, "UNKNOWN_COMPRESSION_METHOD", f"Unknown compression method {method}")
    except (cramjam.DecompressionError, OSError, ValueError) as error:
        raise ClickHouseError.make(271, "CANNOT_DECOMPRESS", "Cannot decompress a block") from error
    if len(data) != plain_size:
        raise ClickHouseError.make(271, "CANNOT_DECOMPRESS", "A block has another size than its header says")
    return data
