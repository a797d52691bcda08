"""Who is flagged more often than others: from a database with accesses, alerts and verdicts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from cli.running import Command

from pipeline.sinks.clickhouse import ClickHouse

START = datetime(2026, 11, 1, tzinfo=UTC)
NURSES, CLERKS = 60, 60


def _times(hours: list[float], unit: str) -> pa.Array:
    return pa.array([START + timedelta(hours=h) for h in hours], pa.timestamp(unit, "UTC"))


def _accesses(database: ClickHouse) -> None:
    """Nurses work day and night, clerks by day; two pharmacists are too few to say anything of."""
    staff = [(f"n{i}", "nurse", "Surgery", h) for i in range(NURSES) for h in (8.0, 23.0)]
    staff += [(f"c{i}", "clerk", "Billing", 9.0) for i in range(CLERKS)]
    staff += [(f"p{i}", "pharmacist", "Pharmacy", 9.0) for i in range(2)]
    raw = [json.dumps({"role": role, "department": department}) for _, role, department, _ in staff]
    n = len(staff)
    database.insert("scored_events", pa.table({
        "ts": _times([s[3] for s in staff], "us"), "source": ["charts"] * n, "kind": ["access"] * n,
        "topic": ["charts"] * n, "partition": pa.array([0] * n, pa.int32()), "offset": pa.array(range(n), pa.int64()),
        "event_id": [f"a{i}" for i in range(n)], "user": [s[0] for s in staff], "raw": raw,
    }))  # fmt: skip


def _alert(k: int, user: str, hour: float) -> dict[str, object]:
    return {"alert_id": f"x{k}", "detector": "ehr.vip", "entity_type": "user", "entity": user, "status": "New",
            "hour": hour}  # fmt: skip


def _alerts(database: ClickHouse) -> None:
    """A third of the nurses at night, and two clerks; what is over the budget was told to nobody."""
    rows = [_alert(i, f"n{i}", 23.5) for i in range(20)] + [_alert(100 + i, f"c{i}", 9.5) for i in range(2)]
    rows += [_alert(200 + i, f"c{i}", 9.5) | {"status": "Suppressed"} for i in range(40)]
    rows += [_alert(300, "nobody", 9.5)]
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "hour"}
    times = _times([float(str(row["hour"])) for row in rows], "ms")
    count = pa.array([1] * len(rows), pa.uint64())
    database.insert("alerts", pa.table(columns | {"first_seen": times, "last_seen": times, "count": count}))
    judged = rows[:15]
    database.insert("judgements", pa.table({
        "alert_id": [r["alert_id"] for r in judged], "revision": pa.array([1] * 15, pa.uint64()),
        "source": ["ehr"] * 15, "detector": ["ehr.vip"] * 15, "verdict": ["false"] * 12 + ["true"] * 3,
        "decided_at": _times([30.0] * 15, "ms"),
    }))  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fairness") / "db"
    database = ClickHouse.embedded(folder)
    database.migrate()
    _accesses(database)
    _alerts(database)
    database.close()
    return folder


def test_the_report_says_who_and_how_much(place: Path, command: Command) -> None:
    ran = command("fairness", "--db", place)
    assert ran.status == 0, ran.err
    assert "122 people at work, 23 alerts about people" in ran.out
    assert "People of role nurse are flagged 10 times as often as the others (2.5 to 42): 20 of 60." in ran.out
    assert "People of role nurse are flagged in error 26 times as often" in ran.out
    assert "People in the night shift are flagged" in ran.out
    assert "15 of 23 alerts were judged" in ran.out and "who are in no group" in ran.out
    pharmacists = next(line for line in ran.out.splitlines() if line.startswith("pharmacist"))
    assert pharmacists.split() == ["pharmacist", "2", "-", "-", "too", "small", "to", "say", "-"]


def test_json_has_the_figures(place: Path, command: Command) -> None:
    told = json.loads(command("fairness", "--db", place, "--by", "role+shift", "--json").out)
    groups = {g["group"]: g for g in told["groups"]}
    night = groups["nurse · night"]
    assert (night["people"], night["alerts"], night["errors"], night["judged"]) == (60, 20, 12, 15)
    assert night["differs"] and night["flagged"]["ratio"] > 10 and night["flagged"]["p"] < 0.001
    assert groups["nurse · day"]["alerts"] == 0
    assert told["left_out"] == ["pharmacist · day"]


def test_a_page_and_attributes_of_ones_own(place: Path, command: Command, tmp_path: Path) -> None:
    staff = tmp_path / "staff.csv"
    staff.write_text(
        "user,union\n" + "".join(f"n{i},yes\n" for i in range(30)) + "".join(f"c{i},no\n" for i in range(30))
    )
    ran = command("fairness", "--db", place, "--by", "union,shift", "--people", staff, "--html", tmp_path / "f.html")
    assert ran.status == 0 and "People of union yes are flagged" in ran.out
    page = (tmp_path / "f.html").read_text()
    assert page.count("<table") == 2 and "<svg" in page and page.count("<tr>") == page.count("</tr>") > 5


def test_hours_are_those_of_the_hospital(place: Path, command: Command) -> None:
    told = json.loads(command("fairness", "--db", place, "--by", "shift", "--timezone", "Asia/Tokyo", "--json").out)
    assert {g["group"]: g["people"] for g in told["groups"]} == {"evening": 122, "day": 60}
    part = json.loads(command("fairness", "--db", place, "--by", "role", "--detector", "network", "--json").out)
    assert part["alerts"] == 0 and "too few to compare" in part["sentences"][0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--by", "height"], "is not known of people"), (["--by", ","], "is not known"),
        (["--shifts", "night"], "is no shift"), (["--timezone", "Mars/Olympus"], "none of the time zones"),
        (["--since", "soon"], "--since 'soon'"), (["--people", "none.csv"], "cannot be read"),
        (["--since", "2030-01-01"], "knows of nobody at work"), (["--html", "no/such/f.html"], "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(place: Path, command: Command, arguments: list[str], says: str) -> None:
    ran = command("fairness", "--db", place, *arguments)
    assert ran.status == 2 and says in ran.error


def test_where_all_are_of_one_group_there_are_no_others(place: Path, command: Command, tmp_path: Path) -> None:
    ran = command("fairness", "--db", place, "--by", "shift", "--shifts", "always=0-0", "--html", tmp_path / "f.html")
    assert ran.status == 0 and "no others to compare" in ran.out and "too small to say" not in ran.out.split("\n\n")[1]


def test_without_verdicts_errors_are_unknown_rather_than_none(place: Path, command: Command, tmp_path: Path) -> None:
    page = tmp_path / "clerks.html"
    assert command("fairness", "--db", place, "--by", "role", "--html", page).status == 0
    cells = {
        row.split("</span>")[0].rpartition(">")[2]: row for row in page.read_text().split("<tr>") if "<span" in row
    }
    assert "12 of 15" in cells["nurse"] and cells["clerk"].count("<span>-</span>") == 3
