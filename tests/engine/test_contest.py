"""A challenger changes nothing until it is promoted; then it is as if it had always been there; and back again."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.detectors.catalogue import catalogue
from pipeline.engine.contest import BOUTS, DRIFT, SHADOW, Contest
from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.health_rows import health_tables
from pipeline.engine.origin import Origin
from pipeline.engine.rows import scored_rows
from pipeline.features.decode import decode
from pipeline.features.lists import Lists, UserList

SCAN = "network.port_scan"
FLOW = "network.flow_anomaly"
GROUPS = 8
START = 1_700_000_000.0


def config(name: str, options: Mapping[str, Any] | None = None, **more: Any) -> EngineConfig:
    others = tuple(n for n in catalogue() if n != name)
    return EngineConfig(disabled=others, options={name: options} if options else {}, **more)


def scans(hosts: int, ports: int, start_s: float = 0.0) -> list[dict[str, Any]]:
    """Each host tries so many ports of one server within a minute, one host after the other."""
    return [
        {
            "kind": "flow", "proto": "tcp", "conn_state": "S0", "src_ip": f"10.0.{h}.9", "dst_ip": "10.9.9.9",
            "dst_port": 1000 + p, "ts": START + start_s + 100.0 * h + p,
        }
        for h in range(hosts)
        for p in range(ports)
    ]  # fmt: skip


def flows(hours: int, first: int = 0) -> list[dict[str, Any]]:
    """One client that talks to one server 32 times an hour; from the tenth day on of all sizes."""
    out = []
    for hour in range(first, first + hours):
        rng = np.random.default_rng(hour)
        for i in range(32):
            size = rng.lognormal(3.0, 2.5) if hour >= 240 else rng.lognormal(0.0, 0.3)
            out.append(
                {
                    "kind": "flow",
                    "proto": "tcp",
                    "src_ip": "10.0.0.9",
                    "dst_ip": "203.0.113.9",
                    "dst_port": 443,
                    "service": "ssl",
                    "conn_state": "SF",
                    "ts": START + 3600.0 * hour + 100.0 * i,
                    "bytes_out": int(600 * size),
                    "bytes_in": int(4000 * rng.lognormal(0.0, 0.3)),
                    "packets_out": 1 + int(6 * size),
                    "packets_in": 8,
                    "duration_s": 0.4 * size,
                }
            )
    return out


def play(engine: Engine | Contest, documents: Iterable[Mapping[str, Any]], chunk: int = 400) -> list[Outcome]:
    lines = [orjson.dumps({"format": "test", "event_id": f"{d['ts']}", **d}) for d in documents]
    out = []
    for first in range(0, len(lines), chunk):
        batch = decode("network", lines[first : first + chunk], GROUPS).batch
        out.append(engine.process(batch, Origin("t", 0, np.arange(first, first + batch.n))))
    return out


def told(outcomes: list[Outcome]) -> list[tuple[float, str, float]]:
    found = [(h.describe(k), h) for o in outcomes for h in o.hits for k in range(len(h.rows))]
    return sorted((f.ts, f.entity, f.score) for f, _ in found)


def scores(outcomes: list[Outcome], name: str) -> np.ndarray:
    return np.concatenate([o.scores[name] for o in outcomes])


def order(lists: Lists, action: str, at: str, detector: str = SCAN) -> None:
    row = {"detector": detector, "action": action, "by": "ann", "at": at, "reason": "fewer false ones"}
    lists.replace("champions", UserList({detector: (row,)}))


STRICT = {"ports": 40}


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def contest(lists: Lists) -> Contest:
    return Contest("network", config(SCAN, challengers={SCAN: STRICT}), lists)


def test_in_shadow_nothing_changes_and_all_is_counted(contest: Contest) -> None:
    documents = scans(6, 30) + scans(4, 60, start_s=2000.0)
    plain = play(Engine("network", config(SCAN)), documents)
    mine = play(contest, documents)
    assert told(mine) == told(plain)
    np.testing.assert_array_equal(scores(mine, SCAN), scores(plain, SCAN))
    assert {o.model_version for o in mine} == {o.model_version for o in plain}
    bouts = [b for by_name in contest.bouts().values() for b in by_name.values()]
    assert sum(b.both for b in bouts) == 4
    assert sum(b.only_champion for b in bouts) == 2
    assert sum(b.only_challenger for b in bouts) == 0
    tables = health_tables(contest)
    rows = tables["shadow_alerts"].to_pylist()
    assert {r["thing"] for r in rows if not r["challenger"]} == {"10.0.4.9", "10.0.5.9"}
    assert tables["challengers"].num_rows == len(bouts)
    assert set(tables["model_versions"]["cause"].to_pylist()) == {"start"}
    assert sum(tables["detector_health"]["scored"].to_pylist()) > 0
    assert health_tables(contest) == {}


def test_promoted_it_is_as_if_it_had_been_there_from_the_start(contest: Contest, lists: Lists) -> None:
    first, second = scans(6, 30), scans(6, 60, start_s=2000.0)
    strict = Engine("network", config(SCAN, STRICT))
    play(strict, first)
    play(contest, first)
    order(lists, "promote", "2026-11-26T08:00:00+00:00")
    mine, other = play(contest, second), play(strict, second)
    assert told(mine) == told(other)
    np.testing.assert_array_equal(scores(mine, SCAN), scores(other, SCAN))
    versions = {v for o in mine for v in scored_rows(o)["model_version"].to_pylist()}
    assert len(versions) == 1
    assert versions.isdisjoint({o.model_version for o in other})
    assert {h.describe(0).model_version for o in mine for h in o.hits} == versions
    turns = health_tables(contest)["model_versions"].to_pylist()
    promoted = [t for t in turns if t["cause"] == "promote"]
    assert {t["by"] for t in promoted} == {"ann"}
    assert {t["model_version"] for t in promoted} == versions


def test_there_is_a_way_back(contest: Contest, lists: Lists) -> None:
    parts = [scans(6, 30, start_s=2000.0 * k) for k in range(3)]
    plain = Engine("network", config(SCAN))
    play(contest, parts[0])
    order(lists, "promote", "2026-11-26T08:00:00+00:00")
    assert told(play(contest, parts[1])) == []
    order(lists, "rollback", "2026-11-26T09:00:00+00:00")
    expected = [play(plain, part) for part in parts][2]
    mine = play(contest, parts[2])
    assert told(mine) == told(expected) != []
    assert {v for o in mine for v in scored_rows(o)["model_version"].to_pylist()} == {plain.model_version}
    order(lists, "rollback", "2026-11-26T10:00:00+00:00")  # twice is once
    assert told(play(contest, scans(6, 30, start_s=9000.0))) != []


@pytest.mark.parametrize("promoted", [False, True])
def test_a_checkpoint_holds_both(promoted: bool, contest: Contest, lists: Lists) -> None:
    first, second = scans(6, 30), scans(6, 60, start_s=2000.0)
    play(contest, first)
    if promoted:
        order(lists, "promote", "2026-11-26T08:00:00+00:00")
        play(contest, scans(3, 30, start_s=1000.0))
    after = Contest("network", config(SCAN, challengers={SCAN: STRICT}), lists)
    for group in range(GROUPS):
        after.load(group, contest.state(group))
    mine, other = play(after, second), play(contest, second)
    assert told(mine) == told(other)
    assert [scored_rows(o) for o in mine] == [scored_rows(o) for o in other]
    for group in range(GROUPS):
        assert contest.state(group)[BOUTS]["json"].tobytes() == after.state(group)[BOUTS]["json"].tobytes()


def test_checkpoints_with_and_without_a_challenger_fit_each_other(contest: Contest) -> None:
    play(contest, scans(6, 30))
    plain = Contest("network", config(SCAN))
    engine = Engine("network", config(SCAN))
    play(engine, scans(6, 30))
    for group in range(GROUPS):
        state = contest.state(group)
        assert any(SHADOW in part for part in state) == bool(contest.bouts().get(group))
        plain.load(group, state)
        contest.load(group, engine.state(group))  # as workers wrote them before there were challengers
        plain.load(group, {**state, DRIFT: {"of": np.zeros(3)}})  # as another version may write it
    assert plain.state_version == contest.state_version == engine.state_version
    assert not any(plain.bouts().values())
    assert told(play(plain, scans(2, 60, start_s=2000.0))) == told(play(contest, scans(2, 60, start_s=2000.0)))


def test_a_drift_starts_a_fresh_challenger_that_can_be_promoted(lists: Lists) -> None:
    contest = Contest("network", config(FLOW), lists)
    play(contest, flows(240))
    assert not any(contest.bouts().values())
    play(contest, flows(60, first=240))
    ((group, bouts),) = [(g, b) for g, b in contest.bouts().items() if b]
    assert bouts[FLOW].kind == "fresh"
    tables = health_tables(contest)
    assert tables["drift"]["detector"].to_pylist() == [FLOW]
    assert tables["model_versions"]["cause"].to_pylist() == ["start", "drift"]
    order(lists, "promote", "2026-11-26T08:00:00+00:00", FLOW)
    rows = scored_rows(play(contest, flows(4, first=300))[-1])
    turn = health_tables(contest)["model_versions"].to_pylist()[-1]
    assert (turn["cause"], turn["key_group"]) == ("promote", group)
    assert set(rows["model_version"].to_pylist()) == {turn["model_version"]}
    state = contest.state(group)
    assert DRIFT in state
    after = Contest("network", config(FLOW), lists)
    after.load(group, state)
    assert [scored_rows(o) for o in play(after, flows(4, first=304))] == [
        scored_rows(o) for o in play(contest, flows(4, first=304))
    ]


def test_none_are_started_where_none_are_wanted() -> None:
    contest = Contest("network", config(FLOW, fresh_challengers=0))
    play(contest, flows(300))
    assert contest.life.drifts
    assert not any(contest.bouts().values())
