"""Feeds a simulated hospital to Kafka at an even pace, event time running faster than the clock."""

import threading
import time
from collections.abc import Callable

from pipeline.errors import SinkError, WardwatchError
from pipeline.settings import Settings
from pipeline.simulator import Emitted, Hospital, StoryLabel
from pipeline.sinks.kafka import plain_producer

_STEP_S = 0.05


class DemoFeed:
    """A thread that ships `span_s` seconds of hospital time within `wall_s` seconds."""

    def __init__(self, settings: Settings, *, seed: int, span_s: float, wall_s: float, events_per_s: float) -> None:
        """`events_per_s` is the average rate in hospital time."""
        self._settings = settings
        self._span_s = span_s
        self._wall_s = wall_s
        self._hospital = Hospital(seed=seed, start_ts=time.time() - span_s, events_per_s=events_per_s)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-feed", daemon=True)
        self.sent = 0
        self.share = 0.0
        """How much of the hospital's time has been told, 0 to 1."""
        self.failed: WardwatchError | None = None

    def start(self) -> None:
        """Begin feeding."""
        self._thread.start()

    def stop(self) -> None:
        """End early; what was sent stays."""
        self._stop.set()
        self._thread.join(timeout=15)

    def done(self) -> bool:
        """Whether everything was sent (or sending failed)."""
        return not self._thread.is_alive()

    def labels(self) -> list[StoryLabel]:
        """What was told besides ordinary work."""
        return self._hospital.labels()

    def _run(self) -> None:
        try:
            self._feed()
        except WardwatchError as error:
            self.failed = error

    def _feed(self) -> None:
        producer = plain_producer(self._settings, linger_ms=20, compression_type="lz4", acks="all")
        lost: list[BaseException] = []
        try:
            self._pace(lambda e: producer.send(e.source, key=e.key.encode(), value=e.value).add_errback(lost.append))
            producer.flush(timeout=30)
        finally:
            producer.close(timeout=5)
        if lost:
            raise SinkError(f"{len(lost)} events could not be delivered to Kafka ({type(lost[0]).__name__})")

    def _pace(self, send: Callable[[Emitted], None]) -> None:
        began = time.monotonic()
        first: float | None = None
        for event in self._hospital.events(self._span_s):
            first = event.ts if first is None else first
            due = (event.ts - first) / self._span_s * self._wall_s
            while (wait := due - (time.monotonic() - began)) > 0:
                if self._stop.wait(min(wait, _STEP_S)):
                    return
            if self._stop.is_set():
                return
            send(event)
            self.sent += 1
            self.share = (event.ts - first) / self._span_s
        self.share = 1.0
