"""Windows and Sysmon events as XML: exports of the Event Viewer, wevtutil and EVTX dumpers, Sysmon on Linux."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.plain_text import is_json, is_table
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.xml import event_of
from pipeline.ingest.xml_pieces import Piece, sniffed, xml_pieces

_EDGE = re.compile(rb"<Event(?=[\s>])|</Event\s*>")
_SYSTEM = re.compile(rb"<Event(?:\s[^<>]{0,512})?>\s*<System")


class WindowsXml(Format):
    """Events singly, one after the other or inside `<Events>`."""

    id = "windows_xml"
    title = "Windows and Sysmon events (XML)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Events that open with what the system says of them; inside JSON and tables they are others' values."""
        opening = _SYSTEM.search(head)
        if opening is None or b'""' in opening[0] or is_json(head) or is_table(head):
            return 0.0
        return sniffed(head, _EDGE)

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every element."""
        return each(xml_pieces(stream, _EDGE, "event", self.id), _events, self.id)


def _events(piece: Piece) -> Iterator[Item | Bad]:
    try:
        event = event_of(piece.raw, piece.encoding)
    except ValueError as error:
        yield Bad(piece.position, str(error), piece.raw, WindowsXml.id)
    else:
        yield windows_item(event, piece.position, piece.raw, WindowsXml.id)
