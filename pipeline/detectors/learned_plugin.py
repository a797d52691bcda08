"""A learned model as one of our detectors: what it was trained on tells which events it judges."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.detectors.learned_model import CATEGORY, NUMBER, PORT, LearnedModel
from pipeline.errors import ConfigError
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from pipeline.tables.recognise import port_codes
from schemas.finding import Feature
from schemas.sources import SOURCES

ALIKE = 0.5
"""Votes up to here say: rather benign. Such events score 0 and never fill a budget."""
_ENTITY_TYPES = {"network": "ip", "logs": "host", "ehr": "user", "claims": "provider", "devices": "mac"}


def learned_detector(learned: LearnedModel) -> type[Detector]:
    """A detector class for this model. Raises ConfigError when it was learned for no events."""
    manifest = learned.manifest
    if manifest.source is None:
        raise ConfigError(
            f"model {manifest.name} was learned for no events: learn it again with --for, such as --for network.flow"
        )

    class Learned(_LearnedPlugin):
        id = learned.id
        title = f"Like known attacks ({manifest.name})"
        source = manifest.source or ""
        entity = SOURCES[source].key_fields
        entity_type = _ENTITY_TYPES.get(source, "entity")
        inputs = tuple(str(c.field) for c in manifest.columns)
        reference = f"learned from {manifest.file[-80:]}, {manifest.rows:,} rows, sha256 {manifest.sha256[:12]}"
        model = learned

    return Learned


class _LearnedPlugin(Detector):
    severity = 3
    cost = "about 5 us an event of its kind; no state"
    threshold = None
    misses = "attacks of kinds that the file it learned from did not have, and networks where the same looks benign"
    model: LearnedModel

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        rows = np.flatnonzero(batch.kind(str(self.model.manifest.kind)))
        if len(rows):
            vote = self.model.forest.vote_many(*self._columns(batch, rows))
            values[rows] = np.maximum(vote - ALIKE, 0.0) / (1.0 - ALIKE)
        return Scores(values)

    def _columns(self, batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        numbers, codes = [], []
        for column in self.model.manifest.columns:
            field = str(column.field)
            if column.taken_for == NUMBER:
                numbers.append(batch.number(field)[rows])
            elif column.taken_for == PORT:
                codes.append(port_codes(batch.number(field)[rows]))
            else:
                codes.append(batch.hash(field)[rows])
        X = np.column_stack(numbers) if numbers else np.zeros((len(rows), 0))
        return X, np.column_stack(codes) if codes else np.zeros((len(rows), 0), np.uint64)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        manifest = self.model.manifest
        features, told = [], []
        for column in manifest.columns:
            field = str(column.field)
            if column.taken_for == CATEGORY:
                if text := batch.text(field, row):
                    told.append(f"{field} {text[:24]}")
            elif (value := batch.value(field, row)) is not None:
                features.append(Feature(name=field, value=value))
                told.append(f"{field} {value:,g}")
        who = named(batch, row, *self.entity, otherwise="Someone")
        vote = ALIKE + (1.0 - ALIKE) * float(scores.values[row])
        message = f"{who}: a {manifest.kind} event looks like the attacks of {manifest.name} ({', '.join(told[:6])})"
        usual = (
            f"{vote:.0%} of the votes say attack; learned of {manifest.attacks:,} attacks in {manifest.rows:,} rows."
        )
        return Explanation(f"{message}."[:380], usual, features[:8])

    def identity(self) -> str:
        """The model decides the scores."""
        return self.model.digest

    @classmethod
    def examples(cls) -> Sequence[Example]:
        return ()
