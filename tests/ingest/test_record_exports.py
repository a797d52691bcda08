"""Exports of record systems and research models that no list of columns knows whole: read by what their names mean.

Every header has the names that its maker or model documents; rows are invented.
"""

from pathlib import Path
from typing import Any

import pytest
from ingested import events, fields, letters, read

from pipeline.ingest.accesses.columns import record_columns
from pipeline.ingest.moved_dates import moved_s
from pipeline.ingest.reader import Manner, Parsed

AT = 1741941000.0  # 2025-03-14 08:30 UTC
DAY = 86_400.0


def one(tmp_path: Path, header: str, row: str, name: str = "export.csv") -> dict[str, Any]:
    (found,) = events(tmp_path, name, f"{header}\n{row}\n")
    return found


@pytest.mark.parametrize(
    ("header", "row", "more"),
    [
        ("EVENT_ID,EVENT_DT_TM,PRSNL_ID,PERSON_ID,ENCNTR_ID,EVENT_NAME,DEVICE_NAME",
         "1,14-MAR-2025 08:30:00,u7,P1,E1,View Chart,WS-1", {"encounter": "E1", "workstation": "WS-1"}),
        ("access_id,accessed_at,employee_id,employee_last_name,employee_department,patient_mrn,patient_name,access_action",
         "1,2025-03-14T08:30:00+00:00,u7,Doe,ICU,P1,Jane Roe,viewed", {"department": "ICU"}),
        ("Event Date,Event Time,Staff Username,Staff Job Role,NHS Number,Patient Surname,Activity,PC Name",
         "14/03/2025,08:30:00,u7,Nurse,P1,Roe,View,WS-1", {"role": "Nurse", "workstation": "WS-1"}),
        ("id,entity_type,entity_id,patient_id,action,performed_by,performed_at",
         "1,MEDICATION,9,P1,READ,u7,2025-03-14T08:30:00Z", {}),
        ("id,viewed_by_id,patient_id,facility_id,logged_at", "1,u7,P1,F1,2025-03-14 08:30:00", {"site": "F1"}),
        ("Clinician ID,Patient ID,Timestamp,Session Action/Event,Access Type",
         "u7,P1,2025-03-14 08:30:00,CHART,VIEW", {}),
        ("auditid,audittype,createdat,createdby,klass,uid",
         "1,READ,2025-03-14 08:30:00,u7,org.example.trackedentity.TrackedEntity,P1", {}),
        ("ACCESS_INSTANT,USER_ID,WORKSTATION_ID,PAT_ID,METRIC_NAME,ACCESS_ACTION",
         "5812849800,u7,WS-1,P1,Chart Review,Viewed", {"workstation": "WS-1"}),
        ("Access Instant,User,Workstation,Patient Name,Patient MRN,Action",
         '3/14/2025 8:30 AM,"Doe, Jo [u7]",WS-1,"Roe, Jane",P1,View', {"user_name": "Doe, Jo"}),
        ("Date,Time,User,User Name,Patient,Unit Number,Action,Device",
         '2025-03-14,0830,u7,"Doe, Jo","Roe, Jane",P1,VIEW,WS-1', {"user_name": "Doe, Jo"}),
        ("Audit Timestamp,User,Login Name,Patient,Patient MRN,Action,Workstation",
         'Mar 14 2025  8:30AM,"Doe, Jo",u7,"Roe, Jane",P1,View,WS-1', {}),
        ("date,event,category,user,patient_id,success", "2025-03-14 08:30:00,patient-record-select,x,u7,P1,1",
         {"outcome": "success"}),
        ("MANDT;PATNR;FALNR;UNAME;UDATE;UTIME;TCODE;ORGPF;AKTIVITAET",
         "1;P1;F1;u7;14.03.2025;08:30:00;NP11;CHIR;Anzeigen",
         {"encounter": "F1", "department": "CHIR"}),
        ("Zugriffszeitpunkt;Benutzerkennung;Benutzername;Patienten-ID;Patientenname;Aktion;Organisationseinheit",
         '14.03.2025 08:30:00;u7;"Muster, Eva";P1;"Roe, Jane";Anzeigen;CHIR', {"department": "CHIR"}),
        ("Date d'accès;Heure;Code utilisateur;Nom utilisateur;IPP;N° séjour;Type d'accès;Poste de travail",
         '14/03/2025;08:30:00;u7;"Doe, Jo";P1;S1;Consultation;WS-1', {"encounter": "S1", "workstation": "WS-1"}),
        ("Fecha acceso;Hora acceso;Usuario;Categoría profesional;NHC;Tipo de acceso;Puesto;Motivo del acceso",
         "14/03/2025;08:30;u7;Enfermera;P1;Consulta;WS-1;guardia",
         {"role": "Enfermera", "workstation": "WS-1", "purpose": "guardia"}),
    ],
)  # fmt: skip
def test_access_reports(tmp_path: Path, header: str, row: str, more: dict[str, Any]) -> None:
    found = one(tmp_path, header, row)
    told = {"kind": "access", "ts": AT, "user": "u7", "patient": "P1", "action": "read"} | more
    assert {name: found.get(name) for name in told} == told
    assert "Roe" not in str(found)


