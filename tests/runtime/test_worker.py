"""The worker as it runs: nothing lost, nothing double, the same scores as offline, whatever happens to it."""

import shutil
from collections.abc import Callable

import pytest

from pipeline.settings import Settings
from runtime.bench import Bench, Outcome, Record, hostile_records, outcome, scanned, write_inventory
from schemas.sources import INPUTS

pytestmark = pytest.mark.servers


@pytest.fixture(scope="session")
def expected() -> dict[str, Outcome]:
    """The offline outcome, computed once."""
    return {}


@pytest.fixture
def offline(
    expected: dict[str, Outcome],
    records: list[Record],
    make_settings: Callable[..., Settings],
    tmp_path_factory: pytest.TempPathFactory,
) -> Outcome:
    if "all" not in expected:
        inventory = write_inventory(records, tmp_path_factory.mktemp("offline") / "inventory.csv")
        expected["all"] = scanned(records, make_settings(inventory=inventory))
    return expected["all"]


def _same(found: Outcome, offline: Outcome) -> None:
    assert found.letters == offline.letters == len(hostile_records())
    scores, expected = found.scores, offline.scores
    assert scores.keys() == expected.keys()
    differing = [e for e, s in expected.items() if scores[e] != s]
    assert not differing, (len(differing), scores[differing[0]], expected[differing[0]])
    assert found.alerts == offline.alerts


@pytest.mark.parametrize("partitions", [1, pytest.param(4, marks=pytest.mark.long)])
def test_same_as_offline(bench: Callable[..., Bench], records: list[Record], offline: Outcome, partitions: int) -> None:
    b = bench(partitions=partitions)
    b.send(records)
    worker = b.start()
    b.wait_for_records(len(records))
    assert b.stop(worker) == 0
    found = outcome(b.database)
    _same(found, offline)
    assert len(found.scores) + found.letters == len(records)
    assert found.alerts, "the stories were not found"
    told = [a for a in b.told() if a.unmapped["source"] in INPUTS]
    assert {a.finding_info.uid for a in told} == set(found.alerts)
    assert len({a.metadata.uid for a in told}) == len(told), "told twice"
    # Told at each doubling: the last word of each alert is the largest power of two within its count.
    for uid, alert in found.alerts.items():
        assert max(a.count for a in told if a.finding_info.uid == uid) == 1 << (alert[2].bit_length() - 1)
    assert b.checkpoints()


@pytest.mark.long
@pytest.mark.parametrize("lost", [False, True], ids=["kept", "lost"])
def test_stopped_and_started_again(
    bench: Callable[..., Bench], records: list[Record], offline: Outcome, lost: bool
) -> None:
    """SIGTERM saves, and the next worker goes on as if nothing had been. Without the checkpoints it cannot."""
    b = bench(partitions=2, checkpoint_every_s=3600)
    half = len(records) // 2
    b.send(records[:half])
    worker = b.start()
    b.wait_for_records(half)
    assert b.stop(worker) == 0
    assert b.checkpoints()
    if lost:
        shutil.rmtree(b.settings.checkpoints)
    b.send(records[half:])
    worker = b.start()
    b.wait_for_records(len(records))
    assert b.stop(worker) == 0
    found = outcome(b.database)
    assert len(found.scores) + found.letters == len(records)
    if lost:
        assert found.scores != offline.scores
        assert "start afresh" in b.log.read_text()
    else:
        _same(found, offline)
