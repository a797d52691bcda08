"""DICOM/ATNA audit messages (RFC 3881 and DICOM PS3.15 spellings) to accesses.

FHIR's AuditEvent was modelled on these messages element by element, so each one is rewritten as the
AuditEvent it corresponds to and goes through the same mapping.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.ingest.fhir.audit import accesses
from pipeline.ingest.fhir.values import Json, UnreadableError
from pipeline.ingest.format import Bad, Format, Item

_MAX_MESSAGE_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_EXCERPT_BYTES = 4096
_EDGE = re.compile(rb"<(?:[\w.-]+:)?AuditMessage(?=[\s>/])|</(?:[\w.-]+:)?AuditMessage\s*>")
_LONGEST_EDGE = 256
_ENCODING = re.compile(rb"""<\?xml[^>]{0,80}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
# What may stand between messages of an XML file: declarations, comments, tags of a wrapping element.
# Atomic and possessive, so that nothing a sender writes can make it slow.
_DECORATION = re.compile(rb"(?:\s|\xef\xbb\xbf|<\?[^>]*>|(?><!--.*?-->)|</?[\w:.-]+(?:\s[^<>]*)?>)*+", re.DOTALL)
_COUNTED = {"records", "recordcount", "count", "total", "numberofrecords", "numrecords", "resultcount"}


class Atna(Format):
    """AuditMessages singly, one after the other, or inside syslog lines.

    Application start, stop and user login come out as accesses without a patient. Messages are limited to 4
    MiB. Entities and document types are refused (no expansion, nothing is fetched).
    """

    id: ClassVar[str] = "atna"
    title: ClassVar[str] = "DICOM/ATNA audit messages (XML)"

    def sniff(self, head: bytes, name: str) -> float:
        edge = _EDGE.search(head)
        if not edge:
            return 0.0
        first_line = head[: edge.start()].count(b"\n") == 0 or _DECORATION.fullmatch(head[: edge.start()])
        return 0.99 if first_line else 0.6

    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        encoding = b"utf-8"
        record = 0
        for line, raw, kind in _pieces(stream):
            if kind in ("between", "rest"):
                told = _ENCODING.search(raw)
                encoding = told.group(1) if told else encoding
                yield from _between(line, raw + b"\n" if kind == "rest" else raw)
                continue
            record += 1
            if kind == "damaged":
                yield Bad(f"record {record}", "the audit message has no end", raw[:_EXCERPT_BYTES], self.id)
            else:
                yield from _message(raw, encoding, f"record {record}")


def _pieces(stream: BinaryIO) -> Iterator[tuple[int, bytes, str]]:
    """Line number, bytes and kind (`message`, `damaged`, `between`, `rest`) of every piece, in order."""
    buffer, line, inside, more = b"", 1, False, True
    while more:
        chunk = stream.read(_CHUNK_BYTES)
        more = bool(chunk)
        searched = max(0, len(buffer) - _LONGEST_EDGE)
        buffer += chunk
        begin = 0
        for edge in _EDGE.finditer(buffer, searched):
            opening = not edge.group().startswith(b"</")
            if not inside and not opening:
                continue
            end = edge.start() if opening else edge.end()
            if end > begin:
                kind = ("damaged" if opening else "message") if inside else "between"
                yield line, buffer[begin:end], kind
                line += buffer.count(b"\n", begin, end)
            begin, inside = end, opening
        if not inside and more:
            # Whole lines between messages need not wait; the last one may be the head of the next message.
            cut = buffer.rfind(b"\n", begin) + 1
            if cut > begin:
                yield line, buffer[begin:cut], "between"
                line += buffer.count(b"\n", begin, cut)
                begin = cut
        buffer = buffer[begin:]
        if len(buffer) > _MAX_MESSAGE_BYTES:
            yield line, buffer, "damaged" if inside else "rest"
            line += buffer.count(b"\n")
            buffer, inside = b"", False
    if buffer:
        yield line, buffer, "damaged" if inside else "rest"


def _between(line: int, raw: bytes) -> Iterator[Bad]:
    """Lines without a message are refused one by one, except XML's decoration; the last is a message's
    syslog head.
    """
    if _DECORATION.fullmatch(raw[:_CHUNK_BYTES]):
        return
    *whole, _head = raw.split(b"\n")
    for number, text in enumerate(whole, line):
        text = text.strip()
        if text and not _DECORATION.fullmatch(text[:_EXCERPT_BYTES]):
            yield Bad(f"line {number}", "the line holds no audit message", text[:_EXCERPT_BYTES], Atna.id)


def _message(raw: bytes, encoding: bytes, position: str) -> Iterator[Item | Bad]:
    try:
        root = fromstring(b'<?xml version="1.0" encoding="%s"?>%s' % (encoding, raw), forbid_dtd=True)
        found = accesses(_as_audit_event(root))
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        yield Bad(position, "the audit message is not well-formed XML", raw, Atna.id)
    except UnreadableError as err:
        yield Bad(position, str(err).replace("AuditEvent", "the audit message"), raw, Atna.id)
    else:
        for part, fields in enumerate(found):
            yield Item("ehr", fields | {"format": "atna.AuditMessage"}, position, raw, part)


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
