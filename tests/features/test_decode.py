"""The compiled reader and pydantic agree on every document: whether it is an event, and on every value of it."""

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from json_documents import ODD_VALUES, column_values, documents
from pydantic import ValidationError

from pipeline.features.batch import Batch
from pipeline.features.decode import Decoded, decode
from pipeline.features.layout import FLOAT, JSON, TEXT, layout
from schemas.sources import SOURCES

GROUPS = 8
each_source = pytest.mark.parametrize("source", SOURCES)
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example]
)


def _accepted(source: str, document: bytes) -> Any:
    try:
        return SOURCES[source].adapter.validate_json(document)
    except ValidationError:
        return None


def _holds(batch: Batch, row: int, name: str, kind: int, wanted: Any) -> None:
    if kind == TEXT:
        found: Any = batch.text(name, row)
    elif kind == JSON:
        text = batch.text(name, row)
        found = None if text is None else json.loads(text)
        if wanted and not isinstance(wanted[0], str):
            wanted = [item.model_dump(exclude_none=True) for item in wanted]
    else:
        found = batch.value(name, row)
        wanted = None if wanted is None else float(wanted)
        if found is not None and wanted is not None and found == 0:
            assert wanted == 0, name
            return
    assert found == wanted, (name, found, wanted)


def check(source: str, texts: list[bytes]) -> Decoded:
    """Hold one chunk to pydantic, document by document."""
    decoded = decode(source, texts, GROUPS)
    models = [_accepted(source, text) for text in texts]
    assert decoded.rows.tolist() == [i for i, m in enumerate(models) if m is not None]
    assert [r.row for r in decoded.refused] == [i for i, m in enumerate(models) if m is None]
    assert decoded.batch.n == len(decoded.rows)
    kinds = {c.name: c.type for c in layout(source).columns}
    for at, row in enumerate(decoded.rows.tolist()):
        for name, wanted in column_values(source, models[row]).items():
            _holds(decoded.batch, at, name, kinds[name], wanted)
        assert decoded.batch.key(at) == models[row].key()
        assert _accepted(source, decoded.batch.document(at)) == models[row]
    return decoded


@each_source
@thorough
@given(data=st.data())
def test_agrees_with_pydantic(source: str, data: st.DataObject) -> None:
    check(source, data.draw(st.lists(documents(source), min_size=1, max_size=6)))


def _event(source: str, **fields: str) -> bytes:
    form = layout(source)
    known = {"ts": "1.5", "event_id": '"e"', "format": '"f"', "kind": json.dumps(form.kinds[0])} | fields
    return ("{" + ",".join(f'"{k}":{v}' for k, v in known.items()) + "}").encode()


@each_source
def test_every_odd_value_in_every_field(source: str) -> None:
    """Not left to chance: each value in each field of each kind that has it."""
    form = layout(source)
    texts = []
    for kind, model in [(k, m) for k in form.kinds for m in SOURCES[source].models if k in str(m.model_fields["kind"])]:
        extra = {"signature": '"s"'} if "signature" in model.model_fields else {}
        for name in model.model_fields:
            values = ODD_VALUES if name != "kind" else ODD_VALUES[:20]
            texts += [
                _event(source, **({"kind": json.dumps(kind)} | extra | {name: v})) for v in values if len(v) < 8000
            ]
    for begin in range(0, len(texts), 200):
        check(source, texts[begin : begin + 200])


@each_source
def test_long_numbers_do_not_run_out_of_room(source: str) -> None:
    """Every float of every event needs correct rounding."""
    floats = [c for c in layout(source).columns if c.type == FLOAT]
    long, short = "1234.56789012345678901", "0.12345678901234567890123"
    row = _event(source, **{c.name: long if c.high >= 1235 else short for c in floats})
    decoded = check(source, [row] * 40)
    assert decoded.batch.n == 40


def test_long_texts_that_are_not_ascii() -> None:
    """Limits count characters; a text of 1,024 letters of two bytes is allowed, and one more is not."""
    decoded = check("logs", [_event("logs", host=f'"{"é" * n}"') for n in (1024, 1025)])
    assert decoded.rows.tolist() == [0]
    assert decoded.batch.text("host", 0) == "é" * 1024


def test_the_last_of_a_repeated_field_counts_even_null() -> None:
    twice = _event("logs", user='"a"')[:-1] + b',"user":null}'
    assert check("logs", [twice]).batch.text("user", 0) is None


def test_numbers_of_another_kind_are_dropped() -> None:
    decoded = check("network", [_event("network", kind='"http"', duration_s="0.12345678901234567890")])
    assert decoded.batch.value("duration_s", 0) is None


def test_defaults_are_filled_in_whichever_way_a_document_was_read() -> None:
    plain = _event("ehr", user='"a"')
    slow = _event("ehr", user='"\\ud83d\\ude00"')  # surrogate pairs are read by pydantic
    decoded = check("ehr", [plain, slow])
    assert [decoded.batch.text("outcome", i) for i in (0, 1)] == ["unknown", "unknown"]
    assert decoded.batch.equals("outcome", "unknown").all()


@each_source
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_bad_neighbours_change_nothing(source: str, data: st.DataObject) -> None:
    good = [_event(source, event_id=f'"e{i}"', origin=f'"o{i}"') for i in range(4)]
    if source == "network":
        good = [d.replace(b'"kind":"ids_alert"', b'"kind":"flow"') for d in good]
    bad = data.draw(st.lists(st.sampled_from((b"", b"{", b"\xff", b'{"ts":-1}', b"[" * 5000, b"null")), max_size=6))
    mixed = data.draw(st.permutations([*good, *bad]))
    decoded = decode(source, mixed, GROUPS)
    assert [r.row for r in decoded.refused] == [i for i, d in enumerate(mixed) if d in bad]
    for at, row in enumerate(decoded.rows.tolist()):
        assert mixed[row] in good
        assert decoded.batch.document(at) in (
            mixed[row],
            SOURCES[source].adapter.validate_json(mixed[row]).to_json(),
        )
        assert decoded.batch.text("origin", at) == json.loads(mixed[row])["origin"]


def test_reasons_hold_no_content() -> None:
    secret = "Doe-4711"
    texts = [
        f'{{"ts":"{secret}"}}'.encode(),
        f'{{"{secret}'.encode(),
        _event("ehr", kind=f'"{secret}"'),
        _event("ehr", records=f'"{secret}"'),
        _event("ehr", patient=f'["{secret}"]'),
        _event("ehr", ts="-4711"),
    ]
    for refused in decode("ehr", texts, GROUPS).refused:
        assert secret not in refused.reason and "4711" not in refused.reason
        assert refused.reason


def test_nothing_in_nothing_out() -> None:
    decoded = decode("logs", [], GROUPS)
    assert decoded.batch.n == 0 and not decoded.refused and math.prod(decoded.rows.shape) == 0
