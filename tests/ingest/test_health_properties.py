"""Laws of the health formats: what is written is read back, and no bytes whatever make a reader fail."""

import io
from datetime import UTC, datetime

import pytest
from health.reading import fixture, items, js, read
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.fhir import elements as elements_module
from pipeline.ingest.fhir.resources import USED
from pipeline.ingest.format import Format
from pipeline.ingest.formats.atna import Atna
from pipeline.ingest.formats.fhir import Fhir
from pipeline.ingest.formats.hl7 import Hl7
from pipeline.ingest.formats.x12 import X12

FORMATS: tuple[Format, ...] = (Fhir(), Atna(), X12(), Hl7())
IDS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)
CODES = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=1, max_size=7)
DAYS = st.integers(0, 47_000).map(lambda n: n * 86_400.0)
CENTS = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 100)
# Element, component, terminator; only a terminator may be a line end.
SEPARATORS = st.permutations("*|:^!<>").flatmap(
    lambda p: st.tuples(st.just(p[0]), st.just(p[1]), st.sampled_from("~\n'"))
)


@st.composite
def claim_lines(draw: st.DrawFn) -> dict[str, object]:
    first = draw(DAYS)
    line: dict[str, object] = {
        "procedure": draw(CODES),
        "amount": draw(CENTS),
        "unit": draw(st.sampled_from(["UN", "MJ"])),
        "quantity": float(draw(st.integers(0, 999))),
        "from_ts": first,
        "through_ts": first + 86_400.0 * draw(st.integers(0, 9)),
    }
    if modifiers := draw(st.lists(CODES, max_size=4, unique=True)):
        line["modifiers"] = modifiers
    return line


@st.composite
def claims(draw: st.DrawFn) -> dict[str, object]:
    lines = draw(st.lists(claim_lines(), min_size=1, max_size=4))
    return {
        "kind": "claim",
        "claim_id": draw(IDS),
        "patient": draw(IDS),
        "provider": draw(IDS),
        "payer": draw(IDS),
        "diagnoses": draw(st.lists(CODES, min_size=1, max_size=5, unique=True)),
        "total_amount": draw(CENTS),
        "lines": lines,
        "ts": min(line["from_ts"] for line in lines),
        "from_ts": min(line["from_ts"] for line in lines),
        "through_ts": max(line["through_ts"] for line in lines),
    }


def day(ts: float, form: str) -> str:
    return datetime.fromtimestamp(ts, UTC).strftime(form)


def as_x12(claim: dict, separators: tuple[str, str, str]) -> bytes:
    """The claim as an 837P of one transaction set."""
    element, part, end = separators
    isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "S" * 15, "ZZ", "R" * 15, "260301", "0930"]
    rows = [
        [*isa, "U", "00501", "000000001", "0", "T", part],
        ["GS", "HC", "S", "R", "20260301", "0930", "1", "X", "005010X222A1"],
        ["ST", "837", "0001", "005010X222A1"],
        ["HL", "1", "", "20", "1"],
        ["NM1", "85", "2", "CLINIC", "", "", "", "", "XX", claim["provider"]],
        ["HL", "2", "1", "22", "0"],
        ["NM1", "IL", "1", "OTHER", "", "", "", "", "MI", claim["patient"]],
        ["NM1", "PR", "2", "PAYER", "", "", "", "", "PI", claim["payer"]],
        ["CLM", claim["claim_id"], f"{claim['total_amount']:.2f}", "", "", part.join(["11", "B", "1"])],
        ["HI", *(part.join(["ABF" if n else "ABK", code]) for n, code in enumerate(claim["diagnoses"]))],
    ]
    for number, line in enumerate(claim["lines"], 1):
        procedure = part.join(["HC", line["procedure"], *line.get("modifiers", [])])
        span = day(line["from_ts"], "%Y%m%d") + "-" + day(line["through_ts"], "%Y%m%d")
        rows.append(["LX", str(number)])
        rows.append(["SV1", procedure, f"{line['amount']:.2f}", line["unit"], f"{line['quantity']:g}"])
        rows.append(["DTP", "472", "RD8", span])
    rows += [["SE", "0", "0001"], ["GE", "1", "1"], ["IEA", "1", "000000001"]]
    return "".join(element.join(row) + end for row in rows).encode()


def as_fhir(claim: dict) -> dict[str, object]:
    """The claim as a FHIR Claim."""

    def code(value: str) -> dict[str, object]:
        return {"coding": [{"code": value}]}

    return {
        "resourceType": "Claim",
        "id": claim["claim_id"],
        "patient": {"reference": f"Patient/{claim['patient']}"},
        "provider": {"reference": f"https://x.example/Organization/{claim['provider']}"},
        "insurer": {"reference": f"urn:uuid:{claim['payer']}"},
        "diagnosis": [{"diagnosisCodeableConcept": code(d)} for d in claim["diagnoses"]],
        "total": {"value": claim["total_amount"]},
        "item": [
            {
                "productOrService": code(line["procedure"]),
                "modifier": [code(m) for m in line.get("modifiers", [])],
                "net": {"value": line["amount"]},
                "quantity": {"value": line["quantity"], "code": line["unit"]},
                "servicedPeriod": {
                    "start": day(line["from_ts"], "%Y-%m-%d"),
                    "end": day(line["through_ts"], "%Y-%m-%d"),
                },
            }
            for line in claim["lines"]
        ],
    }