@pytest.mark.parametrize(
    "record",
    [
        '{"timestamp":"2025-03-14T08:30:00Z","actorId":"u7","action":"view","resourceType":"patient","resourceId":"P1",'
        '"details":"opened the chart of Jane Roe"}',
        '{"eventTime":"2025-03-14T08:30:00Z","userId":"u7","patientId":"P1","resourceType":"Observation","action":"view"}',
        '{"trackedEntityAudits":[{"trackedEntity":"P1","username":"u7","auditType":"READ",'
        '"createdAt":"2025-03-14T08:30:00.000"}]}',
    ],
)
def test_audit_trails_in_json(tmp_path: Path, record: str) -> None:
    """The first would be a log with a patient's name in it, the second looks like a resource of FHIR."""
    (found,) = events(tmp_path, "audit.json", record + "\n")
    told = {"kind": "access", "ts": AT, "user": "u7", "patient": "P1", "action": "read"}
    assert {name: found.get(name) for name in told} == told
    assert "Roe" not in str(found)


def test_sorts_of_records_make_no_log_one_of_accesses(tmp_path: Path) -> None:
    text = "id,user_id,record_id,record_type,logged_at\n1,u7,9,Invoice,2025-03-14 08:30:00\n"
    assert not [x for x in read(tmp_path, "audit.csv", text) if isinstance(x, Parsed) and x.source == "ehr"]
    record = '{"time":"2025-03-14T08:30:00Z","user":"u7","objectType":"Patient","note":"Jane Roe","verb":"x"}\n'
    assert [letter.reason for letter in letters(read(tmp_path, "log.json", record))]


