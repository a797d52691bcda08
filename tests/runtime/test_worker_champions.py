"""Promote and rollback reach a running worker by one row of a topic, and outlive it."""

import json
from collections.abc import Callable

import pytest

from pipeline.learning.champion_order import PROMOTE, ROLLBACK, ChampionOrder
from runtime.bench import Bench, Record

pytestmark = [pytest.mark.servers, pytest.mark.long]
START = 1_790_000_000.0
SCAN = "network.port_scan"
HOSTS = ("10.0.0.61", "10.0.0.62", "10.0.0.63")


def order(action: str, at: float) -> Record:
    """As `wardwatch promote` sends it."""
    row = ChampionOrder(SCAN, action, "ann", at, "fewer false ones").to_row()
    return Record("lists", f"champions/{SCAN}".encode(), json.dumps({"list": "champions", "row": row}).encode())


def thirty_ports(src_ip: str, day: int) -> list[Record]:
    """Enough for the champion, too few for the challenger."""
    flow = {"kind": "flow", "format": "t", "proto": "tcp", "conn_state": "S0", "src_ip": src_ip, "dst_ip": "10.9.9.9"}
    events = [
        flow | {"ts": START + 86_400 * day + p, "dst_port": 1000 + p, "event_id": f"{src_ip}-{day}-{p}"}
        for p in range(30)
    ]
    return [Record("network", src_ip.encode(), json.dumps(e).encode()) for e in events]


def test_a_row_swaps_champion_and_challenger(bench: Callable[..., Bench]) -> None:
    b = bench(partitions=2)
    setting = {"WARDWATCH_CHALLENGERS": json.dumps({SCAN: {"ports": 60}})}

    def told(day: int) -> int:
        found = b.database.query(f"SELECT first_seen FROM alerts FINAL WHERE detector = '{SCAN}'")
        begin = START + 86_400 * day
        return sum(begin <= seen.timestamp() < begin + 3600 for (seen,) in found)

    def scan(day: int, told_of: int) -> None:
        before = b.count()
        records = [r for who in HOSTS for r in thirty_ports(who, day)]
        b.send(records)
        b.wait_for_records(before + len(records))
        b.wait(lambda: told(day) >= told_of, "the alerts")  # written after the rows
        assert told(day) == told_of

    def give(action: str, at: float, times: int) -> None:
        b.send([order(action, at)])
        b.wait(lambda: b.log.read_text().count("champions: 1 rows from its topic") == times, "the order to be read")

    worker = b.start(**setting)
    scan(0, told_of=len(HOSTS))
    give(PROMOTE, START, 1)
    scan(2, told_of=0)
    assert b.stop(worker) == 0
    worker = b.start(**setting)
    scan(4, told_of=0)
    give(ROLLBACK, START + 60.0, 3)  # once at its start, and now
    scan(6, told_of=len(HOSTS))
    assert b.stop(worker) == 0

    causes = b.database.query(
        f"SELECT DISTINCT cause, by FROM model_versions FINAL WHERE detector = '{SCAN}' ORDER BY 1"
    )
    assert causes == [("promote", "ann"), ("rollback", "ann")]
    versions = "SELECT count() FROM (SELECT DISTINCT model_version FROM scored_events WHERE toDate(ts) = {day:Date})"
    days = [b.database.query(versions, day=f"2026-09-{21 + day}")[0][0] for day in (0, 2, 4, 6)]
    assert days == [1, 1, 1, 1]
    all_versions = b.database.query("SELECT count() FROM (SELECT DISTINCT model_version FROM scored_events)")
    assert all_versions == [(2,)]
    known = b.database.query(
        "SELECT count() FROM scored_events WHERE model_version NOT IN (SELECT model_version FROM model_versions)"
    )
    assert known == [(0,)]
