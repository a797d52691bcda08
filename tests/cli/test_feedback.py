"""Verdicts reach their topic, and proposals their list when somebody answers for them."""

from pathlib import Path

import orjson
import pytest
from cli.running import Command
from kafka import TopicPartition

from pipeline.learning.assessor import Assessor
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port
from pipeline.settings import load_settings
from pipeline.sinks.clickhouse import ClickHouse
from pipeline.sinks.kafka import plain_consumer
from schemas.feedback import Feedback
from tests.learning.notes import finding, verdict

pytestmark = pytest.mark.servers


@pytest.fixture
def prefix(
    nobodys_settings: None, kafka_server: LocalKafka, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Topics of its own for every test; no database."""
    own = f"t{abs(hash(request.node.nodeid)) % 10**9}-"
    monkeypatch.setenv("WARDWATCH_KAFKA_BOOTSTRAP", kafka_server.bootstrap)
    monkeypatch.setenv("WARDWATCH_TOPIC_PREFIX", own)
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", f"http://127.0.0.1:{free_port()}")
    return own


@pytest.fixture
def database(prefix: str, clickhouse_server: LocalClickHouse, monkeypatch: pytest.MonkeyPatch) -> ClickHouse:
    """An assessor's rows: four alerts of a scanner, three of them judged expected on two days."""
    monkeypatch.setenv("WARDWATCH_CLICKHOUSE_URL", clickhouse_server.url)
    connected = ClickHouse.connect(load_settings())
    connected.migrate()
    assessor = Assessor()
    for number in range(4):
        assessor.take(finding(f"scan-{number}", at=30 * number, detector="network.port_scan", entity="10.7.7.7"))
    for number in range(3):
        assessor.take(verdict(f"scan-{number}", "benign_expected", "ada", at=100 + number))
    assessor.belongs("scan-3", "incident-1")
    for name, rows in assessor.tables().items():
        connected.insert(name, rows)
    connected.raw("INSERT INTO alerts (alert_id, detector) VALUES ('scan-0', 'network.port_scan')", None)
    connected.raw("INSERT INTO incidents (incident_id, revision) VALUES ('incident-1', 1)", None)
    return connected


def told(topic: str) -> list[tuple[str, bytes | None]]:
    """(key, value) of every record on a topic."""
    settings = load_settings()
    place = TopicPartition(settings.topic_prefix + topic, 0)
    consumer = plain_consumer(settings, group_id=None)
    try:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end, found = consumer.end_offsets([place])[place], []
        while consumer.position(place) < end:
            for records in consumer.poll(timeout_ms=500).values():
                found += [(r.key.decode(), r.value) for r in records]
        return found
    finally:
        consumer.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name an alert or incident and a verdict"),
        (("a1",), "name an alert or incident and a verdict"),
        (("a1", "true"), "--as WHO"),
        (("a1", "maybe", "--as", "ada"), "'maybe' is none of true, false, benign_expected"),
        (("a1", "true", "--file", "x.csv"), "--file holds ids"),
        (("--file", "nowhere.csv"), "nowhere.csv cannot be read"),
    ],
)
def test_wrong_use_of_feedback_is_one_line(command: Command, arguments: tuple[str, ...], says: str) -> None:
    told = command("feedback", *arguments)
    assert told.status == 2 and says in told.error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--accept", "x"), "say who decides"),
        (("--accept", "x", "--reject", "y", "--owner", "z"), "not both"),
        (("--until", "2027-01-01"), "--until goes with --accept"),
        (("--accept", "x", "--owner", "z", "--until", "soon"), "is a date"),
    ],
)
def test_wrong_use_of_proposals_is_one_line(command: Command, arguments: tuple[str, ...], says: str) -> None:
    told = command("proposals", *arguments)
    assert told.status == 2 and says in told.error


