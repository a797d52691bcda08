"""A record that the engine fails on is put aside with its offset; its neighbours are scored as if it had not been."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import river.anomaly
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.river_plugin import RiverSpec
from pipeline.errors import PoisonError
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.quarantine import MOST, Chunk, Scored, score
from pipeline.runtime.scan_journal import ScanJournal
from pipeline.settings import Settings
from runtime.bench import Bench, Record, outcome, scanned
from runtime.touchy.touchy import POISON

TOUCHY = Path(__file__).with_name("touchy")
river.anomaly.__path__.append(str(TOUCHY))
SPEC = RiverSpec(
    id="network.touchy", source="network", kind="flow", model="river.anomaly.touchy.Touchy", features=("bytes_out",),
    params={"n_trees": 3, "height": 4, "seed": 1},
)  # fmt: skip


@pytest.fixture(scope="session")
def flows(records: list[Record]) -> list[Record]:
    """Network flows that anybody can bear."""
    return [r for r in records if r.source == "network" and b'"kind":"flow"' in (r.value or b"")][:3000]


def poisoned(record: Record, number: int) -> Record:
    """The same with the value that breaks the detector."""
    event = json.loads(record.value or b"{}") | {"bytes_out": int(POISON), "event_id": f"poison{number}"}
    return replace(record, value=json.dumps(event).encode())


def with_poison(flows: Sequence[Record], places: Sequence[int]) -> list[Record]:
    """Poison before the flows at these places."""
    out = list(flows)
    for number, place in enumerate(sorted(places, reverse=True)):
        out.insert(place, poisoned(flows[min(place, len(flows) - 1)], number))
    return out


KEPT = {"network.beaconing", "network.exfiltration", "network.flow", "network.lateral_movement", "network.port_scan"}
"""Each search for the one that breaks goes back to the state before it: with all detectors a minute an example."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    others = tuple(sorted(set(catalogue()) - KEPT))
    given = Settings(data_dir=tmp_path_factory.mktemp("keys"), river=(SPEC,), disabled=others)
    return Plan.of(given, make_keys=True)


def chunk(texts: Sequence[bytes], first: int) -> Chunk:
    return Chunk("network", 0, 1, texts, np.arange(first, first + len(texts), dtype=np.int64))


def found(scored: Sequence[Scored]) -> dict[str, tuple[dict[str, float], list[str]]]:
    """Scores by event id."""
    out = {}
    for rows in (p.rows for s in scored for p in s.products):
        columns = (rows[name].to_pylist() for name in ("event_id", "scores", "found_by"))
        out |= {i: (dict(scores), by) for i, scores, by in zip(*columns, strict=True)}
    return out


@settings(max_examples=6, deadline=None)
@given(places=st.lists(st.integers(0, 600), min_size=1, max_size=6), size=st.sampled_from([700, 200, 37]))
def test_neighbours_do_not_notice(places: list[int], size: int, plan: Plan, flows: list[Record]) -> None:
    clean = [r.value or b"" for r in flows[:600]]
    expected = score(Line("network", plan), chunk(clean, 0))
    texts = [r.value or b"" for r in with_poison(flows[:600], places)]
    journal = ScanJournal(Line("network", plan), plan.config.key_groups)
    scored = [journal.score(chunk(texts[i : i + size], i)) for i in range(0, len(texts), size)]
    assert found(scored) == found([expected])
    put_aside = [u for s in scored for u in s.unread]
    assert [u.offset for u in put_aside] == [i for i, t in enumerate(texts) if b"poison" in t]
    assert all("ValueError in river" in u.reason and "Jane" not in u.reason for u in put_aside)
    counts = {uid: alert.count for s in scored for uid, (_, alert) in s.changed.items()}
    counts |= {state.uid: alert.count for state, alert in journal.counts()}
    assert counts == {uid: state.count for uid, (state, _) in expected.changed.items()}


def test_a_systematic_failure_is_no_poison(plan: Plan, flows: list[Record]) -> None:
    texts = [poisoned(r, i).value or b"" for i, r in enumerate(flows[: MOST + 5])]
    with pytest.raises(PoisonError, match="record after record"):
        ScanJournal(Line("network", plan), plan.config.key_groups).score(chunk(texts, 0))


def worker_environment(given: Settings) -> dict[str, str]:
    """How a worker finds the broken model."""
    return {"PYTHONPATH": str(TOUCHY), "WARDWATCH_RIVER": json.dumps([s.model_dump() for s in given.river])}


@pytest.mark.servers
@pytest.mark.slow
def test_a_worker_puts_poison_aside(
    bench: Callable[..., Bench], make_settings: Callable[..., Settings], flows: list[Record]
) -> None:
    """At the beginning, two together, in the middle, at the end."""
    places = [0, 700, 700, 1900, len(flows)]
    offline = scanned(flows, make_settings(river=(SPEC,)))
    b = bench(partitions=1, chunk_records=400, river=(SPEC,))
    b.send(with_poison(flows, places))
    worker = b.start(**worker_environment(b.settings))
    b.wait_for_records(len(flows) + len(places))
    assert b.stop(worker) == 0
    result = outcome(b.database)
    assert result.scores == offline.scores
    assert result.alerts == offline.alerts
    letters = b.database.query("SELECT offset, reason FROM dead_letters ORDER BY offset")
    assert [o for o, _ in letters] == [p + i for i, p in enumerate(places)]
    assert all("ValueError in river" in reason for _, reason in letters)
    assert "Jane" not in b.log.read_text()


@pytest.mark.servers
@pytest.mark.slow
def test_a_worker_stops_at_a_systematic_failure(bench: Callable[..., Bench], flows: list[Record]) -> None:
    """And loses nothing: with the fault repaired the next one scores all of it."""
    b = bench(partitions=1, chunk_records=400, river=(SPEC,))
    b.send(flows[:500])
    b.send(poisoned(r, i) for i, r in enumerate(flows[500:600]))
    worker = b.start(**worker_environment(b.settings))
    assert worker.wait(60) == 1
    assert "record after record" in b.log.read_text()
    assert b.count("dead_letters") == 0
    b.start(**worker_environment(b.settings), WARDWATCH_DISABLED=json.dumps([SPEC.id]))
    b.wait_for_records(600)
    assert b.count() == 600
