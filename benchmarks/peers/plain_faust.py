"""The plain program: a Faust agent, an event at a time, as Faust's and River's own guides show it."""

import logging

import faust
from river_scorer import ALERT_SCORE, Place, RiverScorer, RowBuffer

place = Place()
app = faust.App(
    place.group,
    broker=f"kafka://{place.bootstrap}",
    store="memory://",
    web_enabled=False,
    topic_disable_leader=True,
    topic_allow_declare=False,
    consumer_auto_offset_reset="earliest",
    broker_max_poll_records=5000,
)
source = app.topic(place.topic, value_serializer="raw", key_serializer="raw")
alerts = app.topic(place.alerts, value_serializer="raw", key_serializer="raw")
scorer = RiverScorer()
rows = RowBuffer(place)


@app.agent(source)
async def score(stream: faust.Stream[bytes]) -> None:
    """Score, keep the row, tell what is unusual."""
    async for document in stream:
        value, row = scorer.score(document)
        rows.add(row)
        if value >= ALERT_SCORE:
            await alerts.send(value=document)


@app.timer(0.5)
async def flush() -> None:
    """Rows do not wait for ever for their 5,000."""
    rows.flush_old()


if __name__ == "__main__":
    faust.Worker(app, loglevel=logging.WARNING).execute_from_commandline()
