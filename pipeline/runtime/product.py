"""What becomes of a chunk of documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa

from pipeline.alerts.alert_state import AlertState
from pipeline.features.decode import Refused
from pipeline.runtime.relay.onward import Onward
from pipeline.sinks.post import Post
from schemas.alert import Alert
from schemas.note import LinkNote, VolumeNote

State = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Product:
    """Rows, documents and remarks, to be passed on in this order."""

    refused: tuple[Refused, ...]
    rows: pa.Table = field(default_factory=lambda: pa.table({}))
    """For the table `scored_events`."""
    alerts: list[Alert] = field(default_factory=list)
    """Documents to be told now."""
    latest: Mapping[int, float] = field(default_factory=dict)
    """Latest event time of the chunk by key group."""
    misplaced: int = 0
    """Events on a partition that their key does not belong to, for which a detector would have wanted it."""
    copies: int = 0
    """Events left out because the same event stood shortly before: neither scored, nor learned, nor a row."""
    onward: Onward | None = None
    """Documents for the topic that this source feeds."""
    clock: float = 0.0
    """Event time this source has come to in the key groups of the partition; 0 while unknown."""
    links: Sequence[LinkNote] = ()
    """Names that belong together, as these events show."""
    volumes: Sequence[VolumeNote] = ()
    """How many events there were, by hour."""
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    """Rows for other tables."""
    posts: Sequence[Post] = ()
    """Documents for other topics."""


class Station(Protocol):
    """What a worker or scan feeds with the chunks of one topic, and whose state it keeps: a line."""

    source: str
    """The topic, without prefix."""

    def process(
        self, documents: Sequence[bytes], topic: str, partition: int, offsets: np.ndarray, partitions: int = 1
    ) -> Product:
        """Take a chunk in log order; `offsets` int64[n] ascending, `partitions` divide the key groups."""

    def close(self, latest: Mapping[int, float], activity: int) -> list[Alert]:
        """Last documents of alerts that are over by now, see `Grouper.close`."""

    def changed_alerts(self, *, everything: bool = False) -> list[tuple[AlertState, Alert]]:
        """Alerts for the table, see `Grouper.changed`."""

    def tables(self) -> dict[str, pa.Table]:
        """Rows that gather between checkpoints, by table."""

    def identity(self) -> str:
        """What a checkpoint must agree with."""

    def state(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """Copies of the state of key groups."""

    def views(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """The same, partly as it lies: good until the next event."""

    def load(self, group: int, state: dict[str, State]) -> None:
        """Put back one key group. Raises CheckpointError when it does not fit."""

    def reset(self, group: int) -> None:
        """Forget one key group: it begins as new."""
