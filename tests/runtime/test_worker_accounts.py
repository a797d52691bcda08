"""An account's log-ons to hosts of several key groups are seen together by the worker, and once whoever is killed."""

import signal
from collections.abc import Callable

import orjson
import pytest

from pipeline.features.decode import decode
from pipeline.settings import Settings
from runtime.bench import Bench, Record, compare, outcome, scanned

pytestmark = [pytest.mark.servers, pytest.mark.long]
SOURCES = ("accounts",)
START = 1.79e9


def _logon(ident: str, ts: float, user: str, host: str) -> Record:
    fields = {
        "ts": ts, "event_id": ident, "format": "test", "kind": "auth", "action": "logon", "outcome": "success",
        "logon_type": 2, "user": user, "host": host,
    }  # fmt: skip
    return Record("logs", host.encode(), orjson.dumps(fields))


def _records() -> list[Record]:
    """A morning of nurses at their own desks, and one account at twelve."""
    usual = [
        _logon(f"usual {i} {n}", START + 3900.0 * i + 10.0 * n, f"HOSP\\nurse{n}", f"ws-{n % 20}")
        for i in range(3) for n in range(160)
    ]  # fmt: skip
    at = START + 3 * 3900.0
    return usual + [_logon(f"story {i}", at + 120.0 * i, ("Clerk3", "clerk3")[i % 2], f"ws-{i}") for i in range(12)]


def test_desks_of_many_key_groups_come_together(
    bench: Callable[..., Bench], make_settings: Callable[..., Settings]
) -> None:
    records = _records()
    assert len(set(decode("logs", [r.value or b"" for r in records[-12:]], 8).batch.groups.tolist())) > 3
    later = [_logon("later", START + 86_400.0, "nurse1", "ws-1")]
    expected = scanned(records, make_settings(), then=later, sources=SOURCES)
    assert {alert[0] for alert in expected.alerts.values()} == {"logs.many_desks"}
    b = bench(partitions=4)
    b.send(records[:400])
    worker = b.start()
    b.wait_for_records(200)
    worker.send_signal(signal.SIGKILL)
    worker.wait(60)
    b.send(records[400:])
    worker = b.start()
    b.wait_for_records(len(records))
    b.send(later)
    b.wait(lambda: b.count("scored_events WHERE source = 'accounts'") >= len(expected.rows), "what was found")
    assert b.stop(worker) == 0
    verdict = compare(outcome(b.database, b.told(), sources=SOURCES), expected)
    assert verdict.ok, (str(verdict), verdict.examples)
