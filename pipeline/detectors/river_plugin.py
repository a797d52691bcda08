"""Any River anomaly detector as one of ours, from configuration alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.features.batch import Batch
from pipeline.models.river_adapter import RiverDetector
from schemas.finding import Feature
from schemas.sources import SOURCES


class RiverSpec(BaseModel):
    """One entry of the setting `river`: which River model watches which numbers of which events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z]+\.[a-z0-9_]+$")
    source: str = Field(pattern="|".join(f"^{name}$" for name in SOURCES))
    kind: str
    """Kind of event it looks at: `flow`, `auth` …"""
    model: str
    """Import path under `river.`, for example `river.anomaly.HalfSpaceTrees`."""
    params: dict[str, Any] = {}
    features: tuple[str, ...] = Field(min_length=1)
    """Numeric event fields; counts are taken as signed log1p."""
    alerts_per_day: float = Field(default=10.0, gt=0)


def river_detector(spec: RiverSpec) -> type[Detector]:
    """A detector class for this specification. Raises ConfigError when the model is not a River anomaly detector."""
    RiverDetector.from_spec(spec.model, spec.params, features=spec.features)

    class Plugged(_RiverPlugin):
        id = spec.id
        title = f"Unusual {spec.kind} ({spec.model.rsplit('.', 1)[-1]})"
        source = spec.source
        entity = SOURCES[spec.source].key_fields
        entity_type = {"network": "ip", "logs": "host", "ehr": "user", "claims": "provider"}.get(spec.source, "entity")
        inputs = spec.features
        reference = spec.model
        alerts_per_day = spec.alerts_per_day
        plan = spec

    return Plugged


class _RiverPlugin(Detector):
    severity = 2
    cost = "what the River model costs, one event at a time"
    threshold = None
    plan: RiverSpec

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._model = RiverDetector.from_spec(
            self.plan.model, self.plan.params, features=self.plan.features, groups=setup.groups
        )

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        rows = np.flatnonzero(batch.kind(self.plan.kind))
        if len(rows):
            numbers = np.column_stack([batch.number(f)[rows] for f in self.plan.features])
            scaled = np.sign(numbers) * np.log1p(np.abs(numbers))
            values[rows] = self._model.score_learn_many(scaled, batch.groups[rows])
        return Scores(values)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        who = batch.key(row)
        features = [Feature(name=f, value=batch.value(f, row) or 0.0) for f in self.plan.features]
        return Explanation(
            f"{who} did something unusual: its {self.plan.kind} scored {scores.values[row]:.3f} in {self.plan.model}.",
            features=features,
        )

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._model.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._model.load(group, dict(state))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return ()
