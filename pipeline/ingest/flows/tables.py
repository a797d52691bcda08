"""How a table of flows is laid out: its delimiter, where its names stand, or which table it is without any."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.ingest.flows.columns import FlowColumns, flow_columns
from pipeline.ingest.flows.nfdump import cells_of_line, columns_of, is_around
from pipeline.ingest.format import Bad
from pipeline.ingest.lines import LOOK_AT_BYTES, first_lines, lines, majority, overlong, whole_lines
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, table_rows

_VPC = ("version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets",
        "bytes", "start", "end", "action", "log-status")  # fmt: skip
"""Columns of Amazon's default flow log, which may come without a header."""
_VPC_ROW = re.compile(r"\d \S{1,32} \S{1,32} [\da-fA-F.:-]+ [\da-fA-F.:-]+ (?:[\d-]+ ){7}[A-Z-]+ [A-Z]+$")
_UNSW = ("srcip", "sport", "dstip", "dsport", "proto", "state", "dur", "sbytes", "dbytes", "sttl", "dttl", "sloss",
         "dloss", "service", "Sload", "Dload", "Spkts", "Dpkts", *(f"c{n}" for n in range(18, 28)), "Stime", "Ltime",
         *(f"c{n}" for n in range(30, 49)))  # fmt: skip
"""Columns of UNSW-NB15's four tables, which come without a header."""
_UNSW_ROW = re.compile(r"[\d.]{7,15},[^,]+,[\d.]{7,15},[^,]+,[a-z0-9-]+,[A-Za-z-]+,(?:[^,]*,){22}\d{10},\d{10},")
_NUMBER = r"\d{1,12}"
_PORT = r"(?:(?:N|Port)\d{1,9}|\d{1,5})"
_LANL = ("time", "duration", "srcaddr", "srcport", "dstaddr", "dstport", "protocol", "packets", "bytes")
_LANL_ROW = re.compile(rf"{_NUMBER},{_NUMBER},C\d{{1,9}},{_PORT},C\d{{1,9}},{_PORT},\d{{1,3}},{_NUMBER},{_NUMBER}$")
"""Los Alamos' flows.txt (2015): computers are numbers, and so are rare ports; times count from the beginning."""
_UNIFIED = ("time", "duration", "srcaddr", "dstaddr", "protocol", "srcport", "dstport", "srcpkts", "dstpkts",
            "sourcebytes", "destinationbytes")  # fmt: skip
_DEVICE = r"[A-Za-z][\w.-]{0,63}"
_UNIFIED_ROW = re.compile(rf"{_NUMBER},{_NUMBER},{_DEVICE},{_DEVICE},\d{{1,3}},{_PORT},{_PORT}(?:,\d{{1,18}}){{4}}$")
"""Los Alamos' netflow of 2017, the two directions together."""
_UGR = ("te", "td", "sa", "da", "sp", "dp", "pr", "flg", "fwd", "stos", "pkt", "byt", "label")
_UGR_ROW = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,[\d.]+,[\da-fA-F.:]+,[\da-fA-F.:]+,\d+,\d+,\w+,[.A-Z]{6,8},\d+,\d+,\d+,\d+,[\w-]+$"
)
"""UGR'16: nfdump's cells without names; the time is that of the flow's end."""
_BARE = ((_VPC_ROW, " ", _VPC), (_UNSW_ROW, ",", _UNSW), (_LANL_ROW, ",", _LANL), (_UNIFIED_ROW, ",", _UNIFIED),
         (_UGR_ROW, ",", _UGR))  # fmt: skip
"""How a row of a table without names of columns looks, its delimiter, and its names."""
_W3C = "#Fields:"
_SUMMARY = b"Summary"
"""What nfdump writes below its table, above rows of other columns."""
_LOOK_AT_LINES = 8
_SNIFFED_LINES = 50


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table's layout."""

    delimiter: str
    """A blank stands for any number of them, nothing for nfdump's lines."""
    names: list[str]
    columns: FlowColumns
    headed: bool
    """Whether the first line names the columns."""


def form_of(head: bytes) -> TableForm | None:
    """The layout of the file that begins so; None where it is no table of flows."""
    texts = [line.decode("utf-8", "backslashreplace").strip() for line in first_lines(head, _SNIFFED_LINES)]
    if not texts:
        return None
    for text in texts[:_LOOK_AT_LINES]:
        if text.startswith(_W3C):
            return _named(" ", text.removeprefix(_W3C).split(), headed=False)
    printed = columns_of(texts[0])
    if printed:
        return _named("", list(printed), headed=True)
    for pattern, delimiter, names in _BARE:
        if majority(sum(pattern.match(text) is not None for text in texts), len(texts)) and pattern.match(texts[0]):
            return _named(delimiter, list(names), headed=False)
    delimiter = delimiter_of(head)
    if delimiter in texts[0]:
        return _named(delimiter, header_of(head, delimiter), headed=True)
    return _named(" ", texts[0].split(), headed=True)


def rows_of(stream: BinaryIO, form: TableForm, format: str) -> Iterator[TableRow | Bad]:
    """Every row; lines that sum up (nfdump) or comment are passed over."""
    if form.delimiter == " ":
        yield from _spaced(stream, form, format)
        return
    if not form.delimiter:
        yield from _printed(stream, form, format)
        return
    columns = None if form.headed else form.names
    summary = False
    for row in table_rows(stream, form.delimiter, columns, format):
        summary = isinstance(row, Bad) and (summary or row.raw.strip() == _SUMMARY)
        if not summary:
            yield row


def _printed(stream: BinaryIO, form: TableForm, format: str) -> Iterator[TableRow | Bad]:
    names = tuple(form.names)
    for line in whole_lines(lines(stream), format):
        if isinstance(line, Bad):
            yield line
            continue
        text = line.raw[:LOOK_AT_BYTES].decode("utf-8", "backslashreplace")
        cells = cells_of_line(text, names)
        if cells:
            yield TableRow(line.position, cells, line.raw)
        elif not is_around(text):
            yield Bad(line.position, "not a flow as nfdump prints it", line.raw, format)


def _spaced(stream: BinaryIO, form: TableForm, format: str) -> Iterator[TableRow | Bad]:
    for number, raw, whole in lines(stream):
        cells = raw.decode("utf-8", "backslashreplace").split()
        if not whole:
            yield overlong(number, raw, format)
        elif not cells or cells[0].startswith("#") or cells == form.names:
            continue
        elif len(cells) != len(form.names):
            reason = f"the row has {len(cells)} cells where the table has {len(form.names)}"
            yield Bad(f"line {number}", reason, raw, format)
        elif cells[-1] not in ("NODATA", "SKIPDATA"):  # nothing passed in the while, or the log has a gap
            yield TableRow(f"line {number}", dict(zip(form.names, cells, strict=True)), raw)


def _named(delimiter: str, names: list[str], *, headed: bool) -> TableForm | None:
    columns = flow_columns(names)
    return TableForm(delimiter, names, columns, headed) if columns else None
