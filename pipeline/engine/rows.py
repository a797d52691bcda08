"""Scored events as one Arrow table: a row an event, ready for the table `scored_events`."""

import numpy as np
import pyarrow as pa

from pipeline.engine.engine import Outcome
from pipeline.features.batch import Batch
from pipeline.features.score_columns import pack_scores

# Column of the table → event fields it takes its text from, the first that is set.
_TEXTS = {
    "event_id": ("event_id",),
    "src_ip": ("src_ip",),
    "dst_ip": ("dst_ip",),
    "host": ("host", "hostname", "workstation"),
    "user": ("user",),
    "patient": ("patient",),
    "provider": ("provider", "practitioner"),
    "device": ("src_mac", "mac"),
    "object": (
        "query", "uri", "sni", "filename", "signature", "software", "subject", "name", "command_line", "image",
        "claim_id", "object_id", "resource_id", "resource", "event_code",
    ),
    "reason": ("reason",),
    "reason_ref": ("reason_ref",),
    "format": ("format",),
    "kind": ("kind",),
    "origin": ("origin",),
    "proto": ("proto",),
    "service": ("service", "program", "application", "department"),
    "action": ("action", "conn_state", "method", "request_type", "qtype", "status", "claim_type"),
    "outcome": ("outcome", "rcode", "validation"),
}  # fmt: skip
_PORTS = ("src_port", "dst_port")
_COUNTS = ("bytes_out", "bytes_in")


# Rows that stand for themselves in other topics already are not written again, or only where they are worth a look.
_ROWS_OF = {"charts": ("access", "claim", "benefit")}
_WORTH_A_LOOK = {"accounts": 0.2, "contacts": 0.2}
"""Least score by source; what was found is always written."""


def _number(batch: Batch, name: str, kind: pa.DataType, rows: np.ndarray) -> pa.Array:
    if not batch.has(name):
        return pa.nulls(len(rows), kind)
    values = batch.number(name)[rows]
    unknown = np.isnan(values)
    return pa.array(np.where(unknown, 0, values).astype(kind.to_pandas_dtype()), mask=unknown)


def _constant(value: str, n: int) -> pa.Array:
    # As a dictionary of one: the database takes it as it is for a LowCardinality column.
    return pa.DictionaryArray.from_arrays(np.zeros(n, np.int8), pa.array([value]))


def _versions(outcome: Outcome, rows: np.ndarray) -> pa.Array:
    # The same type whether versions differ or not: rows of several batches travel in one insert.
    names = [outcome.model_version, *sorted(set(outcome.versions.values()))]
    by_group = np.zeros(max(max(outcome.versions, default=0), int(outcome.batch.groups.max(initial=0))) + 1, np.int16)
    for group, version in outcome.versions.items():
        by_group[group] = names.index(version)
    return pa.DictionaryArray.from_arrays(by_group[outcome.batch.groups[rows]], pa.array(names))


def _scores(outcome: Outcome, rows: np.ndarray) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Columns: map of scores, highest score, its detector; empty, 0 and empty where no detector has one."""
    names = list(outcome.scores)
    matrix = np.empty((len(names), len(rows)))
    for j, name in enumerate(names):
        matrix[j] = outcome.scores[name][rows]
    offsets, which, values, top, best = pack_scores(matrix)
    keys = pa.array(names, pa.string()).take(pa.array(which))
    column = pa.MapArray.from_arrays(pa.array(offsets), keys, pa.array(values))
    return column, pa.array(top), pa.DictionaryArray.from_arrays(best, pa.array([*names, ""]))


def _found_by(outcome: Outcome, kept: np.ndarray) -> pa.Array:
    found = [np.unique(h.rows) for h in outcome.told]  # a row may have several findings of one detector
    found = [np.searchsorted(kept, rows[np.isin(rows, kept)]) for rows in found]
    rows = np.concatenate([np.zeros(0, np.int64), *found])
    which = np.repeat(np.arange(len(found), dtype=np.int32), [len(f) for f in found])
    order = np.argsort(rows, kind="stable")
    offsets = np.zeros(len(kept) + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=len(kept)), out=offsets[1:])
    names = pa.array([h.detector for h in outcome.told], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(which[order])))


def scored_rows(outcome: Outcome) -> pa.Table:
    """The rows of a batch. Unknown texts are empty, unknown numbers null, unknown scores left out of the map."""
    batch, origin = outcome.batch, outcome.origin
    kinds, least = _ROWS_OF.get(batch.source), _WORTH_A_LOOK.get(batch.source)
    kept = np.arange(batch.n) if kinds is None else np.flatnonzero(batch.kind(*kinds))
    some, n = kept if len(kept) < batch.n else None, len(kept)
    scores, top_score, top_detector = _scores(outcome, kept)
    columns: dict[str, pa.Array] = {
        "ts": pa.array(np.round(batch.ts[kept] * 1e6).astype(np.int64)).cast(pa.timestamp("us", "UTC")),
        "source": _constant(batch.source, n),
        "topic": _constant(origin.topic, n),
        "partition": pa.array(np.full(n, origin.partition, np.int32)),
        "offset": pa.array(origin.offsets[kept].astype(np.int64)),
    }
    columns |= batch.arrow_texts(_TEXTS | {"entity": batch.key_fields}, some)
    for column in _PORTS:
        columns[column] = _number(batch, column, pa.uint16(), kept)
    for column in _COUNTS:
        columns[column] = _number(batch, column, pa.uint64(), kept)
    columns |= {
        "scores": scores,
        "top_score": top_score,
        "top_detector": top_detector,
        "found_by": _found_by(outcome, kept),
        "model_version": _versions(outcome, kept),
        "raw": batch.arrow_raw(some),
    }
    table = pa.table(columns)
    if least is None:
        return table
    worth = np.asarray(columns["top_score"]) >= least
    worth[np.concatenate([np.zeros(0, np.int64), *(h.rows for h in outcome.hits)])] = True
    return table.filter(pa.array(worth))
