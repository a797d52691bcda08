"""What people do at their desks, as CERT's insider threat sets write it: log-ons, media, files, pages, mails."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Format, Item, each
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import cell_ts
from pipeline.ingest.tables import TableRow, header_of, table_rows

_ALL = ("id", "date", "user", "pc")
"""The first columns of every one of these tables."""
_FIRST = re.compile(rb"\{[A-Z0-9]{4}-[A-Z0-9]{8}-[A-Z0-9]{8}\},\d\d/\d\d/\d{4} \d\d:\d\d:\d\d,")
_LOGONS = {"Logon": "logon", "Logoff": "logoff"}
_MEDIA = {"Connect": "media_connected", "Disconnect": "media_removed"}
_METHODS = {"WWW Visit": "GET", "WWW Download": "GET", "WWW Upload": "POST"}
_INTERACTIVE = 2
_URL = re.compile(r"https?://([^/:?#\s]{1,255})(?::\d{1,5})?(\S*)")
_SENT = "Send"
_SIZE = re.compile(r"\(\d+\)$")
_TRUE = "True"


class DeskTable(Format):
    """A row an act of somebody at a machine. Months come first in their dates, which are taken for UTC.

    Contents of files, pages and mails, and the personality scores beside these tables, are not read.
    """

    id = "desk"
    title = "Acts at desks (CERT insider threat: logon, device, file, http, email)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """By the names of the columns, in their order, above ids and dates of the sets' form."""
        header, _, rows = head.partition(b"\n")
        known = _kind(header_of(header, ",")) is not None
        return 0.96 if known and (not rows.strip() or _FIRST.match(rows)) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every row."""
        head = head_of(stream)
        known = _kind(header_of(head, ","))
        if known is None:
            yield Bad("file", "no header names an act of a user at a machine", head[:4096], self.id)
            return
        source, fields_of = known

        def event(row: TableRow) -> Iterator[Item | Bad]:
            ts = cell_ts(row.cells["date"], month_first=True)
            if ts is None:
                yield Bad(row.position, "the row has no time with a day", row.raw, DeskTable.id)
            else:
                told = {"ts": ts, "format": DeskTable.id, "user": row.cells["user"]}
                yield Item(source, {**told, **fields_of(row.cells)}, row.position, row.raw)

        yield from each(table_rows(stream, ",", None, self.id), event, self.id)


Cells = dict[str, str]


def _kind(columns: list[str]) -> tuple[str, Callable[[Cells], Fields]] | None:
    """The source of the events of a table with these columns, and what makes one of a row; None of any other table."""
    if tuple(columns[:4]) != _ALL:
        return None
    rest = frozenset(columns[4:])
    if "url" in rest:
        return "network", _request
    if {"to", "from", "attachments"} <= rest:
        return "network", _mail
    if "filename" in rest:
        return "logs", _file
    return ("logs", _act) if "activity" in rest and rest <= {"activity", "file_tree"} else None


def _act(cells: Cells) -> Fields:
    act = cells["activity"]
    if act in _LOGONS:
        return {"kind": "auth", "host": cells["pc"], "action": _LOGONS[act], "outcome": "success",
                "logon_type": _INTERACTIVE}  # fmt: skip
    return {"kind": "process", "host": cells["pc"], "action": _MEDIA.get(act, act), "target": cells.get("file_tree")}


def _file(cells: Cells) -> Fields:
    """Sets before the fifth hold nothing but copies to removable media."""
    copied = cells.get("to_removable_media", _TRUE) == _TRUE
    act = cells.get("activity", "File Copy").lower().replace(" ", "_")
    return {"kind": "process", "host": cells["pc"], "action": "file_to_media" if copied else act,
            "target": cells["filename"]}  # fmt: skip


def _request(cells: Cells) -> Fields:
    match = _URL.match(cells["url"])
    return {"kind": "http", "src_ip": cells["pc"], "service": "http", "method": _METHODS.get(cells.get("activity", "")),
            "host": match[1] if match else None, "uri": (match[2] or "/") if match else cells["url"]}  # fmt: skip


def _mail(cells: Cells) -> Fields:
    """A mail that was sent; one that was only looked at has no recipients here, as it was told when it came."""
    sent = cells.get("activity", _SENT) == _SENT
    to = ";".join(cells.get(name, "") for name in ("to", "cc", "bcc") if sent)
    files = [_SIZE.sub("", one.strip()) for one in cells["attachments"].split(";")]
    return {"kind": "mail", "src_ip": cells["pc"], "service": "smtp", "mail_from": cells["from"],
            "rcpt_to": [one.strip() for one in to.split(";") if one.strip()] or None,
            "attachments": [one for one in files if one and not one.isdecimal()] or None}  # fmt: skip
