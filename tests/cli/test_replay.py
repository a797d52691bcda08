"""`wardwatch replay` as a user types it, over a real broker and a real database."""

import json
from pathlib import Path

import pytest
from cli.running import Command
from cli.test_scan import CONN_HEADER

from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.runtime.run import prepare
from pipeline.settings import load_settings

pytestmark = pytest.mark.servers
EVENTS = 40


@pytest.fixture
def shipped(
    command: Command,
    kafka_server: LocalKafka,
    clickhouse_server: LocalClickHouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """A port scan on the topic `network`, which no worker has scored."""
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", kafka_server.bootstrap)
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", clickhouse_server.url)
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", f"{tmp_path.name}-")
    monkeypatch.setenv("WARDWATCH_PSEUDONYM_KEY", "a key that only this test has")
    prepare(load_settings())
    flows = [
        f"{1700000000 + i}.5\tC{i}\t10.9.9.9\t4000\t10.0.0.1\t{20 + i}\ttcp\t-\t0.1\t0\t0\tREJ" for i in range(EVENTS)
    ]
    (tmp_path / "conn.log").write_text(CONN_HEADER + "\n".join(flows) + "\n")
    assert command("ship", tmp_path / "conn.log").status == 0
    return command


def test_text_for_people_and_json_for_programs(shipped: Command) -> None:
    ran = shipped("replay", "--topic", "network", "--into", "people")
    assert ran.status == 0, ran.err
    assert f"replayed {EVENTS} events (network {EVENTS}): {EVENTS} scored, 0 dead letters" in ran.err
    assert "SELECT * FROM default_replay_people.current_alerts" in ran.err
    assert f"production has scored only 0 of these {EVENTS} events" in ran.out
    assert "only in the replay (1):" in ran.out
    assert "network.port_scan  ip 10.9.9.9" in ran.out
    again = shipped("sql", "SELECT detector, entity FROM default_replay_people.current_alerts FORMAT TSV")
    assert again.out == "network.port_scan\t10.9.9.9\n"

    ran = shipped("replay", "--topic", "network", "--set", 'disabled=["network.port_scan"]', "--json")
    found = json.loads(ran.out)
    assert ran.status == 0
    assert (found["database"], found["events"], found["rows"]) == ("default_replay_last", EVENTS, EVENTS)
    assert found["difference"]["detectors"] == []
    assert found["interrupted"] is False
    noted = shipped("sql", "SELECT detail FROM default_replay_last.replay_runs WHERE step = 'started' FORMAT TSVRaw")
    assert json.loads(noted.out)["request"]["changes"] == {"disabled": ["network.port_scan"]}


def test_times_and_a_file_of_settings(shipped: Command, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate.toml"
    candidate.write_text('kafka_bootstrap = "elsewhere:9092"\n[detectors."network.port_scan"]\nports = 1000\n')
    ran = shipped("replay", "--topic", "network", "--from", "-1d", "--to", "now", "--config", candidate)
    assert ran.status == 0, ran.err
    assert "not used of" in ran.err and "kafka_bootstrap" in ran.err
    assert "network.port_scan" not in ran.out
    ran = shipped("replay", "--topic", "network", "--to", "-1d")
    assert ran.status == 2
    assert "no record lies in the range, nothing was changed" in ran.error
    assert shipped("replay", "--topic", "logs").status == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--topic"),
        (("--topic", "alerts"), "no topic of events"),
        (("--topic", "network", "--from", "yesterday"), "is no time"),
        (("--topic", "network", "--from", "2026-02-01", "--to", "2026-01-01"), "before it begins"),
        (("--topic", "network", "--from", "-1d", "--from-offset", "0"), "twice"),
        (("--topic", "network", "--topic", "logs", "--from-offset", "1:0"), "single --topic"),
        (("--topic", "network", "--into", "a;b"), "--into"),
        (("--topic", "network", "--set", "kafka_bootstrap=x"), "NAME=VALUE"),
        (("--topic", "network", "--set", "seed=x"), "setting seed"),
        (("--topic", "network", "--config", "missing.toml"), "cannot be read"),
        (("--topic", "network"), "no pseudonym key"),
    ],
)
def test_wrong_usage_is_one_line(command: Command, arguments: tuple[str, ...], said: str) -> None:
    ran = command("replay", *arguments)
    assert ran.status == 2
    assert said in ran.error


def test_nobody_there_and_an_option_that_is_no_number(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_PSEUDONYM_KEY", "a key that only this test has")
    ran = command("replay", "--topic", "network", "--set", "detectors.network.port_scan.ports=many")
    assert (ran.status, "not a number" in ran.error) == (2, True)
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    ran = command("replay", "--topic", "network")
    assert ran.status == 1
    assert "does not answer" in ran.error
