"""What must not be read as a log: records and messages about people in care, whoever passes them on."""

import re
from typing import Any

from pipeline.ingest.told.care_names import about_care
from pipeline.ingest.told.care_words import without_people

OF_A_PERSON = "the record is about a person in care: describe it in a mapping file (--mapping), with who that is"
_RESOURCE = re.compile(r"[A-Z][A-Za-z]+$")
"""FHIR's `resourceType`; Azure's has its maker in front."""
_SORT = re.compile(r"(?:resource|record|entity|object|target).{0,2}(?:type|kind|class)$", re.IGNORECASE)
_OF_PATIENT = re.compile(r"(?:.{1,64}[./:_ ])?patients?", re.IGNORECASE)
"""Which sort of thing an audit trail says that something was done to."""
_SEGMENTS = ("MSH|", "PID|", "NK1|", "GT1|", "IN1|", "PV1|", "OBR|", "OBX|", "DG1|", "AL1|")
_MESSAGE = re.compile(
    r"(?<![A-Za-z0-9_])(?:MSH\|\^~\\|(?:PID|NK1|GT1|IN1|PV1|OBR|OBX|DG1|AL1)\|[^|]{0,64}\|[^|]{0,256}\|"
    r"|ISA\*\d\d\*|NM1\*[A-Z0-9]{2,3}\*)"
    r"|<(?:\w{1,16}:)?(?:ClinicalDocument\b|[A-Z][A-Za-z]{1,40}\s[^<>]{0,256}?hl7\.org/fhir)"
    r"|\{[^{}]{0,256}\\?\"resourceType\\?\"\s{0,4}:\s{0,4}\\?\"[A-Z][A-Za-z]{1,40}\\?\""
)
"""HL7 version 2 (whole, or a segment to a line), X12, CDA and FHIR, as interface engines print them into their logs."""
LEFT_OUT = "(about a person in care, left out)"


def of_a_person(record: dict[str, Any], flat: dict[str, Any], ts: float) -> bool:
    """Whether a record of this time, as it came and flat, is about a person in care."""
    if about_care(flat, ts) or "subject.reference" in flat:
        return True
    if any(
        _SORT.search(name) and _OF_PATIENT.fullmatch(value) for name, value in flat.items() if isinstance(value, str)
    ):
        return True
    return _RESOURCE.match(str(record.get("resourceType", ""))) is not None


def without_care(text: str) -> str:
    """A log's text up to where a message about a person in care begins, and without what its words say of one.

    >>> without_care("Received MSH|^~\\\\&|LAB|A|B||20261120||ORU^R01")
    'Received (about a person in care, left out)'
    """
    marked = "resourceType" in text or "ClinicalDocument" in text or "hl7.org/fhir" in text
    marked = marked or ("*" in text and ("ISA*" in text or "NM1*" in text))
    marked = marked or ("|" in text and any(segment in text for segment in _SEGMENTS))
    found = _MESSAGE.search(text) if marked else None
    return without_people(f"{text[: found.start()]}{LEFT_OUT}" if found else text)
