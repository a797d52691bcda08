"""Incidents listed and shown from a folder, and one clear line where there is nothing to show."""

import json
from pathlib import Path

import pytest
from cli.running import Command
from incidents.notes import correlator, finding, link

from pipeline.cli.incident_text import incident_page
from pipeline.incidents.rows import incident_rows
from pipeline.sinks.clickhouse import ClickHouse


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two incidents, of which the second was two at first."""
    folder = tmp_path_factory.mktemp("incidents")
    c = correlator()
    db = folder / "db"
    database = ClickHouse.embedded(db)
    database.migrate()

    def write() -> None:
        for table, rows in {"incidents": incident_rows(c.documents()), **c.tables()}.items():
            if rows.num_rows:
                database.insert(table, rows)

    c.take(finding("a1", "ehr.vip", 0.0, 3, 8, ["T1213"], user="u7", patient="p~1", score=0.95))
    c.take(finding("a2", "logs.backup_tampering", 1.0, 5, attacks=["T1490"], host="ws-1", user="u\x1b1"))
    c.take(finding("a3", "network.ransomware", 1.1, 5, attacks=["T1486"], src_ip="10.20.5.1", dst_ip="10.20.1.20"))
    write()
    c.take(link("ws-1", "10.20.5.1", 1.0, via="address", kinds=("host", "ip")))
    write()
    database.close()
    return str(db)


def test_the_list_has_the_most_urgent_first(place: str, command: Command) -> None:
    ran = command("incidents", "--db", place)
    assert ran.status == 0, ran.err
    first, second = ran.out.splitlines()
    assert first.startswith("CRITICAL  2026-03-02 09:00") and "ransomware" in first and "2 alerts" in first
    assert second.startswith("MEDIUM") and "User u7" in second and "8 findings" in second
    assert "\x1b" not in ran.out
    rows = [json.loads(line) for line in command("incidents", "--db", place, "--json").out.splitlines()]
    assert [row["kind"] for row in rows] == ["ransomware", "record_access"]
    assert len(command("incidents", "--db", place, "--limit", "1").out.splitlines()) == 1


def test_one_in_full_by_its_beginning_or_an_alert(place: str, command: Command) -> None:
    listed = json.loads(command("incidents", "--db", place, "--json").out.splitlines()[0])
    ran = command("incidents", listed["incident_id"][:8], "--db", place)
    assert ran.status == 0, ran.err
    for part in ("Timeline", "  Impact", "Who is involved", "subject", "10.20.1.20", "Normal would", "event-a2"):
        assert part in ran.out, part
    again = command("incidents", "a2", "--db", place)
    assert again.status == 2 and again.error
    document = json.loads(command("incidents", listed["incident_id"], "--db", place, "--json").out)
    assert document["class_uid"] == 2005
    document["unmapped"]["next_techniques"] = ["T1213", "T9999"]
    assert "  next        T1213 Data from Information Repositories; T9999" in list(incident_page(document))
    sql = command("sql", "--db", place, document["unmapped"]["sql"])
    assert sql.status == 0, sql.err


def test_what_became_part_of_another_leads_there(place: str, command: Command) -> None:
    asked = "SELECT incident_id FROM incidents FINAL WHERE merged_into != ''"
    gone = command("sql", "--db", place, "--format", "TSV", asked).out.strip()
    ran = command("incidents", gone, "--db", place)
    assert ran.status == 0 and "became part of" in ran.err and "ransomware" in ran.out


def test_what_is_not_there_is_said_in_a_line(place: str, command: Command, tmp_path: Path) -> None:
    ran = command("incidents", "ffffffff' OR 1", "--db", place)
    assert ran.status == 2 and "no incident has the id" in ran.error
    ran = command("incidents", "--db", str(tmp_path))
    assert ran.status == 2 and ran.error
    ran = command("incidents", "--limit", "0", "--db", place)
    assert ran.status == 2 and ran.error