@pytest.mark.parametrize(
    ("header", "row", "service"),
    [
        ("poe_id,poe_seq,subject_id,hadm_id,ordertime,order_type,transaction_type,order_provider_id,order_status",
         "11-1,1,P1,E1,2025-03-14 08:30:00,Lab,New,D1,Inactive", "Lab"),
        ("subject_id,hadm_id,emar_id,emar_seq,poe_id,enter_provider_id,charttime,medication,event_txt,storetime",
         "P1,E1,11-1,1,11-2,D1,2025-03-14 08:30:00,Heparin,Administered,2025-03-14 08:31:00", "Heparin"),
        ("ROW_ID,SUBJECT_ID,HADM_ID,CHARTDATE,CHARTTIME,STORETIME,CATEGORY,DESCRIPTION,CGID,TEXT",
         '1,P1,E1,2025-03-14,2025-03-14 08:30:00,,Nursing,Report,D1,"Jane Roe\nis well"', "Nursing"),
        ("drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_start_datetime,provider_id,"
         "visit_occurrence_id", "1,P1,1308216,2025-03-14,2025-03-14 08:30:00,D1,E1", "1308216"),
        ("note_id,person_id,note_date,note_datetime,note_title,note_text,provider_id,visit_occurrence_id",
         "1,P1,2025-03-14,2025-03-14 08:30:00,Progress note,Jane Roe is well,D1,E1", "Progress note"),
        ("PRESCRIBINGID,PATID,ENCOUNTERID,RX_PROVIDERID,RX_ORDER_DATE,RX_ORDER_TIME",
         "1,P1,E1,D1,2025-03-14,08:30", None),
        ("ENCOUNTER_NUM|PATIENT_NUM|CONCEPT_CD|PROVIDER_ID|START_DATE|END_DATE",
         "E1|P1|ICD10:I10|D1|2025-03-14 08:30:00|2025-03-14 09:00:00", "ICD10:I10"),
        ("Order ID,Patient MRN,Encounter ID,Order Date Time,Ordering Provider ID,Order Type",
         "1,P1,E1,2025-03-14 08:30:00,D1,Lab", "Lab"),
    ],
)  # fmt: skip
def test_what_was_ordered_done_and_written(tmp_path: Path, header: str, row: str, service: str | None) -> None:
    found = one(tmp_path, header, row)
    told = {"kind": "order", "ts": AT, "patient": "P1", "practitioner": "D1", "encounter": "E1", "service": service}
    assert {name: found.get(name) for name in told} == told
    assert "Roe" not in str(found)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("ENCOUNTERID,PATID,ADMIT_DATE,ADMIT_TIME,DISCHARGE_DATE,DISCHARGE_TIME,PROVIDERID,FACILITYID",
         "E1,P1,2025-03-14,08:30,2025-03-15,08:30,D1,W"),
        ("ENCOUNTER_NUM|PATIENT_NUM|START_DATE|END_DATE|INOUT_CD|LOCATION_CD",
         "E1|P1|2025-03-14 08:30:00|2025-03-15 08:30:00|I|W"),
        ("subject_id,hadm_id,transfer_id,eventtype,careunit,intime,outtime",
         "P1,E1,9,admit,W,2025-03-14 08:30:00,2025-03-15 08:30:00"),
        ("visit_detail_id,person_id,visit_detail_start_date,visit_detail_start_datetime,visit_detail_end_datetime,"
         "provider_id,care_site_id,visit_occurrence_id",
         "9,P1,2025-03-14,2025-03-14 08:30:00,2025-03-15 08:30:00,D1,W,E1"),
    ],
)  # fmt: skip
def test_stays(tmp_path: Path, header: str, row: str) -> None:
    found = one(tmp_path, header, row)
    told = {"kind": "encounter", "ts": AT, "end_ts": AT + DAY, "patient": "P1", "encounter": "E1", "department": "W"}
    assert {name: found.get(name) for name in told} == told


def test_appointments_are_known_from_when_they_were_booked(tmp_path: Path) -> None:
    header = "Appointment ID,Patient MRN,Appointment Date Time,Provider ID,Department,Booked On"
    found = one(tmp_path, header, "A1,P1,2025-03-15 08:30:00,D1,W,2025-03-14 08:30:00")
    assert (found["kind"], found["ts"], found["start_ts"], found["practitioner"]) == ("appointment", AT, AT + DAY, "D1")


def test_patients_the_dead_and_providers(tmp_path: Path) -> None:
    mimic = one(tmp_path, "subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod", "P1,F,52,2020,x,")
    assert (mimic["kind"], mimic["birth_year"], mimic["sex"]) == ("patient", 1968, "female")
    dead = one(tmp_path, "person_id,death_date,death_type_concept_id", "P1,2025-03-14,32817")
    assert (dead["kind"], dead["deceased_ts"]) == ("patient", AT - 8.5 * 3600)
    omop = one(tmp_path, "provider_id,provider_name,npi,specialty_concept_id,care_site_id", "D1,Jo Doe,1234567893,38,W")
    assert (omop["practitioners"], omop["department"]) == (["1234567893", "D1"], "W")
    synthea = one(tmp_path, "Id,ORGANIZATION,NAME,GENDER,SPECIALITY,ADDRESS", "D1,O1,Jo Doe,F,GENERAL PRACTICE,x")
    assert (synthea["practitioner"], synthea["role"]) == ("D1", "GENERAL PRACTICE")


def test_what_was_known_from_the_beginning_stays_so_when_dates_are_put_back(tmp_path: Path) -> None:
    text = "SUBJECT_ID,GENDER,DOB,DOD\nP1,F,2100-01-01 00:00:00,2175-03-14 08:30:00\n"
    (found,) = (fields(x) for x in read(tmp_path, "PATIENTS.csv", text, manner=Manner(years_ahead=150)))
    assert (found["ts"], found["birth_year"]) == (0.0, 1950)
    assert found["deceased_ts"] == pytest.approx(6_475_451_400.0 - moved_s(150))


