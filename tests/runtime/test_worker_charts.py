"""Accesses meet care in the worker as in the scan: whatever is read first, and whoever is killed."""

import signal
from collections.abc import Callable

import orjson
import pytest

from pipeline.settings import Settings
from pipeline.simulator import Hospital
from runtime.bench import Bench, Outcome, Record, compare, outcome, scanned

pytestmark = pytest.mark.servers
SOURCES = ("charts", "judged")
ORDER = ("claims", "ehr", "context")
"""Topic after topic: accesses are read long before the care that explains them."""
START, SPAN_S = 1.79e9, 3 * 3600.0
LATER_S = 40 * 86_400.0
WAIT = {"access_grace_h": 0.5, "break_glass_h": 1.0, "claim_wait_d": 0.05}


def _fields(source: str, ts: float) -> dict[str, object]:
    base = {"ts": ts, "event_id": f"later-{source}", "format": "test"}
    return (
        base
        | {
            "ehr": {"kind": "access", "user": "u-later", "patient": "p-later"},
            "context": {"kind": "patient", "patient": "p-later"},
            "claims": {"kind": "claim", "provider": "n-later", "patient": "p-later"},
        }[source]
    )


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """Three hours of a hospital's accesses, care and claims."""
    hospital = Hospital(seed=4, start_ts=START, events_per_s=2.0)
    events = (e for e in hospital.events(SPAN_S) if e.source in ORDER)
    return [Record(e.source, e.key.encode(), e.value) for e in events]


def _later() -> list[Record]:
    """One event more of each, long after: it makes event time go on."""
    last = START + SPAN_S + LATER_S
    return [Record(source, b"later", orjson.dumps(_fields(source, last))) for source in ORDER]


@pytest.fixture(scope="module")
def expected() -> dict[str, Outcome]:
    """The offline outcome, computed once."""
    return {}


@pytest.fixture
def offline(expected: dict[str, Outcome], records: list[Record], make_settings: Callable[..., Settings]) -> Outcome:
    if "all" not in expected:
        expected["all"] = _without_later(scanned(records, make_settings(**WAIT), then=_later(), sources=SOURCES))
    return expected["all"]


def _without_later(found: Outcome) -> Outcome:
    """What came long after everything else is not judged while a worker waits for what comes after it."""
    found.rows = {event_id: rows for event_id, rows in found.rows.items() if not event_id.startswith("later")}
    return found


def _judged(b: Bench) -> Outcome:
    return _without_later(outcome(b.database, b.told(), sources=SOURCES))


def _wait_for_rows(b: Bench, n: int) -> None:
    table = "scored_events WHERE source IN ('charts', 'judged') AND NOT startsWith(event_id, 'later')"
    b.wait(lambda: b.count(table) >= n, f"{n} rows of what was judged")


@pytest.mark.parametrize("partitions", [1, pytest.param(4, marks=pytest.mark.long)])
def test_same_as_offline(bench: Callable[..., Bench], records: list[Record], offline: Outcome, partitions: int) -> None:
    b = bench(partitions=partitions, **WAIT)
    b.send(sorted(records, key=lambda r: ORDER.index(r.source)))
    worker = b.start()
    b.wait_for_records(len(records))
    b.send(_later())
    _wait_for_rows(b, sum(map(len, offline.rows.values())))
    assert b.stop(worker) == 0
    found = _judged(b)
    verdict = compare(found, offline)
    assert verdict.ok, (str(verdict), verdict.examples)
    reasons = {r[0] for r in b.database.query("SELECT DISTINCT reason FROM accesses")}
    assert "none" in reasons and len(reasons) > 3


@pytest.mark.long
def test_killed_in_the_middle(bench: Callable[..., Bench], records: list[Record], offline: Outcome) -> None:
    """kill -9 twice: what was given on is given on again, and counts once."""
    b = bench(partitions=2, **WAIT)
    third = len(records) // 3
    for part in (records[:third], records[third : 2 * third]):
        b.send(part)
        worker = b.start()
        before = b.count("scored_events")
        b.wait(lambda before=before: b.count("scored_events") > before + third // 2, "half of a part")  # type: ignore[misc]
        worker.send_signal(signal.SIGKILL)
        worker.wait(60)
    b.send(records[2 * third :])
    worker = b.start()
    b.wait_for_records(len(records))
    b.send(_later())
    _wait_for_rows(b, sum(map(len, offline.rows.values())))
    assert b.stop(worker) == 0
    verdict = compare(_judged(b), offline)
    assert verdict.ok, (str(verdict), verdict.examples)
