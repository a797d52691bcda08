"""A recording of Windows events by itself through the engine, as several parts do it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.ingest.reader import Parsed, read_path
from schemas.finding import Finding

CHUNK = 2000


def batches_of(path: Path) -> Iterator[Batch]:
    """Its log events, 2,000 at a time."""
    documents = [r.value for r in read_path(path) if isinstance(r, Parsed) and r.source == "logs"]
    for at in range(0, len(documents), CHUNK):
        yield decode("logs", documents[at : at + CHUNK], EngineConfig().key_groups).batch


def findings_of(batches: list[Batch], config: EngineConfig | None = None) -> list[Finding]:
    """What the detectors find, nothing learned before; a finding's offset is the place of its event."""
    engine, at, found = Engine("logs", config or EngineConfig()), 0, []
    for batch in batches:
        outcome = engine.process(batch, Origin("logs", 0, np.arange(at, at + batch.n)))
        at += batch.n
        found += [hits.describe(k) for hits in outcome.hits for k in range(len(hits.rows))]
    return found
