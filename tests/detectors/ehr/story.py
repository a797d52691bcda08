"""Tells a story to a detector and listens: scores and sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from pipeline.detectors.detector import Detector, Setup
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.features.lists import Lists

DAY = 86_400.0
GROUPS = 8
Documents = Sequence[Mapping[str, Any]]


def fresh(cls: type[Detector], lists: Lists | None = None, **options: Any) -> Detector:
    """A detector that has seen nothing."""
    return cls(Setup(GROUPS, lists or Lists(), options=options))


def batch_of(source: str, documents: Documents) -> Batch:
    """The documents as a batch; each must be accepted."""
    texts = [orjson.dumps({"format": "test", "event_id": f"e{i}"} | dict(d)) for i, d in enumerate(documents)]
    decoded = decode(source, texts, GROUPS)
    assert not decoded.refused, decoded.refused[:3]
    return decoded.batch


def scores(detector: Detector, documents: Documents) -> np.ndarray:
    """What the detector thinks of them, one after the other."""
    return detector.score(batch_of(detector.source, documents)).values


def sentence(detector: Detector, documents: Documents, row: int = -1) -> str:
    """The explanation of one of them (the last)."""
    batch = batch_of(detector.source, documents)
    return detector.explain(batch, row % batch.n, detector.score(batch)).message


def found(detector: Detector, documents: Documents) -> int:
    """How many of them reach the detector's threshold."""
    return int((scores(detector, documents) >= (detector.threshold or 0.5)).sum())


def restarted(detector: Detector) -> Detector:
    """Another detector with the state of this one."""
    other = type(detector)(detector.setup)
    for group in range(GROUPS):
        other.load(group, detector.state(group))
    return other
