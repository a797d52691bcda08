"""The line of findings: what it makes of a log does not depend on restarts, and verdicts rank what is alike."""

import numpy as np
import orjson
import pytest
from incidents.notes import T0, finding, link

from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.runtime.findings_line import FindingsLine
from pipeline.runtime.line import Plan
from pipeline.runtime.product import Product
from pipeline.runtime.relay.notes import AnyNote, keyed
from schemas.incident import Incident
from schemas.note import VerdictNote


def _line() -> FindingsLine:
    return FindingsLine(Plan(EngineConfig(), Lists(), None, 0))


def _process(line: FindingsLine, documents: list[bytes], partitions: int = 1) -> Product:
    offsets = np.arange(len(documents), dtype=np.int64)
    return line.process(documents, "findings", 0, offsets, partitions)


def _documents(notes: list[AnyNote]) -> list[bytes]:
    return [document for _, document in keyed(notes)]


def _attack() -> list[AnyNote]:
    """Someone is phished, looks around, encrypts; another opens charts; a verdict comes in between."""
    return [
        link("u1", "ws-1", 0.0),
        link("ws-1", "10.0.0.1", 0.0, kinds=("host", "ip")),
        finding("a1", "logs.suspicious_command", 0.1, 4, attacks=["T1059.001"], host="ws-1", user="u1"),
        finding("a2", "logs.discovery", 0.2, 3, attacks=["T1087"], host="ws-1", user="u1"),
        finding("a3", "network.ransomware", 0.4, 5, attacks=["T1486"], src_ip="10.0.0.1", dst_ip="10.0.0.9"),
        finding("a3", "network.ransomware", 0.5, 5, count=8, attacks=["T1486"], src_ip="10.0.0.1", dst_ip="10.0.0.9"),
        finding("b1", "ehr.family", 0.3, 4, attacks=[], user="u7", patient="p~1"),
        VerdictNote(ts=T0 + 3600, verdict_id="v1", alert_id="b1", verdict="true", who="anna"),
        finding("c1", "claims.duplicate", 0.6, 4, attacks=[], provider="n1"),
    ]


def _last(*products: Product) -> dict[str, Incident]:
    """The last document of each incident that is one of its own."""
    posts = [p for product in products for p in product.posts if p.topic == "incidents"]
    told = [Incident.model_validate_json(p.value or b"") for p in posts]
    found = {i.unmapped.incident_id: i for i in told}
    return {name: i for name, i in found.items() if not i.unmapped.merged_into}


def test_one_incident_a_story_with_what_may_come_next() -> None:
    product = _process(_line(), _documents(_attack()))
    found = _last(product)
    by_kind = {i.unmapped.kind: i for i in found.values()}
    assert set(by_kind) == {"ransomware", "record_access", "billing"}
    attack = by_kind["ransomware"].unmapped
    assert {e.alert_id for e in attack.timeline} == {"a1", "a2", "a3"}
    assert attack.findings == 10
    assert attack.next_techniques and not set(attack.next_techniques) & {"T1059.001", "T1087", "T1486"}
    assert not by_kind["record_access"].unmapped.next_techniques
    rows = {row["incident_id"]: orjson.loads(row["document"]) for row in product.tables["incidents"].to_pylist()}
    assert rows[attack.incident_id]["unmapped"]["next_techniques"] == attack.next_techniques
    assert {"incidents", "risks", "assessments", "verdicts"} <= product.tables.keys()


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_restart_anywhere_changes_nothing(cut: int) -> None:
    documents = _documents(_attack())
    whole = _last(_process(_line(), documents))
    before, after = _line(), _line()
    first = _process(before, documents[:cut])
    for group, state in before.state(range(8)).items():
        after.load(int(group), state)
    # The crash came before the commit: some notes come again.
    rest = _process(after, documents[max(cut - 2, 0) :])
    assert {k: _plain(i) for k, i in _last(first, rest).items()} == {k: _plain(i) for k, i in whole.items()}


def _plain(incident: Incident) -> dict[str, object]:
    """What is said of it, without how often it was told."""
    how_often = {"metadata", "activity_id", "activity_name", "type_uid", "type_name"}
    fields = incident.model_dump(exclude=how_often)
    for name in ("revision", "silenced", "notify"):
        fields["unmapped"].pop(name)
    return fields


def test_another_partition_knows_nothing_of_it() -> None:
    line = _line()
    _process(line, _documents(_attack()), partitions=4)
    state = line.state(range(8))
    assert state["0"] and not any(state[str(g)] for g in range(1, 8))
    line.reset(0)
    assert not line.state([0])["0"]


def test_what_is_no_note_is_refused_and_its_neighbours_are_taken() -> None:
    good = _documents(_attack())
    wrong = orjson.dumps({"kind": "finding", "alert_id": "x"})
    product = _process(_line(), [good[0], b"{", wrong, b'{"kind":"other"}', *good[1:]])
    assert [r.row for r in product.refused] == [1, 2, 3]
    assert len(_last(product)) == 3


def test_a_verdict_lowers_the_next_case_like_it_and_no_other() -> None:
    line = _line()
    said = [
        VerdictNote(ts=T0 + 60 * i, verdict_id=f"v{i}", alert_id=f"d{i}", verdict="false", who=who)
        for i, who in enumerate(("anna", "ben", "anna", "ben"))
    ]
    cases = [finding(f"d{i}", "ehr.family", i * 0.1, 4, attacks=[], user="u7", patient="p~1") for i in range(4)]
    other = finding("o", "network.ransomware", 0.0, 5, attacks=["T1486"], src_ip="10.0.0.1")
    before = _assessed(_process(line, _documents([*cases, other])))
    after = _assessed(_process(line, _documents([*said])))
    later = _assessed(_process(line, _documents([
        finding("next", "ehr.family", 30.0, 4, attacks=[], user="u7", patient="p~1"),
        finding("next-other", "network.ransomware", 30.0, 5, attacks=["T1486"], src_ip="10.0.0.2"),
    ])))  # fmt: skip
    assert later["next"] < before["d0"] - 0.1
    # Four errors in a row make everything a little less sure, and what is unlike them least.
    assert later["next-other"] >= before["o"] - 0.1
    assert later["next-other"] - later["next"] > before["o"] - before["d0"] + 0.1
    assert after.get("o", before["o"]) >= before["o"] - 0.1


def _assessed(product: Product) -> dict[str, float]:
    rows = product.tables["assessments"].to_pylist() if "assessments" in product.tables else []
    return {row["alert_id"]: row["p_true"] for row in rows}
