"""Two instances of one detector on one batch: whose findings are told, and how the others compare."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.engine.bout import DAY_S, Bout
from pipeline.engine.engine import Outcome
from pipeline.engine.finding import Hits
from pipeline.engine.model_life import Life
from pipeline.features.batch import Batch


def part(h: Hits, keep: np.ndarray) -> Hits | None:
    """Those findings of `h` that a mask over the batch's rows keeps; None without any."""
    at = np.flatnonzero(keep[h.rows])
    if not len(at):
        return None
    if len(at) == len(h.rows):
        return h
    event_id = h.event_id
    return replace(
        h, rows=h.rows[at], groups=h.groups[at], keys=h.keys[at], ts=h.ts[at], scores=h.scores[at],
        noted={name: column[at] for name, column in h.noted.items()},
        describe=lambda k: h.describe(int(at[k])), observe=lambda k: h.observe(int(at[k])),
        event_id=None if event_id is None else lambda k: event_id(int(at[k])),
    )  # fmt: skip


def _parts(hits: Sequence[Hits], keep: np.ndarray) -> list[Hits]:
    return [p for p in (part(h, keep) for h in hits) if p is not None]


def merged(name: str, outcome: Outcome, other: Outcome, fronts: np.ndarray) -> tuple[Outcome, list[Hits]]:
    """The outcome with the second slot's word where it is in front, and what was found in shadow.

    `fronts` int8[n]: the slot in front for each row, -1 where there is only the first.
    """
    second = fronts == 1
    first_hits = [h for h in outcome.hits if h.detector == name]
    shadow = _parts(first_hits, second) + _parts(other.hits, fronts == 0)
    if not second.any():
        return outcome, shadow
    told: list[Hits] = []
    for h in outcome.hits:
        told += _parts([h], ~second) if h.detector == name else [h]
    told += _parts(other.hits, second)
    scores = {**outcome.scores, name: np.where(second, other.scores[name], outcome.scores[name])}
    return replace(outcome, scores=scores, hits=tuple(told)), shadow


def compare(bouts: Mapping[int, Bout], batch: Batch, told: Sequence[Hits], shadow: Sequence[Hits], life: Life) -> None:
    """Count what champions and challengers of some key groups found in this batch, thing by thing and day by day."""
    events = np.bincount(batch.groups, minlength=max(bouts) + 1)
    for g, bout in bouts.items():
        bout.events += int(events[g])
        bout.revision += 1
        bout.forget(float(batch.ts[batch.groups == g].max()))
    for side, hits in enumerate((told, shadow)):
        for h in hits:
            for k, many in _things(h):
                one = bouts.get(int(h.groups[k]))
                if one is None:
                    continue
                key, day = int(h.keys[k]), int(h.ts[k] // DAY_S)
                known = one.things.get((key, day))
                entity = known.entity if known else h.describe(k).entity
                at = one.count(key, day, entity, *((many, 0) if side == 0 else (0, many)))
                life.compared.add((int(h.groups[k]), one.detector, at))


def _things(h: Hits) -> list[tuple[int, int]]:
    """(first finding, how many) of each key group, thing and day."""
    days = (h.ts // DAY_S).astype(np.int64)
    rows = np.stack([h.groups.astype(np.int64), h.keys.view(np.int64), days])
    _, first, many = np.unique(rows, axis=1, return_index=True, return_counts=True)
    order = np.argsort(first)
    return [(int(first[j]), int(many[j])) for j in order]
