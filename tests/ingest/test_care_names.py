"""JSON about people in care is no log, whatever tongue or vocabulary its names are of; honest logs stay logs."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

TIME = "2026-11-20T10:00:00Z"
OF_CARE: list[dict[str, Any]] = [
    {"resident_id": "R-7", "user": "anna"},
    {"residentName": "Example", "event": "note.saved"},
    {"chart_number": "4711", "msg": "chart printed"},
    {"client_dob": "1941-03-02", "client_id": 7},
    {"clientDob": "02.03.1941"},
    {"data": {"mrn": "4711"}},
    {"episode_id": 7, "ward": "3B", "bed": "12"},
    {"ward": "3B", "last_name": "Example"},
    {"first_name": "Eva", "last_name": "Example", "number": 4711, "day": "1941-03-02"},
    {"Vorname": "Eva", "Nachname": "Example", "Tag": "02.03.1941"},
    {"Fallnummer": "4711", "Station": "3B"},
    {"Versichertennummer": "X110000000"},
    {"geburtsdatum": "02.03.1941"},
    {"Aufnahme": TIME, "Entlassung": None, "Zimmer": 4},
    {"date_naissance": "1941-03-02"},
    {"numéroSécuritéSociale": "2 41"},
    {"prénom": "Eva", "séjour": 7},
    {"fecha_nacimiento": "1941-03-02"},
    {"numero_historia_clinica": 7},
    {"apellidos": "Example", "habitación": 4},
    {"geboortedatum": "1941-03-02"},
    {"burgerservicenummer": "7"},
    {"achternaam": "Example", "afdeling": "3B"},
    {"fødselsdato": "1941-03-02"},
    {"personnummer": "410302-0000"},
    {"syntymäaika": "1941-03-02"},
    {"codice_fiscale": "X"},
    {"archetype_node_id": "at0001"},
    {"PID.5": "Example^Eva"},
    {"admitted_at": TIME, "discharged_at": TIME},
    {"diagnosis": "I10", "physician": "Dr. Example"},
    {"data": {"pat_id": "4711"}},
    {"Patnr": 4711},
    {"NHC": "4711"},
    {"henkilötunnus": "020341-0000"},
]
HONEST: list[dict[str, Any]] = [
    {"first_name": "Anna", "last_name": "Example", "hired": "2024-03-01"},
    {"sex": "f", "id": 7},
    {"resident_set_size": 4096, "discharge_rate": 3, "battery_discharge": 1},
    {"tactics": ["TA0043"], "reconnaissance_phase": "scan", "birth_time": TIME},
    {"chart": "nginx-1.2", "release": "web"},
    {"episode": 7, "reward": 1.5, "embedded": True},
    {"pid": 7, "obx": 4, "impact": 2},
    {"device": "pump-7", "ward": "ICU", "bed": "3"},
    {"gerät": "pump-7", "Bett": 3, "Zimmer": "4"},
    {"error": "encountered", "encountered": 3},
    {"ipp": "printed", "chart_id": 7, "fnr": 0.2, "person_id": "u-7"},
]


@pytest.mark.parametrize("record", OF_CARE, ids=lambda record: "-".join(record))
def test_records_of_people_in_care_are_refused(tmp_path: Path, record: dict[str, Any]) -> None:
    whole = {"timestamp": TIME, "level": "info", "message": "saved", "client_ip": "10.0.0.7", **record}
    assert letters(read(tmp_path, "app.json", json.dumps(whole) + "\n"))


@pytest.mark.parametrize("record", HONEST, ids=lambda record: "-".join(record))
def test_honest_records_are_logs(tmp_path: Path, record: dict[str, Any]) -> None:
    whole = {"timestamp": TIME, "level": "info", "message": "saved", "client_ip": "10.0.0.7", **record}
    assert [one["message"] for one in events(tmp_path, "app.json", json.dumps(whole) + "\n")] == ["saved"]


def test_a_record_of_care_inside_a_line_is_left_out(tmp_path: Path) -> None:
    head = "<13>1 2026-11-20T10:00:00Z gw app - - - "
    inside = json.dumps({"resident_id": "R-7", "ward": "3B", "message": "saved"})
    (one,) = events(tmp_path, "app.log", f"{head}stored {inside}\n")
    assert "R-7" not in json.dumps(one)
    assert one["message"].startswith("stored (about a person in care")


def test_a_record_of_care_in_xml_inside_a_line_is_left_out(tmp_path: Path) -> None:
    inside = "<Visit><Person><Vorname>Eva</Vorname><Nachname>Example</Nachname></Person><Bett>7</Bett></Visit>"
    (one,) = events(tmp_path, "app.log", f"<13>1 2026-11-20T10:00:00Z gw app - - - stored {inside}\n")
    assert "Eva" not in json.dumps(one)
