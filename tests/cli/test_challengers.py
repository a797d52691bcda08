"""Health and challengers from a folder that scan wrote, and orders that make no sense."""

import json

import pytest
from cli.commands import environment, wardwatch
from cli.running import Command

START = 1_700_000_000.0
SCAN = "network.port_scan"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two hosts try ports; one of them too few for the challenger."""
    folder = tmp_path_factory.mktemp("challengers")
    env = environment(folder / "data") | {"WARDWATCH_CHALLENGERS": json.dumps({SCAN: {"ports": 40}})}
    flow = {"kind": "flow", "format": "test", "proto": "tcp", "conn_state": "S0", "dst_ip": "10.9.9.9"}
    events = [
        flow | {"ts": START + 200 * h + p, "src_ip": f"10.0.{h}.9", "dst_port": 1000 + p, "event_id": f"{h}-{p}"}
        for h, ports in enumerate((30, 60))
        for p in range(ports)
    ]
    (folder / "events.jsonl").write_text("".join(json.dumps(e) + "\n" for e in events))
    db = str(folder / "db")
    ran = wardwatch("scan", str(folder / "events.jsonl"), "--db", db, env=env)
    assert ran.status == 0, ran.err
    return db


def test_health_of_each_detector(place: str, command: Command) -> None:
    ran = command("detectors", SCAN, "--health", "--db", place, "--json")
    assert ran.status == 0, ran.err
    row = json.loads(ran.out)
    assert row["detector"] == SCAN
    assert row["scored"] > 60
    assert (row["alerts"], row["told_on_latest_day"], row["verdicts"], row["drifts"]) == (2, 2, 0, 0)
    assert row["findings"] >= 2
    assert (row["challenger"], row["promoted"], row["last_drift"]) == ("declared", False, None)
    assert len(row["model_versions"]) == 1


def test_who_found_what(place: str, command: Command) -> None:
    ran = command("challengers", "--db", place, "--json")
    assert ran.status == 0, ran.err
    row = json.loads(ran.out)
    assert (row["both"], row["only_champion"], row["only_challenger"]) == (1, 1, 0)
    assert json.loads(row["options"]) == {"ports": 40}
    assert row["recommendation"].startswith("wait")
    assert "1 found by both, 1 by the champion only" in command("challengers", "--db", place).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("promote", SCAN), "say who orders it"),
        (("promote", "network.port_scam", "--as", "ann", "--why", "x"), "did you mean network.port_scan"),
        (("promote", "network.dga", "--as", "ann", "--why", "x"), "has no challenger"),
        (("rollback", SCAN, "--as", "ann", "--why", "x"), "nothing to take back"),
        (("detectors", "--db", "x"), "--db goes with --health"),
    ],
)
def test_what_makes_no_sense(words: tuple[str, ...], said: str, place: str, command: Command) -> None:
    where = () if words[0] == "detectors" else ("--db", place)
    ran = command(*words, *where)
    assert ran.status == 2 and said in ran.error
