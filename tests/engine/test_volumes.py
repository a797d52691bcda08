"""Counts of events by hour: exact, independent of cuts, bounded, safe from wrong clocks."""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
import orjson
import pytest

from pipeline.engine.hour_kernel import OPEN_H
from pipeline.engine.volumes import STRAYS, TOP, Volumes
from pipeline.errors import CheckpointError
from pipeline.features.decode import decode
from pipeline.features.lists import Lists
from schemas.note import VolumeNote

GROUPS = 8
START = 1_772_438_400.0  # a full hour


def documents(source: str, rows: Iterable[Mapping[str, object]]) -> list[bytes]:
    """Rows as documents of a source."""
    form = {"network": "zeek.conn", "ehr": "csv", "logs": "syslog"}[source]
    return [orjson.dumps({"event_id": f"e{i}", "format": form} | dict(row)) for i, row in enumerate(rows)]


def latest(notes: Iterable[VolumeNote]) -> dict[tuple[str, str, str, float], int]:
    """What stands in the end, by lane, scope, name and hour."""
    return {(n.lane, n.scope, n.name, n.hour_ts): n.count for n in notes}


def summed(notes: Iterable[VolumeNote], scope: str) -> Counter[tuple[str, float]]:
    """Counts over all lanes by name and hour after START."""
    found: Counter[tuple[str, float]] = Counter()
    for (_, what, name, hour_ts), count in latest(notes).items():
        if what == scope:
            found[name, (hour_ts - START) / 3600] += count
    return found


def told(
    volumes: Volumes, docs: list[bytes], cut: int = 10_000, found: Iterable[int] = (), end: bool = True
) -> list[VolumeNote]:
    """All notes of a stream cut into batches of `cut`."""
    notes: list[VolumeNote] = []
    marked = set(found)
    for at in range(0, len(docs), cut):
        batch = decode(volumes.source, docs[at : at + cut], GROUPS).batch
        volumes.take(batch, [row - at for row in marked if at <= row < at + cut])
        notes += volumes.notes(0, range(GROUPS))
    return notes + (volumes.notes(0, range(GROUPS), everything=True) if end else [])


