"""ATNA messages: both spellings, one after the other, inside syslog, and hostile."""

import re

import pytest
from health.reading import Trickle, fixture, items, public, read, reasons

from pipeline.ingest import xml_pieces
from pipeline.ingest.format import Bad, Item
from pipeline.ingest.formats.atna import Atna

ATNA = Atna()
MESSAGES = fixture("messages.xml")
ONE = MESSAGES[MESSAGES.index(b"<AuditMessage>") : MESSAGES.index(b"</AuditMessage>") + 15]
FLAT = re.sub(rb"\s*\n\s*", b" ", ONE)


def test_both_spellings_say_the_same() -> None:
    dicom, rfc = items(ATNA, MESSAGES)
    assert dicom == rfc
    assert dicom == {
        "ts": 1772348400.5,
        "kind": "access",
        "format": "atna.AuditMessage",
        "user": "n-17",
        "user_name": "Nia Orr",
        "role": "Nurse",
        "patient": "p-9",
        "action": "read",
        "resource": "Patient",
        "purpose": "BTG",
        "break_glass": True,
        "outcome": "success",
        "workstation": "desk-4",
        "site": "north",
        "application": "ChartServer",
        "records": 12,
    }


def test_messages_inside_syslog_lines() -> None:
    head = b"<85>1 2026-03-01T07:00:00Z host app - IHE+RFC-3881 - "
    content = b"\n".join([head + FLAT, b"<13>Mar  1 07:00:01 host cron: started", head + FLAT, head + b"x"]) + b"\n"
    found = read(ATNA, content)
    assert [(type(f), f.position) for f in found] == [
        (Item, "record 1"),
        (Bad, "line 2"),
        (Item, "record 2"),
        (Bad, "line 4"),
    ]
    assert list(ATNA.read(Trickle(content), "x")) == found
    assert ATNA.sniff(content, "x") > 0.9


def test_raw_bytes_are_those_of_the_message() -> None:
    assert next(f.raw for f in read(ATNA, MESSAGES)) == ONE
    assert list(ATNA.read(Trickle(MESSAGES), "x")) == read(ATNA, MESSAGES)


def test_damage_stays_with_its_message() -> None:
    content = b"\n".join(
        [FLAT, FLAT.replace(b"</AuditMessage>", b""), FLAT, FLAT.replace(b"/>", b">"), FLAT, FLAT[:90]]
    )
    found = read(ATNA, content)
    assert [(f.position, isinstance(f, Bad)) for f in found] == [
        ("record 1", False),
        ("record 2", True),
        ("record 3", False),
        ("record 4", True),
        ("record 5", False),
        ("record 6", True),
    ]


def test_other_encodings_are_read_as_declared() -> None:
    name = "José".encode("latin-1")
    content = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n' + FLAT.replace(b"Nia Orr", name)
    assert items(ATNA, content)[0]["user_name"] == "José"
    assert len(reasons(ATNA, FLAT.replace(b"Nia Orr", name))) == 1


@pytest.mark.parametrize(
    ("event", "action", "resource"),
    [
        (
            b'<EventID csd-code="110100"/><EventTypeCode csd-code="110120" originalText="Start"/>',
            "execute",
            "Start",
        ),
        (
            b'<EventID csd-code="110114"/><EventTypeCode csd-code="110122" originalText="Login"/>',
            "login",
            "Login",
        ),
        (
            b'<EventID csd-code="110114"/><EventTypeCode csd-code="110123" originalText="Logout"/>',
            "logout",
            "Logout",
        ),
    ],
)
def test_audit_without_a_patient_is_an_access_too(event: bytes, action: str, resource: str) -> None:
    told = b'EventActionCode="E" EventDateTime="2026-03-01T08:00:00Z" EventOutcomeIndicator="8"'
    head = b"<EventIdentification " + told + b">"
    content = b"<AuditMessage>" + head + event + b'</EventIdentification><ActiveParticipant UserID="u"/></AuditMessage>'
    found = items(ATNA, content)[0]
    assert (found["action"], found["resource"], found["outcome"], found["user"]) == (
        action,
        resource,
        "failure",
        "u",
    )
    assert "patient" not in found


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<AuditMessage>&b;</AuditMessage>',
        b'<AuditMessage><!DOCTYPE x SYSTEM "file:///etc/hostname"></AuditMessage>',
        b"<AuditMessage>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</AuditMessage>",
        b"<AuditMessage>" + b"<a>" * 1000 + b"</AuditMessage>",
        b"<AuditMessage>\xff\xfe</AuditMessage>",
        b"<AuditMessage>\x00</AuditMessage>",
        b"<AuditMessage/>",
        b"<AuditMessage",
        b"</AuditMessage>\n</AuditMessage> x\n",
        b'<?xml version="1.0" encoding="nonsense"?><AuditMessage></AuditMessage>',
        b'<AuditMessage><EventIdentification EventDateTime="soon"/></AuditMessage>',
        b'<AuditMessage><EventIdentification EventDateTime="' + b"9" * 5000 + b'"/></AuditMessage>',
    ],
)
def test_hostile_messages_are_refused_and_the_next_one_is_read(content: bytes) -> None:
    assert all(isinstance(f, Bad) for f in read(ATNA, content))
    assert read(ATNA, content)
    found = read(ATNA, content + b"\n" + ONE)
    assert isinstance(found[-1], Item) or b"nonsense" in content


def test_a_message_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_pieces, "_MAX_MESSAGE_BYTES", 4000)
    monkeypatch.setattr(xml_pieces, "_CHUNK_BYTES", 500)
    found = read(ATNA, ONE + b"<AuditMessage>" + b"x" * 20_000 + b"</AuditMessage>" + ONE)
    assert isinstance(found[0], Item)
    assert isinstance(found[-1], Item)
    assert any(isinstance(f, Bad) for f in found[1:-1])


def test_other_xml_is_not_claimed() -> None:
    for other in (b"", b"<xml/>", b"<AuditMessages/>", b"AuditMessage"):
        assert ATNA.sniff(other, "atna.xml") == 0.0
    assert ATNA.sniff(MESSAGES, "x") > 0.9


def test_public_messages_are_all_accounted_for() -> None:
    for path in public("atna_xml", "*.xml"):
        found = read(ATNA, path.read_bytes())
        assert found
        assert all(isinstance(f, Item) and f.position == "record 1" for f in found), path.name
        assert all("query" not in str(f.fields).lower() or f.fields["action"] == "query" for f in found)


def test_a_message_without_its_beginning_is_told() -> None:
    message = fixture("messages.xml").split(b"<AuditMessage", 2)
    torn = b"<EventIdentification/><ActiveParticipant/></AuditMessage>\n<AuditMessage" + message[1]
    assert ("record 1", "the audit message has no beginning") in reasons(Atna(), torn)
