"""From a found row to a finding: who it is about, what explains it, where it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from pipeline.detectors.detector import Detector, Explanation, Parts, Scores
from pipeline.detectors.explaining import weighed
from pipeline.engine.observables import involved
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from schemas.finding import Evidence, Finding, Observable

MAX_NAME = 256
MAX_OBSERVABLES = 64


@dataclass(frozen=True, slots=True)
class Hits:
    """The m rows of a batch that one detector found, in log order; findings are built only for those told."""

    detector: str
    rows: np.ndarray
    """int64[m], row numbers in the batch."""
    groups: np.ndarray
    """int32[m], key groups."""
    keys: np.ndarray
    """uint64[m], hash of what findings are counted under."""
    ts: np.ndarray
    """float64[m], event times."""
    scores: np.ndarray
    """float64[m]"""
    a_day: int | None
    """How many alerts a key group may open a day, None without a limit."""
    describe: Callable[[int], Finding]
    """The finding of the k-th of them."""
    observe: Callable[[int], dict[tuple[str, str], str]]
    """Who and what the k-th of them involves, (type, value) → field; cheaper than its finding."""
    noted: Mapping[str, np.ndarray] = field(default_factory=dict)
    """[m] each: the detector's evidence, where it tells nothing itself; empty otherwise."""
    told: bool = True
    """Whether it is anything to tell."""
    event_id: Callable[[int], str] | None = None
    """Id of the k-th event, where its finding may be withdrawn later; None where none is."""
    alert_days: int = 1
    beside: tuple[str, ...] = ()
    throughout: tuple[str, ...] = ()
    severity: np.ndarray | None = None
    """int8[m], where one detector finds several things in an event; None: it finds one."""
    yields: np.ndarray | None = None
    """bool[m], beside `severity`: which are told in the alert of another finding about the same event."""


def entity_of(detector: Detector, batch: Batch, row: int) -> str:
    """Who the alert is about: the first of the detector's entity fields that is set, else the owning entity.

    Records that name nobody are owned by their format, which is no name to anybody: `unnamed (syslog)`.
    """
    fields = dict.fromkeys((*detector.entity, *batch.key_fields))
    name, value = next((name, text) for name in fields if (text := batch.text(name, row)))
    return f"unnamed ({value})" if name == "format" else value[:MAX_NAME]


def group_hash(detector: Detector, batch: Batch, about: Mapping[int, str], rows: np.ndarray) -> np.ndarray:
    """uint64[m]: hash of what findings of this detector in `rows` are counted under; `about` as in `Scores`."""
    out = _field_hash(detector, batch, rows)
    for k in np.flatnonzero(np.isin(rows, list(about))).tolist() if about else ():
        out[k] = hash_text(about[int(rows[k])])
    return out


def _field_hash(detector: Detector, batch: Batch, rows: np.ndarray) -> np.ndarray:
    if not detector.group_by:
        out = np.zeros(len(rows), np.uint64)
        for name in detector.entity:
            out = np.where(out == 0, batch.hash(name)[rows], out)
        return np.where(out == 0, batch.key_hash[rows], out)
    out = np.full(len(rows), np.uint64(1))
    for name in detector.group_by:
        h = batch.hash(name)[rows]
        out = combine_many(out, np.where(h == 0, np.uint64(1), h))
    return out


def _group_key(detector: Detector, batch: Batch, row: int, entity: str) -> str:
    if not detector.group_by:
        return entity
    return " ".join((batch.text(name, row) or "-")[:MAX_NAME] for name in detector.group_by)


def describe(
    detector: Detector, batch: Batch, row: int, scores: Scores, threshold: float, origin: Origin, version: str
) -> Finding:
    """The finding of one row, from the batch and the evidence alone."""
    explanation = detector.explain(batch, row, scores)
    return _finding(detector, batch, row, scores, explanation, float(scores.values[row]), threshold, origin, version)


def describe_part(
    detector: Detector, batch: Batch, k: int, scores: Scores, parts: Parts, threshold: float, origin: Origin,
    version: str,
) -> Finding:  # fmt: skip
    """The finding of the k-th part."""
    explanation = detector.explain_part(batch, scores, k)
    row = int(parts.rows[k])
    return _finding(detector, batch, row, scores, explanation, float(parts.scores[k]), threshold, origin, version)


def _finding(
    detector: Detector, batch: Batch, row: int, scores: Scores, explanation: Explanation, score: float,
    threshold: float, origin: Origin, version: str,
) -> Finding:  # fmt: skip
    about = scores.about.get(row, "")[:MAX_NAME]
    entity = about or entity_of(detector, batch, row)
    seen = {} if about else involved(batch, row)
    if not any(value == entity for _, value in seen):
        seen = {(detector.entity_type, entity): detector.entity[0]} | seen
    key = about or _group_key(detector, batch, row, entity)
    return Finding(
        detector=detector.id,
        rule=explanation.rule,
        title=explanation.title or detector.title,
        severity=explanation.severity or detector.severity,
        source=batch.source,
        ts=float(batch.ts[row]),
        entity=entity,
        entity_type=detector.entity_type,
        group_key=f"{explanation.rule} {key}".strip()[:1024],
        score=score,
        threshold=threshold,
        message=explanation.message[:1024],
        normal=explanation.normal[:1024],
        features=weighed(explanation.features),
        observables=[Observable(name=n, type=t, value=v) for (t, v), n in islice(seen.items(), MAX_OBSERVABLES)],
        attacks=list(explanation.attacks or detector.attacks),
        lists={name: given.version for name in detector.lists if len(given := detector.setup.lists[name])},
        model_version=version,
        evidence=Evidence(
            topic=origin.topic,
            partition=origin.partition,
            offset=int(origin.offsets[row]),
            event_id=batch.text("event_id", row) or "",
        ),
    )
