"""The same patient has the same pseudonym, and no document keeps the identifier."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.decode import decode
from pipeline.features.pseudonyms import PREFIX, Pseudonymiser
from schemas.sources import SOURCES

KEY = b"a long enough key of a test"
identifiers = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)
with_patients = pytest.mark.parametrize("source", [n for n, s in SOURCES.items() if s.patient_fields])


@given(identifiers)
def test_same_twice_and_only_once(identifier: str) -> None:
    one, other = Pseudonymiser(KEY), Pseudonymiser(KEY)
    pseudonym = one.of(identifier)
    assert pseudonym == other.of(identifier)
    assert one.of(pseudonym) == pseudonym
    assert pseudonym.startswith(PREFIX)
    assert Pseudonymiser(b"another key of a hospital").of(identifier) != pseudonym or identifier.startswith(PREFIX)


@with_patients
@settings(deadline=None)
@given(data=st.data())
def test_the_identifier_is_nowhere(source: str, data: st.DataObject) -> None:
    """Wherever it stands whole: as the patient, as the object opened, as the number it is in JSON, in a list."""
    identifier = data.draw(st.from_regex(r"MRN[0-9]{6}", fullmatch=True))
    fields = SOURCES[source].patient_fields
    record: dict[str, Any] = {"ts": 1.0, "event_id": "e", "format": "f", "user": "nurse"}
    record |= dict.fromkeys(data.draw(st.sets(st.sampled_from(fields), min_size=1)), identifier)
    record |= dict.fromkeys(data.draw(st.sets(st.sampled_from(("object_id", "origin", "foreign")))), identifier)
    rewrite = Pseudonymiser(KEY).rewriter(source)
    assert rewrite is not None
    once = rewrite(json.dumps(record).encode())
    assert identifier.encode() not in once
    assert rewrite(once) == once
    assert json.loads(once)["user"] == "nurse"
    assert json.loads(once).keys() == record.keys()


@with_patients
def test_a_number_and_its_text_are_one_patient(source: str) -> None:
    field = SOURCES[source].patient_fields[0]
    rewrite = Pseudonymiser(KEY).rewriter(source)
    assert rewrite is not None
    a, b = (json.loads(rewrite(json.dumps({field: v}).encode()))[field] for v in (4711, "4711"))
    assert a == b and a.startswith(PREFIX)


def test_sources_without_patients_are_left_alone() -> None:
    assert Pseudonymiser(KEY).rewriter("network") is None


@pytest.mark.parametrize("document", [b"", b"{", b"[1]", b"null", b"\xff", b"[" * 5000])
def test_what_cannot_be_read_is_left_to_the_reader(document: bytes) -> None:
    rewrite = Pseudonymiser(KEY).rewriter("ehr")
    assert rewrite is not None and rewrite(document) == document


def test_names_with_the_prefix_of_a_pseudonym_are_kept() -> None:
    """A record may have been pseudonymised where it was collected, with the same key."""
    pseudonymiser = Pseudonymiser(KEY)
    known = pseudonymiser.of("MRN1")
    rewrite = pseudonymiser.rewriter("ehr")
    assert rewrite is not None
    assert json.loads(rewrite(json.dumps({"patient": known}).encode()))["patient"] == known


def test_repeated_fields_and_odd_spellings_do_not_leak() -> None:
    rewrite = Pseudonymiser(KEY).rewriter("ehr")
    assert rewrite is not None
    for text in ('{"patient":"MRN1","patient":"MRN2"}', '{"pati\\u0065nt":"MRN2"}', '{"patient":["MRN2"]}'):
        assert b"MRN2" not in rewrite(text.encode()) and b"MRN1" not in rewrite(text.encode())


@pytest.mark.parametrize("odd", ["NaN", "1e999", "-Infinity", "9" * 400, "[" * 150 + "]" * 150])
def test_numbers_that_parsers_disagree_on_let_no_patient_through(odd: str) -> None:
    rewrite = Pseudonymiser(KEY).rewriter("ehr")
    assert rewrite is not None
    text = f'{{"ts":1.5,"event_id":"e","format":"f","kind":"access","patient":"MRN2","foreign":{odd}}}'
    decoded = decode("ehr", [text.encode()], 8, Pseudonymiser(KEY).rewriter_of_many("ehr"))
    assert b"MRN2" not in rewrite(text.encode())
    assert all(PREFIX in (decoded.batch.text("patient", row) or "") for row in range(decoded.batch.n))


VALUES = st.one_of(
    st.text(max_size=12), st.from_regex(r"(Patient/)?[A-Z0-9]{1,9}", fullmatch=True), st.none(), st.integers(0, 10**9),
    st.sampled_from(['"', '"patient"', "patient", "p~abc", " MRN1 ", ":", '":"']),
)  # fmt: skip


@with_patients
@settings(deadline=None)
@given(data=st.data())
def test_in_place_is_what_parsing_gives(source: str, data: st.DataObject) -> None:
    """However the fields stand, and whatever else has their names or values."""
    fields = SOURCES[source].patient_fields
    names = st.sampled_from((*fields, "object_id", "note", "kind"))
    record = data.draw(st.dictionaries(names, VALUES, max_size=6))
    text = json.dumps(record, ensure_ascii=data.draw(st.booleans()), separators=data.draw(st.sampled_from(SPACES)))
    quick, parsed = Pseudonymiser(KEY), Pseudonymiser(KEY)
    parsed._in_place = lambda *_: None  # type: ignore[method-assign]
    rewrite, reference = quick.rewriter(source), parsed.rewriter(source)
    assert rewrite is not None and reference is not None
    assert json.loads(rewrite(text.encode())) == json.loads(reference(text.encode()))


@with_patients
@settings(deadline=None)
@given(data=st.data())
def test_a_chunk_is_what_its_documents_are_one_by_one(source: str, data: st.DataObject) -> None:
    fields = SOURCES[source].patient_fields
    names = st.sampled_from((*fields, "object_id", "note", "kind"))
    values = VALUES | st.sampled_from(("p" * 54, "p" * 55, "p" * 56, "", "Patient/", "Patient/7", "\x7f"))
    records = data.draw(st.lists(st.dictionaries(names, values, max_size=6), max_size=5))
    ascii, spaces = data.draw(st.booleans()), data.draw(st.sampled_from(SPACES))
    texts = [json.dumps(record, ensure_ascii=ascii, separators=spaces).encode() for record in records]
    pseudonymiser = Pseudonymiser(KEY)
    one, many = pseudonymiser.rewriter(source), pseudonymiser.rewriter_of_many(source)
    assert one is not None and many is not None
    assert list(many(texts)) == [one(text) for text in texts]


def test_a_chunk_of_a_source_without_patients_is_left_alone() -> None:
    assert Pseudonymiser(KEY).rewriter_of_many("network") is None


SPACES = ((",", ":"), (", ", ": "))


@pytest.mark.parametrize("size", [1, 20, 63, 64, 65, 200])
def test_it_is_hmac_sha_256_in_base_32_as_the_library_has_them(size: int) -> None:
    key = bytes(range(7, 7 + size))
    pseudonymiser = Pseudonymiser(key)
    for identifier in ("p00775685", "x", "ä" * 100, *map(str, range(200))):
        digest = hmac.new(key, identifier.encode(), hashlib.sha256).digest()
        pseudonym = "p~" + base64.b32encode(digest[:13])[:20].decode().lower()
        assert pseudonymiser.of(identifier) == pseudonym
        document = f'{{"patient":"{identifier}","x":1}}'
        rewrite = pseudonymiser.rewriter_of_many("ehr")
        assert rewrite is not None
        assert list(rewrite([document.encode()])) == [f'{{"patient":"{pseudonym}","x":1}}'.encode()]
