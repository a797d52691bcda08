"""A producer that sends twice changes nothing: not a score, not an alert, not a row."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.decode import decode
from pipeline.ingest.reader import Parsed, read_path
from pipeline.runtime.line import Line, Plan
from pipeline.runtime.scan import Scan, ScanSummary
from pipeline.settings import Settings
from pipeline.simulator import Hospital
from pipeline.sinks.clickhouse import ClickHouse
from runtime.test_line import GROUPS, Found, play
from schemas.dead_letter import DeadLetter
from schemas.sources import INPUTS

ALL = 2500
Alerts = dict[str, tuple[int, float, float, float]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return Plan.of(Settings(data_dir=folder), make_keys=True)


@pytest.fixture(scope="module")
def documents() -> dict[str, list[bytes]]:
    """A simulated hospital under attack, by source."""
    found: dict[str, list[bytes]] = {name: [] for name in INPUTS}
    for event in Hospital(seed=5, start_ts=1.79e9, events_per_s=20.0).events(400):
        found[event.source].append(event.value)
    return found


def alerts(line: Line) -> Alerts:
    return {s.uid: (s.count, s.top_score, s.first_ts, s.last_ts) for s, _ in line.changed_alerts(everything=True)}


def played(plan: Plan, source: str, chunks: Sequence[Sequence[bytes]], *, restarts: bool) -> tuple[Found, Alerts, int]:
    """Scores, alerts and number of copies; no event may be scored twice."""
    line, found, told, copies, at = Line(source, plan), Found(), Alerts(), 0, 0
    for chunk in chunks:
        product = line.process(chunk, source, 0, np.arange(at, at + len(chunk), dtype=np.int64))
        assert product.rows.num_rows + product.copies + len(product.refused) == len(chunk)
        offsets = product.rows["offset"].to_numpy()
        raws = [chunk[int(o) - at] for o in offsets]
        assert all(i.encode() in raw for i, raw in zip(product.rows["event_id"].to_pylist(), raws, strict=True))
        columns = [product.rows[name].to_pylist() for name in ("event_id", "scores", "top_detector", "found_by")]
        rows = {i: (dict(scores), top, by) for i, scores, top, by in zip(*columns, strict=True)}
        assert len(rows) == product.rows.num_rows
        assert not rows.keys() & found.keys()
        found |= rows
        told |= alerts(line)
        copies += product.copies
        at += len(chunk)
        if restarts:
            state = line.state(range(GROUPS))
            line = Line(source, plan)
            for group, parts in state.items():
                line.load(int(group), parts)
    return found, told, copies


@settings(max_examples=10, deadline=None)
@given(
    source=st.sampled_from(("network", "logs", "ehr", "claims")),
    again=st.lists(st.tuples(st.integers(0, ALL - 1), st.integers(0, 600)), max_size=60),
    bad=st.lists(st.integers(0, ALL - 1), max_size=5),
    cuts=st.lists(st.integers(0, ALL), max_size=4),
    restarts=st.booleans(),
)
def test_copies_change_nothing(
    source: str,
    again: list[tuple[int, int]],
    bad: list[int],
    cuts: list[int],
    restarts: bool,
    plan: Plan,
    documents: dict[str, list[bytes]],
) -> None:
    """Copies anywhere behind their event, records in between that nobody can read, cut and restarted anywhere."""
    texts = documents[source][:ALL]
    expected = played(plan, source, [texts], restarts=False)
    placed = [(float(i), text) for i, text in enumerate(texts)]
    sent = [(i, d) for i, d in again if i < len(texts)]
    placed += [(i + d + 0.5, texts[i]) for i, d in sent]
    placed += [(i + 0.25, b"not an event") for i in bad]
    stream = [text for _, text in sorted(placed, key=lambda p: p[0])]
    borders = sorted({0, len(stream), *(c for c in cuts if c < len(stream))})
    found = played(plan, source, [stream[a:b] for a, b in pairwise(borders)], restarts=restarts)
    assert found == (expected[0], expected[1], len(sent))


def test_without_a_window_they_count_twice(folder: Path, documents: dict[str, list[bytes]]) -> None:
    """The negative control: what the test above sees when copies are let through."""
    plan = Plan.of(Settings(data_dir=folder, copies_window=0), make_keys=True)
    texts = documents["network"][:ALL]
    expected = play(Line("network", plan), texts)
    offsets = np.arange(2 * len(texts), dtype=np.int64)
    product = Line("network", plan).process([t for t in texts for _ in range(2)], "network", 0, offsets)
    assert (product.rows.num_rows, product.copies) == (2 * len(texts), 0)
    assert product.rows["scores"].to_pylist()[::2] != [list(s.items()) for s, _, _ in expected.values()]


def test_a_copy_beyond_the_window_is_an_event(folder: Path, documents: dict[str, list[bytes]]) -> None:
    texts = documents["network"][:200]
    plan = Plan.of(Settings(data_dir=folder, copies_window=10), make_keys=True)
    groups = decode("network", texts, GROUPS).batch.groups
    mine = [t for t, g in zip(texts, groups, strict=True) if g == groups[0]]
    others = [t for t, g in zip(texts, groups, strict=True) if g != groups[0]]
    assert len(mine) > 11

    def copies(stream: list[bytes]) -> int:
        return Line("network", plan).process(stream, "network", 0, np.arange(len(stream), dtype=np.int64)).copies

    assert copies([*mine[:10], mine[0]]) == 1
    assert copies([*mine[:11], mine[0]]) == 0
    assert copies([*mine[:10], *others, mine[0]]) == 1, "other groups push nothing out"


def test_a_chunk_of_nothing_but_copies(plan: Plan, documents: dict[str, list[bytes]]) -> None:
    texts = documents["logs"][:300]
    line = Line("logs", plan)
    expected = line.process(texts, "logs", 0, np.arange(300, dtype=np.int64))
    again = line.process(texts, "logs", 0, np.arange(300, 600, dtype=np.int64))
    assert (again.rows.num_rows, again.copies, again.alerts) == (0, 300, [])
    assert again.rows.schema == expected.rows.schema


def test_an_id_that_begins_again_at_another_time_is_no_copy(plan: Plan) -> None:
    event = '{"ts":%f,"event_id":"%d","format":"t","kind":"flow","src_ip":"10.0.0.1"}'
    texts = [(event % (1.79e9 + i, i % 10)).encode() for i in range(50)]
    assert Line("network", plan).process(texts, "network", 0, np.arange(50, dtype=np.int64)).copies == 0


def test_the_window_is_part_of_what_a_checkpoint_must_agree_with(folder: Path) -> None:
    windows = (0, 10, 65_536)
    plans = [Plan.of(Settings(data_dir=folder, copies_window=w), make_keys=True) for w in windows]
    assert len({Line("logs", p).identity() for p in plans}) == len(windows)


def scanned(plan: Plan, results: Sequence[Parsed | DeadLetter], database: ClickHouse) -> ScanSummary:
    scan = Scan(plan, "scan-test", 700, database=database)
    for result in results:
        scan.add(result)
    return scan.finish()


def test_one_file_twice_in_a_scan_is_stored_once(folder: Path, tmp_path: Path) -> None:
    """Lines that look the same are events of their own, those of the second reading are copies."""
    line = "2026-03-27T13:06:{:02d}+00:00 gw kernel: DROP IN=eth0 SRC=10.0.0.{} DST=10.0.0.1"
    lines = [line.format(i // 40 % 60, i % 7) for i in range(2000)]
    (tmp_path / "gw.log").write_text("\n".join(lines) + "\nno time\n")
    results = list(read_path(tmp_path / "gw.log"))
    plan = Plan.of(Settings(data_dir=folder), make_keys=True)
    with_copies = ClickHouse.embedded(tmp_path / "db")
    try:
        with_copies.migrate()
        summary = scanned(plan, [*results, *results], with_copies)
        assert (summary.records, summary.rows, summary.copies) == (2 * len(results), 2001, 2001)
        rows = with_copies.query("SELECT count(), uniqExact(event_id) FROM scored_events")
        assert [tuple(row) for row in rows] == [(2001, 2001)]
    finally:
        with_copies.close()
