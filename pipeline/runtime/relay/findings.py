"""Findings that are told in another source than they were made in: what an account did, beside the charts it opened.

The user owns the state of `ehr` and of `judged`, but each counts its own findings: one case would be two alerts.
"""

from collections.abc import Callable

import numpy as np
import orjson

from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import Outcome
from pipeline.engine.finding import Hits
from pipeline.features.batch import Batch
from pipeline.runtime.relay.onward import Onward
from schemas.base import ID_SIZE
from schemas.finding import Finding

MOST = 32_768
"""Characters of a finding that travel (`LongText`); of a longer one some of those involved stay behind."""


def findings_of(outcome: Outcome, name: Callable[[int, int], str], groups: int) -> Onward:
    """Findings of a batch of `ehr` that are told in `judged`, on their way through `charts`, in log order.

    `name(group, groups)`: a key of `charts` that lies in a key group.
    """
    batch, keys, documents, where = outcome.batch, [], [], []
    for hits in (h for h in outcome.told if h.told_in):
        mark = ":" + hits.detector.partition(".")[2]
        for k, row in enumerate(hits.rows.tolist()):
            group = int(hits.groups[k])
            key = name(group, groups)
            where.append(group)
            keys.append(key.encode())
            documents.append(
                orjson.dumps(
                    {
                        "ts": float(batch.ts[row]), "format": "wardwatch.finding", "kind": "finding", "chart": key,
                        "event_id": (batch.text("event_id", row) or "")[: ID_SIZE - len(mark)] + mark,
                        "user": batch.text("user", row), "detector": hits.detector, "score": float(hits.scores[k]),
                        "found": _fitting(hits.describe(k)),
                    }
                )
            )  # fmt: skip
    return Onward("charts", np.array(where, np.int64), keys, documents)


def findings_in(batch: Batch) -> list[Hits]:
    """Findings that came with a batch of `judged`, by detector, as those that were made there."""
    rows = np.flatnonzero(batch.kind("finding"))
    by_detector: dict[str, list[int]] = {}
    for row in rows.tolist():
        by_detector.setdefault(batch.text("detector", row) or "", []).append(row)
    return [_hits(batch, name, np.array(some)) for name, some in by_detector.items()]


def _hits(batch: Batch, name: str, rows: np.ndarray) -> Hits:
    def describe(k: int) -> Finding:
        return Finding.model_validate_json(batch.text("found", int(rows[k])) or "")

    def observe(k: int) -> dict[tuple[str, str], str]:
        return {(o.type, o.value): o.name for o in describe(k).observables}

    cls = catalogue()[name]
    return Hits(
        name, rows, batch.groups[rows], batch.hash("user")[rows], batch.ts[rows], batch.number("score")[rows], None,
        describe, observe, alert_days=cls.alert_days, beside=cls.beside, throughout=cls.throughout,
    )  # fmt: skip


def _fitting(finding: Finding) -> str:
    text = finding.model_dump_json(exclude_none=True)
    while len(text) > MOST and finding.observables:
        finding = finding.model_copy(update={"observables": finding.observables[: len(finding.observables) // 2]})
        text = finding.model_dump_json(exclude_none=True)
    return text
