"""A few documents of `charts`, and an explainer that they are given to."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pipeline.charts.explainer import Explainer
from pipeline.charts.judged import Judged
from pipeline.charts.options import CareOptions
from pipeline.features.decode import decode
from pipeline.features.lists import Lists

GROUPS = 4
HOUR, DAY = 3600.0, 86_400.0
T0 = 1_700_000_000.0


def event(ts: float, kind: str, **fields: Any) -> dict[str, Any]:
    """A document `ts` seconds after the beginning; its key is the patient, or whatever `chart` says."""
    return {"ts": T0 + ts, "format": "test", "kind": kind, "chart": fields.get("patient", "all"), **fields}


def batch_of(events: Sequence[dict[str, Any]], first: int = 0) -> tuple[Any, np.ndarray]:
    """Batch and offsets of events from number `first` of the stream on."""
    raw = [json.dumps({"event_id": f"e{first + i}", **e}).encode() for i, e in enumerate(events)]
    decoded = decode("charts", raw, GROUPS)
    assert not decoded.refused
    return decoded.batch, np.arange(first, first + len(events))


def explainer(**options: Any) -> Explainer:
    """A new one."""
    return Explainer(GROUPS, Lists(), CareOptions(**options))


def read(*found: Judged) -> list[dict[str, Any]]:
    """Documents given, parsed; pydantic accepts them, whatever the text around them."""
    documents = [d for judged in found for d in judged.documents]
    assert not decode("charts", documents, GROUPS).refused
    for judged in found:
        assert len(judged.documents) == len(judged.offsets)
    return [json.loads(d) for d in documents]


def ended(it: Explainer) -> Judged:
    """What is judged when nothing more is to come."""
    return it.advance(dict.fromkeys(range(GROUPS), np.inf))


def judged(events: Sequence[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """All that an explainer gives for a stream, to its end."""
    it = explainer(**options)
    return read(it.process(*batch_of(events)), ended(it))


def accesses(documents: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The accesses among them."""
    return [d for d in documents if d["kind"] == "access"]


def reasons(events: Sequence[dict[str, Any]], **options: Any) -> list[tuple[str, float]]:
    """(reason, strength) of the accesses of a stream, in order of the accesses; withdrawn ones by the later reason."""
    found = {d["event_id"].partition(":")[0]: d for d in accesses(judged(events, **options))}
    return [(d["reason"], d["strength"]) for _, d in sorted(found.items(), key=lambda pair: int(pair[0][1:]))]
