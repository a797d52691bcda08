"""Access reports, visits and patients under names of other languages, and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.ingest.accesses import columns

MARCH_14 = 1741939200.0  # 2025-03-14 08:00 UTC
REPORTS = {
    "German": "Zeitpunkt;Benutzer;Rolle;Abteilung;Fallnummer;Patientennummer;Aktion\n"
              "14.03.2025 08:00:00;N1;Pflege;Innere;F-7;P-1;Akte geöffnet",
    "German, apart": "Datum;Uhrzeit;Mitarbeiter;Patientennummer;Vorgang;Notfallzugriff\n"
                     "14.03.2025;08:00;N1;P-1;Akte angesehen;ja",
    "French": "Date;Heure;Utilisateur;Service;IPP;Action\n14/03/2025;08:00:00;N1;Cardiologie;P-1;Consultation",
    "Spanish": "Fecha y hora;Usuario;Perfil;Servicio;NHC;Acción\n"
               "14/03/2025 08:00:00;N1;Enfermería;Urgencias;P-1;Lectura",
    "Dutch": "Datum;Tijd;Gebruiker;Functie;Afdeling;Patiëntnummer;Actie\n"
             "14-03-2025;08:00:00;N1;Arts;SEH;P-1;Inzien dossier",
    "Swedish": "Tidpunkt;Användare;Enhet;Personnummer;Åtgärd\n2025-03-14 08:00:00;N1;Akuten;P-1;Läsning",
    "Danish": "Dato;Tid;Bruger;Afdeling;CPR-nr.;Handling\n14-03-2025;08:00;N1;Akut;P-1;Læst",
    "Norwegian": "Tidspunkt;Bruker;Avdeling;Fødselsnummer;Hendelse\n14.03.2025 08:00:00;N1;Akutt;P-1;Åpnet journal",
    "Italian": "Data;Ora;Utente;Reparto;ID Paziente;Operazione\n14/03/2025;08:00:00;N1;Cardiologia;P-1;Visualizza",
    "Portuguese": "Data/Hora;Utilizador;Serviço;Utente;Operação\n14/03/2025 08:00:00;N1;Urgência;P-1;Consulta",
    "Finnish": "Aikaleima;Käyttäjä;Osasto;Henkilötunnus;Toiminto\n2025-03-14 08:00:00;N1;Päivystys;P-1;Katselu",
    "English, apart": "Date,Time,Employee ID,Employee Title,Employee Department,Patient MRN,Action\n"
                      "03/14/2025,08:00,N1,RN,ICU,P-1,View",
    "clocks without signs": "USER|PATIENT|DATE|TIME|DEVICE|ROUTINE|ACTION\nN1|P-1|03/14/2025|0800|D1|PCI|View",
    "another system": "Event Date/Time,Participant,MRN,Event Name\n3/14/2025 8:00:00 AM,N1,P-1,View Chart",
}  # fmt: skip


def told(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["kind"], event["ts"], event["user_written"], event["patient"], event["action"]


@pytest.mark.parametrize("tongue", list(REPORTS))
def test_an_access_report(tmp_path: Path, tongue: str) -> None:
    (found,) = events(tmp_path, "report.csv", REPORTS[tongue] + "\n")
    assert told(found) == ("access", MARCH_14, "N1", "P-1", "read")
    if tongue == "German, apart":
        assert found["break_glass"] is True
    if tongue in ("German", "French", "Spanish", "Dutch", "Swedish", "Danish", "Norwegian", "Italian"):
        assert found["department"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_report_in_a_spreadsheets_letters(tmp_path: Path, encoding: str) -> None:
    text = "Zeitpunkt;Benutzer;Patient;Tätigkeit;Begründung\n14.03.2025 08:00;Müller;P-1;Akte geöffnet;Übergabe\n"
    (found,) = events(tmp_path, "report.csv", text.encode(encoding))
    assert (found["user_written"], found["action"], found["purpose"]) == ("Müller", "read", "Übergabe")


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ("Access Denied", "failure"),
        ("Zugriff verweigert", "failure"),
        ("nein", "failure"),
        ("0", "failure"),
        ("OK", "success"),
        ("no findings", "success"),
    ],
)
def test_how_an_access_ended(tmp_path: Path, told: str, outcome: str) -> None:
    (found,) = events(tmp_path, "report.csv", f"time,user,patient,action,result\n2025-03-14 08:00,N1,P-1,view,{told}\n")
    assert found["outcome"] == outcome


def test_a_word_for_two_things_needs_two_columns(tmp_path: Path) -> None:
    """`Utente` is a user in Italy and a patient in Portugal: a table with one such column tells neither."""
    results = read(tmp_path, "report.csv", "Data;Ora;Utente;Operazione\n14/03/2025;08:00;N1;Visualizza\n")
    assert len(letters(results)) == len(results)


def test_visits_and_patients(tmp_path: Path) -> None:
    visits = "Fallnummer;Patientennummer;Aufnahmedatum;Entlassdatum;Arzt\nF-1;P-1;14.03.2025 08:00;;A7\n"
    (visit,) = events(tmp_path, "visits.csv", visits)
    assert (visit["kind"], visit["ts"], visit["patient"], visit["practitioners"]) == (
        "encounter",
        MARCH_14,
        "P-1",
        ["A7"],
    )
    (person,) = events(tmp_path, "people.csv", "IPP;Date de naissance;Sexe\nP-1;14/03/1950;F\n")
    assert (person["kind"], person["birth_year"], person["sex"]) == ("patient", 1950, "female")


def test_a_name_means_one_thing() -> None:
    """Days stand for times where a table has no better one, and a number may be that of a case or of a patient."""
    for table in (columns.ACCESS, columns.VISIT):
        meant = [(word, name) for name, told in table.items() if name not in ("day", "clock") for word in told.split()]
        twice = {word for word, name in meant if any(word == w and name != n for w, n in meant)}
        assert twice <= {
            "username",
            "utente",
            "activity",
            "puesto",
        }  # the job or the desk; the act, or what was looked at where there is a column of acts


RECORD = {
    "timestamp": "2025-03-14T08:00:00Z", "user": {"id": "N1", "role": "nurse"}, "patient_id": "P-1",
    "action": "view", "workstation": "W1",
}  # fmt: skip
LAYOUTS = {
    "lines": lambda r: "".join(json.dumps(r) + "\n" for _ in range(3)),
    "an array": lambda r: json.dumps([r] * 3, indent=1),
    "a search": lambda r: json.dumps({"took": 1, "hits": {"total": 3, "hits": [{"_index": "a", "_source": r}] * 3}}),
    "an export": lambda r: "".join(
        json.dumps({"preview": False, "result": {"_raw": json.dumps(r), "_time": 1}}) + "\n" for _ in range(3)
    ),
    "a shipper's message": lambda r: "".join(
        json.dumps({"@timestamp": "2025-03-14T08:00:09Z", "message": json.dumps(r), "host": {"name": "s"}}) + "\n"
        for _ in range(3)
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_accesses_as_json(tmp_path: Path, layout: str) -> None:
    found = events(tmp_path, "audit.json", LAYOUTS[layout](RECORD))
    assert [told(event) for event in found] == [("access", MARCH_14, "N1", "P-1", "read")] * 3
    assert found[0]["role"] == "nurse"
    assert found[0]["workstation"] == "W1"


def test_a_record_among_them_that_is_none(tmp_path: Path) -> None:
    rows = [RECORD, RECORD, RECORD | {"patient_id": None}, RECORD | {"timestamp": "soon"}]
    results = read(tmp_path, "audit.json", "".join(json.dumps(row) + "\n" for row in rows) + '{"a": 1}\n[1]\n')
    assert [letter.reason for letter in letters(results)] == [
        "the row has no time with a day",
        "the record names no access, claim, visit or patient",
        "the record names no access, claim, visit or patient",
    ]


def test_records_of_many_shapes_are_all_read(tmp_path: Path) -> None:
    rows = [RECORD | {f"more_{n}": n} for n in range(1100)]
    assert len(events(tmp_path, "audit.json", "".join(json.dumps(row) + "\n" for row in rows))) == len(rows)


def test_a_list_of_staff(tmp_path: Path) -> None:
    text = (
        "Employee ID,Login,Last Name,Title,Department,Hire Date,Status,Address,ZIP\n"
        "4711,HOSP\\nora,Example,RN,ICU,2020-02-01,Terminated,1 Test  Street,12345\n"
    )
    (one,) = events(tmp_path, "staff.csv", text)
    assert one == {
        "kind": "practitioner", "format": "table.practitioner", "ts": 0.0, "resource_id": "4711",
        "practitioner": "4711", "practitioners": ["4711", "HOSP\\nora"], "role": "RN", "department": "ICU",
        "start_ts": 1580515200.0, "status": "inactive", "family_token": "example",
        "address_token": "12345|1 test street",
    }  # fmt: skip
    (two,) = events(tmp_path, "personal.csv", "Personalnummer;Nachname;Funktion;Abteilung\n12;Muster;Pflege;Innere\n")
    assert (two["kind"], two["practitioners"], two["department"]) == ("practitioner", ["12"], "Innere")
    directory = "SamAccountName,DisplayName,Title,Department,Enabled\nnora,Nora Example,RN,ICU,True\n"
    (three,) = events(tmp_path, "ad.csv", directory)
    dated = directory.replace("Enabled", "Enabled,Created At,Start Date,Last Logon,Level,Computer Name")
    dated = dated.replace("True", "True,x,x,x,3,pc-7")
    assert events(tmp_path, "dated.csv", dated) == [three]
    assert (three["practitioner"], three["name"], three["status"]) == ("nora", "Nora Example", "active")


@pytest.mark.parametrize(
    "header",
    [
        "user,role,department,timestamp,status",
        "user,role,name,patient",
        "employee_id,department,amount,status",
        "user,department,action,status",
        "username,status,name",
        "ts,user,service,status",
        "ts,level,msg,service,user,status",
        "logged_at,username,unit,status",
        "Login Time,User,Title,Status",
        "Start,Username,Role,Status,Client IP",
        "user,title,status,severity",
        "user,role,status,hostname",
    ],
)
def test_other_tables_of_people_are_no_lists_of_staff(header: str) -> None:
    found = columns.record_columns(header.split(","))
    assert found is None or found.kind != "practitioner"


def test_synthetic_patients_and_what_is_billed_for_them(tmp_path: Path) -> None:
    """The CSV of Synthea, whose tables call their own id `Id`."""
    (visit,) = events(
        tmp_path, "encounters.csv",
        "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,TOTAL_CLAIM_COST\n"
        "e1,2025-03-14T08:00:00Z,2025-03-14T09:00:00Z,p1,o1,d1,x,ambulatory,129.16\n",
    )  # fmt: skip
    assert (visit["kind"], visit["encounter"], visit["patient"], visit["ts"]) == ("encounter", "e1", "p1", MARCH_14)
    (person,) = events(
        tmp_path, "patients.csv",
        "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER,ADDRESS,ZIP\n"
        "p1,1950-01-01,,999-99-9999,Test,Person,F,1 Test Street,12345\n",
    )  # fmt: skip
    assert person == {
        "kind": "patient", "format": "table.patient", "ts": 0.0, "patient": "p1", "birth_year": 1950, "sex": "female",
        "family_token": "person", "address_token": "12345|1 test street",
    }  # fmt: skip
    (claim,) = events(
        tmp_path, "claims.csv",
        "Id,PATIENTID,PROVIDERID,DIAGNOSIS1,APPOINTMENTID,SERVICEDATE\nc1,p1,d1,444814009,e1,2025-03-14T08:00:00Z\n",
    )  # fmt: skip
    assert (claim["kind"], claim["claim_id"], claim["diagnoses"]) == ("claim", "c1", ["444814009"])
    (paid,) = events(
        tmp_path, "claims_transactions.csv",
        "ID,CLAIMID,CHARGEID,PATIENTID,TYPE,AMOUNT,FROMDATE,PROCEDURECODE,UNITS,PROVIDERID\n"
        "t1,c1,1,p1,CHARGE,129.16,2025-03-14T08:00:00Z,185345009,1,d1\n"
        "t2,c1,1,p1,PAYMENT,100.00,2025-03-14T08:00:00Z,185345009,1,d1\n",
    )  # fmt: skip
    assert (paid["claim_id"], paid["total_amount"], len(paid["lines"])) == ("c1", 129.16, 1)


def test_an_id_is_no_claims_or_visits_by_itself() -> None:
    for header in ("id,patient_id,provider_id,start_date", "id,patient,start,stop,code", "id,birthdate,name"):
        assert columns.record_columns(header.split(",")) is None


def test_modifiers_belong_to_the_line_of_their_row(tmp_path: Path) -> None:
    header = "claim_id,member_id,npi,service_from,cpt_code,modifier1,modifier2,billed_amount"
    first, second = events(
        tmp_path, "claims.csv",
        f"{header}\nc1,m1,1234567893,03/14/2025,99213,25,,$120.00\nc2,m1,1234567893,03/14/2025,73560,RT,76,$80.00\n",
    )  # fmt: skip
    assert [claim["lines"][0]["modifiers"] for claim in (first, second)] == [["25"], ["RT", "76"]]
    (bill,) = events(
        tmp_path, "rechnungen.csv",
        "Rechnungsnummer;Patientennummer;LANR;Leistungsdatum;GOP;Diagnose;Betrag\n"
        "R1;P1;123456789;14.03.2025;03000;E11.9;1.020,5 €\n",
    )  # fmt: skip
    assert (bill["claim_id"], bill["provider"], bill["total_amount"]) == ("R1", "123456789", 1020.5)


def test_records_of_sensors_on_hosts_are_no_accesses(tmp_path: Path) -> None:
    """Who did something to a process by its number opened nobody's chart."""
    row = {
        "timestamp": 1757590024597,
        "type": "execute",
        "action": "start",
        "user": "nora",
        "pid": 2296,
        "hostname": "pc-7",
    }
    for event in events(tmp_path, "edr.jsonl", "".join(json.dumps(row) + "\n" for _ in range(3))):
        assert event["kind"] != "access"


def test_subjects_of_identity_providers_are_no_patients(tmp_path: Path) -> None:
    row = {"timestamp": 1757590024, "userId": "u1", "subjectId": "s1", "action": "token.issue", "clientIp": "10.0.0.4"}
    found = events(tmp_path, "audit.jsonl", "".join(json.dumps(row) + "\n" for _ in range(3)))
    assert [event["kind"] for event in found] == ["line"] * 3