def test_a_list_of_the_excluded_is_no_list_of_staff() -> None:
    assert (
        record_columns(["LASTNAME", "FIRSTNAME", "SPECIALTY", "NPI", "DOB", "ADDRESS", "ZIP", "EXCLTYPE", "EXCLDATE"])
        is None
    )


def test_lines_of_a_claim_that_name_no_biller_of_their_own(tmp_path: Path) -> None:
    """A carrier's claim in Medicare's research form: sums are of lines, and who did it bills."""
    header = "BENE_ID|CLM_ID|CLM_FROM_DT|LINE_NUM|PRF_PHYSN_NPI|ORG_NPI_NUM|TAX_NUM|HCPCS_CD|LINE_SBMTD_CHRG_AMT"
    rows = "B1|C1|14-Mar-2025|1|1234567893||1|99213|93.00\nB1|C1|14-Mar-2025|2|1234567893||1|80053|14.50\n"
    (found,) = events(tmp_path, "carrier.csv", f"{header}\n{rows}")
    assert (found["provider"], found["total_amount"], len(found["lines"])) == ("1234567893", 107.5, 2)


def test_an_inpatient_claim_whose_last_line_is_the_sum(tmp_path: Path) -> None:
    header = "BENE_ID|CLM_ID|CLM_FROM_DT|ORG_NPI_NUM|CLM_TOT_CHRG_AMT|CLM_LINE_NUM|REV_CNTR|REV_CNTR_TOT_CHRG_AMT"
    rows = "B1|C1|14-Mar-2025|9|330|1|0120|300\nB1|C1|14-Mar-2025|9|330|2|0250|30\nB1|C1|14-Mar-2025|9|330|3|0001|330\n"
    (found,) = events(tmp_path, "inpatient.csv", f"{header}\n{rows}")
    assert ([line["procedure"] for line in found["lines"]], found["total_amount"]) == (["0120", "0250"], 330.0)


def test_drugs_that_pharmacies_dispensed(tmp_path: Path) -> None:
    header = "DESYNPUF_ID,PDE_ID,SRVC_DT,PROD_SRVC_ID,QTY_DSPNSD_NUM,DAYS_SUPLY_NUM,PTNT_PAY_AMT,TOT_RX_CST_AMT"
    found = one(tmp_path, header, "B1,R1,20250314,00093715310,30.000,30,10.00,80.00")
    assert (found["claim_type"], found["claim_id"], found["total_amount"]) == ("pharmacy", "R1", 80.0)
    assert found["lines"] == [{"procedure": "00093715310", "quantity": 30.0, "from_ts": AT - 8.5 * 3600}]


@pytest.mark.parametrize(
    ("header", "row", "told"),
    [
        ("LASTNAME,FIRSTNAME,SPECIALTY,NPI,DOB,EXCLTYPE,EXCLDATE", "ROE,JO,X,0000000000,19500101,1128a1,20010320",
         "excluded_providers"),
        ("Column 1\tColumn 2\tEffective Date\tDeletion Date *=no data", "80053\t82947\t20010101\t*", "code_pairs"),
        ("Rndrng_NPI,Rndrng_Prvdr_Type,HCPCS_Cd,Tot_Benes,Avg_Sbmtd_Chrg", "1234567893,Internal Medicine,99213,11,90",
         "peer_groups"),
        ("patientunitstayid,gender,hospitaladmitoffset,unitdischargeoffset,uniquepid", "1,Female,-20,3000,P1",
         "beginning of each stay"),
        ("DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST", "2025-03-14T08:30:00Z,P1,E1,140,Influenza,136",
         "by whom"),
    ],
)  # fmt: skip
def test_tables_without_events_are_refused_with_what_they_are_good_for(
    tmp_path: Path, header: str, row: str, told: str
) -> None:
    (letter,) = letters(read(tmp_path, "table.csv", f"{header}\n{row}\n{row}\n"))
    assert told in letter.reason
