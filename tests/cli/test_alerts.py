"""Alerts from a real broker, for eyes and for programs."""

import time

import orjson
import pytest
from cli.running import Command, started

from pipeline.alerts.alert_state import DAY_S, AlertState
from pipeline.alerts.document import alert_document
from pipeline.cli.alert_stream import alert_stream
from pipeline.cli.detector_page import told_story
from pipeline.detectors.catalogue import catalogue
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.settings import Settings, load_settings
from pipeline.sinks.kafka import create_topics, plain_producer
from schemas.alert import Alert

pytestmark = pytest.mark.servers


def some_alert(message: str = "") -> Alert:
    """What the port scan detector really says of its own story, as an alert."""
    told = told_story(catalogue()["network.port_scan"])
    assert told is not None
    finding = told[1].model_copy(update={"message": message}) if message else told[1]
    state = AlertState("a1", int(finding.ts // DAY_S), finding, 6, finding.ts, finding.ts, finding.score)
    return alert_document(state, 1, "test")


@pytest.fixture
def settings(
    nobodys_settings: None, kafka_server: LocalKafka, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", kafka_server.bootstrap)
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", f"a{abs(hash(request.node.nodeid)) % 10**9}-")
    settings = load_settings()
    create_topics(settings)
    return settings


def put(settings: Settings, *values: bytes) -> None:
    producer = plain_producer(settings)
    for value in values:
        producer.send(settings.topic_prefix + "alerts", value, b"10.0.0.9")
    producer.flush()
    producer.close()


def test_json_is_a_document_a_line_and_nothing_else(settings: Settings, command: Command) -> None:
    alert = some_alert()
    put(settings, alert.to_json(), alert.to_json())
    ran = command("alerts", "--json", "--from-beginning", "--max", 2)
    assert (ran.status, ran.err) == (0, "")
    assert [Alert.model_validate(orjson.loads(line)) for line in ran.out.splitlines()] == [alert, alert]


def test_a_person_reads_who_and_what_and_no_control_characters(settings: Settings, command: Command) -> None:
    put(settings, some_alert().to_json(), some_alert("\x1b[2Jgone\r\n").to_json())
    ran = command("alerts", "--from-beginning", "--max", 2)
    assert ran.status == 0
    first, about, second, _ = ran.out.splitlines()
    assert "MEDIUM" in first and "10.0.0.9 tried 19 ports" in first  # a sketch counts: 20 were tried
    assert "ip 10.0.0.9" in about and "normal: Fewer than" in about and "T1046" in about
    assert "\x1b" not in second and "gone" in second


def test_only_new_ones_unless_asked(settings: Settings) -> None:
    put(settings, some_alert("old").to_json())
    new = alert_stream(settings, idle_exit_s=0.5)
    assert list(new) == []
    told = [a.message for a in alert_stream(settings, from_beginning=True, idle_exit_s=1) if isinstance(a, Alert)]
    assert told == ["old"]


def test_what_is_no_alert_is_told_and_passed_over(settings: Settings, command: Command) -> None:
    put(settings, b"\xff{", b"[]", some_alert().to_json())
    ran = command("alerts", "--json", "--from-beginning", "--max", 1)
    assert ran.status == 0
    assert len(ran.out.splitlines()) == 1
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["no alert", "no alert"]


def test_a_closed_pipe_and_ctrl_c_end_it_quietly(settings: Settings) -> None:
    process = started("alerts", "--from-beginning")
    assert process.stdout is not None and process.stderr is not None and process.stdin is not None
    put(settings, some_alert().to_json())
    assert b"tried 19 ports" in process.stdout.readline()
    process.stdout.close()
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        put(settings, some_alert().to_json())
    process.wait(10)
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()

    other = started("alerts", "--from-beginning")
    assert other.stdout is not None
    other.stdout.readline()
    other.send_signal(2)
    _, err = other.communicate(timeout=30)
    assert (other.returncode, err) == (0, b"")


def test_no_topic_and_no_kafka_are_one_line(
    settings: Settings, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", "nosuch-")
    assert "no topic nosuch-alerts: make it with wardwatch init" in command("alerts").error
    monkeypatch.setattr("pipeline.cli.alert_stream.CONNECT_MS", 1000)
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", f"127.0.0.1:{free_port()}")
    ran = command("alerts")
    assert ran.status == 1
    assert "does not answer" in ran.error


@pytest.mark.parametrize("arguments", [("--max", "0"), ("--max", "x"), ("--idle-exit", "-1"), ("more",)])
def test_wrong_usage_is_one_line(command: Command, arguments: tuple[str, ...]) -> None:
    ran = command("alerts", *arguments)
    assert ran.status == 2
    assert "wardwatch alerts --help" in ran.error
