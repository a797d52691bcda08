"""Interface engines print what they pass on into their logs; who it is about must not come into an event."""

import json
from pathlib import Path

import pytest
from ingested import letters, read

from pipeline.ingest.reader import Parsed
from pipeline.ingest.told.care import without_care

ISO = "2026-11-20T10:00:00Z"
NAME = "Testperson"
HL7 = f"MSH|^~\\&|LAB|A|B|C|20261120||ADT^A01|1|P|2.5\rPID|1||4711^^^MRN||{NAME}^Ann||19500101|F"
MESSAGES = {
    "HL7": HL7,
    "a segment of HL7": f"PID|1||4711^^^MRN||{NAME}^Ann||19500101|F",
    "X12": f"ISA*00*          *00*~GS*HC~NM1*IL*1*{NAME}*ANN****MI*4711~",
    "FHIR": json.dumps({"resourceType": "Patient", "name": [{"family": NAME}]}),
    "CDA": f"<ClinicalDocument xmlns='urn:hl7-org:v3'><given>{NAME}</given></ClinicalDocument>",
    "FHIR as XML": f'<Patient xmlns="http://hl7.org/fhir"><name><family value="{NAME}"/></name></Patient>',
    "JSON of a program": json.dumps({"patientName": NAME, "action": "sent"}),
}
ENVELOPES = {
    "a line": lambda m: f"2026-11-20 10:00:00 INFO engine: received {m!s}\n".replace("\r", "\\r"),
    "lines that follow": lambda m: f"2026-11-20 10:00:00 INFO engine: received\n{m}\n".replace("\r", "\n"),
    "syslog": lambda m: f"<14>1 {ISO} srv-1 engine 7 - - received {m}\n".replace("\r", "\\r"),
    "a container": lambda m: json.dumps({"log": f"received {m}\n", "stream": "stdout", "time": ISO}),
    "a container, bare": lambda m: json.dumps({"log": m + "\n", "stream": "stdout", "time": ISO}),
    "a search": lambda m: json.dumps({"preview": False, "result": {"_raw": m, "_time": ISO}}),
    "Elasticsearch": lambda m: json.dumps(
        {"_index": "i", "_source": {"@timestamp": ISO, "message": m, "more": {"a": m}}}
    ),
}


@pytest.mark.parametrize("message", list(MESSAGES))
@pytest.mark.parametrize("envelope", list(ENVELOPES))
def test_no_name_comes_through(tmp_path: Path, envelope: str, message: str) -> None:
    results = read(tmp_path, "engine.log", ENVELOPES[envelope](MESSAGES[message]))
    assert results
    assert not [one for one in results if isinstance(one, Parsed) and NAME.encode() in one.value]
    assert not [letter for letter in letters(results) if NAME in letter.to_json().decode()]


def test_the_line_around_it_stays() -> None:
    assert without_care(f"queue 3: sent {HL7}") == "queue 3: sent (about a person in care, left out)"


@pytest.mark.parametrize(
    "line",
    [
        "RAPID|1|2|3| is no segment", "a|b|c PV1 failed", "GET /fhir?resourceType=Patient", "NM1 is down",
        'kind: {"resourceType": "Microsoft.Compute/virtualMachines"}', "OBX|",
    ],
)  # fmt: skip
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert without_care(line) == line
