"""Producers' documents with fields of ours are found all at once, the same ones as one by one."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.decode import decode
from pipeline.runtime.our_fields import LIKE_OURS, OURS, LikeOurs, as_produced

_NAMES = st.sampled_from(sorted(OURS)) | st.sampled_from(sorted(OURS)).map(lambda name: name[:-1] + "x")
_DOCUMENT = st.fixed_dictionaries(
    {
        "ts": st.just(1.0e9),
        "event_id": st.text("abc ", min_size=1, max_size=3) | _NAMES,
        "format": st.just("t"),
        "kind": st.just("access"),
        "user": st.just("u"),
        "patient": st.just("p"),
    },
    optional={"department": _NAMES, "role": _NAMES, "site": st.text(max_size=3)},
)


@given(documents=st.lists(_DOCUMENT, min_size=1, max_size=6), more=st.lists(_NAMES, max_size=2))
def test_as_one_by_one(documents: list[dict[str, object]], more: list[str]) -> None:
    documents[-1] |= dict.fromkeys(more, 1)
    raw = [orjson.dumps(document) for document in documents]
    decoded = decode("ehr", raw, 8)
    kept = [raw[row] for row in decoded.rows.tolist()]
    like = LIKE_OURS.documents(decoded.batch)
    for document, found in zip(kept, like.tolist(), strict=True):
        if not found:
            assert as_produced(document) is document
    # Names stand there as texts too: those documents are found as well, and left as they are.
    assert like.tolist() == [any(f'"{name}"'.encode() in document for name in OURS) for document in kept]


@pytest.mark.parametrize("names", [("a", "abcdefghij"), ("abcdefghij", "abcdefghik"), ("late",)])
def test_names_of_any_length(names: tuple[str, ...]) -> None:
    words = [*names, "b", "abcdefghi", "lat", "later"]
    raw = [
        orjson.dumps({"ts": 1.0e9, "event_id": word, "format": "t", "kind": "access", "user": "u", "patient": "p"})
        for word in words
    ]
    batch = decode("ehr", raw, 8).batch
    assert LikeOurs(names).documents(batch).tolist() == [word in names for word in words]


def test_fields_of_ours_are_taken_away() -> None:
    document = b'{"ts":1.0,"strength":1.0,"user":"late"}'
    assert orjson.loads(as_produced(document)) == {"ts": 1.0, "user": "late"}
