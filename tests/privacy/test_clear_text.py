"""Names, addresses and numbers as a FHIR server sends them: none of it is in what a scan tells or keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.features.pseudonyms import PREFIX
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed
from pipeline.runtime.line import Plan
from pipeline.settings import Settings
from privacy.marked import MARK, Told, marks, scan

START = "2026-03-02T"


def _person(kind: str, ident: str, name: str) -> dict[str, Any]:
    """Everything a hospital knows of a person's name and home."""
    return {
        "resourceType": kind, "id": ident, "birthDate": "1950-04-01", "gender": "female",
        "name": [{"use": "official", "family": name, "given": [f"{MARK}anna"], "text": f"Dr. {MARK}anna {name}"}],
        "address": [{"line": [f"7 {MARK} street"], "city": f"{MARK}ville", "postalCode": "12345"}],
        "telecom": [{"system": "phone", "value": f"+1 555 {MARK}"}, {"system": "email", "value": f"a@{MARK}.example"}],
        "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": f"{MARK}member{ident}"},
                       {"type": {"coding": [{"code": "SS"}]}, "value": f"{MARK}-social-{ident}"}],
        "contact": [{"name": {"family": f"{MARK}kin"}}], "text": {"div": f"<div>{MARK} {name}</div>"},
    }  # fmt: skip


def _opened(user: str, patient: str, minute: int) -> dict[str, Any]:
    """An access that names the patient in every way the format has."""
    who = {"reference": f"Patient/{patient}", "display": f"{MARK} the patient"}
    return {
        "resourceType": "AuditEvent", "recorded": f"{START}{9 + minute // 60:02}:{minute % 60:02}:00Z", "action": "R",
        "type": {"code": "rest"}, "outcomeDesc": f"read {MARK}", "source": {"observer": {"display": "ehr"}},
        "agent": [{"requestor": True, "who": {"identifier": {"value": user}}, "role": [{"text": "nurse"}]}],
        "entity": [{"what": who, "type": {"code": "1"}, "role": {"code": "1"}, "name": f"{MARK}, Anna"},
                   {"what": {"reference": f"Observation/{patient}-7"}, "role": {"code": "4"}, "query": MARK}],
    }  # fmt: skip


def _resources() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    patients = [f"{MARK.upper()}{n:03}" for n in range(40)]
    staff = [_person("Practitioner", f"u{n}", f"staff{n}") for n in range(4)]
    for person in staff:  # what is known of staff is theirs; their homes and papers are nobody's business
        person["name"] = [{"family": f"{MARK}family", "given": ["Bo"]}]
    people = [_person("Patient", p, f"{MARK}name{k}") for k, p in enumerate(patients)]
    stays = [
        {"resourceType": "Encounter", "id": f"visit-{p}", "status": "in-progress", "class": {"code": "IMP"},
         "subject": {"reference": f"Patient/{p}", "display": MARK}, "period": {"start": f"{START}08:00:00Z"}}
        for p in patients[:20]
    ]  # fmt: skip
    calm = [_opened(f"u{n % 3}", patients[n % 20], n) for n in range(60)]
    # Somebody who reads one chart after another, and far more than anybody.
    return [*people, *stays, *calm, *(_opened("u3", p, 60 + k // 4) for k, p in enumerate(patients * 6))], staff


@pytest.mark.parametrize("named_staff", [False, True])
def test_a_server_with_names_in_clear_text(tmp_path: Path, named_staff: bool) -> None:
    resources, staff = _resources()
    file = tmp_path / "server.ndjson"
    file.write_text("\n".join(json.dumps(r) for r in (resources + staff if named_staff else resources)))
    read = list(read_paths([file]))
    documents = [(r.source, r.value) for r in read if isinstance(r, Parsed)]
    assert len(documents) == len(read) == len(resources) + named_staff * len(staff)
    told: Told = scan(Plan.of(Settings(data_dir=tmp_path), make_keys=True), documents)
    assert any(PREFIX in str(piece) for piece in told.everything())
    for piece in (*told.alerts, *told.letters):
        assert not marks(piece)
    # Of staff the name at work is kept, with their own row and nowhere else.
    kept = [p for p in told.everything() if marks(p)]
    assert all("practitioner" in str(p) for p in kept) and bool(kept) is named_staff
