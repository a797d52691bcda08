"""The same per-event program on Quix Streams: one streaming data frame, one sink."""

from confluent_kafka import Producer
from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch
from river_scorer import ALERT_SCORE, INSERT_ROWS, LONGEST_WAIT_S, Place, RiverScorer, RowBuffer

place = Place()
scorer = RiverScorer()
producer = Producer({"bootstrap.servers": place.bootstrap})


class Rows(BatchingSink):
    """Quix flushes it with every commit, one batch a partition."""

    def __init__(self) -> None:
        super().__init__()
        self._rows = RowBuffer(place)

    def write(self, batch: SinkBatch) -> None:
        """Make durable what was scored."""
        self._rows.insert([item.value for item in batch])


def score(document: bytes) -> list[object]:
    """Score, tell what is unusual, hand on the row."""
    value, row = scorer.score(document)
    if value >= ALERT_SCORE:
        producer.produce(place.alerts, document)
    producer.poll(0)
    return row


def main() -> None:
    """Run until stopped."""
    app = Application(
        broker_address=place.bootstrap, consumer_group=place.group, auto_offset_reset="earliest", loglevel="WARNING",
        commit_interval=LONGEST_WAIT_S, commit_every=INSERT_ROWS, auto_create_topics=False,
    )  # fmt: skip
    frame = app.dataframe(app.topic(place.topic, value_deserializer="bytes", key_deserializer="bytes"))
    frame.apply(score).sink(Rows())
    app.run()


if __name__ == "__main__":
    main()
