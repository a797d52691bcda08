"""Scores a chunk; where the engine fails on a record, that one is put aside and its neighbours are none the wiser.

A detector that raises has changed part of its state by then, so the state has to be taken back: to a copy made before
the chunk, which is too dear to be made for every chunk. Therefore the usual way is to score without a copy. After a
failure the caller goes back to the last state it has (a worker: its checkpoint, and reads on from there; a scan: see
`pipeline.runtime.scan_journal`), and lets `score_carefully` find the record by halving.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from traceback import walk_tb

import numpy as np
import pyarrow as pa

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.document import CLOSE
from pipeline.errors import PoisonError
from pipeline.runtime.product import Product, Station
from schemas.alert import Alert

log = logging.getLogger(__name__)
MOST = 20
"""So many poisonous records may be ahead of the good ones; more is a fault of ours, not of records."""
_GOOD_FOR_ONE = 100


@dataclass(frozen=True, slots=True)
class Chunk:
    """Documents of one partition in log order, and where they stand."""

    topic: str
    partition: int
    partitions: int
    documents: Sequence[bytes]
    offsets: np.ndarray
    """int64[n], ascending."""

    def __len__(self) -> int:
        return len(self.offsets)

    def part(self, first: int, last: int) -> "Chunk":
        """Documents `first` up to, not including, `last` by position."""
        return Chunk(self.topic, self.partition, self.partitions, self.documents[first:last], self.offsets[first:last])


@dataclass(frozen=True, slots=True)
class Unread:
    """A record that becomes a dead letter."""

    offset: int
    document: bytes
    reason: str


@dataclass(slots=True)
class Scored:
    """What became of a chunk, part by part."""

    products: list[Product] = field(default_factory=list)
    closed: list[Alert] = field(default_factory=list)
    """Last documents of alerts whose day is over."""
    changed: dict[str, tuple[AlertState, Alert]] = field(default_factory=dict)
    """Alerts for the table, by id."""
    unread: list[Unread] = field(default_factory=list)
    poison: int = 0
    """How many of these the engine failed on."""

    @property
    def copies(self) -> int:
        """See `Product.copies`."""
        return sum(p.copies for p in self.products)

    @property
    def rows(self) -> pa.Table:
        """Rows of every part; an empty table when not one record was scored."""
        if not self.products:
            return pa.table({})
        if len(self.products) == 1:
            return self.products[0].rows
        return pa.concat_tables([p.rows for p in self.products], promote_options="none")

    @property
    def alerts(self) -> list[Alert]:
        """Documents to be told now, without the closed ones."""
        return [a for p in self.products for a in p.alerts]

    @property
    def misplaced(self) -> int:
        """See `Product.misplaced`."""
        return sum(p.misplaced for p in self.products)

    def add(self, other: "Scored") -> None:
        """The part that comes next."""
        self.products += other.products
        self.closed += other.closed
        self.changed |= other.changed
        self.unread += other.unread
        self.poison += other.poison


class Strikes:
    """Tells poisonous records from a systematic failure: MOST in a row, or many more than one in a hundred."""

    def __init__(self) -> None:
        self._count = 0.0

    def good(self, records: int) -> None:
        """So many were scored."""
        self._count = max(0.0, self._count - records / _GOOD_FOR_ONE)

    def bad(self, chunk: Chunk, reason: str) -> None:
        """One was put aside. Raises PoisonError when these are too many."""
        self._count += 1
        if self._count >= MOST:
            raise PoisonError(
                f"{chunk.topic}[{chunk.partition}]: the engine fails on record after record, lastly on offset"
                f" {int(chunk.offsets[0])} ({reason}): repair or disable its detector; none of this chunk is put aside"
            )


def score(line: Station, chunk: Chunk, activity: int = CLOSE) -> Scored:
    """The usual way. What an exception leaves behind is undefined: take the state back (see `take_back`)."""
    product = line.process(chunk.documents, chunk.topic, chunk.partition, chunk.offsets, chunk.partitions)
    closed = line.close(product.latest, activity)
    changed = {state.uid: (state, alert) for state, alert in line.changed_alerts()}
    unread = [Unread(int(chunk.offsets[r.row]), chunk.documents[r.row], r.reason) for r in product.refused]
    return Scored([product], closed, changed, unread)


def score_carefully(
    line: Station, chunk: Chunk, groups: Sequence[int], strikes: Strikes, activity: int = CLOSE
) -> Scored:
    """Score every record the engine does not fail on, as if the others were not there; those are `unread`.

    `groups`: all that events of this partition may touch. About 2 log2(n) copies of their state are made for each
    poisonous record among n. Raises PoisonError for a systematic failure, and MemoryError, which is nobody's poison.
    """
    whole = Scored()
    parts = [chunk]
    while parts:
        part = parts.pop()
        before = line.state(groups)
        try:
            whole.add(score(line, part, activity))
        except MemoryError:
            raise
        except Exception as error:
            take_back(line, before)
            half = len(part) // 2
            if half:
                parts += [part.part(half, len(part)), part.part(0, half)]
                continue
            reason = where(error)
            strikes.bad(part, reason)
            whole.unread.append(Unread(int(part.offsets[0]), part.documents[0], f"the engine fails on it: {reason}"))
            whole.poison += 1
            log.error("%s[%d] %d is put aside: %s", part.topic, part.partition, int(part.offsets[0]), reason)
        else:
            strikes.good(len(part))
    return whole


def take_back(line: Station, state: dict[str, dict[str, dict[str, np.ndarray]]]) -> None:
    """Put a line back to a state that `Line.state` gave, and forget what it has to tell since."""
    line.changed_alerts()
    for group, parts in state.items():
        line.load(int(group), parts)


def where(error: BaseException) -> str:
    """What was raised and in which function; not the message, which may quote patient data."""
    frames = [(f.f_globals.get("__name__", "?"), line) for f, line in walk_tb(error.__traceback__)]
    name, line = frames[-1] if frames else ("?", 0)
    return f"{type(error).__name__} in {name}:{line}"
