"""The ways resources are put into files, whole and damaged, small and too large to be parsed at once."""

import io

import pytest
from health.reading import Trickle, items, js, read, reasons

from pipeline.ingest.fhir import elements as elements_module
from pipeline.ingest.fhir.elements import elements
from pipeline.ingest.format import Bad, Item
from pipeline.ingest.formats import fhir as fhir_module
from pipeline.ingest.formats.fhir import Fhir

FHIR = Fhir()
PEOPLE = [{"resourceType": "Patient", "id": f"p{n}", "text": '}]"\\{[' * n} for n in range(5)]
LINES = [js(p) for p in PEOPLE]


def pretty(value: object) -> bytes:
    import json

    return json.dumps(value, indent=2).encode()


def bundle(resources: list[dict[str, object]], kind: str = "collection") -> dict[str, object]:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": r} for r in resources], "total": 5}


CONTAINERS = {
    "ndjson": b"\n".join(LINES),
    "ndjson_crlf": b"\r\n".join([*LINES, b"", b""]),
    "array": js(PEOPLE),
    "pretty_array": pretty(PEOPLE),
    "bundle": js(bundle(PEOPLE)),
    "pretty_bundle": pretty(bundle(PEOPLE)),
    "keys_sorted": js(dict(sorted(bundle(PEOPLE).items()))),
    "in_a_row": b"\n".join(pretty(p) for p in PEOPLE),
    "nested_bundle": js(bundle([bundle(PEOPLE[:2]), *PEOPLE[2:]])),
    "bundle_line": js(bundle(PEOPLE)) + b"\n",
    "byte_order_mark": b"\xef\xbb\xbf" + b"\n".join(LINES),
}


@pytest.fixture(params=["whole", "cut"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Documents parsed at once, and the same ones cut as if they were too large for that."""
    if request.param == "cut":
        monkeypatch.setattr(fhir_module, "_WHOLE_BYTES", 0)
        monkeypatch.setattr(elements_module, "_CHUNK_BYTES", 11)
    return request.param


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", CONTAINERS)
def test_every_container_gives_the_same_records_with_the_same_bytes(name: str) -> None:
    found = [i for i in read(FHIR, CONTAINERS[name]) if isinstance(i, Item)]
    assert [i.fields["patient"] for i in found] == ["p0", "p1", "p2", "p3", "p4"]
    assert [i.raw for i in found] == LINES
    assert FHIR.sniff(CONTAINERS[name], "x") > 0.9
    trickled = list(FHIR.read(Trickle(CONTAINERS[name]), "x"))
    assert trickled == found


@pytest.mark.usefixtures("way")
def test_positions_name_lines_records_and_entries() -> None:
    def positions(name: str) -> list[str]:
        return [i.position for i in read(FHIR, CONTAINERS[name])]

    assert positions("ndjson")[1] == "line 2"
    assert positions("pretty_array")[1] == "record 2"
    assert positions("in_a_row")[1] == "record 2"
    assert positions("pretty_bundle")[1] == "entry 2"


@pytest.mark.usefixtures("way")
def test_damage_stays_where_it_is() -> None:
    broken = b'{"resourceType":"Patient","id":}'
    assert reasons(FHIR, b"\n".join([*LINES, broken, *LINES])) == [("line 6", "the line is not valid JSON")]
    assert reasons(FHIR, b"\n".join([b'{"resourceType":"Pat', *LINES])) == [("line 1", "the line is not valid JSON")]
    array = b"[" + b",\n".join([*LINES[:2], broken, *LINES[2:]]) + b"]"
    assert reasons(FHIR, array) == [("record 3", "the record is not valid JSON")]
    assert len(read(FHIR, array)) == 6
    between = b"[" + b",".join(LINES)
    assert reasons(FHIR, between) == [("record 6", "the file ends inside a list of records")]
    whole = pretty(bundle(PEOPLE))
    cut = read(FHIR, whole[: whole.index(b'"p3"')])
    assert [type(r) for r in cut] == [Item, Item, Item, Bad]
    assert cut[-1].position == "entry 4"


@pytest.mark.usefixtures("way")
def test_what_is_no_resource_is_refused_by_name() -> None:
    assert reasons(FHIR, js({"resourceType": "Consent"})) == [("line 1", "resource type Consent is not used")]
    assert len(reasons(FHIR, js({"a": 1}))) == 1
    assert len(reasons(FHIR, js({"resourceType": "<b>"}))) == 1
    assert reasons(FHIR, js([1, "x", None, {}]) + b" rest") != []
    empty = {"resourceType": "Bundle", "entry": [{"request": {"method": "DELETE"}}, 7]}
    assert len(reasons(FHIR, pretty(empty))) in (1, 2)
    assert read(FHIR, pretty(bundle([]))) == []
    assert read(FHIR, b"") == read(FHIR, b" \n ") == []


def test_an_entry_without_id_takes_that_of_its_address() -> None:
    entry = {"fullUrl": "urn:uuid:ab", "resource": {"resourceType": "Patient"}}
    assert items(FHIR, js({"resourceType": "Bundle", "entry": [entry]}))[0]["patient"] == "ab"


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "content",
    [
        b'{"resourceType":"Patient","id":"\xff\xfe"}',
        b'{"resourceType":"Patient","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"resourceType":"Patient","x":' + b"[" * 600 + b"]" * 600 + b"}",
        b'{"resourceType":"Claim","created":"2026-01-01","total":{"value":' + b"9" * 4000 + b"}}",
        b'{"resourceType":"Claim","created":"2026-01-01","total":{"value":1e999}}',
        b'{"resourceType":"Patient","id":"\\ud800"}',
        b'{"resourceType":"Patient","id":"a',
        b'}}}]]]{"resourceType":"Patient"}{{{',
        b'"resourceType":"Patient"' * 50,
        b"\x00" * 100,
    ],
)
def test_hostile_documents_end_as_records_or_refusals(content: bytes) -> None:
    assert len(read(FHIR, content)) >= 1
    assert len(read(FHIR, b"[\n" + content)) >= 1


def test_a_record_beyond_the_limit_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements_module, "MAX_RECORD_BYTES", 300)
    monkeypatch.setattr(elements_module, "_CHUNK_BYTES", 16)
    long = {"resourceType": "Binary", "data": '"{[' * 200, "more": ["x"] * 100}
    for content in (js([PEOPLE[0], long, PEOPLE[1]]), js(bundle([PEOPLE[0], long, PEOPLE[1]]))):
        found = list(elements(io.BytesIO(content)))
        assert [f.damage for f in found if not f.outer] == ["", "the record is longer than 64 MiB", ""]
        assert max(len(f.raw) for f in found) < 700


def test_entries_of_another_form_are_told() -> None:
    content = js({"resourceType": "Bundle", "type": "collection", "entry": {"resource": {"resourceType": "Patient"}}})
    assert reasons(Fhir(), content) == [("line 1", "the entries of the Bundle are no list")]
