"""837 claims: loops, separators, several envelopes, and damage that stays with its claim."""

import gzip
import re

import pytest
from health.reading import Trickle, fixture, items, public, read, reasons

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.formats.x12 import X12
from pipeline.ingest.x12.segments import MAX_SEGMENT_BYTES, separators

FORMAT = X12()
PROFESSIONAL = fixture("professional.x12")
INSTITUTIONAL = fixture("institutional.x12")
DAY = 86_400.0
FEB_25 = 1771977600.0
CREATED = 1772357400.0


def changed(old: str, new: str) -> bytes:
    content = PROFESSIONAL.decode()
    assert content.count(old) >= 1
    return content.replace(old, new, 1).encode()


def test_a_professional_claim_in_full() -> None:
    first, second = items(FORMAT, PROFESSIONAL)
    assert first == {
        "ts": FEB_25,
        "kind": "claim",
        "format": "x12.837P",
        "claim_id": "C-1",
        "claim_type": "professional",
        "patient": "M-100",
        "member_id": "M-100",
        "birth_year": 1950,
        "sex": "female",
        "family_token": "other",
        "provider": "1234567893",
        "rendering": "1888888882",
        "facility": "1777777771",
        "payer": "PAY1",
        "place_of_service": "11",
        "from_ts": FEB_25,
        "through_ts": FEB_25 + 2 * DAY,
        "created_ts": CREATED,
        "diagnoses": ["E119", "Z000"],
        "total_amount": 120.5,
        "lines": [
            {
                "procedure": "99213",
                "modifiers": ["25", "59"],
                "quantity": 1.0,
                "unit": "UN",
                "amount": 100.5,
                "from_ts": FEB_25 + 2 * DAY,
                "through_ts": FEB_25 + 2 * DAY,
                "place_of_service": "11",
            },
            {
                "procedure": "80053",
                "quantity": 2.0,
                "unit": "UN",
                "amount": 20.0,
                "from_ts": FEB_25,
                "through_ts": FEB_25 + DAY,
                "place_of_service": "81",
            },
        ],
    }
    assert (second["claim_id"], second["member_id"], second["birth_year"], second["sex"]) == (
        "C-2",
        "M-100",
        2015,
        "male",
    )
    assert "rendering" not in second


def test_where_somebody_lives_is_not_where_the_payer_is() -> None:
    """Compared with registrations: who uses the number of another family at another address."""
    homes = "*FAMILY****MI*M-100~\nN3*12  Oak St~\nN4*TOWN*IL*61401~"
    content = changed("*ANN****MI*M-100~", homes).replace(b"PAY1~", b"PAY1~\nN3*1 PAYER PLAZA~\nN4*CITY*NY*10001~")
    content = content.replace(b"NM1*QC*1*OTHER*BEN~", b"NM1*QC*1*Young*BEN~\nN3*7 Elm Rd~\nN4*TOWN*IL*61402~")
    first, second = items(FORMAT, content)
    assert (first["family_token"], first["address_token"]) == ("other", "61401|12 oak st")
    assert (second["family_token"], second["address_token"]) == ("young", "61402|7 elm rd")


def test_an_institutional_claim_of_the_older_version_with_lines_as_segments() -> None:
    found = items(FORMAT, INSTITUTIONAL)[0]
    assert (found["format"], found["claim_type"], found["provider"]) == (
        "x12.837I",
        "institutional",
        "991111111",
    )
    assert (found["from_ts"], found["through_ts"]) == (1769904000.0, 1769904000.0 + 4 * DAY)
    assert (found["diagnoses"], found["rendering"]) == (["4280", "25000", "4019"], "1888888882")
    assert [line["procedure"] for line in found["lines"]] == ["0120", "80053"]
    assert found["lines"][0] == {"procedure": "0120", "amount": 4000.0, "unit": "DA", "quantity": 4.0}
    assert found["lines"][1]["modifiers"] == ["91"]


def test_no_name_of_a_person_leaves() -> None:
    for found in items(FORMAT, PROFESSIONAL):
        assert not {"OTHER", "ANN", "BEN", "SECOND", "1950", "0405"} & set(str(found).replace("'", " ").split())
        assert "OTHER" not in str(found)


def test_separators_come_from_each_isa() -> None:
    found = items(FORMAT, PROFESSIONAL + b"\r\n" + INSTITUTIONAL + PROFESSIONAL.replace(b"~\n", b"~"))
    assert [f["claim_id"] for f in found] == ["C-1", "C-2", "H-1", "C-1", "C-2"]
    assert separators(b"ISA*00*short*01*x*ZZ*a*ZZ*b*030101*1253*U*00501*1*1*T*:~GS*") is not None


