"""HL7 version 2: what messages say of care, however they are framed, and damage that stays with its message."""

from typing import Any

import pytest
from health.reading import Trickle, items, read, reasons

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.formats.hl7 import Hl7
from pipeline.ingest.hl7.messages import MAX_MESSAGE_BYTES
from pipeline.ingest.registry import recognise

FORMAT = Hl7()
TOLD = 1772442000.0  # 2026-03-02 09:00 UTC


def message(
    kind: str, *segments: str, head: str = "MSH|^~\\&|EPR|HOSP|ENGINE|HOSP|20260302090000||{}|M1|P|2.5"
) -> bytes:
    return "\r".join([head.format(kind), *segments, ""]).encode()


def segment(name: str, **values: str) -> str:
    """A segment with these fields: `f3` is the third."""
    places = {int(k[1:]): v for k, v in values.items()}
    return "|".join([name, *(places.get(k, "") for k in range(1, max(places) + 1))])


PATIENT = {
    "f3": "8811^^^HOSP^PI~4711^^^HOSP^MR", "f5": "Muster^Mara", "f7": "19710203", "f8": "F",
    "f11": "1 Example Rd^^Town^^12345", "f18": "V900",
}  # fmt: skip
PID = segment("PID", **PATIENT)
VISIT = {
    "f2": "I", "f3": "WARD3^12^1", "f7": "55^Attend^Anton^^^^^^HOSP", "f8": "77^Refer^Rita",
    "f9": "88^Consult^Cora~89^Other^Otto", "f10": "MED", "f17": "66^Admit^Ada", "f19": "V900", "f44": "20260301220000",
}  # fmt: skip
PV1 = segment("PV1", **VISIT)
ADMITTED = message("ADT^A01", "EVN|A01|20260302090000", PID, PV1, segment("IN1", f1="1", f36="MEM-1"))
STAY = {
    "kind": "encounter", "ts": TOLD, "format": "hl7.ADT", "patient": "4711", "resource_id": "V900",
    "encounter": "V900", "status": "in-progress", "practitioner": "55", "practitioners": ["55", "66", "88", "89", "77"],
    "department": "WARD3", "service": "MED", "start_ts": TOLD - 11 * 3600.0,
}  # fmt: skip


def one(content: bytes) -> dict[str, Any]:
    (found,) = items(FORMAT, content)
    return found


def test_an_admission_tells_of_the_patient_and_the_stay() -> None:
    patient, stay = items(FORMAT, ADMITTED)
    assert patient == {
        "kind": "patient", "ts": TOLD, "format": "hl7.ADT", "patient": "4711", "family_token": "muster",
        "address_token": "12345|1 example rd", "birth_year": 1971, "sex": "female", "member_id": "MEM-1",
    }  # fmt: skip
    assert stay == STAY


@pytest.mark.parametrize(
    ("trigger", "over", "status", "end"),
    [
        ("A02", "", "in-progress", None),
        ("A03", "20260302083000", "finished", TOLD - 1800.0),
        ("A03", "", "finished", None),
        ("A05", "", "planned", None),
        ("A08", "20260302083000", "finished", TOLD - 1800.0),
        ("A11", "", "cancelled", None),
        ("A13", "20260302083000", "in-progress", None),
    ],
)
def test_what_became_of_a_stay(trigger: str, over: str, status: str, end: float | None) -> None:
    stay = items(FORMAT, message(f"ADT^{trigger}", PID, segment("PV1", **VISIT, f45=over)))[1]
    assert (stay["status"], stay.get("end_ts")) == (status, end)


def test_news_of_the_person_alone_is_no_stay() -> None:
    died = segment("PID", **PATIENT, f29="20260228120000")
    assert one(message("ADT^A31", died, "PV1|1|N"))["deceased_ts"] == TOLD - 45 * 3600.0


def test_two_patients_of_one_message() -> None:
    other, visit = PID.replace("4711", "4712"), PV1.replace("V900", "V901").replace("WARD3", "WARD4")
    found = items(FORMAT, message("ADT^A17", "EVN|A17|20260302090000", PID, PV1, other, visit))
    assert [(e["kind"], e["patient"], e.get("department")) for e in found] == [
        ("patient", "4711", None), ("encounter", "4711", "WARD3"), ("patient", "4712", None),
        ("encounter", "4712", "WARD4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        ("SCH|P1|F1|||||ROUTINE^Check|||60|^^^20260310080000^20260310090000", ()),
        ("SCH|P1|F1|||||ROUTINE^Check", ("TQ1|1||||||20260310080000|20260310090000",)),
    ],
)
def test_an_appointment(plan: str, more: tuple[str, ...]) -> None:
    who = ("RGS|1", "AIS|1||CARD^Cardiology visit", "AIP|1||55^Attend^Anton", "AIL|1||HEART^2")
    assert one(message("SIU^S12^SIU_S12", plan, *more, PID, *who)) == {
        "kind": "appointment", "ts": TOLD, "format": "hl7.SIU", "patient": "4711", "resource_id": "F1",
        "status": "booked", "practitioner": "55", "practitioners": ["55"], "department": "HEART",
        "service": "Cardiology visit", "start_ts": TOLD + 191 * 3600.0, "end_ts": TOLD + 192 * 3600.0,
    }  # fmt: skip
    assert one(message("SIU^S15", plan, *more, PID, *who))["status"] == "cancelled"


