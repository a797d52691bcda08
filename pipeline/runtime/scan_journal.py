"""A scan's way back: a copy of the state now and then, and the chunks since, to play again after a failure."""

from collections.abc import Mapping

import numpy as np

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.document import CLOSE
from pipeline.features.documents import Documents
from pipeline.runtime.product import Station
from pipeline.runtime.quarantine import Chunk, Scored, Strikes, score, score_carefully, take_back
from schemas.alert import Alert

_LEAST_BYTES = 32 << 20


class ScanJournal:
    """Scores the chunks of one line in order and puts aside the records it fails on.

    A worker can read Kafka again; the input of a scan may be a pipe. Memory: the copy of the state, and documents up to
    twice its size or 32 MB, so that copying costs little beside scoring.
    """

    def __init__(self, line: Station, groups: int) -> None:
        """`groups`: the number of key groups, all of which a scan owns."""
        self._line = line
        self._groups = range(groups)
        self._strikes = Strikes()
        self._mark: dict[str, dict[str, dict[str, np.ndarray]]] | None = None
        self._since: list[Chunk] = []
        self._bytes = 0
        self._most_bytes = _LEAST_BYTES

    def score(self, chunk: Chunk, activity: int = CLOSE) -> Scored:
        """The chunk's outcome. Raises PoisonError for a systematic failure."""
        try:
            scored = score(self._line, chunk, activity)
        except MemoryError:
            raise
        except Exception:
            self._go_back(activity)
            scored = score_carefully(self._line, chunk, self._groups, self._strikes, activity)
            self._set_mark()
            return scored
        self._strikes.good(len(chunk))
        self._since.append(chunk)
        self._bytes += Documents.of(chunk.documents).data.nbytes
        if self._bytes > self._most_bytes:
            self._set_mark()
        return scored

    def counts(self) -> list[tuple[AlertState, Alert]]:
        """Alerts whose last counts the table does not have yet: at the end, or now and then."""
        return self._line.changed_alerts(everything=True)

    def _set_mark(self) -> None:
        self._mark = self._line.state(self._groups)
        self._since, self._bytes = [], 0
        self._most_bytes = max(_LEAST_BYTES, 2 * _size(self._mark))

    def _go_back(self, activity: int) -> None:
        """To the state before the chunk that failed. What the chunks since the copy told was told already."""
        if self._mark is None:
            self._line.changed_alerts()
            for group in self._groups:
                self._line.reset(group)
        else:
            take_back(self._line, self._mark)
        for chunk in self._since:
            score(self._line, chunk, activity)


def _size(state: Mapping[str, Mapping[str, Mapping[str, np.ndarray]]]) -> int:
    return sum(a.nbytes for parts in state.values() for part in parts.values() for a in part.values())