def accesses(n: int, seed: int = 1, jitter_s: float = 0.0) -> list[dict[str, object]]:
    """Accesses of 60 users of four departments over some 30 hours."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for i in range(n):
        user = int(rng.integers(0, 60) * rng.random())
        ts = START + i / n * 30 * 3600 + float(rng.random() * jitter_s)
        rows.append({"ts": ts, "user": f"u{user}", "patient": "p", "action": "read", "department": f"d{user % 4}"})
    return rows


def test_counts_are_exact() -> None:
    rows = accesses(3000, jitter_s=3 * 3600)
    notes = told(Volumes("ehr", GROUPS), documents("ehr", rows), 500)
    hours = [int((float(str(r["ts"])) - START) // 3600) for r in rows]
    assert summed(notes, "source") == Counter(("ehr", h) for h in hours)
    assert summed(notes, "department") == Counter((r["department"], h) for r, h in zip(rows, hours, strict=True))
    entities, truth = summed(notes, "entity"), Counter((r["user"], h) for r, h in zip(rows, hours, strict=True))
    assert len(entities) > 200
    assert all(truth[who] == count for who, count in entities.items())


@pytest.mark.parametrize("cut", [1, 7, 333])
def test_cuts_do_not_matter(cut: int) -> None:
    docs = documents("ehr", accesses(800, jitter_s=5 * 3600))
    assert latest(told(Volumes("ehr", GROUPS), docs, cut)) == latest(told(Volumes("ehr", GROUPS), docs))


def test_an_hour_is_told_when_it_is_over_and_again_when_something_comes_late() -> None:
    def access(ts: float) -> dict[str, object]:
        return {"ts": ts, "user": "u1", "patient": "p", "action": "read"}

    volumes = Volumes("ehr", GROUPS)
    first = told(volumes, documents("ehr", [access(START), access(START + 1)]), end=False)
    assert first == []
    second = told(volumes, documents("ehr", [access(START + 3700)]), end=False)
    assert [(n.scope, n.count) for n in second] == [("source", 2)]
    late = told(volumes, documents("ehr", [access(START + 5), access(START + 7300)]), end=False)
    assert {(n.hour_ts - START, n.count) for n in late if n.scope == "source"} == {(0.0, 3), (3600.0, 1)}


def test_what_is_too_late_is_not_counted() -> None:
    rows = [{"ts": START + h * 3600, "user": "u1", "patient": "p", "action": "read"} for h in (OPEN_H, 0, 1)]
    volumes = Volumes("ehr", GROUPS)
    assert summed(told(volumes, documents("ehr", rows)), "source") == Counter({("ehr", 1): 1, ("ehr", OPEN_H): 1})
    assert sum(volumes.late(g) for g in range(GROUPS)) == 1


def test_one_wrong_clock_moves_nothing_and_many_are_believed() -> None:
    base: dict[str, object] = {"user": "u1", "patient": "p", "action": "read"}
    rows = [base | {"ts": START}, base | {"ts": START + 1e9}, base | {"ts": START + 60}]
    assert summed(told(Volumes("ehr", GROUPS), documents("ehr", rows)), "source") == Counter({("ehr", 0): 2})
    many = [base | {"ts": START}] + [base | {"ts": START + 90 * 86_400 + i} for i in range(STRAYS + 5)]
    assert summed(told(Volumes("ehr", GROUPS), documents("ehr", many)), "source")["ehr", 90 * 24] == 6


def test_devices_are_counted_by_class_at_either_end() -> None:
    lists = Lists(devices={"10.1.0.5": {"class": "infusion pump"}, "10.1.0.6": {"class": "infusion pump"}})
    flow = {"kind": "flow", "ts": START, "dst_port": 443, "proto": "tcp"}
    pump, other, host, peer = "10.1.0.5", "10.1.0.6", "10.9.9.9", "10.9.9.8"
    ends = ((pump, host), (host, pump), (pump, other), (host, peer))
    rows = [flow | {"src_ip": a, "dst_ip": b} for a, b in ends]
    notes = told(Volumes("network", GROUPS, lists), documents("network", rows))
    assert summed(notes, "device_class") == Counter({("infusion_pump", 0): 3})
    assert summed(notes, "source") == Counter({("network", 0): 4})


def test_a_flood_of_names_neither_grows_it_nor_hides_the_heavy() -> None:
    rows: list[dict[str, object]] = []
    for i in range(12_000):
        flood = {"kind": "flow", "dst_ip": "10.0.0.1", "ts": START + i, "src_ip": f"10.{i % 250}.{i // 250}.7"}
        rows.append(flood if i % 3 else flood | {"src_ip": "10.0.0.9"})
    volumes = Volumes("network", GROUPS)
    notes = told(volumes, documents("network", rows), 4000)
    assert sum(count for (name, _), count in summed(notes, "entity").items() if name == "10.0.0.9") == 4000
    entities = {(n.lane, n.name) for n in notes if n.scope == "entity"}
    assert len(entities) < GROUPS * TOP * 8
    assert sum(a.nbytes for a in volumes.state(0).values()) < 130 * 1024


def test_who_was_found_is_counted_although_light() -> None:
    heavy = [{"ts": START + i, "kind": "line", "host": f"h{i % 300}", "message": "m"} for i in range(3000)]
    light = [{"ts": START + 3000 + i, "kind": "line", "host": "quiet"} for i in range(2)]
    docs = documents("logs", heavy + light)
    assert "quiet" not in {name for name, _ in summed(told(Volumes("logs", GROUPS), docs), "entity")}
    assert summed(told(Volumes("logs", GROUPS), docs, found=[3000]), "entity")["quiet", 0] == 2


def test_state_goes_on_where_it_was() -> None:
    docs = documents("ehr", accesses(600, jitter_s=4 * 3600))
    whole = told(Volumes("ehr", GROUPS), docs)
    first, second = Volumes("ehr", GROUPS), Volumes("ehr", GROUPS)
    notes = told(first, docs[:300], end=False)
    for g in range(GROUPS):
        second.load(g, first.state(g))
    assert latest(notes + told(second, docs[300:])) == latest(whole)
    for g in range(GROUPS):
        second.load(g, {})
    assert second.notes(0, range(GROUPS), everything=True) == []
    with pytest.raises(CheckpointError, match="other counts"):
        second.load(0, {"hour": np.zeros(1)})