ORC = segment("ORC", f1="NW", f2="P7", f3="F7", f9="20260302085900", f10="90^Clerk^Carl", f12="55^Attend^Anton")
ASKED = {"f2": "P7", "f3": "F7", "f4": "XR1^Chest two views", "f7": "20260302100000", "f16": "55^Attend^Anton"}
OBR = segment("OBR", **ASKED, f24="RAD")


def test_an_order_goes_to_its_service() -> None:
    assert one(message("ORM^O01", PID, PV1, ORC, OBR)) == {
        "kind": "order", "ts": TOLD, "format": "hl7.ORM", "patient": "4711", "encounter": "V900",
        "department": "WARD3", "resource_id": "P7", "status": "active", "practitioner": "55",
        "practitioners": ["55", "90"], "service": "Radiology", "start_ts": TOLD + 3600.0,
    }  # fmt: skip
    assert one(message("ORM^O01", PID, ORC.replace("|NW|", "|CA|"), OBR))["status"] == "revoked"
    assert one(message("ORM^O01", PID, ORC, segment("OBR", **ASKED, f24="HEARTLAB")))["service"] == "HEARTLAB"
    assert one(message("ORM^O01", PID, ORC, segment("OBR", **ASKED)))["service"] == "Chest two views"


def test_results_name_who_read_them() -> None:
    read_by = segment("OBR", f2="P7", f4="XR1^Chest", f25="F", f32="31&Reader&Rolf^20260302")
    second = segment("OBR", f2="P8", f4="XR2^Knee", f25="P")
    observed = segment("OBX", f2="TX", f5="nothing unusual", f11="F", f16="32^Tech^Tina")
    first, other = items(FORMAT, message("ORU^R01", PID, read_by, observed, second))
    assert (first["status"], first["practitioners"]) == ("completed", ["31", "32"])
    assert (other["status"], other["resource_id"], other.get("practitioners")) == ("active", "P8", None)


@pytest.mark.parametrize(
    ("kind", "segments", "service", "people"),
    [
        ("RAS^O17", ("ORC|RE|P9", segment("RXA", f3="20260302", f5="MED1^Drug", f10="41^Nurse^Nina")), "Drug", ["41"]),
        ("RDE^O11", ("ORC|NW|P9||||||||||55", "RXE||MED1^Drug"), "Pharmacy", ["55"]),
        ("DFT^P03", (segment("FT1", f4="20260302", f6="CG", f7="99213^Visit", f20="42^Perform^Pia"),), "Visit", ["42"]),
        ("MDM^T02", ("TXA|1|OP|TX|20260302|43^Write^Willi",), "OP", ["43"]),
    ],
)
def test_what_was_given_charged_or_written(
    kind: str, segments: tuple[str, ...], service: str, people: list[str]
) -> None:
    found = one(message(kind, PID, *segments))
    assert (found["kind"], found["service"], found["practitioners"]) == ("order", service, people)


def test_staff() -> None:
    staff = segment(
        "STF", f1="S1", f2="55^^^HOSP~D-55", f3="Attend^Anton", f7="A", f8="CARD^Cardiology",
        f11="2 Other Rd^^Town^^12346", f18="Physician",
    )  # fmt: skip
    assert one(message("MFN^M02", "MFI|PRA", "MFE|MAD", staff)) == {
        "kind": "practitioner", "ts": TOLD, "format": "hl7.MFN", "resource_id": "S1", "practitioner": "S1",
        "practitioners": ["S1", "55", "D-55"], "name": "Anton Attend", "status": "active", "role": "Physician",
        "department": "Cardiology", "family_token": "attend", "address_token": "12346|2 other rd",
    }  # fmt: skip


def framed(content: bytes) -> bytes:
    return b"\x0b" + content + b"\x1c\r"


@pytest.mark.parametrize(
    "content",
    [
        framed(ADMITTED) + framed(ADMITTED.replace(b"|M1|", b"|M2|")),
        b"FHS|^~\\&|E\rBHS|^~\\&|E\r" + ADMITTED + ADMITTED.replace(b"|M1|", b"|M2|") + b"BTS|2\rFTS|1\r",
        ADMITTED.replace(b"\r", b"\n") + b"\n" + ADMITTED.replace(b"\r", b"\r\n"),
        b"\xef\xbb\xbf" + ADMITTED + b"  \r\n\r\n" + ADMITTED.rstrip(b"\r"),
    ],
)
def test_however_messages_are_framed(content: bytes) -> None:
    assert recognise(content, "feed.dat") is not None
    found = list(read(FORMAT, content))
    assert [x.fields for x in found if isinstance(x, Item)][1::2] == [STAY, STAY]
    assert [x.position for x in found] == ["message 1"] * 2 + ["message 2"] * 2
    assert list(FORMAT.read(Trickle(content), "feed.hl7")) == found, "however it is cut"


