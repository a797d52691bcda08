"""Scored events as one Arrow table: a row an event, ready for the table `scored_events`."""

import numpy as np
import pyarrow as pa

from pipeline.engine.engine import Outcome
from pipeline.features.batch import Batch

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


def _spans(batch: Batch, fields: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    start = np.zeros(batch.n, np.int64)
    length = np.full(batch.n, -1, np.int32)
    for name in fields:
        if batch.is_text(name):
            s, size = batch.spans(name)
            missing = length <= 0
            start = np.where(missing, s, start)
            length = np.where(missing, size, length)
    return start, length


def _number(batch: Batch, name: str, kind: pa.DataType) -> pa.Array:
    if not batch.has(name):
        return pa.nulls(batch.n, kind)
    values = batch.number(name)
    unknown = np.isnan(values)
    return pa.array(np.where(unknown, 0, values).astype(kind.to_pandas_dtype()), mask=unknown)


def _constant(value: str, n: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), n)


def _scores(outcome: Outcome) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """(map column, top score float32[n], index of its detector int32[n] with the number of detectors for none)."""
    n, names = outcome.batch.n, list(outcome.scores)
    if not names:
        nothing = pa.array([], pa.string()), pa.array([], pa.float32())
        column = pa.MapArray.from_arrays(np.zeros(n + 1, np.int32), *nothing)
        return column, np.zeros(n, np.float32), np.zeros(n, np.int32)
    matrix = np.column_stack([outcome.scores[name] for name in names]).astype(np.float32)
    known = ~np.isnan(matrix)
    offsets = np.zeros(n + 1, np.int32)
    np.cumsum(known.sum(axis=1), out=offsets[1:])
    keys = pa.array(names).take(pa.array(np.nonzero(known)[1].astype(np.int32)))
    filled = np.where(known, matrix, -1.0)
    best = filled.argmax(axis=1).astype(np.int32)
    top = filled.max(axis=1)
    column = pa.MapArray.from_arrays(pa.array(offsets), keys, pa.array(matrix[known]))
    return column, np.maximum(top, 0.0).astype(np.float32), np.where(top < 0, len(names), best).astype(np.int32)


def _found_by(outcome: Outcome) -> pa.Array:
    rows = np.concatenate([np.zeros(0, np.int64), *(h.rows for h in outcome.hits)])
    which = np.repeat(np.arange(len(outcome.hits), dtype=np.int32), [len(h.rows) for h in outcome.hits])
    order = np.argsort(rows, kind="stable")
    offsets = np.zeros(outcome.batch.n + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=outcome.batch.n), out=offsets[1:])
    names = pa.array([h.detector for h in outcome.hits], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), names.take(pa.array(which[order])))


def scored_rows(outcome: Outcome) -> pa.Table:
    """The rows of a batch. Unknown texts are empty, unknown numbers null, unknown scores left out of the map."""
    batch, origin, n = outcome.batch, outcome.origin, outcome.batch.n
    scores, top, best = _scores(outcome)
    names = pa.array([*outcome.scores, ""])
    columns: dict[str, pa.Array] = {
        "ts": pa.array(np.round(batch.ts * 1e6).astype(np.int64)).cast(pa.timestamp("us", "UTC")),
        "source": _constant(batch.source, n),
        "topic": _constant(origin.topic, n),
        "partition": pa.array(np.full(n, origin.partition, np.int32)),
        "offset": pa.array(origin.offsets.astype(np.int64)),
        "entity": batch.arrow_key(),
    }
    for column, fields in _TEXTS.items():
        columns[column] = batch.arrow_spans(*_spans(batch, fields))
    for column in _PORTS:
        columns[column] = _number(batch, column, pa.uint16())
    for column in _COUNTS:
        columns[column] = _number(batch, column, pa.uint64())
    columns |= {
        "scores": scores,
        "top_score": pa.array(top),
        "top_detector": names.take(pa.array(best)),
        "found_by": _found_by(outcome),
        "model_version": _constant(outcome.model_version, n),
        "raw": batch.arrow_raw(),
    }
    return pa.table(columns)