def test_a_verdict_is_sent_though_no_database_answers(command: Command, prefix: str) -> None:
    done = command("feedback", "a1", "false", "--as", "ada", "--why", "nightly backup")
    assert done.status == 0 and "ids are not looked up" in done.err and "1 verdict sent" in done.err
    [(key, value)] = told("feedback")
    sent = Feedback.model_validate_json(value or b"")
    assert (key, sent.alert_id, sent.verdict, sent.who, sent.why) == ("a1", "a1", "false", "ada", "nightly backup")


def test_of_a_file_every_bad_line_is_named_and_the_good_ones_are_sent(
    command: Command, prefix: str, tmp_path: Path
) -> None:
    path = tmp_path / "verdicts.csv"
    path.write_text(
        "alert_id,verdict,who,why,ts\na1,true,,phishing,\na2,perhaps,bob,,\n,false,bob,,\n"
        "a3,benign,bob,,2026-11-26T08:00:00Z\na4,false,bob,,yesterday\n"
    )
    done = command("feedback", "--file", path, "--as", "ada")
    assert done.status == 1
    faults = [line for line in done.err.splitlines() if "line" in line]
    assert [line.partition("line ")[2][:2] for line in faults] == ["3:", "4:", "6:"]
    sent = [Feedback.model_validate_json(value or b"") for _, value in told("feedback")]
    assert [(v.alert_id, v.verdict, v.who) for v in sent] == [
        ("a1", "true", "ada"), ("a3", "benign_expected", "bob")
    ]  # fmt: skip
    assert sent[1].ts == 1_795_680_000.0
    lines = tmp_path / "verdicts.jsonl"
    lines.write_bytes(orjson.dumps({"incident_id": "i1", "verdict": "true"}) + b"\n[1]\n{\n")
    done = command("feedback", "--file", lines, "--as", "ada")
    assert done.status == 1 and "line 2: no JSON object" in done.err and "line 3: no JSON" in done.err


def test_an_incident_is_known_by_its_id_and_a_stranger_is_told(command: Command, database: ClickHouse) -> None:
    assert command("feedback", "scan-0", "false", "--as", "ada").err == "1 verdict sent\n"
    assert command("feedback", "incident-1", "true", "--as", "ada").err == "1 verdict sent\n"
    strange = command("feedback", "a9", "true", "--as", "ada")
    assert strange.status == 0 and "no alert or incident is called a9" in strange.err
    sent = [Feedback.model_validate_json(value or b"") for _, value in told("feedback")]
    assert [(v.alert_id, v.incident_id) for v in sent] == [("scan-0", ""), ("", "incident-1"), ("a9", "")]


def test_a_proposal_is_shown_accepted_and_taken_back(command: Command, database: ClickHouse) -> None:
    [shown] = [orjson.loads(line) for line in command("proposals", "--json").out.splitlines()]
    assert (shown["detector"], shown["entity"], shown["evidence"]) == ("network.port_scan", "10.7.7.7", 3)
    assert shown["row"]["owner"] == ""
    assert "10.7.7.7 until" in command("proposals").out
    assert command("proposals", "--accept", "zz", "--owner", "bob").status == 2
    done = command("proposals", "--accept", shown["id"][:6], "--owner", "bob", "--until", "2027-06-30")
    assert done.status == 0 and "on the list allow until 2027-06-30" in done.err
    [(key, value)] = told("lists")
    row = shown["row"] | {"owner": "bob", "until": "2027-06-30"}
    assert key == "allow/network.port_scan/10.7.7.7" and orjson.loads(value or b"") == {"list": "allow", "row": row}
    again = command("proposals", "--accept", shown["id"], "--owner", "bob")
    assert again.status == 2 and "is accepted" in again.error
    assert "[accepted by bob]" in command("proposals", "--all").out and not command("proposals").out
    assert command("proposals", "--reject", shown["id"], "--owner", "cyd").status == 0
    assert told("lists")[-1] == (key, None)
    precision = database.query("SELECT detector, judged, expected, precision FROM detector_precision")
    assert precision == [("network.port_scan", 3, 3, 0.0)]