def test_bytes_may_come_in_drops_and_with_any_line_ends() -> None:
    plain = list(FORMAT.read(Trickle(PROFESSIONAL), "x"))
    assert [i.fields for i in plain if isinstance(i, Item)] == items(FORMAT, PROFESSIONAL)
    assert items(FORMAT, PROFESSIONAL.replace(b"\n", b"\r\n")) == items(FORMAT, PROFESSIONAL)
    assert items(FORMAT, INSTITUTIONAL.replace(b"\n", b"\r\n")) == items(FORMAT, INSTITUTIONAL)


def test_the_same_claim_twice_is_two_claims_and_a_file_read_twice_is_one() -> None:
    content = PROFESSIONAL.decode()
    start, end = content.index("CLM*C-1"), content.index("HL*3")
    twice = (content[:end] + content[start:end] + content[end:]).encode()
    found = [(i.raw, i.part) for i in read(FORMAT, twice) if isinstance(i, Item)]
    assert len(found) == len(set(found)) == 3
    again = [(i.raw, i.part) for i in read(FORMAT, twice) if isinstance(i, Item)]
    assert again == found
    resent = [(i.raw, i.part) for i in read(FORMAT, changed("000000101*0", "000000999*0")) if isinstance(i, Item)]
    assert not {raw for raw, _ in resent} & {raw for raw, _ in found}


@pytest.mark.parametrize(
    ("old", "new", "position", "reason"),
    [
        ("CLM*C-1*120.5", "CLM*C-1*much", "segment 17", "segment 17: an amount or quantity is not a number"),
        ("CLM*C-1*120.5", "CLM*C-1*", "segment 17", "segment 17: CLM has no claim number or no amount"),
        (
            "*11:B:1*",
            "*11:B:8*",
            "segment 17",
            "segment 17: the claim voids an earlier one and bills nothing",
        ),
        ("D8*20260227", "D8*20260231", "segment 17", "segment 26: a date does not exist"),
        ("D8*20260227", "D8*27.2.2026", "segment 17", "segment 26: a date is not written as CCYYMMDD"),
        ("D8*20260227", "D8*19260227", "segment 17", "segment 26: a date is before 1970 or after 2099"),
        (
            "20260225-20260226",
            "20260226-20260225",
            "segment 17",
            "segment 29: a date range ends before it starts",
        ),
        ("*100.5*UN*1*", "*100.5*UN*-1*", "segment 17", "segment 25: an amount or quantity is out of range"),
        (
            "SV1*HC:99213:25:59",
            "SV1*HC",
            "segment 17",
            "segment 25: a service line has no amount or no procedure",
        ),
        ("HI*ABF", "HI?*ABF", "segment 17", "segment 18: the segment has no valid identifier"),
        (
            "NM1*IL*1*OTHER",
            "NM11*IL*1*OTHER",
            "segment 17",
            "segment 14: the segment has no valid identifier",
        ),
        ("C-1*", "C-1\x01*", "segment 17", "segment 17: the segment holds control characters"),
        ("HL*2*1*22", "HL*2*1*22\x01", "segment 17", "segment 12: the segment holds control characters"),
        (
            "CLM*C-1",
            "CLM*" + "9" * 2000,
            "segment 17",
            "segment 17: an element is longer than 1,024 characters",
        ),
    ],
)
def test_damage_stays_with_its_claim(old: str, new: str, position: str, reason: str) -> None:
    found = read(FORMAT, changed(old, new))
    refused = [(b.position, b.reason) for b in found if isinstance(b, Bad)]
    assert refused[0][0] == position
    assert refused[0][1].startswith(reason)
    # Damage of the subscriber's own level concerns every claim below it, and only those.
    concerns_both = reason.startswith(("segment 12", "segment 14"))
    assert [i.fields["claim_id"] for i in found if isinstance(i, Item)] == ([] if concerns_both else ["C-2"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SE*37", "SE*99"),
        ("GE*1*7", "GE*5*8"),
        ("IEA*1*000000101~\n", ""),
        ("IEA*1*000000101~\n", "IEA*1*000000101"),
        ("SE*37*0001~\n", ""),
        ("N3*5 HIGH STREET", "N!3*5 HIGH STREET"),
        ("ISA*00*          *00", "ISA*00*       *00"),
        ("BHT*0019*00*REF1*20260301", "BHT*0019*00*REF1*2026"),
        ("PRV*BI", "~~PRV*BI"),
        ("LX*1~\n", ""),
    ],
)
def test_faults_of_the_envelope_do_not_drop_readable_claims(old: str, new: str) -> None:
    found = [i.fields["claim_id"] for i in read(FORMAT, changed(old, new)) if isinstance(i, Item)]
    assert found == ["C-1", "C-2"]


