"""Tables of logs whose columns have no names, known by how their rows look: Los Alamos' auth, proc and dns of 2015."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item
from pipeline.ingest.lines import first_lines, lines, majority, overlong
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.los_alamos import logon_event, process_event

_WHO, _COMPUTER = r"[^,@]{1,64}@[^,]{1,64}", r"C\d{1,9}"
_LOGON = re.compile(
    rf"(?P<time>\d{{1,12}}),(?P<user_from>{_WHO}),(?P<user_to>{_WHO}),(?P<from>[^,]{{1,64}}),(?P<to>[^,]{{1,64}}),"
    r"(?P<package>[^,]{1,64}),(?P<type>[^,]{1,32}),(?P<orientation>[A-Za-z]{3,16}),(?P<outcome>Success|Fail)"
)
_PROCESS = re.compile(
    rf"(?P<time>\d{{1,12}}),(?P<user>{_WHO}),(?P<host>{_COMPUTER}),(?P<image>[^,]{{1,64}}),(?P<act>Start|End)"
)
_QUESTION = re.compile(rf"(?P<time>\d{{1,12}}),(?P<who>{_COMPUTER}),(?P<whom>{_COMPUTER})")
_KINDS = (_LOGON, _PROCESS, _QUESTION)
_LOOKED_AT = 50


class BareTable(Format):
    """A row a log-on, a start or end of a program, or a name that was asked for.

    Times count seconds from the beginning and are taken as seconds since 1970. Of the question for a name only who
    asked, and for which computer, is told.
    """

    id = "bare_table"
    title = "Los Alamos' records of 2015 (auth.txt, proc.txt, dns.txt)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Where most rows are of one of the kinds, as whole lines."""
        rows = [line.decode("utf-8", "replace").strip() for line in first_lines(head, _LOOKED_AT)]
        return 0.97 * max(majority(sum(_is(kind, row) for row in rows), len(rows)) for kind in _KINDS)

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row."""
        for number, raw, whole in lines(stream):
            if not whole:
                yield overlong(number, raw, self.id)
            elif raw.strip():
                yield _event(raw.decode("utf-8", "replace").strip(), f"line {number}", raw)


def _is(kind: re.Pattern[str], row: str) -> bool:
    return kind.fullmatch(row) is not None


def _event(row: str, position: str, raw: bytes) -> Item | Bad:
    logon = _LOGON.fullmatch(row)
    if logon:
        return windows_item(logon_event(logon.groupdict()), position, raw, BareTable.id)
    process = _PROCESS.fullmatch(row)
    if process:
        return windows_item(process_event(process.groupdict()), position, raw, BareTable.id)
    asked = _QUESTION.fullmatch(row)
    if asked is None:
        return Bad(position, "the row is no log-on, start of a program or question for a name", raw, BareTable.id)
    fields: dict[str, Any] = {
        "kind": "dns", "ts": float(asked["time"]), "format": BareTable.id, "src_ip": asked["who"], "dst_port": 53,
        "service": "dns", "query": asked["whom"],
    }  # fmt: skip
    return Item("network", fields, position, raw)
