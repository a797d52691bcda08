"""What documents of an internal source pass before they are scored: put in order and, in `charts`, judged by care."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.charts.explainer import Explainer
from pipeline.charts.judged import Judged
from pipeline.charts.options import CareOptions
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.features.documents import Documents
from pipeline.features.lists import Lists
from pipeline.runtime.event_order import EventOrder, Step
from pipeline.runtime.relay.relay import FEEDS

State = dict[str, np.ndarray]
ORDER, CARE = "order", "care"


class Front:
    """Order and explainer of one internal source, with the state of every key group."""

    def __init__(self, source: str, key_groups: int, lists: Lists, options: CareOptions) -> None:
        self._source, self._key_groups = source, key_groups
        self._order = EventOrder(FEEDS[source])
        self._explainer = Explainer(key_groups, lists, options) if source == "charts" else None

    def pass_through(self, batch: Batch, offsets: np.ndarray) -> tuple[Documents, np.ndarray]:
        """Documents to be scored now and the offsets (int64) they have in the log, from a batch in log order."""
        documents: list[Documents] = []
        places: list[np.ndarray] = []
        for step in self._order.take(batch, _when(batch), offsets):
            for judged in self._judge(step):
                documents.append(judged.documents)
                places.append(judged.offsets)
        return Documents.joined(documents), np.concatenate([np.zeros(0, np.int64), *places])

    def _judge(self, step: Step) -> list[Judged]:
        offsets = np.concatenate([np.zeros(0, np.int64), *step.offsets])
        documents = Documents.joined(step.documents)
        if self._explainer is None:
            return [Judged(documents, offsets)]
        out = []
        if len(documents):
            batch = decode(self._source, documents, self._key_groups).batch
            out.append(self._explainer.process(batch, offsets))
        out.append(self._explainer.advance(step.horizon))
        return out

    def horizon(self, groups: Sequence[int]) -> float:
        """Event time these key groups have come to."""
        return self._order.horizon(groups)

    def state(self, group: int) -> dict[str, State]:
        """One key group's state by part."""
        parts = {ORDER: self._order.state(group)}
        return parts if self._explainer is None else parts | {CARE: self._explainer.state(group)}

    def load(self, group: int, parts: Mapping[str, State]) -> None:
        """Put back one key group; without parts it begins as new. Raises CheckpointError when it does not fit."""
        self._order.load(group, parts.get(ORDER, {}))
        if self._explainer is not None:
            self._explainer.load(group, parts.get(CARE, {}))


def _when(batch: Batch) -> np.ndarray:
    """float64[n]: what documents are put in order by: the time of judgement where there is one."""
    when = batch.ts
    if batch.source != "judged":
        return when
    for name in ("judged_ts", "claim_judged_ts"):
        judged = batch.number(name)
        when = np.where(np.isnan(judged), when, judged)
    return when