def test_separators_of_its_own_and_escapes() -> None:
    other = ADMITTED.decode().replace("^~\\&", "CRES").replace("^", "C").replace("~", "R")
    with pytest.raises(AssertionError):
        items(FORMAT, other.encode())
    other = ADMITTED.decode().replace("|", "#").replace("^", "!").replace("~", "*").replace("\\&", "?+")
    assert items(FORMAT, other.encode())[1] == STAY
    told = PID.replace("Muster", "O\\T\\Mus\\X74\\er\\.br\\x\\F\\")
    assert items(FORMAT, message("ADT^A08", told))[0]["family_token"] == "o&muster x|"
    assert items(FORMAT, message("ADT^A08", PID.replace("Muster", "Mus\\ter")))[0]["family_token"] == "mus\\ter"
    assert "family_token" not in items(FORMAT, message("ADT^A08", PID.replace("Muster^Mara", '""')))[0]


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("UNICODE UTF-8", "utf-8"), ("", "utf-8"), ("8859/1", "latin-1"), ("", "latin-1"), ("8859/2", "iso8859-2")],
)
def test_character_sets(declared: str, codec: str) -> None:
    content = message("ADT^A08", PID.replace("Muster", "Müller"))
    content = content.decode().replace("|2.5", f"|2.5||||||{declared}").encode(codec)
    assert items(FORMAT, content)[0]["family_token"] == "müller"


@pytest.mark.parametrize(
    ("time", "ts"),
    [
        ("20260302090000+0100", TOLD - 3600.0),
        ("202603020900", TOLD),
        ("20260302090000.2500", TOLD + 0.25),
        ("2026030209-0530", TOLD + 5.5 * 3600.0),
        ("20260302", TOLD - 9 * 3600.0),
        ("20260302090060", TOLD + 59.0),
    ],
)
def test_times(time: str, ts: float) -> None:
    assert items(FORMAT, message("ADT^A08", PID).replace(b"20260302090000", time.encode()))[0]["ts"] == ts


def test_times_without_a_zone_are_in_that_of_the_message() -> None:
    stay = items(FORMAT, ADMITTED.replace(b"HOSP|20260302090000", b"HOSP|20260302090000-0500"))[1]
    assert (stay["ts"], stay["start_ts"]) == (TOLD + 5 * 3600.0, STAY["start_ts"] + 5 * 3600.0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (message("ACK^A01", "MSA|AA|M1"), "messages of this type are not used"),
        (message("ADT^A01", PV1), "the message names no patient (PID)"),
        (message("SIU^S12", PID), "the message tells of no appointment (SCH)"),
        (message("ORU^R01", PID), "the message holds no order, result or charge of a patient"),
        (message("MFN^M02", "MFI|PRA"), "the message tells of no member of staff (STF)"),
        (message("ADT^A01", PID).replace(b"20260302090000", b"20261302090000"), "does not say when it was written"),
        (message("ADT^A01", PID).replace(b"20260302090000", b""), "does not say when it was written"),
        (b"MSH||||\r", "the MSH segment names no separators"),
        (b"MSH|^^~&|A\r", "the MSH segment names no separators"),
        (message("ADT^A01", PID.replace("4711", "4" * 1100)), "an element is longer than 1,024 characters"),
        (b"FHS|^~\\&\rPID|1\rPV1|1\r", "the segments belong to no message: there is no MSH before them"),
    ],
)
def test_damage_stays_with_its_message(content: bytes, reason: str) -> None:
    found = list(read(FORMAT, content + ADMITTED))
    (bad,) = [x for x in found if isinstance(x, Bad)]
    assert reason in bad.reason
    assert [x.fields["kind"] for x in found if isinstance(x, Item)] == ["patient", "encounter"]


def test_line_ends_inside_a_text_do_not_end_a_message() -> None:
    broken = PID.replace("1 Example Rd", "1 Example\nRd\x0c")
    patient, stay = items(FORMAT, message("ADT^A01", broken, PV1))
    assert (patient["address_token"], stay["department"]) == ("12345|1 example rd", "WARD3")


def test_a_message_without_end_is_refused_in_bounded_memory() -> None:
    huge = message("MDM^T02", PID, "TXA|1|OP") + b"OBX|1|ED|||" + b"A" * (MAX_MESSAGE_BYTES + 10) + b"\r"
    assert reasons(FORMAT, huge) == [("message 1", "the message is longer than 16 MiB")]
    found = list(read(FORMAT, huge + ADMITTED))
    assert [type(x) for x in found] == [Bad, Item, Item] and len(found[0].raw) <= 4096


@pytest.mark.parametrize("head", [b'{"MSH|^~\\&": 1}', b"MSHA|x", b"MSH and more", b"text\nMSH|^~\\&|A"])
def test_what_is_no_message(head: bytes) -> None:
    assert FORMAT.sniff(head, "x.hl7") == 0.0
