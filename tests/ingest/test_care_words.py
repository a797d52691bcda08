"""Sentences and pairs of logs name people in care: who that is stays out of an event, the rest of the line stays."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingested import read

from pipeline.ingest.reader import Parsed
from pipeline.ingest.told.care_words import LEFT_OUT, without_people

NAMED = {
    'view user=nora patient="Testname, Anna" ward=3': f"view user=nora patient={LEFT_OUT} ward=3",
    "Name: Testname, Anna, geb. 02.03.1950, Station 3": f"Name: {LEFT_OUT}, Station 3",
    "Patient: Anna Testname admitted to ward 3": f"Patient: {LEFT_OUT} admitted to ward 3",
    "nora opened the chart of patient Anna Testname (MRN 0012345)":
        f"nora opened the chart of patient {LEFT_OUT} (MRN {LEFT_OUT})",
    "patientName=Testname patientId=99887766 action=view": f"patientName={LEFT_OUT} patientId={LEFT_OUT} action=view",
    "patient=anna testname status=ok": f"patient={LEFT_OUT} status=ok",
    "patient=Testname, Anna ward=3": f"patient={LEFT_OUT} ward=3",
    "patient_id=4711&name=Testname": f"patient_id={LEFT_OUT}&name={LEFT_OUT}",
    'sent {"patient": "Testname Anna", "x": 1}': f'sent {{"patient": {LEFT_OUT}, "x": 1}}',
    "Patientenname: Testname Patienten-ID: 8877": f"Patientenname: {LEFT_OUT} Patienten-ID: {LEFT_OUT}",
    "MRN#12345 updated": f"MRN#{LEFT_OUT} updated",
    "queried MRN: 00123, DOB=19500302, NAME=TESTNAME^ANNA": f"queried MRN: {LEFT_OUT}, {LEFT_OUT}, NAME={LEFT_OUT}",
    "Paciente: Juan Testname, nacido el 02/03/1950": f"Paciente: {LEFT_OUT}",
    "paziente: Testname Anna, nata il 02/03/1950": f"paziente: {LEFT_OUT}",
    "Patient : TESTNAME Anne, née le 02/03/1950": f"Patient : {LEFT_OUT}",
    "Testname, Anna, født 02.03.1950 flyttet": f"{LEFT_OUT} flyttet",
    "Fallnummer: 4711 verlegt": f"Fallnummer: {LEFT_OUT} verlegt",
    "user name: nora patient: 4711 x": f"user name: nora patient: {LEFT_OUT} x",
    'patient.name="Testname" host name: srv-1': f"patient.name={LEFT_OUT} host name: srv-1",
}  # fmt: skip
ISO = "2026-11-20T10:00:00Z"


@pytest.mark.parametrize("line", list(NAMED))
def test_who_it_is_is_left_out(line: str) -> None:
    assert without_people(line) == NAMED[line]
    assert without_people(NAMED[line]) == NAMED[line]


@pytest.mark.parametrize("line", [line for line in NAMED if "estname" in line])
@pytest.mark.parametrize(
    "envelope",
    [
        lambda line: f"{ISO} INFO app {line}\n",
        lambda line: f"<13>1 {ISO} srv-1 app 7 - - {line}\n",
        lambda line: json.dumps({"time": ISO, "level": "info", "message": line}) + "\n",
        lambda line: 'Time,Host,Severity,Message\n' + f'{ISO},srv-1,info,"{line.replace(chr(34), chr(34) * 2)}"\n',
    ],
    ids=["text", "syslog", "json", "table"],
)  # fmt: skip
def test_no_name_comes_into_an_event(tmp_path: Path, envelope: object, line: str) -> None:
    (one,) = read(tmp_path, "app.log", envelope(line))  # type: ignore[operator]
    assert isinstance(one, Parsed) or "{" in line  # a record inside of one is refused
    written = one.value if isinstance(one, Parsed) else one.to_json()
    assert "estname" not in written.decode().lower()


@pytest.mark.parametrize(
    "line",
    [
        "Patient Monitor Gateway connected", "Patient Portal login failed for user anna", "path=/var/log name=x",
        "inpatient census 44", "user name: anna host name: srv-1", "patients in queue", "debug: reborn process 4711",
        "hostname=srv-1 filename=a.txt", "Name: srv-1", "dobby elf 12.03.2026", "",
    ],
)  # fmt: skip
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert without_people(line) == line


@given(st.text(max_size=200), st.sampled_from(["patient=", "MRN: ", "geb. 02.03.1950", "Patient Anna Muster", ""]))
def test_any_text_is_taken(text: str, mark: str) -> None:
    assert isinstance(without_people(text + mark + text), str)
