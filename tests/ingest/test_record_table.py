"""Tables of accesses, claims, visits and patients, as record systems, Medicare and OMOP write them."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events, fields, letters, read

from pipeline.ingest.accesses.columns import record_columns
from pipeline.ingest.accesses.moments import moment
from pipeline.ingest.format import Bad
from pipeline.ingest.formats.record_table import RecordTable
from pipeline.ingest.reader import Parsed
from pipeline.ingest.registry import recognise
from schemas.sources import INPUTS

MARCH_14 = 1741939200.0  # 2025-03-14 08:00 UTC
DAY = 86_400.0

REPORT = """ACCESS_TIME,USER_ID,USER_NAME,ROLE,DEPT,PAT_ID,ACTION,RECORD_TYPE,REASON,BTG,RESULT,WORKSTATION,IP,Pages
03/14/2025 08:00,N1,"Example, Nora",RN,ICU,P-1,Viewed chart,Notes,TREAT,N,OK,WS-4,10.20.4.17,
3/14/2025 8:00 PM,N1,"Example, Nora",RN,ICU,P-2,PRINTED,Notes,,Y,DENIED,WS-4,,12
"""


def test_an_access_report(tmp_path: Path) -> None:
    first, second = events(tmp_path, "report.csv", REPORT)
    assert first == {
        "kind": "access", "format": "table.access", "ts": MARCH_14, "user": "n1", "user_written": "N1",
        "user_name": "Example, Nora", "role": "RN", "department": "ICU", "patient": "P-1", "action": "read",
        "resource": "Notes", "purpose": "TREAT", "break_glass": False, "outcome": "success",
        "workstation": "WS-4", "src_ip": "10.20.4.17",
    }  # fmt: skip
    assert (second["ts"], second["action"]) == (MARCH_14 + 12 * 3600.0, "print")
    assert (second["break_glass"], second["outcome"], second["records"], "purpose" in second) == (
        True,
        "failure",
        12,
        False,
    )


def test_day_and_clock_may_stand_apart(tmp_path: Path) -> None:
    text = "Access Date;Access Time;User ID;MRN;Activity\n2025-03-14;08:00:00;N1;77;Chart Review\n"
    (found,) = events(tmp_path, "report.csv", text)
    assert found == {
        "kind": "access", "format": "table.access", "ts": MARCH_14, "user": "n1", "user_written": "N1", "patient": "77",
        "action": "read", "outcome": "unknown",
    }  # fmt: skip


def test_one_account_in_several_spellings_is_one_user(tmp_path: Path) -> None:
    rows = ["JDOE", "jdoe", "HOSP\\jdoe", "jdoe@hosp.example", "jdoe@gmail.com"]
    text = "Access Time,User ID,MRN,Activity\n" + "".join(
        f"2025-03-14 08:00:0{n},{u},77,View\n" for n, u in enumerate(rows)
    )
    found = read(tmp_path, "report.csv", text)
    assert [x.key for x in found if isinstance(x, Parsed)] == ["jdoe"] * 4 + ["jdoe@gmail.com"]
    assert [fields(x).get("user_written", fields(x)["user"]) for x in found] == rows


def claim(tmp_path: Path, text: str) -> dict[str, Any]:
    (found,) = events(tmp_path, "claims.csv", text)
    return found


def test_a_carrier_claim_of_de_synpuf(tmp_path: Path) -> None:
    names = (
        "DESYNPUF_ID,CLM_ID,CLM_FROM_DT,CLM_THRU_DT,ICD9_DGNS_CD_1,ICD9_DGNS_CD_2,PRF_PHYSN_NPI_1,HCPCS_CD_1,HCPCS_CD_2"
    )
    text = (
        f"{names},LINE_NCH_PMT_AMT_1,LINE_NCH_PMT_AMT_2\nB1,C1,20250314,20250315,4011,,1234567893,99213,80053,60.00,\n"
    )
    start = MARCH_14 - 8 * 3600.0
    assert claim(tmp_path, text) == {
        "kind": "claim", "format": "table.claim", "ts": start, "claim_id": "C1", "patient": "B1",
        "provider": "1234567893", "from_ts": start, "through_ts": start + DAY, "diagnoses": ["4011"],
        "lines": [{"procedure": "99213", "amount": 60.0, "from_ts": start}, {"procedure": "80053", "from_ts": start}],
        "total_amount": 60.0,
    }  # fmt: skip


def test_an_inpatient_claim_by_other_names(tmp_path: Path) -> None:
    text = (
        "BeneID,ClaimID,ClaimStartDt,ClaimEndDt,Provider,InscClaimAmtReimbursed,AttendingPhysician,AdmissionDt,"
        "ClmDiagnosisCode_1,ClmProcedureCode_1\nB1,C1,2025-03-14,2025-03-16,PRV1,10000,PHY1,2025-03-14,4011,NA\n"
    )
    start = MARCH_14 - 8 * 3600.0
    assert claim(tmp_path, text) == {
        "kind": "claim", "format": "table.claim", "ts": start, "claim_id": "C1", "claim_type": "institutional",
        "patient": "B1", "provider": "PRV1", "rendering": "PHY1", "from_ts": start, "through_ts": start + 2 * DAY,
        "diagnoses": ["4011"], "lines": [], "paid_amount": 10000.0, "total_amount": 10000.0,
    }  # fmt: skip


def test_lines_of_a_claim_that_follow_each_other_are_one(tmp_path: Path) -> None:
    text = """BENE_ID|CLM_ID|CLM_LINE_NUM|CLM_FROM_DT|CLM_THRU_DT|ORG_NPI_NUM|CLM_TOT_CHRG_AMT|HCPCS_CD|ICD_DGNS_CD1
