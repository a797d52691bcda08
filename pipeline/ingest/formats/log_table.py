"""Tables of log records: what searches of Defender, Sentinel, Splunk, Elastic, Okta and clouds export as CSV."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Fields, Item, each
from pipeline.ingest.formats.json_lines import MESSAGES, NAMES, log_events
from pipeline.ingest.json_records import JsonRecord, loads
from pipeline.ingest.line_times import TimeFinder
from pipeline.ingest.sensors import products
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import cell_ts, dated_cells, is_american
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, plain_name, table_rows
from pipeline.ingest.times import any_ts
from pipeline.ingest.told import json_fields, json_logons, json_network, json_processes
from pipeline.ingest.told.completed import TIMES
from pipeline.ingest.told.json_logons import SIGN_IN
from pipeline.ingest.told.roles import EARLIEST
from pipeline.ingest.year_clock import YearlessFormat

_GROUPS = (NAMES, json_fields.NAMES, json_logons.NAMES, json_network.NAMES, json_processes.NAMES, products.NAMES)
_EXACT = frozenset().union(*_GROUPS)
_KNOWN = {plain_name(name): name for group in reversed(_GROUPS) for name in sorted(group, reverse=True)}
_SENTENCES = frozenset(("content", "description", "details", "eventmessage", "logmessage", "entry"))
_PROGRAMS = frozenset(("level", "loglevel", "severity", "component", "logger", "facility", "process", "processname",
                       "program", "pid", "tid", "thread", "host", "hostname", "computer", "node"))  # fmt: skip
"""Beside one of these a column of sentences is what a program said; elsewhere it may be a note about somebody."""
_TIMED, _SAID = (frozenset(map(plain_name, names)) for names in (TIMES, MESSAGES))
_PARTS_OF_TIME = _TIMED | {"year", "month", "day", "clock"}
_SIGN_INS = {"signinerrorcode": SIGN_IN, "user": "userDisplayName", "username": "userPrincipalName",
             "application": "appDisplayName", "resource": "resourceDisplayName", "ipaddress": "ipAddress"}  # fmt: skip
"""What Entra's portal calls in its table of sign-ins what the record of one has; the first column tells the table."""
_SIGN_IN_COLUMN = next(iter(_SIGN_INS))
_ZONE = re.compile(r" ?[\[(](?:UTC|GMT)[\])]$")
"""Behind names of columns with times, as Sentinel writes them."""
_LOOKED_AT = 5
_PARSED = "eventtemplate"
"""A column of what parsers of logs write: the log itself lies beside it, and would be told twice."""
_NO_TIME = "the row has no time with a day"


class LogTable(YearlessFormat):
    """A row a record, as if it were JSON with the columns as its fields, whatever signs and letters their names have.

    Times without a zone are UTC; 7/5/2017 is a day in May unless the file shows that months come first.
    """

    id = "log_table"
    title = "Log records as CSV (exports of Defender, Sentinel, Splunk, Elastic, Okta, clouds and kin)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """0.5 where one of the first rows tells something: less than tables whose columns say what they are. Above
        any reader of lines where a column is of times and one of messages: cells may look like lines."""
        columns = [plain_name(column) for column in header_of(head, delimiter_of(head))]
        if head.lstrip()[:1] in (b"{", b"[", b"<", b"") or len(columns) < 2 or _PARSED in columns:
            return 0.0
        whole = head[: head.rfind(b"\n") + 1] or head
        told = self._told(BytesIO(whole), head, name)
        rows = (one for _, one in zip(range(_LOOKED_AT), told, strict=False))
        if not any(isinstance(one, Item) and _tells(one.fields) for one in rows):
            return 0.0
        return 0.91 if not _TIMED.isdisjoint(columns) and not _SAID.isdisjoint(columns) else 0.5

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """What the record of every row tells."""
        return self._told(stream, head_of(stream), name)

    def _told(self, stream: BinaryIO, head: bytes, name: str) -> Iterator[Item | Bad]:
        delimiter = delimiter_of(head)
        month_first = is_american(dated_cells(head, delimiter))
        finder = TimeFinder(self.clock(name, head), head)
        columns = {plain_name(column) for column in header_of(head, delimiter)}
        said = frozenset() if _PROGRAMS.isdisjoint(columns) else _SENTENCES

        def events(row: TableRow) -> Iterator[Item | Bad]:
            record = _record(row.cells, said, month_first=month_first)
            if not any(isinstance(record.get(name), float) for name in TIMES):
                found = finder.find(_parts_of_time(row.cells))
                if found is None:
                    yield Bad(row.position, _NO_TIME, row.raw, LogTable.id)
                    return
                record[TIMES[0]] = found[0]
            yield from log_events(JsonRecord(row.position, record, row.raw))

        return each(table_rows(stream, delimiter, None, LogTable.id), events, LogTable.id)


def _tells(fields: Fields) -> bool:
    """Whether there is more than a time and a level: a message (`data` is set beside one), an act, a request …"""
    return fields.get("kind") != "line" or bool(fields.get("data") or fields.get("event_code"))


def _record(cells: dict[str, str], said: frozenset[str], *, month_first: bool) -> dict[str, Any]:
    record: dict[str, Any] = {}
    plain = {plain_name(column): cell for column, cell in cells.items()}
    signed_in = _SIGN_INS if _SIGN_IN_COLUMN in plain else {}
    if "date" in plain and "time" in plain:  # the day and the clock apart
        record["time"] = _time(f"{plain['date']} {plain['time']}", month_first=month_first)
    for column, cell in cells.items():
        if cell:
            name = _ZONE.sub("", column)
            if signed_in and (bare := plain_name(name)) in signed_in:
                name = signed_in[bare]
            elif name not in _EXACT:
                bare = plain_name(name)
                name = _KNOWN.get(bare, MESSAGES[0] if bare in said else name)
            if name in TIMES:
                record.setdefault(name, _time(cell, month_first=month_first))
            else:
                record.setdefault(name, cell if name in MESSAGES else _value(cell))
    return record


def _parts_of_time(cells: dict[str, str]) -> str:
    """What stands in columns of times, months, days and clocks, as a line would have it: `Jun 14 15:16:01`."""
    return " ".join(cell for column, cell in cells.items() if plain_name(column) in _PARTS_OF_TIME)


def _time(cell: str, *, month_first: bool) -> float | str:
    ts = any_ts(cell) or cell_ts(cell, month_first=month_first)
    return ts if ts is not None and ts >= EARLIEST else cell


def _value(cell: str) -> Any:
    """A cell may hold JSON."""
    if cell[0] not in "{[":
        return cell
    try:
        return loads(cell.encode())
    except ValueError:
        return cell
