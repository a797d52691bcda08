"""What there is to say of a detector: a row of a table, a document, a page with one of its stories really told."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector, Example
from pipeline.engine.engine import Engine, EngineConfig
from pipeline.engine.origin import Origin
from pipeline.features.decode import decode
from schemas.alert import SEVERITIES
from schemas.finding import Finding

COLUMNS = ("id", "title", "severity", "ATT&CK", "source", "entity", "raised", "cost")


def raised(cls: type[Detector]) -> str:
    """When it raises an alert: from a fixed score on, or as often a day as its budget says."""
    return f"score ≥ {cls.threshold:g}" if cls.threshold is not None else f"≤ {cls.alerts_per_day:g} a day"


def row(cls: type[Detector]) -> tuple[str, ...]:
    """Its cells, in the order of COLUMNS."""
    attacks = ", ".join(cls.attacks) or "-"
    entity = f"{cls.entity_type} ({', '.join(cls.entity)})"
    return cls.id, cls.title, SEVERITIES[cls.severity], attacks, cls.source, entity, raised(cls), cls.cost


def document(cls: type[Detector]) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "id": cls.id,
        "title": cls.title,
        "severity_id": cls.severity,
        "severity": SEVERITIES[cls.severity],
        "attacks": cls.attacks,
        "source": cls.source,
        "entity": cls.entity,
        "entity_type": cls.entity_type,
        "group_by": cls.group_by or cls.entity,
        "inputs": cls.inputs,
        "threshold": cls.threshold,
        "alerts_per_day": cls.alerts_per_day if cls.threshold is None else None,
        "options": dict(cls.defaults),
        "cost": cls.cost,
        "reference": cls.reference,
        "about": " ".join((cls.__doc__ or "").split()),
        "misses": cls.misses,
        "examples": [{"name": e.name, "fires": e.fires, "events": len(e.documents)} for e in cls.examples()],
    }


def page(cls: type[Detector]) -> Iterator[tuple[str, str]]:
    """(heading, text) of everything, for people; the last is what the engine says of its first firing story."""
    budget = "learned from the stream, " + raised(cls) if cls.threshold is None else f"{cls.threshold:g} (fixed)"
    yield "what", " ".join((cls.__doc__ or cls.title).split())
    yield "misses", cls.misses or "-"
    yield "severity", SEVERITIES[cls.severity]
    yield "ATT&CK", ", ".join(cls.attacks) or "none describes it"
    yield "reads", f"{cls.source}: {', '.join(cls.inputs)}"
    yield "about", f"{cls.entity_type}, from {' or '.join(cls.entity)}"
    yield "counted by", ", ".join(cls.group_by or cls.entity)
    yield "threshold", budget
    yield "options", "\n".join(f"{name} = {value!r}" for name, value in cls.defaults.items()) or "none"
    yield "cost", cls.cost
    yield "reference", cls.reference or "-"
    stories = [f"{'raises' if e.fires else 'quiet '}  {e.name}" for e in cls.examples()]
    yield "stories", "\n".join(stories)
    finding = told_story(cls)
    if finding is not None:
        example, found = finding
        parts = [found.message, *([f"Normal: {found.normal}"] if found.normal else []), *_features(found)]
        yield "for example", f"({example.name})\n" + "\n".join(parts)


def _features(finding: Finding) -> Iterator[str]:
    for f in finding.features:
        value = f"{f.value:g}" if isinstance(f.value, float) else str(f.value)
        usual = f" (usual {f.usual_low:g} to {f.usual_high:g})" if None not in (f.usual_low, f.usual_high) else ""
        yield f"{f.name} = {value} {f.unit}".rstrip() + usual


def told_story(cls: type[Detector]) -> tuple[Example, Finding] | None:
    """The detector's first firing story, run through the engine, and its last finding; None without one."""
    example = next((e for e in cls.examples() if e.fires), None)
    if example is None:
        return None
    config = EngineConfig(disabled=tuple(name for name in catalogue() if name != cls.id))
    lines = [orjson.dumps({"format": "example", "event_id": str(i), **d}) for i, d in enumerate(example.documents)]
    batch = decode(cls.source, lines, config.key_groups).batch
    hits = Engine(cls.source, config, example.lists).process(batch, Origin("example", 0, np.arange(batch.n))).hits
    return (example, hits[0].describe(len(hits[0].rows) - 1)) if hits else None
