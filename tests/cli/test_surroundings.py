"""Commands in terminals, zones and states of the database that nobody wishes for."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.commands import environment, one_line, wardwatch
from cli.running import started

from pipeline.cli.terminal import _escaped

FAILED = "".join(
    f"2024-05-01T10:0{n % 6}:{n:02d}Z pförtner sshd[1]: Failed password for müller from 10.0.0.5 port 22 ssh2\n"
    for n in range(60)
)
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_what_an_encoding_lacks_is_written_as_json_does() -> None:
    text = "müller ≥ 🏥 \udcc3"
    error = UnicodeEncodeError("ascii", text, 0, len(text), "no")
    told, end = _escaped(error)
    assert end == len(text) and told.isascii() and json.loads(f'"{told}"') == text


def test_names_with_umlauts_on_an_ascii_terminal(tmp_path: Path) -> None:
    (tmp_path / "auth.log").write_text(FAILED, "utf-8")
    env = environment(tmp_path / "home", **ASCII)
    ran = wardwatch("scan", str(tmp_path / "auth.log"), "--json", env=env)
    assert ran.status == 0, ran.err
    alerts = [json.loads(line) for line in ran.out.splitlines()]
    assert any("müller" in json.dumps(alert, ensure_ascii=False) for alert in alerts)
    assert wardwatch("--help", env=env).status == 0


@pytest.mark.parametrize("zone", ["Nowhere/Bad", "UTC-99", ":", ""])
def test_a_zone_that_nobody_knows(tmp_path: Path, zone: str) -> None:
    ran = wardwatch("incidents", "--db", str(tmp_path), env=environment(tmp_path / "home", TZ=zone))
    assert ran.status == 2 and one_line(ran) and "holds no wardwatch database" in ran.err


def test_a_database_that_another_process_has(tmp_path: Path) -> None:
    holding = "import sys; from pathlib import Path; from pipeline.sinks.clickhouse import ClickHouse; " \
        "db = ClickHouse.embedded(Path(sys.argv[1])); db.migrate(); print(flush=True); input()"  # fmt: skip
    env = environment(tmp_path / "home")
    (tmp_path / "auth.log").write_text(FAILED, "utf-8")
    db = str(tmp_path / "db")
    with subprocess.Popen(
        [sys.executable, "-c", holding, db], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        for arguments in (("scan", str(tmp_path / "auth.log"), "--db", db), ("sql", "--db", db, "SELECT 1")):
            ran = wardwatch(*arguments, env=env)
            assert ran.status == 1 and one_line(ran) and "is in use by another process" in ran.err
        other.communicate(b"\n")
    assert wardwatch("sql", "--db", db, "SELECT 1", env=env).out.split() == ["1", "1"]


def test_a_long_question_ends_with_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "auth.log").write_text(FAILED, "utf-8")
    db = str(tmp_path / "db")
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "home"))
    assert wardwatch("scan", str(tmp_path / "auth.log"), "--db", db, env=environment(tmp_path / "home")).status == 0
    endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
    asking = started("sql", "--db", db, endless)
    while not (Path(db) / "status").exists() and asking.poll() is None:
        time.sleep(0.05)
    time.sleep(1.0)
    os.kill(asking.pid, signal.SIGINT)
    _, said = asking.communicate(timeout=60)
    assert asking.returncode in (-signal.SIGINT, 130) and b"Traceback" not in said
