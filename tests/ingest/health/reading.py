"""How the tests of health formats read: through the format, every item checked against the wire's models."""

import io
import os
from pathlib import Path

import orjson
import pytest

from pipeline.ingest.format import Bad, Fields, Format, Item
from schemas.sources import INPUTS

HERE = Path(__file__).parent
DATA = Path(os.environ.get("WARDWATCH_DATA", HERE.parents[3] / "shared" / "data")) / "health"


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time, as sockets and decompressors do."""

    STEP = 7

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.STEP if size is None or size < 0 else min(size, self.STEP))


def read(fmt: Format, content: bytes) -> list[Item | Bad]:
    """Everything the format makes of the bytes; items are validated as the edge does."""
    found = list(fmt.read(io.BytesIO(content), "file"))
    for one in found:
        assert one.position
        assert one.raw
        if isinstance(one, Item):
            INPUTS[one.source].adapter.validate_python(one.fields | {"event_id": "e"})
        else:
            assert one.sensitive
            assert 0 < len(one.reason) < 200
            assert "\n" not in one.reason
    return found


def items(fmt: Format, content: bytes) -> list[Fields]:
    """Fields of all events; nothing may be refused."""
    found = read(fmt, content)
    assert [b.reason for b in found if isinstance(b, Bad)] == []
    return [i.fields for i in found if isinstance(i, Item)]


def reasons(fmt: Format, content: bytes) -> list[tuple[str, str]]:
    """Position and reason of everything refused."""
    return [(b.position, b.reason) for b in read(fmt, content) if isinstance(b, Bad)]


def fixture(name: str) -> bytes:
    """A fixture file of this folder."""
    return (HERE / name).read_bytes()


def js(value: object) -> bytes:
    """Compact JSON."""
    return orjson.dumps(value)


def public(folder: str, pattern: str) -> list[Path]:
    """Files of the public data sets; skips when they are not on this machine."""
    found = sorted((DATA / folder).glob(pattern))
    if not found:
        pytest.skip("the public data sets are not on this machine (set WARDWATCH_DATA)")
    return found
