"""An alert explained to people: everything that is known, from a folder that scan wrote, and no traceback ever."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from cli.running import Command
from detectors.techniques import told

from pipeline.cli.main import run
from pipeline.detectors.catalogue import catalogue
from pipeline.oversight.attack_names import attack_name
from pipeline.sinks.clickhouse import ClickHouse

SCAN = "network.port_scan"
NOW = pa.array([datetime(2026, 11, 26, tzinfo=UTC)], pa.timestamp("ms", "UTC"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """(database, alert's id) of one scan of ports, judged right once."""
    folder = tmp_path_factory.mktemp("explain")
    example = next(e for e in catalogue()[SCAN].examples() if e.fires)
    lines = [json.dumps({"format": "test", "event_id": f"e{i}", **d}) for i, d in enumerate(example.documents)]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    db = str(folder / "db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARDWATCH_DATA_DIR", str(folder / "data"))
        assert run(["scan", str(folder / "events.jsonl"), "--db", db]) == 0
    database = ClickHouse.embedded(Path(db))
    ((uid,),) = database.query("SELECT alert_id FROM alerts FINAL WHERE detector = {d:String}", d=SCAN)
    said = {
        "verdict_id": ["v1"], "revision": [1], "ts": NOW, "alert_id": [uid], "incident_id": [""], "verdict": ["true"],
        "who": ["anna"], "why": ["a machine of nobody"], "alerts": [1],
    }  # fmt: skip
    judged = {
        "alert_id": [uid], "revision": [1], "source": ["network"], "detector": [SCAN], "rule": [""],
        "entity_type": ["ip"], "entity": ["10.0.0.9"], "severity": [2], "verdict": ["true"], "who": [["anna"]],
        "said": [["true"]], "decided_at": NOW,
    }  # fmt: skip
    database.insert("verdicts", pa.table(said))
    database.insert("judgements", pa.table(judged))
    database.close()
    return db, str(uid)


def test_the_whole_explanation(place: tuple[str, str], command: Command) -> None:
    db, uid = place
    ran = command("explain", uid, "--db", db)
    assert ran.status == 0, ran.err
    for part in (
        "10.0.0.9 tried", "normal", "Fewer than 15 unanswered ports", "it misses", "T1046 Network Service Discovery",
        "ports without answer", "0 to 14", "█", "100%", "right in 1 of 1 judged alerts", "anna says right",
        "a machine of nobody", "topic/partition/offset", "SELECT ts, kind", "how sure",
    ):  # fmt: skip
        assert part in ran.out, part


def test_the_beginning_of_an_id_is_enough_and_json_has_all(place: tuple[str, str], command: Command) -> None:
    db, uid = place
    ran = command("explain", uid[:8], "--db", db, "--json")
    told = json.loads(ran.out)
    assert (told["alert_id"], told["detector"]) == (uid, SCAN)
    assert told["events"] and len(told["events"]) <= len(told["evidence"])
    assert told["features"][0]["contribution"] == 1.0 and told["detector_before"]["trues"] == 1


def test_the_view_has_it_in_one_row(place: tuple[str, str], command: Command) -> None:
    db, uid = place
    columns = "normal, verdict, judged_before, precision, features[1].1"
    sql = f"SELECT {columns} FROM explained_alerts WHERE alert_id = '{uid}'"
    ran = command("sql", "--db", db, "--format", "JSONCompactEachRow", sql)
    normal, verdict, before, precision, feature = json.loads(ran.out)
    assert normal.startswith("Fewer than") and (verdict, int(before), precision) == ("true", 1, 1)
    assert feature == "ports_without_answer"


@pytest.mark.parametrize(("alert", "says"), [("nobody", "no alert has the id"), (" ", "is empty"), ("", "is empty")])
def test_an_alert_that_is_none_is_one_line(place: tuple[str, str], command: Command, alert: str, says: str) -> None:
    db, _ = place
    ran = command("explain", alert, "--db", db)
    assert ran.status == 2 and says in ran.error


def test_every_technique_has_a_name() -> None:
    assert not [technique for technique in sorted(told()) if not attack_name(technique)]
