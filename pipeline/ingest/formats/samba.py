"""Samba's own log files: a head with time, level and place in the source, and what is said in the lines below it."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.lines import LOOK_AT_BYTES, Line, first_lines, lines, whole_lines
from pipeline.ingest.times import any_ts
from pipeline.ingest.told.items import told_items

_HEAD = re.compile(
    r"\[(?P<day>\d{4}/\d\d/\d\d) (?P<time>\d\d:\d\d:\d\d(?:\.\d{1,6})?),\s{1,3}(?P<level>\d{1,2})[^\]]{0,128}\] "
)
_SEVERITIES = {"0": 3, "1": 4, "2": 5, "3": 6}
"""Debug levels → syslog severities; what is deeper is for debugging."""
_NO_HEAD = "the line has no head before it, and so no time"


class Samba(Format):
    """Lines under a head; the times are the machine's, and taken as UTC."""

    id = "samba"
    title = "Samba's log files (smbd, samba, winbindd)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """A head in the first line."""
        first = first_lines(head, 1)
        return 0.9 if first and _HEAD.match(first[0][:256].decode("utf-8", "replace")) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every line below a head."""
        said: Fields = {}

        def events(cut: Line) -> Iterator[Item | Bad]:
            line = cut.raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace").strip()
            head = _HEAD.match(line)
            if head:
                ts = any_ts(f"{head['day'].replace('/', '-')}T{head['time']}+00:00")
                said.update(ts=ts, severity=_SEVERITIES.get(head["level"], 7))
            elif said.get("ts") is None:
                yield Bad(cut.position, _NO_HEAD, cut.raw, self.id)
            else:
                yield from told_items(
                    {**said, "format": self.id, "program": self.id, "message": line}, cut.position, cut.raw
                )

        return each(whole_lines(lines(stream), self.id), events, self.id)
