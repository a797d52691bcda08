"""Plays documents to one detector and gives its scores."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import orjson

from detectors.documents import GROUPS
from pipeline.detectors.detector import Detector, Setup
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.features.lists import Lists

START = 1_700_000_000.0


def decoded(source: str, documents: Iterable[Mapping[str, Any]]) -> Batch:
    """The batch of these events, all of which must be accepted."""
    texts = [orjson.dumps({"format": "test", "event_id": str(i), **d}) for i, d in enumerate(documents)]
    result = decode(source, texts, GROUPS)
    assert not result.refused, result.refused[:3]
    return result.batch


def played(
    cls: type[Detector], documents: Iterable[Mapping[str, Any]], lists: Lists | None = None, **options: Any
) -> np.ndarray:
    """Scores of these events, float64[n]."""
    return cls(Setup(GROUPS, lists or Lists(), options=options)).score(decoded(cls.source, documents)).values
