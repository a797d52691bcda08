"""How far a consumer group has got, seen from outside of it."""

from types import TracebackType
from typing import Self

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from pipeline.settings import Settings
from pipeline.sinks.kafka import client_options, plain_consumer


class Group:
    """Committed offsets and lag of the workers' group; use it by `with`."""

    def __init__(self, settings: Settings, topics: list[str], letters: str) -> None:
        """`letters`: the topic that grows while the others are read, so that it counts after them."""
        self._name = settings.consumer_group
        self._admin = KafkaAdminClient(**client_options(settings))
        self._consumer = plain_consumer(settings)
        self._first = [TopicPartition(t, p) for t in topics for p in self._consumer.partitions_for_topic(t) or ()]
        self._then = [TopicPartition(letters, 0)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()
        self._admin.close()

    def lag(self) -> int:
        """Records that are not committed yet, at least one while the broker does not say."""
        try:
            return self._lag(self._first) or self._lag(self._then)
        except KafkaError:
            return 1

    def _lag(self, tps: list[TopicPartition]) -> int:
        ends, committed = self._consumer.end_offsets(tps), self._offsets(tps)
        return sum(ends[tp] - committed[tp] for tp in tps)

    def _offsets(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        known = self._admin.list_group_offsets(self._name)[self._name]
        return {tp: max(known[tp].offset, 0) if tp in known else 0 for tp in tps}
