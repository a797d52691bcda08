"""What the per-event programs share: a pydantic model, a River pipeline, and rows inserted 5,000 at a time."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import clickhouse_connect
from pydantic import BaseModel
from river import anomaly, compose, preprocessing

INSERT_ROWS = 5000
LONGEST_WAIT_S = 2.0
ALERT_SCORE = 0.98
_COLUMNS = ["ts", "event_id", "kind", "src_ip", "src_port", "dst_ip", "dst_port", "proto", "service", "score", "raw"]
_NUMBERS = ("duration_s", "bytes_out", "bytes_in", "packets_out", "packets_in", "dst_port")


class NetworkEvent(BaseModel):
    """The fields a per-event program needs of a network event."""

    ts: float
    event_id: str
    kind: str
    src_ip: str = ""
    src_port: int = 0
    dst_ip: str = ""
    dst_port: int = 0
    proto: str = ""
    service: str = ""
    duration_s: float = 0.0
    bytes_out: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    packets_in: int = 0


@dataclass(frozen=True)
class Place:
    """Where to read and write, as the benchmark says in the environment."""

    bootstrap: str = os.environ.get("BENCH_BOOTSTRAP", "")
    topic: str = os.environ.get("BENCH_TOPIC", "")
    alerts: str = os.environ.get("BENCH_ALERTS", "")
    group: str = os.environ.get("BENCH_GROUP", "bench")
    database: str = os.environ.get("BENCH_DATABASE", "default")
    table: str = os.environ.get("BENCH_TABLE", "peer_events")
    port: int = int(os.environ.get("BENCH_CLICKHOUSE_PORT", "8123"))


class RiverScorer:
    """Scores one document at a time with `MinMaxScaler | HalfSpaceTrees`, River's defaults."""

    def __init__(self) -> None:
        self._model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=7))

    def score(self, document: bytes) -> tuple[float, list[object]]:
        """(score, row) of one document; the model has learned it then."""
        event = NetworkEvent.model_validate_json(document)
        features = {name: float(getattr(event, name)) for name in _NUMBERS}
        score = self._model.score_one(features)
        self._model.learn_one(features)
        return score, [
            datetime.fromtimestamp(event.ts, UTC), event.event_id, event.kind, event.src_ip, event.src_port,
            event.dst_ip, event.dst_port, event.proto, event.service, score, document.decode(),
        ]  # fmt: skip


class RowBuffer:
    """Rows on their way to ClickHouse, 5,000 at a time or when they have waited."""

    def __init__(self, place: Place) -> None:
        self._table = place.table
        self._client = clickhouse_connect.get_client(
            host="127.0.0.1", port=place.port, database=place.database, compress=False, autogenerate_session_id=False
        )
        self._rows: list[list[object]] = []
        self._oldest = 0.0

    def add(self, row: list[object]) -> None:
        """Keep a row; inserts when there are enough."""
        if not self._rows:
            self._oldest = time.monotonic()
        self._rows.append(row)
        if len(self._rows) >= INSERT_ROWS:
            self.flush()

    def flush_old(self) -> None:
        """Insert what has waited for two seconds."""
        if self._rows and time.monotonic() - self._oldest >= LONGEST_WAIT_S:
            self.flush()

    def flush(self) -> None:
        """Insert what is here."""
        rows, self._rows = self._rows, []
        if rows:
            self.insert(rows)

    def insert(self, rows: list[list[object]]) -> None:
        """Insert these rows."""
        self._client.insert(self._table, rows, _COLUMNS)
