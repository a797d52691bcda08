"""Finds a range in the log: which partitions there are, and which offsets they hold at its ends."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from pipeline.errors import SinkError, UsageError
from pipeline.runtime.replay.range import ALL, Bound, ReplayRange, Slice
from pipeline.settings import Settings
from pipeline.sinks.kafka import plain_consumer

_ANSWER_MS = 10_000
Offsets = Mapping[TopicPartition, int]


def slices(settings: Settings, sources: Sequence[str], span: ReplayRange) -> tuple[list[Slice], frozenset[str]]:
    """What the range is in every partition of these sources' topics, also where it is empty; all topics' names.

    Raises UsageError when a topic is not there, has no such partition, or when no record lies in the range, and
    SinkError when Kafka does not answer.
    """
    with _answering(settings):
        consumer = plain_consumer(
            settings, group_id=None, enable_auto_commit=False, request_timeout_ms=_ANSWER_MS, metrics_enabled=False
        )
        try:
            topics = frozenset(consumer.topics())
            found = _Lookup(consumer, span).slices([settings.topic_prefix + source for source in sources], topics)
        finally:
            consumer.close()
    if not any(s.start < s.end for s in found):
        raise UsageError(f"no record lies in the range, nothing was changed: {_holding(found)}")
    return found, topics


@contextmanager
def _answering(settings: Settings) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise SinkError(f"Kafka at {settings.kafka_bootstrap} does not answer ({type(error).__name__})") from error


class _Lookup:
    """One range, looked up with one connection."""

    def __init__(self, consumer: Any, span: ReplayRange) -> None:
        self._consumer = consumer
        self._span = span

    def slices(self, names: Sequence[str], topics: frozenset[str]) -> list[Slice]:
        counts = {name: self._partitions(name, topics) for name in names}
        only = self._span.only()
        places = [
            TopicPartition(name, number)
            for name, count in counts.items()
            for number in range(count)
            if only is None or number in only
        ]
        begins, ends = self._consumer.beginning_offsets(places), self._consumer.end_offsets(places)
        starts = self._offsets(self._span.start, begins, ends)
        stops = self._offsets(self._span.end, ends, ends)
        warms = self._warms(starts, begins, ends)
        return [
            Slice.of(
                self._span,
                (tp.topic, tp.partition, counts[tp.topic]),
                (begins[tp], ends[tp]),
                (warms[tp], starts[tp], stops[tp]),
            )
            for tp in places
        ]

    def _partitions(self, topic: str, topics: frozenset[str]) -> int:
        numbers = self._consumer.partitions_for_topic(topic) if topic in topics else None
        if not numbers:
            raise UsageError(f"Kafka has no topic {topic}: wardwatch init makes it, wardwatch ship fills it")
        absent = sorted({*self._span.start.offsets, *self._span.end.offsets} - set(numbers))
        if absent:
            raise UsageError(f"{topic} has no partition {absent[0]}: it has 0 to {max(numbers)}")
        return len(numbers)

    def _offsets(self, given: Bound, otherwise: Offsets, ends: Offsets) -> Offsets:
        """Of a bound, where a time after the last record stands for the end; `otherwise` where it says nothing."""
        if given.at_s is not None:
            found = self._consumer.offsets_for_times({tp: max(round(given.at_s * 1000), 0) for tp in ends})
            return {tp: at.offset if (at := found[tp]) is not None else end for tp, end in ends.items()}
        named = {tp: given.offset_of(tp.partition) for tp in ends}
        return {tp: otherwise[tp] if offset is None else offset for tp, offset in named.items()}

    def _warms(self, starts: Offsets, begins: Offsets, ends: Offsets) -> Offsets:
        if self._span.warm_up_s == ALL:
            return begins
        if self._span.warm_up_s and self._span.start.at_s is not None:
            return self._offsets(Bound(at_s=self._span.start.at_s - self._span.warm_up_s), begins, ends)
        return starts


def _holding(found: Sequence[Slice]) -> str:
    """What the topics hold, for somebody who asked for something else."""
    said = []
    for topic in dict.fromkeys(s.topic for s in found):
        parts = [
            f"{s.partition}: {s.held[0]}–{s.held[1] - 1}" for s in found if s.topic == topic and s.held[0] < s.held[1]
        ]
        held = f"{topic} holds the offsets (by partition) {', '.join(parts)}"
        said.append(held if parts else f"{topic} is empty")
    return "; ".join(said)
