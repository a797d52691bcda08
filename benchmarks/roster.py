"""The candidates and how one run of each is done on a stage."""

import json
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.candidate import Candidate
from benchmarks.corpus import Corpus
from benchmarks.stage import Stage
from benchmarks.streamed import Task, run_streamed
from pipeline.settings import Settings
from pipeline.sinks.kafka import create_topics

_ROOT = Path(__file__).resolve().parents[1]
_WORKER = [sys.executable, "-c", "from pipeline.cli.entry import main; main()", "worker", "--make-keys"]
_PEER_TABLE = """CREATE TABLE IF NOT EXISTS peer_events (
    ts DateTime64(6, 'UTC'), event_id String, kind LowCardinality(String), src_ip String, src_port UInt16,
    dst_ip String, dst_port UInt16, proto LowCardinality(String), service LowCardinality(String),
    score Float32, raw String CODEC(ZSTD(3))
) ENGINE = MergeTree ORDER BY (src_ip, ts)"""
_PEERS = {"plain_faust": "plain_faust.py", "quix_river": "quix_river.py", "bytewax_river": "bytewax_river.py"}
_INPROCESS_S = 900.0
_numbers = count()


@dataclass(frozen=True)
class Load:
    """How much each candidate gets: the same records from the same beginning, slow ones fewer of them."""

    corpus: Corpus
    warmup: int
    events: int
    peer_warmup: int
    peer_events: int
    compression: str | None

    @classmethod
    def none(cls) -> "Load":
        """For a runner whose load comes from elsewhere."""
        return cls(Corpus([], []), 0, 0, 0, 0, None)

    def timed(self) -> Corpus:
        """What our candidates are timed with."""
        return self.corpus.part(self.warmup, self.warmup + self.events)

    def peer_timed(self) -> Corpus:
        """What the per-event programs are timed with."""
        return self.corpus.part(self.peer_warmup, self.peer_warmup + self.peer_events)


@dataclass(frozen=True)
class Runner:
    """Runs candidates, each in a folder, a database and topics of its own."""

    stage: Stage
    folder: Path
    core: int
    load: Load
    peers_python: str

    def run(self, name: str) -> dict[str, float]:
        """One measurement of candidate `name`."""
        run_id = f"{name}_{next(_numbers)}"
        folder = self.folder / run_id
        folder.mkdir()
        if name == "worker":
            return self._worker(run_id, folder)
        if name in _PEERS:
            return self._peer(name, run_id, folder)
        return self._inprocess(name, run_id, folder)

    def _env(self, run_id: str, folder: Path) -> dict[str, str]:
        return {
            "WARDWATCH_KAFKA_BOOTSTRAP": self.stage.kafka.bootstrap,
            "WARDWATCH_CLICKHOUSE_URL": self.stage.clickhouse.url,
            "WARDWATCH_CLICKHOUSE_DATABASE": run_id,
            "WARDWATCH_TOPIC_PREFIX": f"{run_id}.",
            "WARDWATCH_CONSUMER_GROUP": run_id,
            "WARDWATCH_DATA_DIR": str(folder / "data"),
        }

    def _topics(self, run_id: str) -> None:
        create_topics(Settings(kafka_bootstrap=self.stage.kafka.bootstrap, topic_prefix=f"{run_id}."))

    def worker(self, run_id: str, folder: Path) -> Candidate:
        """The real command on topics and tables of its own, which are made first."""
        self._topics(run_id)
        self.stage.database(run_id)
        return Candidate("worker", _WORKER, self._env(run_id, folder), self.core, folder / "worker.log")

    def _worker(self, run_id: str, folder: Path) -> dict[str, float]:
        self._topics(run_id)
        load = self.load
        warmup = load.corpus.part(0, load.warmup)
        task = Task(f"{run_id}.network", run_id, "scored_events", warmup, load.timed(), load.compression)
        result = run_streamed(self.stage, task, lambda: self.worker(run_id, folder))
        return result | {"alerts": self.stage.messages(f"{run_id}.alerts")}

    def _peer(self, name: str, run_id: str, folder: Path) -> dict[str, float]:
        load, stage = self.load, self.stage
        stage.create_topic(run_id)
        stage.create_topic(f"{run_id}.alerts")
        stage.database(run_id).raw(_PEER_TABLE, "Null")
        env = {
            "BENCH_BOOTSTRAP": stage.kafka.bootstrap, "BENCH_CLICKHOUSE_PORT": str(stage.clickhouse.port),
            "BENCH_TOPIC": run_id, "BENCH_ALERTS": f"{run_id}.alerts", "BENCH_GROUP": run_id,
            "BENCH_DATABASE": run_id,
        }  # fmt: skip
        python = sys.executable if name == "plain_faust" else self.peers_python
        argv = [python, str(Path(__file__).with_name("peers") / _PEERS[name])]
        argv += ["worker", "--without-web"] if name == "plain_faust" else []
        warmup = load.corpus.part(0, load.peer_warmup)
        task = Task(run_id, run_id, "peer_events", warmup, load.peer_timed(), load.compression)
        log = folder / "peer.log"
        result = run_streamed(stage, task, lambda: Candidate(name, argv, env, self.core, log))
        return result | {"alerts": stage.messages(f"{run_id}.alerts")}

    def _inprocess(self, name: str, run_id: str, folder: Path) -> dict[str, float]:
        load, out = self.load, folder / "result.json"
        path = self.folder / "corpus.npz"
        whole = load.corpus.part(0, load.warmup + load.events)
        if not path.exists():
            whole.save(path)
        argv = [sys.executable, "-m", "benchmarks.inprocess", name, "--corpus", str(path), "--out", str(out)]
        argv += ["--warmup", str(load.warmup)]
        if name == "insert":
            self.stage.database(run_id)
        if name == "fetch":
            self.stage.create_topic(run_id)
            self.stage.fill(run_id, whole, load.compression)
            argv += ["--topic", run_id]
        env = self._env(run_id, folder) | {"PYTHONPATH": str(_ROOT)}
        servers = self.stage.server_cpu_s()
        Candidate(name, argv, env, self.core, folder / "log").wait(_INPROCESS_S)
        used = {f"{n}_cpu_s": s - servers[n] for n, s in self.stage.server_cpu_s().items()}
        result: dict[str, float] = json.loads(out.read_text())
        return result | used
