"""What a scenario is, and what it has at hand while it plays."""

import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from benchmarks.faults.harness import Bench
from benchmarks.faults.records import Record, hospital_records
from benchmarks.stage import Stage
from pipeline.errors import WardwatchError

# The least that Kafka's broker grants by default (group.min.session.timeout.ms). The product asks for 20 s; with that
# every kill would cost a quarter of a minute of waiting, which shows nothing.
SESSION_S = 6.0
PATIENCE = ("--session-s", str(SESSION_S))


_FINISH_S = 240.0


class NotPermittedError(WardwatchError):
    """The scenario cannot be played here; the message says what is missing."""


@dataclass(frozen=True)
class Control:
    """The same procedure with a protection taken away. It must fail, or the comparison would prove nothing."""

    words: str
    """What is taken away."""
    shows: str
    """The figure of the verdict that has to be above zero then."""
    without: tuple[str, ...] = ()
    """Protections that the workers lack (`benchmarks.faults.protections`)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Settings of the workers, as variables."""
    final: bool = True
    """False: rows are read as they were written, replaced ones too."""
    faults: int = 3
    """So many are enough to show it."""


@dataclass
class Act:
    """One play of a scenario, with its own topics, tables, checkpoints and workers."""

    bench: Bench
    stage: Stage
    folder: Path
    records: list[Record]
    faults: int
    rng: Random
    control: Control | None
    short: bool
    """Whether outages shall be brief."""

    def worker(self, *flags: str, **extra: str) -> "subprocess.Popen[bytes]":
        """Start a worker, without what the control takes away."""
        if self.control is None:
            return self.bench.start(*flags, **extra)
        without = [f for name in self.control.without for f in ("--without", name)]
        return self.bench.start(*without, *flags, **(extra | dict(self.control.environment)))

    @contextmanager
    def sending(self, records: list[Record], seconds: float) -> Iterator[None]:
        """Records trickle in meanwhile; all have been sent at the end."""
        failed: list[BaseException] = []

        def send() -> None:
            try:
                self.bench.trickle(records, seconds)
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=send, name="sender")
        thread.start()
        try:
            yield
        finally:
            thread.join()
        if failed:
            raise failed[0]

    def send(self, records: list[Record]) -> None:
        """Send, and wait until there is something to lose: rows of these, and in a control a commit of all.

        Where nothing was committed everything is read again, and even a worker without checkpoints is right.
        """
        before = self.bench.count(final=False)
        self.bench.send(records)
        if self.control is None:
            self.bench.wait(lambda: self.bench.count(final=False) > before, "rows")
        else:
            self.bench.drain()

    def pause(self, least_s: float, most_s: float) -> None:
        """A random while."""
        time.sleep(self.rng.uniform(least_s, most_s))

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        """SIGKILL."""
        self.bench.stop(worker, signal.SIGKILL)

    def finish(self, *flags: str, **extra: str) -> None:
        """A worker goes on until all is committed, and ends in order."""
        if not self.bench.alive():
            self.worker(*flags, **extra)
        self.bench.drain(_FINISH_S)
        self.bench.stop_all()


class Scenario(ABC):
    """One kind of trouble. Found by scan; its name is what `--only` takes."""

    name: ClassVar[str]
    title: ClassVar[str]
    """What is done, in words, for the table."""
    faults: ClassVar[int]
    short: ClassVar[int]
    """Faults of the short form."""
    events_a_fault: ClassVar[int] = 300
    controls: ClassVar[tuple[Control, ...]]
    settings: ClassVar[Mapping[str, Any]] = {}
    """Beyond those all scenarios share."""
    final: ClassVar[bool] = True
    """False: not even replaced rows may be there."""
    merges: ClassVar[bool] = True
    """Whether ClickHouse may merge parts meanwhile."""
    small_disks: ClassVar[Mapping[str, int]] = {}
    """Folders below the theatre's that are file systems of so many megabytes; `clickhouse` is the database's."""

    def records(self, faults: int) -> list[Record]:
        """What is sent: enough for every fault to meet work under way."""
        return hospital_records(min(max(self.events_a_fault * (faults + 1), 4000), 40_000))

    def expected(self, records: list[Record], control: Control | None) -> list[Record]:
        """What the scan is given: the same, unless the control says otherwise."""
        return records

    @abstractmethod
    def play(self, act: Act) -> int:
        """Send the records, do the faults, let the workers finish; how many faults there were."""
