"""Every command of the README is run, in its order, against real parts."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.local.service_folder import free_port

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line.strip()
]
# What a test cannot do as it stands, and what it does in its place.
INSTEAD = {
    "make demo": 'make demo ARGS="--seconds 10"',
    "make test": "make --dry-run test",  # these are the tests
    ". .venv/bin/activate": "true",  # PATH is set so already
}
BACKGROUND = "wardwatch up"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of the commands: this interpreter's wardwatch first, own data folder, own ports."""
    folder = tmp_path_factory.mktemp("readme")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WARDWATCH_")}
    kafka, clickhouse = free_port(), free_port()
    yield kept | {
        "PATH": f"{Path(sys.executable).parent}:{kept['PATH']}",
        "WARDWATCH_DATA_DIR": str(folder / "data"),
        "WARDWATCH_KAFKA_BOOTSTRAP": f"127.0.0.1:{kafka}",
        "WARDWATCH_CLICKHOUSE_URL": f"http://127.0.0.1:{clickhouse}",
        "KAFKA_PORT": str(kafka),
        "CLICKHOUSE_PORT": str(clickhouse),
        "WORK": str(folder),
    }


def run(command: str, place: dict[str, str]) -> str:
    """Run one line in a shell, in the user's folder; `make` at the top of the repository."""
    command = INSTEAD.get(command, command).replace("127.0.0.1:8123", f"127.0.0.1:{place['CLICKHOUSE_PORT']}")
    where = str(ROOT) if command.startswith("make") else place["WORK"]
    done = subprocess.run(
        ["bash", "-c", command], env=place, cwd=where, capture_output=True, text=True, timeout=220, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "Traceback" not in done.stderr
    return done.stdout


def wait_for_rows(place: dict[str, str], least: int) -> None:
    """Until the worker has scored what was shipped, a minute at most."""
    url = f"{place['WARDWATCH_CLICKHOUSE_URL']}/?query=SELECT+count()+FROM+scored_events+WHERE+reason=''"
    for _ in range(120):
        with urllib.request.urlopen(url, timeout=10) as answer:
            if int(answer.read()) >= least:
                return
        time.sleep(0.5)
    raise AssertionError("the worker did not score what was shipped within a minute")


@pytest.mark.servers
@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_command(place: dict[str, str]) -> None:
    split = COMMANDS.index(BACKGROUND)
    for command in COMMANDS[:split]:
        run(command, place)
    events = sum(1 for file in Path(place["WORK"], "hospital").glob("*.jsonl") for _ in file.open("rb"))
    assert events > 1000
    up = subprocess.Popen(
        ["wardwatch", "up", "--kafka-port", place["KAFKA_PORT"], "--clickhouse-port", place["CLICKHOUSE_PORT"]],
        env=place, cwd=place["WORK"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert up.stdout is not None
        assert any("Ctrl-C" in line for line in up.stdout), "up never said it runs"
        for command in COMMANDS[split + 1 :]:
            out = run(command, place)
            if command.startswith("wardwatch ship"):
                wait_for_rows(place, events)
            else:
                assert out.strip(), f"{command} printed nothing"
    finally:
        up.send_signal(signal.SIGINT)
        assert up.wait(timeout=60) == 0


def test_the_commands_are_many_and_known() -> None:
    assert len(COMMANDS) >= 10
    assert COMMANDS[:2] == ["make demo", "make test"]
    assert {c.split()[1] for c in COMMANDS if c.startswith("wardwatch ")} >= {
        "simulate", "scan", "sql", "detectors", "up", "ship", "alerts"
    }  # fmt: skip


def test_sql_in_the_readme_runs(tmp_path: Path) -> None:
    """The SQL blocks, on an empty database made by the migrations."""
    queries = [q for block in re.findall(r"```sql\n(.*?)```", README, re.DOTALL) for q in block.split(";") if q.strip()]
    assert queries
    program = (
        "import sys; from pathlib import Path; from pipeline.sinks.clickhouse import ClickHouse\n"
        "db = ClickHouse.embedded(Path(sys.argv[1])); db.migrate()\n"
        "[db.query(q) for q in sys.argv[2:]]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "db"), *queries], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
