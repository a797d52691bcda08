"""Actions as the table has them, words of people to their topic, and playbooks that are checked."""

import asyncio
from pathlib import Path

import orjson
import pytest
from cli.running import Command
from kafka import TopicPartition
from response.stage import Clock, Log, answered, incident, party, responder, steps

from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.response.playbook_set import shipped_playbooks
from pipeline.response.responder import Responder
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import plain_consumer

servers = pytest.mark.servers
OPTIONS = {
    "dry_run": False, "connectors": {"x": {"kind": "command", "argv": ["/bin/true"], "undo_argv": ["/bin/true"]}},
    "actions": {"isolate_host": ["x"], "disable_account": ["x"]},
}  # fmt: skip


@pytest.fixture
def log(nobodys_settings: None, clickhouse_server: LocalClickHouse, monkeypatch: pytest.MonkeyPatch) -> Log:
    """One action that is done, one that waits, in the database."""
    written = Log()
    playbook = steps({"do": "isolate_host", "to": ["host"]}, {"do": "disable_account", "to": ["user"]})

    async def run() -> None:
        who = responder(OPTIONS, [playbook], written, Clock())
        await answered(who, incident("ransomware", None, party("user", "u0042", "linked")))
        await who.close()

    asyncio.run(run())
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", clickhouse_server.url)
    database = ClickHouse.connect(load_settings())
    database.migrate()
    for _ in range(2):  # a record that is written again counts once
        database.insert("actions", Responder.rows(written.records))
    return written


@servers
def test_listed_by_state_and_told_one_by_one(command: Command, log: Log) -> None:
    done, waits = log.one("isolate_host"), log.one("disable_account")
    told = command("actions")
    assert told.status == 0 and len(told.out.splitlines()) == 6  # with the word that nobody can be asked
    assert "isolate_host ws-0042, until 2027-01-15 16:00:00 UTC" in told.out
    waiting = command("actions", "--state", "waiting", "--json")
    (row,) = map(orjson.loads, waiting.out.splitlines())
    assert (row["action_id"], row["approvals_needed"], row["told_at"]) == (
        waits.action_id, 2, "2027-01-15 08:00:00",
    )  # fmt: skip
    one = command("actions", done.action_id[:10])
    assert [w for w in ("approved", "started", "done") if f"  {w} " not in one.out] == []
    assert command("actions", "--incident", "nobody' OR 1=1").out == ""
    assert command("actions", "ffffffff").status == 1
    assert "at least 6" in command("actions", "ff").error
    assert "leave --state" in command("actions", "ffffffff", "--state", "done").error


@servers
def test_a_word_reaches_its_topic(
    command: Command, kafka_server: LocalKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wardwatch.toml").write_text('[response.roles]\nsoc = ["anna"]\n')
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", kafka_server.bootstrap)
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", "approve-")
    name = "0123456789abcdef" * 2
    sent = command("approve", name, "--as", "anna", "--role", "soc", "--why", "seen it", "--deny")
    assert sent.status == 0, sent.err
    consumer = plain_consumer(load_settings(), group_id=None)
    place = TopicPartition("approve-approvals", 0)
    consumer.assign([place])
    consumer.seek_to_beginning(place)
    (record,) = (r for batch in consumer.poll(timeout_ms=10_000).values() for r in batch)
    consumer.close()
    said = orjson.loads(record.value)
    assert record.key.decode() == said["action_id"] == name
    assert (said["decision"], said["who"], said["role"], said["why"]) == ("deny", "anna", "soc", "seen it")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("short", "--as", "anna", "--role", "soc"), "32 characters"),
        (("0" * 32, "--as", "ben", "--role", "soc"), "ben is not in the role 'soc'"),
        (("0" * 32, "--as", "anna", "--role", "chief"), "there is no role 'chief'; there are soc"),
        (("0" * 32, "--as", "anna", "--role", "soc", "--deny", "--undo"), "give one of them"),
    ],
)
def test_words_that_cannot_count(command: Command, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "wardwatch.toml").write_text('[response.roles]\nsoc = ["anna"]\n')
    told = command("approve", *arguments, "--why", "x")
    assert told.status == 2 and said in told.error


def test_nobody_there(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("WARDWATCH_RESPONSE__ROLES", '{"soc": ["*"]}')
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    assert "does not answer" in command("actions").error
    assert "no such folder" in command("actions", "--db", tmp_path / "none").error


def test_playbooks_in_use_and_broken_ones(command: Command, tmp_path: Path) -> None:
    told = command("playbooks")
    assert told.status == 0 and len(told.out.splitlines()) == len(shipped_playbooks())
    assert "disable_account (2 approvals)" in told.out
    (tmp_path / "bad.yaml").write_text("type: playbook\nspec_version: cacao-1.0\n")
    broken = command("playbooks", tmp_path / "bad.yaml")
    assert broken.status == 1 and "bad.yaml:2: spec_version" in broken.out
    document = orjson.loads(command("playbooks", tmp_path / "bad.yaml", "--json").out)
    assert {p["line"] for p in document["problems"]} == {1, 2} and document["playbooks"] == []
    assert "no such file" in command("playbooks", tmp_path / "none").error


def test_what_playbooks_ask_for_and_nobody_set_up_is_told(command: Command, tmp_path: Path) -> None:
    (tmp_path / "wardwatch.toml").write_text(
        '[response.actions]\nnotify = ["m"]\n[response.connectors.m]\nkind = "syslog"\nhost = "h"\n'
    )
    told = command("playbooks")
    assert told.status == 0 and "no connector carries out isolate_host" in told.err
    assert "carries out notify" not in told.err
