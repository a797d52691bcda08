"""JSON documents of one source → a batch, and a reason for each document that is refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from pipeline.features.batch import Batch
from pipeline.features.documents import Documents
from pipeline.features.json_kernel import read_documents
from pipeline.features.layout import FLOAT, Layout, layout


@dataclass(frozen=True, slots=True)
class Refused:
    """Document `row` of the input was not accepted; `reason` names field and rule, never content."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """The accepted events, which input rows they were (int64[n], ascending), and the rest."""

    batch: Batch
    rows: np.ndarray
    refused: tuple[Refused, ...]


class _Columns:
    """Buffers of one chunk while it is read."""

    def __init__(self, form: Layout, documents: Documents) -> None:
        n, numbers = len(documents), form.number_count
        texts, size = len(form.columns) - numbers, len(documents.data)
        self.form = form
        self.offsets = documents.bounds
        texts_end = size + len(form.defaults)
        self.data = np.empty(texts_end + size + 1, np.uint8)
        self.data[:size] = documents.data
        self.data[size:texts_end] = np.frombuffer(form.defaults, np.uint8)
        self.numbers = np.full((numbers, n), np.nan)
        self.start = np.zeros((texts, n), np.int64)
        self.length = np.full((texts, n), -1, np.int32)
        self.accepted = np.zeros(n, np.bool_)

    def read(self, *, trusted: bool) -> None:
        form = self.form
        floats = sum(c.type == FLOAT for c in form.columns)
        patches = np.empty((floats * len(self.accepted) + 1, 4), np.int64)
        used = read_documents(
            self.data, self.offsets, int(self.offsets[-1]) + len(form.defaults), form.form,
            self.numbers, self.start, self.length, self.accepted, patches, trusted,
        )  # fmt: skip
        self._round(patches[:used])

    def _round(self, patches: np.ndarray) -> None:
        """Numbers the kernel could not round exactly, by Python's own conversion; out of bounds: not accepted."""
        for c, row, start, end in patches.tolist():
            # Not accepted in the end, or a number its kind of event does not have.
            if not self.accepted[row] or np.isnan(self.numbers[self.form.slots[c], row]):
                continue
            value = float(self.data[start:end].tobytes())
            column = self.form.columns[c]
            self.numbers[self.form.slots[c], row] = value
            if not column.low <= value <= column.high:
                self.accepted[row] = False


def reason_of(error: ValidationError) -> str:
    """First fault of a document as `field: rule`, without its content."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in fault["loc"]) or "document"
    return f"{place}: {_rule(fault['type'], fault['msg'])}"[:1024]


def _rule(kind: str, message: str) -> str:
    # These messages quote what was found; their type says enough.
    if kind in ("json_invalid", "union_tag_invalid", "value_error", "string_unicode"):
        return {"json_invalid": "not valid JSON", "union_tag_invalid": "unknown kind"}.get(kind, kind)
    return message


def decode(
    source: str,
    documents: Sequence[bytes],
    key_groups: int,
    rewrite: Callable[[Sequence[bytes]], Documents] | None = None,
) -> Decoded:
    """Read `documents` (JSON texts of `source`, one an event) into a batch.

    `rewrite` is applied to the documents first (pseudonyms). The compiled reader takes what it can, pydantic decides
    on the rest, and what pydantic accepts is read again from its canonical form: both ways end in the same columns.
    """
    form = layout(source)
    documents = Documents.of(documents) if rewrite is None else rewrite(documents)
    columns = _Columns(form, documents)
    if form.compiled:
        columns.read(trusted=False)
    if columns.accepted.all():
        return Decoded(_batch(columns, key_groups), np.arange(len(documents)), ())
    refused, canonical = [], list(documents)
    for row in np.flatnonzero(~columns.accepted).tolist():
        try:
            canonical[row] = form.source.adapter.validate_json(documents[row]).to_json()
        except ValidationError as error:
            refused.append(Refused(row, reason_of(error)))
    bad = {r.row for r in refused}
    rows = np.array([i for i in range(len(documents)) if i not in bad], np.int64)
    columns = _Columns(form, Documents.of([canonical[i] for i in rows]))
    columns.read(trusted=True)
    if not columns.accepted.all():
        raise AssertionError(f"{source}: the compiled reader refuses what pydantic wrote")
    return Decoded(_batch(columns, key_groups), rows, tuple(refused))


def _batch(columns: _Columns, key_groups: int) -> Batch:
    return Batch(
        columns.form, columns.data, columns.offsets, columns.numbers, columns.start, columns.length, key_groups
    )
