"""Windows events as text: what Splunk, wevtutil, the Event Viewer and PowerShell's Format-List write."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.lines import MAX_RECORD_BYTES, TOO_LONG, Line, lines
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import is_american
from pipeline.ingest.tables import plain_name
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.labels import DATES, NAMES
from pipeline.ingest.windows.texts import NUMBERED, SPLUNK_TIME, event_of_text
from pipeline.ingest.windows.xml import event_of

_SPLUNK = re.compile(rf"^{SPLUNK_TIME.pattern}\r?\n(?:Log|Source)Name=", re.MULTILINE)
_LABEL = re.compile(r"([^\W\d_][\w .'’-]{0,30}?)[ \t\xa0]*:(?=[ \t\xa0])")
_TIMES = frozenset((*NAMES["TimeCreated"], *DATES))
_FIRST_LINES = 40
"""In which the labels of a first event must stand; a long text may come before the last ones."""
_XML = "<Event "

Opens = Callable[[str], bool]


class WindowsText(Format):
    """An event a block of lines; the last one of a file that is still written waits for the next to begin.

    Searches of Splunk mix these with events as XML, a line each, which are read as well. Dates are read with the day
    first unless the file shows otherwise; Splunk writes the month first everywhere.
    """

    id = "windows_text"
    title = "Windows and Sysmon events (text of Splunk, wevtutil, Event Viewer, Format-List)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """The first line opens an event in one of the four forms."""
        return 0.995 if _opens(head.decode("utf-8", "replace")) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every block."""
        head = head_of(stream).decode("utf-8", "replace")
        opens = _opens(head)
        if opens is None:
            yield Bad("file", "no line opens a Windows event as text", head.encode(), self.id)
            return
        month_first = bool(_SPLUNK.search(head)) or is_american(_dates(head))

        def events(block: Line) -> Iterator[Item | Bad]:
            try:
                text = block.raw.decode("utf-8", "backslashreplace")
                event = event_of(block.raw) if text.startswith(_XML) else event_of_text(text, month_first=month_first)
            except ValueError as error:
                yield Bad(block.position, str(error), block.raw, self.id)
                return
            if event is None:
                yield Bad(block.position, "the text is no Windows event: it has no event id", block.raw, self.id)
            else:
                yield windows_item(event, block.position, block.raw, self.id)

        yield from each(_blocks(stream, opens), events, self.id)


def _opens(head: str) -> Opens | None:
    """Tells of a line whether an event begins with it; None where the head is of no such form."""
    first = [line.rstrip("\r") for line in head.split("\n", _FIRST_LINES)[:_FIRST_LINES]]
    first = first[next((k for k, line in enumerate(first) if line.strip()), len(first)) :]
    if not first:
        return None
    if SPLUNK_TIME.fullmatch(first[0]) or first[0].startswith(_XML):
        if not _SPLUNK.search(head):
            return None
        return lambda line: bool(SPLUNK_TIME.fullmatch(line)) or line.startswith(_XML)
    if NUMBERED.fullmatch(first[0].strip()):
        return lambda line: bool(NUMBERED.fullmatch(line.strip()))
    label = _LABEL.match(first[0])
    known = {plain_name(found[1]) for line in first if (found := _LABEL.match(line))}
    if label is None or known.isdisjoint(_TIMES) or known.isdisjoint(NAMES["EventID"]):
        return None
    if known.isdisjoint((*NAMES["SourceName"], *NAMES["Message"])):
        return None
    opening = first[0][: label.end()]
    return lambda line: line.startswith(opening)


def _dates(head: str) -> list[str]:
    pairs = (line.partition(":") for line in head.splitlines())
    return [value.strip() for label, _, value in pairs if plain_name(label) in _TIMES]


def _blocks(stream: BinaryIO, opens: Opens) -> Iterator[Line | Bad]:
    held: list[bytes] = []
    size = begun = 0

    def block() -> Iterator[Line | Bad]:
        raw = b"\n".join(held).strip(b"\r\n")
        if size > MAX_RECORD_BYTES:
            yield Bad(f"line {begun}", TOO_LONG, raw, WindowsText.id)
        elif raw.strip():
            yield Line(begun, raw)

    for number, line, _ in lines(stream):
        if opens(line[:256].decode("utf-8", "replace")) or not begun:
            yield from block()
            held, size, begun = [], 0, number
        size += len(line) + 1
        if size <= MAX_RECORD_BYTES:
            held.append(line)
    yield from block()
