"""The line of topic `findings`: notes in, incidents and what is thought of alerts out. See infra/decisions/010.

What it is made of are parts that know the wire only. All that happens is decided by the log: no clock, no lookups.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from pipeline.alerts.alert_state import AlertState
from pipeline.detectors.catalogue import catalogue
from pipeline.features.decode import Refused, reason_of
from pipeline.forecast.forecaster import Forecaster
from pipeline.forecast.next_technique import NextTechnique
from pipeline.incidents.correlator import Correlator
from pipeline.incidents.rows import incident_rows
from pipeline.incidents.tactics import tactic_of
from pipeline.learning.assessor import Assessor
from pipeline.runtime.line import VERSION, Plan
from pipeline.runtime.lists.assets import asset_of
from pipeline.runtime.lists.list_row import ListRow
from pipeline.runtime.product import Product, State
from pipeline.runtime.relay.notes import TOPIC, AnyNote
from pipeline.sinks.post import Post, incident_post
from schemas.alert import Alert
from schemas.incident import Incident
from schemas.note import NOTES

FORM = "1"
"""Of the parts' states: another one is not read."""
_ORDER, _NEXT = "order", 3


class Part(Protocol):
    """Takes every note in log order; one that it has seen before changes nothing."""

    def take(self, note: AnyNote) -> None:
        """One note."""

    def tables(self) -> dict[str, pa.Table]:
        """Rows by table since the last call."""

    def state(self) -> State:
        """Everything it knows."""

    def load(self, state: State) -> None:
        """Put it back; an empty state resets. Raises CheckpointError when it does not fit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What some notes led to."""

    tables: dict[str, pa.Table]
    """Rows by table."""
    incidents: list[Incident]
    """Documents of those that changed."""
    list_rows: list[tuple[str, dict[str, str]]]
    """(list, row): what verdicts teach thresholds."""


class _Parts:
    """The parts of one partition."""

    def __init__(self, plan: Plan) -> None:
        self.assessor = Assessor(plan.config.seed)
        assets = asset_of(plan.lists)
        self.correlator = Correlator(plan.incidents, assets, self.assessor.assess, VERSION)
        self.order = NextTechnique(tactic_of, _techniques())
        self.forecaster = Forecaster(assets)

    @property
    def by_name(self) -> dict[str, Part]:
        """In the order in which a note goes through them."""
        return {"assess": self.assessor, "correlate": self.correlator, "forecast": self.forecaster}

    def take(self, notes: Sequence[AnyNote]) -> "Outcome":
        """What they make of it."""
        parts = self.by_name.values()
        for note in notes:
            for part in parts:
                part.take(note)
        incidents = [self._known(incident) for incident in self.correlator.documents()]
        tables: dict[str, pa.Table] = {}
        for part in parts:
            tables |= {name: rows for name, rows in part.tables().items() if rows.num_rows}
        if incidents:
            tables["incidents"] = incident_rows(incidents)
        return Outcome(tables, incidents, self.assessor.list_rows())

    def _known(self, incident: Incident) -> Incident:
        """The document with what past incidents say of it; what it says is remembered for later ones."""
        detail = incident.unmapped
        for entry in detail.timeline:
            self.assessor.belongs(entry.alert_id, detail.incident_id)
        met = sorted(detail.timeline, key=lambda e: (e.first_ts, e.alert_id))
        techniques = list(dict.fromkeys(t for entry in met for t in entry.techniques))
        if not techniques:
            return incident
        self.order.learn(techniques, detail.incident_id)
        coming = [technique for technique, _ in self.order.next(techniques, _NEXT)]
        return incident.model_copy(update={"unmapped": detail.model_copy(update={"next_techniques": coming})})

    def state(self) -> dict[str, State]:
        """Of every part."""
        return {name: part.state() for name, part in self.by_name.items()} | {_ORDER: self.order.state()}

    def load(self, state: Mapping[str, State]) -> None:
        """Put it back. Raises CheckpointError when it does not fit."""
        for name, part in self.by_name.items():
            part.load(state.get(name, {}))
        self.order.load(state.get(_ORDER, {}))


@cache
def _techniques() -> tuple[str, ...]:
    """All that some detector names: what may come next before it ever did."""
    return tuple(sorted({technique for detector in catalogue().values() for technique in detector.attacks}))


class FindingsLine:
    """Parts for every partition that this process owns; usually one, which sees all."""

    def __init__(self, plan: Plan) -> None:
        self.source = TOPIC
        self._plan = plan
        self._parts: dict[int, _Parts] = {}

    def process(
        self, documents: Sequence[bytes], topic: str, partition: int, offsets: np.ndarray, partitions: int = 1
    ) -> Product:
        """Take a chunk of notes in log order."""
        notes: list[AnyNote] = []
        refused: list[Refused] = []
        for row, document in enumerate(documents):
            try:
                notes.append(NOTES.validate_json(document))
            except ValidationError as error:
                refused.append(Refused(row, reason_of(error)))
        outcome = self.take(notes, partition)
        rows = [ListRow(list=name, row=row) for name, row in outcome.list_rows]
        posts = [incident_post(i) for i in outcome.incidents]
        posts += [Post("lists", row.key.encode(), row.to_json()) for row in rows]
        return Product(tuple(refused), tables=outcome.tables, posts=posts)

    def take(self, notes: Sequence[AnyNote], partition: int = 0) -> Outcome:
        """Take notes of a partition's log."""
        return self._of(partition).take(notes)

    def _of(self, partition: int) -> _Parts:
        if partition not in self._parts:
            self._parts[partition] = _Parts(self._plan)
        return self._parts[partition]

    def close(self, latest: Mapping[int, float], activity: int) -> list[Alert]:
        """Nothing: alerts are of other lines."""
        return []

    def changed_alerts(self, *, everything: bool = False) -> list[tuple[AlertState, Alert]]:
        """Nothing: alerts are of other lines."""
        return []

    def tables(self) -> dict[str, pa.Table]:
        """Nothing: rows go with each chunk."""
        return {}

    def identity(self) -> str:
        """What a checkpoint must agree with."""
        text = "|".join((FORM, repr(self._plan.incidents), str(self._plan.config.seed)))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def state(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """All of a partition stands under its first key group, which has its number."""
        return {str(g): self._state(g) for g in groups}

    def views(self, groups: Sequence[int]) -> dict[str, dict[str, State]]:
        """As `state`: little of it is arrays."""
        return self.state(groups)

    def _state(self, group: int) -> dict[str, State]:
        return self._parts[group].state() if group in self._parts else {}

    def load(self, group: int, state: dict[str, State]) -> None:
        """Put back a partition. Raises CheckpointError when it does not fit."""
        self.reset(group)
        if state:
            self._of(group).load(state)

    def reset(self, group: int) -> None:
        """Forget a partition."""
        self._parts.pop(group, None)