@settings(max_examples=40, deadline=None)
@given(claims(), SEPARATORS)
def test_claims_written_as_x12_and_fhir_are_read_back(claim: dict, separators: tuple[str, str, str]) -> None:
    known = set(claim)
    x12 = items(X12(), as_x12(claim, separators))[0]
    fhir = items(Fhir(), js(as_fhir(claim)))[0]
    assert {k: v for k, v in x12.items() if k in known} == claim
    assert {k: v for k, v in fhir.items() if k in known} == claim


ACCESSES = st.fixed_dictionaries(
    {
        "ts": st.integers(0, 4_000_000_000_000).map(lambda n: n / 1000),
        "user": IDS,
        "patient": IDS,
        "action": st.sampled_from(["create", "read", "update", "delete", "execute"]),
        "purpose": st.sampled_from(["TREAT", "BTG", "HRESCH"]),
        "outcome": st.sampled_from(["success", "failure"]),
        "src_ip": st.ip_addresses().map(str),
        "site": IDS,
        "application": IDS,
    }
)


def as_audit_event(access: dict) -> dict[str, object]:
    return {
        "resourceType": "AuditEvent",
        "type": {"code": "110110"},
        "action": access["action"][0].upper() if access["action"] != "execute" else "E",
        "recorded": datetime.fromtimestamp(access["ts"], UTC).isoformat(),
        "outcome": "0" if access["outcome"] == "success" else "8",
        "purposeOfEvent": [{"coding": [{"code": access["purpose"]}]}],
        "agent": [
            {
                "who": {"reference": f"Practitioner/{access['user']}"},
                "requestor": True,
                "network": {"address": access["src_ip"], "type": "2"},
            }
        ],
        "source": {"site": access["site"], "observer": {"display": access["application"]}},
        "entity": [
            {
                "what": {"reference": f"urn:uuid:{access['patient']}"},
                "type": {"code": "1"},
                "role": {"code": "1"},
            }
        ],
    }


@settings(max_examples=40, deadline=None)
@given(st.lists(ACCESSES, min_size=1, max_size=4))
def test_accesses_written_as_audit_events_are_read_back(accesses: list[dict]) -> None:
    resources = [as_audit_event(a) for a in accesses]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}
    for content in (b"\n".join(map(js, resources)), js(bundle)):
        found = items(Fhir(), content)
        assert [{k: f[k] for k in a} for f, a in zip(found, accesses, strict=True)] == accesses
        assert [f["break_glass"] for f in found] == [a["purpose"] == "BTG" for a in accesses]


AWKWARD = st.text('"\\{}[]:,a', max_size=6)
RECORDS = st.lists(st.dictionaries(AWKWARD, AWKWARD | st.lists(AWKWARD, max_size=2), max_size=3), max_size=4)


@settings(max_examples=80, deadline=None)
@given(RECORDS, st.integers(1, 50))
def test_documents_are_cut_at_their_records_wherever_chunks_end(records: list[dict], chunk: int) -> None:
    documents = (js(records), b"\n".join(map(js, records)), js({"entry": records, "resourceType": "Bundle"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elements_module, "_CHUNK_BYTES", chunk)
        for document in documents:
            found = list(elements_module.elements(io.BytesIO(document)))
            assert not any(e.damage for e in found)
            assert [e.raw for e in found if not e.outer] == [js(r) for r in records]


# Names and words that the mappings look at, in places where they do not belong.
WORDS = st.sampled_from(fixture("words.txt").decode().split())
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    WORDS,
    st.sampled_from(
        [
            "2026-03-01",
            "2026-03-01T00:00:00Z",
            "9999-12-31",
            "0001-01-01T00:00:00+14:00",
            "1",
            "BTG",
            "/",
            "?",
        ]
    ),
)
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(WORDS, v, max_size=6), max_leaves=30)
MUTATED = st.tuples(
    st.sampled_from(["messages.xml", "messages.hl7", "professional.x12", "institutional.x12"]), st.data()
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(USED)), st.dictionaries(WORDS, VALUES, max_size=12))
def test_resources_of_any_shape_end_as_valid_items_or_refusals(kind: str, fields: dict[str, object]) -> None:
    dated = {
        "recorded": "2026-03-01",
        "created": "2026-03-01",
        "authoredOn": "2026-03-01",
        "period": {"start": "2026"},
    }
    for content in (fields | {"resourceType": kind}, dated | fields | {"resourceType": kind}):
        assert len(read(Fhir(), js(content))) >= 1


@settings(max_examples=60, deadline=None)
@given(MUTATED, st.binary(max_size=12), st.integers(0, 40))
def test_mutilated_files_never_raise(chosen: tuple[str, st.DataObject], noise: bytes, cut: int) -> None:
    name, data = chosen
    content = fixture(name)
    at = data.draw(st.integers(0, len(content)))
    content = content[:at] + noise + content[at + cut :]
    for fmt in FORMATS:
        fmt.sniff(content, name)
        read(fmt, content)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_survived_and_accounted_for(content: bytes) -> None:
    for fmt in FORMATS:
        assert 0.0 <= fmt.sniff(content, "x") <= 1.0
        found = read(fmt, content)
        assert found == list(fmt.read(io.BytesIO(content), "x"))
