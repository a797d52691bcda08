"""Cuts XML messages out of a stream: singly, one after the other, inside a wrapping element, or in syslog lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from pipeline.ingest.format import Bad

_MAX_MESSAGE_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_EXCERPT_BYTES = 4096
_LONGEST_EDGE = 256
_ENCODING = re.compile(rb"""<\?xml[^>]{0,80}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UTF_16 = re.compile(rb"utf-?16", re.IGNORECASE)
# What may stand between messages of an XML file: declarations, comments, tags of a wrapping element.
# Atomic and possessive, so that nothing a sender writes can make it slow.
_DECORATION = re.compile(rb"(?:\s|\xef\xbb\xbf|<\?[^>]*>|(?><!--.*?-->)|</?[\w:.-]+(?:\s[^<>]*)?>)*+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """One message, from its first to its last tag."""

    position: str
    raw: bytes
    encoding: bytes
    """What the file says of itself; UTF-8 where it says nothing, or UTF-16, which is read as UTF-8 here."""


def parsed(raw: bytes, encoding: bytes) -> Element:
    """The element. ValueError: not well-formed; entities and document types are refused, nothing is fetched."""
    try:
        root: Element = fromstring(b'<?xml version="1.0" encoding="%s"?>%s' % (encoding, raw), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise ValueError("not well-formed XML") from error
    return root


def sniffed(head: bytes, edge: re.Pattern[bytes]) -> float:
    """How surely a file is one of such messages: more where one begins it than where one stands in its lines."""
    first = edge.search(head)
    if not first:
        return 0.0
    begins = head[: first.start()].count(b"\n") == 0 or _DECORATION.fullmatch(head[: first.start()])
    return 0.99 if begins else 0.6


def xml_pieces(stream: BinaryIO, edge: re.Pattern[bytes], what: str, format: str) -> Iterator[Piece | Bad]:
    """Every message in order, and what is none. `edge`: its opening and its closing tag; `what`: its name.

    Messages are limited to 4 MiB. Nothing is parsed yet.
    """
    encoding = b"utf-8"
    record = 0
    for line, raw, kind in _pieces(stream, edge):
        if kind in ("between", "rest"):
            told = _ENCODING.search(raw)
            encoding = told[1] if told and not _UTF_16.match(told[1]) else encoding
            yield from _between(line, raw + b"\n" if kind == "rest" else raw, what, format)
            continue
        record += 1
        if kind in ("damaged", "headless"):
            missing = "end" if kind == "damaged" else "beginning"
            yield Bad(f"record {record}", f"the {what} has no {missing}", raw[:_EXCERPT_BYTES], format)
        else:
            yield Piece(f"record {record}", raw, encoding)


def _pieces(stream: BinaryIO, edge: re.Pattern[bytes]) -> Iterator[tuple[int, bytes, str]]:
    """Line number, bytes and kind (`message`, `damaged`, `headless`, `between`, `rest`) of every piece, in order."""
    buffer, line, inside, more = b"", 1, False, True
    while more:
        chunk = stream.read(_CHUNK_BYTES)
        more = bool(chunk)
        searched = max(0, len(buffer) - _LONGEST_EDGE)
        buffer += chunk
        begin = 0
        for tag in edge.finditer(buffer, searched):
            opening = not tag.group().startswith(b"</")
            end = tag.start() if opening else tag.end()
            if end > begin:
                kind = ("damaged" if opening else "message") if inside else "between" if opening else "headless"
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


def _between(line: int, raw: bytes, what: str, format: str) -> Iterator[Bad]:
    """Lines without a message are refused one by one, except XML's decoration; the last is a message's syslog head."""
    if _DECORATION.fullmatch(raw[:_CHUNK_BYTES]):
        return
    *whole, _head = raw.split(b"\n")
    for number, text in enumerate(whole, line):
        text = text.strip()
        if text and not _DECORATION.fullmatch(text[:_EXCERPT_BYTES]):
            yield Bad(f"line {number}", f"the line holds no {what}", text[:_EXCERPT_BYTES], format)
