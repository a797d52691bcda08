"""Real servers on free loopback ports, started once, and commands run in this process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.cli.main import run
from pipeline.local.clickhouse import LocalClickHouse
from pipeline.local.kafka import LocalKafka
from pipeline.local.service_folder import free_port


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that a refused command prints."""
        assert not self.out
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("wardwatch: ")
        return lines[0]


Command = Callable[..., Outcome]


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    with LocalKafka(tmp_path_factory.mktemp("kafka"), port=free_port()) as broker:
        yield broker


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalClickHouse]:
    with LocalClickHouse(tmp_path_factory.mktemp("clickhouse"), port=free_port()) as server:
        yield server


@pytest.fixture
def nobodys_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands see neither the settings nor the folders of who runs the tests."""
    for name in [name for name in os.environ if name.startswith("WARDWATCH_") and name != "WARDWATCH_DATA"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def command(nobodys_settings: None, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Runs a command in this process."""

    def call(*arguments: object) -> Outcome:
        capsysbinary.readouterr()
        status = run([str(a) for a in arguments])
        told = capsysbinary.readouterr()
        return Outcome(status, told.out.decode(), told.err.decode())

    return call


def started(*arguments: object) -> subprocess.Popen[bytes]:
    """A command in a process of its own: for signals, pipes and standard input."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline.cli", *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        # A shell that runs the tests in the background has them, and all they start, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
