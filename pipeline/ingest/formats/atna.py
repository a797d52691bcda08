"""DICOM/ATNA audit messages (RFC 3881 and DICOM PS3.15 spellings) to accesses.

FHIR's AuditEvent was modelled on these messages element by element, so each one is rewritten as the
AuditEvent it corresponds to and goes through the same mapping.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar
from xml.etree.ElementTree import Element

from pipeline.ingest.fhir.audit import accesses
from pipeline.ingest.fhir.values import Json, UnreadableError
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.xml_pieces import Piece, parsed, sniffed, xml_pieces

_EDGE = re.compile(rb"<(?:[\w.-]+:)?AuditMessage(?=[\s>/])|</(?:[\w.-]+:)?AuditMessage\s*>")
_COUNTED = {"records", "recordcount", "count", "total", "numberofrecords", "numrecords", "resultcount"}


class Atna(Format):
    """AuditMessages singly, one after the other, or inside syslog lines.

    Application start, stop and user login come out as accesses without a patient. Messages are limited to 4
    MiB. Entities and document types are refused (no expansion, nothing is fetched).
    """

    id: ClassVar[str] = "atna"
    title: ClassVar[str] = "DICOM/ATNA audit messages (XML)"

    def sniff(self, head: bytes, name: str) -> float:
        return sniffed(head, _EDGE)

    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        return each(xml_pieces(stream, _EDGE, "audit message", self.id), _message, self.id)


def _message(piece: Piece) -> Iterator[Item | Bad]:
    try:
        found = accesses(_as_audit_event(parsed(piece.raw, piece.encoding)))
    except (LookupError, ValueError):
        yield Bad(piece.position, "the audit message is not well-formed XML", piece.raw, Atna.id)
    except UnreadableError as err:
        yield Bad(piece.position, str(err).replace("AuditEvent", "the audit message"), piece.raw, Atna.id)
    else:
        for part, fields in enumerate(found):
            yield Item("ehr", fields | {"format": "atna.AuditMessage"}, piece.position, piece.raw, part)


def _children(node: Element, name: str) -> list[Element]:
    """Children of a local name, whatever their namespace."""
    return [child for child in node if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name]


def _coding(node: Element) -> Json:
    """A coded value: DICOM writes `csd-code` and `originalText`, RFC 3881 `code` and `displayName`."""
    return {
        "code": node.get("csd-code") or node.get("code"),
        "display": node.get("originalText") or node.get("displayName"),
    }


def _codings(node: Element, name: str) -> list[Json]:
    return [_coding(child) for child in _children(node, name)]


def _as_audit_event(root: Element) -> Json:
    event: Element = next(iter(_children(root, "EventIdentification")), Element("none"))
    source: Element = next(iter(_children(root, "AuditSourceIdentification")), Element("none"))
    return {
        "recorded": event.get("EventDateTime"),
        "action": event.get("EventActionCode"),
        "outcome": event.get("EventOutcomeIndicator"),
        "type": _codings(event, "EventID"),
        "subtype": _codings(event, "EventTypeCode"),
        "purposeOfEvent": _codings(event, "PurposeOfUse"),
        "agent": [_agent(node) for node in _children(root, "ActiveParticipant")],
        "source": {
            "site": source.get("AuditEnterpriseSiteID"),
            "observer": {"display": source.get("AuditSourceID")},
        },
        "entity": [_entity(node) for node in _children(root, "ParticipantObjectIdentification")],
    }


def _agent(node: Element) -> Json:
    # RFC 3881 lets the requestor flag default to true; xsd:boolean may also be written as a digit.
    requestor = node.get("UserIsRequestor", "true").strip().lower() in ("true", "1")
    return {
        "who": {"identifier": {"value": node.get("UserID")}},
        "altId": node.get("AlternativeUserID"),
        "name": node.get("UserName"),
        "requestor": requestor,
        "role": _codings(node, "RoleIDCode"),
        "network": {
            "address": node.get("NetworkAccessPointID"),
            "type": node.get("NetworkAccessPointTypeCode"),
        },
    }


def _entity(node: Element) -> Json:
    """The object; `ParticipantObjectName` and `ParticipantObjectQuery` are left behind on purpose."""
    details = [_detail(child) for child in _children(node, "ParticipantObjectDetail")]
    entity: dict[str, Any] = {
        "what": {"identifier": {"value": node.get("ParticipantObjectID")}},
        "type": node.get("ParticipantObjectTypeCode"),
        "role": node.get("ParticipantObjectTypeCodeRole"),
        "detail": [d for d in details if d],
    }
    if sensitivity := node.get("ParticipantObjectSensitivity"):
        entity["securityLabel"] = [{"code": sensitivity}]
    return entity


def _detail(node: Element) -> Json | None:
    """A counted detail; its value travels as base64."""
    name, value = node.get("type") or "", node.get("value") or ""
    if re.sub("[^a-z]", "", name.lower()) not in _COUNTED:
        return None
    try:
        plain = b64decode(value, validate=True).decode("ascii")
    except (Base64Error, ValueError):
        plain = value
    return {"type": name, "valueString": value if value.isdigit() else plain}
