"""A producer that sends twice, into a real broker: what stands in the database is as if it had not."""

from collections.abc import Callable

import pytest

from pipeline.settings import Settings
from runtime.bench import Bench, Record, hostile_records, outcome, scanned

pytestmark = [pytest.mark.servers, pytest.mark.slow]
FEW = 5000


@pytest.fixture(scope="module")
def events(records: list[Record]) -> list[Record]:
    """Of the big sources, without what nobody can read: a dead letter sent twice is two."""
    hostile = set(hostile_records())
    return [r for r in records if r.source in ("network", "logs", "ehr") and r not in hostile][:FEW]


def test_sent_twice(bench: Callable[..., Bench], events: list[Record], make_settings: Callable[..., Settings]) -> None:
    """Each event twice at once, as a retry does, and some once more much later."""
    expected = scanned(events, make_settings())
    b = bench(partitions=2, chunk_records=300, checkpoint_every_s=0.3)
    half = len(events) // 2
    b.send([r for r in events[:half] for _ in range(2)] + events[half - 500 : half])
    b.send([r for r in events[half:] for _ in range(2)])
    worker = b.start()
    b.wait_for_records(len(events))
    b.wait(lambda: "sent the same event_id" in b.log.read_text(), "the log line")
    assert b.stop(worker) == 0
    found = outcome(b.database)
    assert found.scores == expected.scores
    assert found.alerts == expected.alerts
    assert found.letters == 0