def test_other_transaction_sets_are_refused_by_name_once_each() -> None:
    other = "ST*999*1~\nAK1*HC*1~\nSE*3*1~\nST*277*2~\nSE*2*2~\nST*837*3~\nSE*2*3~\nST*\x02\x03*4~\n"
    assert reasons(FORMAT, changed("ST*837*0001", other + "ST*837*0001")) == [
        ("segment 3", "transaction set 999 is not a claim"),
        ("segment 6", "transaction set 277 is not a claim"),
        ("segment 8", "the transaction set holds no claim"),
        ("segment 10", "transaction set of unknown kind is not a claim"),
    ]


def test_without_isa_nothing_can_be_read_until_the_next_one() -> None:
    headless = PROFESSIONAL[PROFESSIONAL.index(b"GS*") :]
    assert FORMAT.sniff(headless, "x") == pytest.approx(0.7)
    assert reasons(FORMAT, headless) == [("segment 1", "no valid ISA segment: the separators are unknown")]
    assert len(read(FORMAT, headless + PROFESSIONAL)) == 3


def test_a_file_cut_short_gives_up_the_claim_it_ends_in() -> None:
    cut = PROFESSIONAL[: PROFESSIONAL.index(b"DTP*472*D8*20260228") + 5]
    found = read(FORMAT, cut)
    assert [type(f) for f in found] == [Item, Bad]
    assert found[1].position == "segment 34"
    for size in range(0, len(PROFESSIONAL), 37):
        read(FORMAT, PROFESSIONAL[:size])


def test_wrong_separators_end_as_refusals() -> None:
    endless = PROFESSIONAL[:106] + b"GS*HC*" + b"x" * (3 * MAX_SEGMENT_BYTES)
    assert reasons(FORMAT, endless) == [("segment 2", "the segment is longer than 64 KiB")]
    found = read(FORMAT, endless + PROFESSIONAL)
    assert sum(isinstance(f, Item) for f in found) == 2
    assert sum(isinstance(f, Bad) for f in found) >= 1


@pytest.mark.parametrize(
    "content", [b"ISA", b"ISA*", b"ISA*" * 40, b"\xff\xfe" * 300, b"ISA~" + b"~" * 200, b"ST*837*1~CLM"]
)
def test_hostile_beginnings(content: bytes) -> None:
    assert len(read(FORMAT, content)) >= 1
    assert len([f for f in read(FORMAT, content + b"\n" + PROFESSIONAL) if isinstance(f, Item)]) == 2


def test_what_is_not_x12_is_not_claimed() -> None:
    for other in (b"", b"{}", b"ISABELLA wrote a letter", b"first line\nST. JOHN 837", b"<AuditMessage>"):
        assert FORMAT.sniff(other, "claims.x12") == 0.0
    assert FORMAT.sniff(PROFESSIONAL, "x") > 0.9
    assert FORMAT.sniff(INSTITUTIONAL, "x") > 0.9


def test_public_files_are_all_accounted_for() -> None:
    for path in public("x12", "*"):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert FORMAT.sniff(content[:65536], path.name) >= 0.7
        found = read(FORMAT, content)
        if "no_isa" in path.name:
            assert len(found) == 1
        else:
            claims = content.count(b"\nCLM*") + content.count(b"\nCLM~")
            assert len(found) == max(1, claims), path.name


def test_segments_that_stand_in_no_transaction_set_are_told_once_a_stretch() -> None:
    content = re.sub(r"\bST\*837[^~]*~\s*", "", fixture("professional.x12").decode(), count=1).encode()
    told = [reason for _, reason in reasons(X12(), content)]
    assert told.count("the segments stand in no transaction set") == 1


def test_a_patient_is_who_the_record_number_says_else_a_member_of_the_family() -> None:
    (first, *_) = items(FORMAT, changed("HI*", "REF*EA*40001~HI*"))
    assert (first["patient"], first["member_id"]) == ("40001", "M-100")
    dependant = "HL*3*2*23*0~PAT*19~NM1*QC*1*EXAMPLE*KIM~DMG*D8*20150304*F~CLM*"
    (first, *_) = items(FORMAT, changed("CLM*", dependant))
    assert (first["patient"], first["member_id"], first["birth_year"]) == ("M-100-192015f", "M-100", 2015)
