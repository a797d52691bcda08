"""The same per-event program on Bytewax: Kafka source, one step a record, rows collected for the sink."""

from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main
from confluent_kafka import Producer
from river_scorer import ALERT_SCORE, INSERT_ROWS, LONGEST_WAIT_S, Place, RiverScorer, RowBuffer

place = Place()
scorer = RiverScorer()
producer = Producer({"bootstrap.servers": place.bootstrap})
Keyed = tuple[str, list[list[object]]]


def score(message: KafkaSourceMessage[bytes, bytes]) -> tuple[str, list[object]]:
    """Score, tell what is unusual, hand on the row under the one key there is."""
    value, row = scorer.score(message.value)
    if value >= ALERT_SCORE:
        producer.produce(place.alerts, message.value)
    return "rows", row


class RowPartition(StatelessSinkPartition[Keyed]):
    """Inserts what was collected."""

    def __init__(self) -> None:
        self._rows = RowBuffer(place)

    def write_batch(self, items: list[Keyed]) -> None:
        """One insert a collected list."""
        for _, rows in items:
            self._rows.insert(rows)
        producer.poll(0)


class Rows(DynamicSink[Keyed]):
    """ClickHouse."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> RowPartition:
        """One connection a worker; there is one worker."""
        return RowPartition()


def main() -> None:
    """Run until stopped."""
    flow = Dataflow("river")
    source = KafkaSource([place.bootstrap], [place.topic], tail=True, batch_size=1000)
    messages = op.input("network", flow, source)
    scored = op.map("score", messages, score)
    collected = op.collect("collect", scored, timedelta(seconds=LONGEST_WAIT_S), INSERT_ROWS)
    op.output("clickhouse", collected, Rows())
    run_main(flow)


if __name__ == "__main__":
    main()
