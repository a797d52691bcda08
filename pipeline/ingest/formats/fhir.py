"""FHIR JSON: audit, clinical context and claims, as single resources, Bundles, arrays, NDJSON or objects in
a row.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

import orjson

from pipeline.ingest.fhir.elements import Element, elements
from pipeline.ingest.fhir.lines import is_lines, lines
from pipeline.ingest.fhir.resources import events
from pipeline.ingest.fhir.values import Json, split_reference
from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord

_HEAD_BYTES = 1024 * 1024
# Parsing at once is three times as quick as cutting first, and takes some ten times the size in memory.
_WHOLE_BYTES = 16 * 1024 * 1024
_MARK = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
_BOM = b"\xef\xbb\xbf"
_MAX_NESTED_BUNDLES = 8
_MAX_NESTED_LISTS = 4


class Fhir(Format):
    """FHIR R4 as JSON, with the spellings of DSTU2, STU3 and R5 that concern us.

    Per second and core 20,000 (audit events of 3.4 kB) to 60,000 resources (orders) as NDJSON, 15,000 to
    50,000 in documents below 16 MiB, 4,000 to 12,000 in larger ones, which are cut as they stream. The raw
    bytes of a record that is not a line of its own are its compact JSON, so that it has the same event id in
    any container.
    """

    id: ClassVar[str] = "fhir"
    title: ClassVar[str] = "FHIR resources (JSON, NDJSON, Bundle)"

    def sniff(self, head: bytes, name: str) -> float:
        if not _MARK.search(head):
            return 0.0
        body = head.removeprefix(_BOM).lstrip()
        return 0.97 if body[:1] in (b"{", b"[") else 0.4

    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        head = _up_to(stream, b"", _HEAD_BYTES).removeprefix(_BOM)
        if is_lines(head):
            yield from _read_lines(stream, head)
            return
        head = _up_to(stream, head, _WHOLE_BYTES)
        if len(head) < _WHOLE_BYTES and (whole := _parsed(head)):
            yield from _document(whole, head)
            return
        for element in elements(stream, head):
            yield from _read_element(element)


def _up_to(stream: BinaryIO, start: bytes, size: int) -> bytes:
    """`start` and what follows it, `size` bytes in all unless the stream ends before."""
    parts, missing = [start], size - len(start)
    while missing > 0 and (more := stream.read(missing)):
        parts.append(more)
        missing -= len(more)
    return b"".join(parts)


def _parsed(document: bytes) -> Any:
    try:
        return orjson.loads(document)
    except orjson.JSONDecodeError:
        return None


def _document(value: Any, raw: bytes) -> Iterator[Item | Bad]:
    """A document that is valid as a whole, under the same positions as if it had been cut."""
    if type(value) is list:
        for number, item in enumerate(value, 1):
            yield from _expand(item, f"record {number}", _compact(item, b""))
    elif type(value) is dict and value.get("resourceType") == "Bundle" and type(value.get("entry")) is list:
        for number, entry in enumerate(value["entry"], 1):
            yield from _entry(entry, f"entry {number}", 0)
    else:
        yield from _expand(value, "record 1", _compact(value, raw))


def _read_lines(stream: BinaryIO, head: bytes) -> Iterator[Item | Bad]:
    for number, line, whole in lines(stream, head):
        position = f"line {number}"
        if not whole:
            yield Bad(position, "the line is longer than 64 MiB", line, "fhir")
            continue
        value = _parsed(line)
        if value is None:
            yield Bad(position, "the line is not valid JSON", line, "fhir")
        else:
            yield from _expand(value, position, line)


def _read_element(element: Element) -> Iterator[Item | Bad]:
    if element.damage:
        yield Bad(element.position, element.damage, element.raw, "fhir")
        return
    value = _parsed(element.raw)
    if value is None:
        yield Bad(element.position, "the record is not valid JSON", element.raw, "fhir")
    elif element.outer:
        if value.get("resourceType") != "Bundle":
            yield from _expand(value, element.position, element.raw)
    elif element.position.startswith("entry"):
        yield from _entry(value, element.position, 0)
    else:
        yield from _expand(value, element.position, _compact(value, element.raw))


def _expand(value: Any, position: str, raw: bytes, depth: int = 0) -> Iterator[Item | Bad]:
    """The events of a parsed value: a resource, a list of them, or a Bundle."""
    if depth > _MAX_NESTED_BUNDLES:
        yield Bad(position, "Bundles are nested too deeply", raw, "fhir")
    elif type(value) is list:
        for number, item in enumerate(value, 1):
            yield from _expand(item, f"{position} item {number}", _compact(item, raw), depth + 1)
    elif type(value) is not dict:
        yield Bad(position, "the record is not a JSON object", raw, "fhir")
    elif value.get("resourceType") == "Bundle":
        entries = value.get("entry", [])
        if type(entries) is not list:
            yield Bad(position, "the entries of the Bundle are no list", raw, "fhir")
            return
        for number, entry in enumerate(entries, 1):
            yield from _entry(entry, f"{position} entry {number}", depth + 1)
    elif "resourceType" not in value and (listed := _listed(value)):
        yield from _expand(listed, position, raw, depth + 1)
    else:
        yield from each([JsonRecord(position, value, raw)], _resource, "fhir")


def _listed(answer: Json, depth: int = 1) -> list[Any] | None:
    """The resources that a service or an export lists under words of its own; None where it lists none."""
    for one in answer.values():
        if type(one) is list and one and type(one[0]) is dict and "resourceType" in one[0]:
            return one
        if type(one) is dict and depth < _MAX_NESTED_LISTS and (listed := _listed(one, depth + 1)):
            return listed
    return None


def _resource(record: JsonRecord) -> Iterator[Item | Bad]:
    return events(record.value, record.position, record.raw)


def _entry(entry: Any, position: str, depth: int) -> Iterator[Item | Bad]:
    """The resource of a Bundle's entry; without an id it takes that of the entry's address."""
    resource: Json | None = entry.get("resource") if type(entry) is dict else None
    if type(resource) is not dict:
        yield Bad(position, "the entry holds no resource", _compact(entry, b""), "fhir")
        return
    address = entry.get("fullUrl")
    if "id" not in resource and type(address) is str:
        resource = resource | {"id": split_reference(address)[1]}
    yield from _expand(resource, position, _compact(resource, b""), depth)


def _compact(value: Any, otherwise: bytes) -> bytes:
    """The value as compact JSON; beyond the writer's depth (254) what it came from, or its outline."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return otherwise or repr(value)[:4096].encode()
