"""Forecasts in sentences, from a folder with what the correlate line wrote; the ranking of devices; the backtest."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from forecast.notes import volumes

from pipeline.cli.commands.forecast import run
from pipeline.errors import UsageError
from pipeline.forecast.forecaster import Forecaster
from pipeline.sinks.clickhouse import ClickHouse

KEV = """cveID,vendorProject,product,dateAdded,knownRansomwareCampaignUse,firmware_before
CVE-2020-25165,Acme Med,Pump 3,2024-01-01,Known,8.10
CVE-2021-00001,Other,Printer,2022-01-01,Unknown,
"""
INVENTORY = """ip,mac,class,vendor,model,firmware,firmware_date
10.0.0.5,,infusion pump,Acme Med,Pump 3,8.9,
10.0.0.6,,infusion pump,Acme Med,Pump 3,8.12,2026-01-01
10.0.0.7,,printer,Other,Printer,1.0,2020-01-01
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Twenty-three days of a department, and a little traffic."""
    folder = tmp_path_factory.mktemp("forecast") / "db"
    part = Forecaster()
    for note in volumes(23, lanes=1):
        part.take(note)
    database = ClickHouse.embedded(folder)
    database.migrate()
    for name, rows in part.tables().items():
        database.insert(name, rows)
    database.insert("scored_events", flows())
    database.close()
    return str(folder)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The user's own settings stay outside."""
    for name in [n for n in os.environ if n.startswith("WARDWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def flows() -> pa.Table:
    """One client and one address outside reach a pump, and it talks to another."""
    rows = [("10.0.0.9", "10.0.0.5", 22), ("203.0.113.7", "10.0.0.5", 80), ("10.0.0.5", "198.51.100.7", 443)]
    return pa.table(
        {
            "ts": pa.array([i * 1_000_000 for i in range(3)]).cast(pa.timestamp("us", "UTC")),
            "source": ["network"] * 3,
            "kind": ["flow"] * 3,
            "offset": pa.array(range(3), pa.int64()),
            "src_ip": [row[0] for row in rows],
            "dst_ip": [row[1] for row in rows],
            "dst_port": pa.array([row[2] for row in rows], pa.uint16()),
            "bytes_in": pa.array([50] * 3, pa.uint64()),
        }
    )


def told(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(run, arguments)


def test_a_department_in_sentences(db: str) -> None:
    ran = told("--db", db, "--department", "surgery")
    assert ran.exit_code == 0, ran.output
    day, week, *_ = ran.stdout.splitlines()
    assert day.startswith("Surgery: about 4") and "events in the next 24 hours, in four cases of five between" in day
    assert "events in the next 7 days" in week and "last week" in week
    assert "% came inside the 80 % range" in ran.stdout


def test_everything_and_as_json(db: str) -> None:
    ran = told("--db", db)
    assert all(name in ran.stdout for name in ("Surgery", "ehr", "of a day: of"))
    rows = [json.loads(line) for line in told("--db", db, "--json").stdout.splitlines()]
    assert {row["name"] for row in rows} == {"Surgery", "ehr", "u1"}
    assert all(row["low_95"] <= row["low"] <= row["high"] <= row["high_95"] for row in rows)


def test_a_picture(db: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "surgery.png"
    ran = told("--db", db, "--department", "Surgery", "--plot", str(picture))
    assert ran.exit_code == 0, ran.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="name it"):
        run.main(["--db", db, "--plot", str(picture)], standalone_mode=False)


def test_how_good_they_are(db: str) -> None:
    ran = told("--backtest", "--db", db)
    assert ran.exit_code == 0, ran.output
    line = next(
        line for line in ran.stdout.splitlines() if line.lstrip().startswith("department") and "each hour" in line
    )
    error, last_week = (float(cell) for cell in line.split()[9:11])
    assert 0 < error < last_week


def test_devices_by_pressure(db: str, tmp_path: Path) -> None:
    (tmp_path / "kev.csv").write_text(KEV)
    (tmp_path / "devices.csv").write_text(INVENTORY)
    files = ("--inventory", str(tmp_path / "devices.csv"), "--known-exploited", str(tmp_path / "kev.csv"))
    ran = told("--devices", *files, "--db", db, "--json")
    assert ran.exit_code == 0, ran.output
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["name"] for row in rows] == ["10.0.0.5", "10.0.0.7", "10.0.0.6"]
    assert [row["hole"] for row in rows] == ["exploited", "perhaps", "none"]
    assert rows[0]["at_least"] and rows[0]["life_support"] and rows[0]["ransomware"]
    shown = told("--devices", *files)
    assert "CVE-2020-25165 is being exploited and not repaired, also by ransomware; not seen in traffic" in shown.stdout
    assert "= 100 × known exploited 1.00 × exposure 0.30 × firmware age" in shown.stdout
    assert "--db DIR would tell more" in shown.stderr


def test_traffic_is_exposure(db: str, tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text(INVENTORY)
    ran = told("--devices", "--inventory", str(tmp_path / "devices.csv"), "--db", db, "--json")
    first = json.loads(ran.stdout.splitlines()[0])
    assert (first["name"], first["internet_in"], first["internet_out"], first["clients"]) == ("10.0.0.5", 1, 1, 1)
    assert first["remote_services"] == ["ssh"]
    assert first["hole"] == "unknown"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--devices",), "--inventory FILE"),
        (("--entity", "a", "--source", "b"), "ask for one thing"),
        (("--backtest", "--devices"), "ask for one thing"),
        (("--db", "nowhere"), "no such folder"),
    ],
)
def test_wrong_usage_is_said(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        run.main(list(arguments), standalone_mode=False)


def test_an_unknown_name_says_so(db: str) -> None:
    ran = told("--db", db, "--entity", "nobody")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert "no forecast of entity nobody yet" in ran.stderr