B1|C1|1|14-MAR-2025|14-MAR-2025|1234567893|"$1,200.50"|99213|I10
B1|C1|2|14-MAR-2025|15-MAR-2025|1234567893|"$1,200.50"|80053|E119
B1|C2|1|14-MAR-2025|14-MAR-2025|1234567893|10|99213|I10
"""
    first, second = events(tmp_path, "lines.csv", text)
    assert [line["procedure"] for line in first["lines"]] == ["99213", "80053"]
    assert (first["diagnoses"], first["total_amount"]) == (["I10", "E119"], 1200.5)
    assert first["through_ts"] == first["from_ts"] + DAY
    assert (second["claim_id"], len(second["lines"])) == ("C2", 1)


def test_visits_of_omop(tmp_path: Path) -> None:
    names = "visit_occurrence_id\tperson_id\tvisit_concept_id\tvisit_start_date\tvisit_start_datetime"
    row = "7\t11\t9201\t2025-03-14\t2025-03-14 08:00:00\t2025-03-15 08:00:00\t55\t3"
    text = f"{names}\tvisit_end_datetime\tprovider_id\tcare_site_id\n{row}\n"
    (found,) = events(tmp_path, "visit_occurrence.csv", text)
    assert found == {
        "kind": "encounter", "format": "table.encounter", "ts": MARCH_14, "start_ts": MARCH_14,
        "end_ts": MARCH_14 + DAY, "resource_id": "7", "encounter": "7", "patient": "11", "practitioner": "55",
        "practitioners": ["55"], "department": "3", "service": "9201",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("person_id,gender_concept_id,year_of_birth\n11,8532,1971\n",
         {"patient": "11", "sex": "female", "birth_year": 1971}),
        ("BeneID,DOB,DOD,Gender\nB1,1971-02-03,2025-03-14,1\n",
         {"patient": "B1", "sex": "male", "birth_year": 1971, "deceased_ts": MARCH_14 - 8 * 3600.0}),
        ("MRN,Date of Birth,Sex\n77,02/13/1971,F\n", {"patient": "77", "sex": "female", "birth_year": 1971}),
    ],
)  # fmt: skip
def test_patients(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    assert events(tmp_path, "persons.csv", text) == [
        {"kind": "patient", "format": "table.patient", "ts": 0.0} | expected
    ]


@pytest.mark.parametrize(
    "header",
    [
        "a,b,c",
        "ts,src_ip,dst_ip,user",
        "patient_id,name,city",
        "user_id,timestamp,action,host",
        "encounter_id,ward",
        "claim_id,amount",
    ],
)
def test_other_tables_are_left_to_a_mapping(header: str) -> None:
    assert record_columns(header.split(",")) is None
    found = recognise(f"{header}\n1,2,3,4\n".encode(), "x.csv")
    assert found is None or found.id != "records"


def test_rows_without_time_or_patient_are_refused_alone(tmp_path: Path) -> None:
    text = "claim_id,patient_id,provider,service_date,cpt\nC1,B1,P1,,9\nC2,,P1,2025-03-14,9\nC3,B1,P1,2025-03-14,9\n"
    found = read(tmp_path, "claims.csv", text)
    assert [letter.reason for letter in letters(found)] == [
        "the row has no time with a day",
        "the row names no patient",
    ]
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "month_first", "ts"),
    [
        ("20250314", False, MARCH_14 - 8 * 3600.0),
        ("14-Mar-2025", False, MARCH_14 - 8 * 3600.0),
        ("3/14/2025", True, MARCH_14 - 8 * 3600.0),
        ("14.03.2025 08:00", False, MARCH_14),
        ("2025-03-14T08:00:00+00:00", False, MARCH_14),
        ("99-Xyz-2025", False, None),
        ("08:00", False, None),
        ("80000", False, None),
        ("", False, None),
    ],
)
def test_dates(text: str, month_first: bool, ts: float | None) -> None:
    assert moment(text, month_first=month_first) == ts


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='",'), max_size=12),
    st.sampled_from(
        [
            "",
            "NA",
            "-1",
            "1e400",
            "9" * 30,
            "2025-03-14",
            "20250314",
            "03/14/2025 08:00",
            "99",
            "nan",
            "$1,5",
            "x" * 2000,
        ]
    ).map(lambda text: text.replace(",", "")),
)
HEADERS = (
    "Event Time,User ID,MRN,Action,Pages,BTG,Result,Event Date",
    "clm_id,patient_id,member_id,provider,from_date,thru_date,hcpcs_cd_1,line_nch_pmt_amt_1,total_charge,units,dob,sex",
    "clm_id,line_no,patient_id,npi,dos,cpt,dx1,amount",
    "visit_id,mrn,admit_date,discharge_date,attending,ward",
    "mrn,dob,dod,gender,member_id",
)


def test_units_that_are_taken_back_do_not_cost_the_claim(tmp_path: Path) -> None:
    text = "claim_id,patient_id,provider,service_date,cpt,units,total_charge\nC1,B1,P1,2025-03-14,9,-2,-80\n"
    (claim,) = events(tmp_path, "x.csv", text)
    assert "quantity" not in claim["lines"][0] and claim["total_amount"] == -80


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(HEADERS), st.lists(st.lists(CELLS, min_size=12, max_size=12), min_size=1, max_size=4))
def test_cells_of_any_content_end_as_valid_events_or_refusals(header: str, cells: list[list[str]]) -> None:
    width = header.count(",") + 1
    text = "\n".join([header, *(",".join(row[:width]) for row in cells)]) + "\n"
    for found in RecordTable().read(io.BufferedReader(io.BytesIO(text.encode())), "x.csv"):
        assert found.position
        if isinstance(found, Bad):
            assert found.sensitive and 0 < len(found.reason) < 200
        else:
            INPUTS[found.source].adapter.validate_python(found.fields | {"event_id": "e"})


@pytest.mark.parametrize(
    ("name", "times", "ts"),
    [
        ("access_20250403.csv", ["04/03/2025 08:00:00"], 1743667200.0),
        ("access-2025-04-04.csv", ["04/03/2025 08:00:00", "04/02/2025 23:00"], 1743667200.0),
        ("access_20250304.csv", ["04/03/2025 08:00:00"], 1741075200.0),
        ("access.csv", ["04/03/2025 08:00:00"], 1741075200.0),
        ("access.csv", ["04/03/2025 8:00 AM"], 1743667200.0),
        ("access_20250403.csv", ["03/04/2025 08:00:00", "25/03/2025 08:00:00"], 1743667200.0),
        ("access.csv", ["03/04/2025 8:00 AM", "25/03/2025 8:00 AM"], 1743667200.0),
    ],
)
def test_a_report_of_a_day_that_may_be_a_month(tmp_path: Path, name: str, times: list[str], ts: float) -> None:
    text = "Access Time,User ID,MRN,Action\n" + "".join(f"{time},N1,77,View\n" for time in times)
    assert events(tmp_path, name, text)[0]["ts"] == ts


def test_an_audit_report_with_acts_and_what_they_were_about(tmp_path: Path) -> None:
    text = (
        "Access Time,User ID,User Template,Login Department,Patient MRN,Action,Activity,Break-the-Glass,BTG Reason\n"
        "03/14/2025 08:00:00,N1,ICU RN,ICU,77,View Chart,Notes,Y,Direct care\n"
    )
    (found,) = events(tmp_path, "report.csv", text)
    assert (found["role"], found["action"], found["resource"], found["break_glass"], found["purpose"]) == (
        "ICU RN", "read", "Notes", True, "Direct care",
    )  # fmt: skip


def test_staff_are_known_by_every_number_and_by_their_own_chart(tmp_path: Path) -> None:
    text = (
        "Employee Number,User ID,Provider ID,NPI,Last Name,Job Title,Department,Linked Patient MRN\n"
        "1001,NEXAMPLE,P77,1234567893,Example,Physician,ICU,40001\n"
        "1002,OTHER,,,Other,Clerk,ICU,\n"
    )
    first, second = events(tmp_path, "staff.csv", text)
    assert first["practitioners"] == ["1001", "NEXAMPLE", "P77", "1234567893"] and first["patient"] == "40001"
    assert second["practitioners"] == ["1002", "OTHER"] and "patient" not in second


def test_the_number_of_who_attends_is_surer_than_the_name(tmp_path: Path) -> None:
    text = (
        "Visit Number,MRN,Department,Attending Provider,Attending Provider ID,Admit Date/Time\n"
        '1,77,ICU,"Example, Nora",P77,03/14/2025 08:00:00\n'
    )
    (found,) = events(tmp_path, "visits.csv", text)
    assert found["practitioner"] == "P77"


def test_claims_of_a_plan_that_gives_families_one_number(tmp_path: Path) -> None:
    text = (
        "Claim Number,Member ID,Person Code,Billing Provider NPI,Service From Date,Procedure Code\n"
        "1,M9,01,1234567893,03/14/2025,99213\n2,M9,02,1234567893,03/14/2025,99213\n"
    )
    first, second = events(tmp_path, "claims.csv", text)
    assert (first["patient"], second["patient"]) == ("M9-01", "M9-02") and first["member_id"] == second[
        "member_id"
    ] == "M9"


def test_what_pharmacies_bill(tmp_path: Path) -> None:
    text = (
        "Claim Number,Fill Date,Member ID,Pharmacy NPI,Prescriber NPI,NDC,Drug Name,Days Supply\n"
        "1,03/14/2025,M9,1111111112,1234567893,00406012301,HYDROCODONE-APAP 5-325,10\n"
    )
    (found,) = events(tmp_path, "fills.csv", text)
    assert (found["claim_type"], found["provider"], found["rendering"]) == ("pharmacy", "1111111112", "1234567893")
    assert [line["procedure"] for line in found["lines"]] == ["HYDROCODONE-APAP 5-325"]
