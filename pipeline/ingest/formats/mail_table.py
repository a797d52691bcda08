"""Tables of mail gateways: message traces of Microsoft 365, message tracking of Exchange and kin."""

from collections.abc import Iterator
from typing import BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.lines import first_lines
from pipeline.ingest.mail.gateway import gateway_items, is_mail, named_values
from pipeline.ingest.streams import head_of
from pipeline.ingest.table_times import cell_ts, dated_cells, is_month_first
from pipeline.ingest.tables import TableRow, delimiter_of, header_of, plain_name, table_rows

_W3C = b"#Fields:"
_LOOK_AT_LINES = 20
_NEEDED = ("ts", "mail_from", "rcpt_to", "subject")
_ARRIVED = frozenset(("receive", "haredirect", ""))
"""Exchange tells each step of a mail in a row of its own: where it came in is the mail, all others are its way."""


class MailTable(Format):
    """A row a mail: a time, a sender, recipients and a subject under the names that `mail_gateway` knows.

    Times without a zone are UTC; 7/5/2017 is a day in May unless the file shows that months come first.
    """

    id = "mail_table"
    title = "Mail gateway records as CSV (message traces, Exchange's message tracking)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Where the header names all four, and rows, where there are any, have senders: surer than a table of log
        records, which a column of messages makes of others."""
        if head.lstrip()[:1] in (b"{", b"[", b"<", b""):
            return 0.0
        _, columns, given = _form(head)
        names = named_values(dict.fromkeys(columns, "x"))
        if not all(name in names for name in _NEEDED):
            return 0.0
        rows = [line for line in first_lines(head, _LOOK_AT_LINES) if line.strip() and not line.startswith(b"#")]
        mails = rows if given else rows[1:]
        return 0.92 if not mails or any(b"@" in line for line in mails) else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """A mail of every row; of Exchange's, of every one that came in."""
        head = head_of(stream)
        delimiter, columns, given = _form(head)
        month_first = is_month_first(dated_cells(head, delimiter))
        step = next((column for column in columns if plain_name(column) == "eventid"), None)

        def events(row: TableRow) -> Iterator[Item | Bad]:
            if not step or row.cells[step].strip().lower() in _ARRIVED:
                yield from self._mail(row, month_first=month_first)

        for event in each(table_rows(stream, delimiter, columns if given else None, self.id), events, self.id):
            if not (isinstance(event, Bad) and event.raw.startswith(b"#")):
                yield event

    def _mail(self, row: TableRow, *, month_first: bool) -> Iterator[Item | Bad]:
        values = named_values({name: cell.strip() for name, cell in row.cells.items()})
        ts = cell_ts(values["ts"], month_first=month_first) if is_mail(values) else None
        if ts is None:
            reason = "the row is no mail: it needs a time, a sender, and a recipient or a subject"
            yield Bad(row.position, reason, row.raw, self.id)
        else:
            yield from gateway_items(values, ts, self.id, row.position, row.raw)


def _form(head: bytes) -> tuple[str, list[str], bool]:
    """(delimiter, names of the columns, whether a comment gives them and no first line does)."""
    for line in first_lines(head, _LOOK_AT_LINES):
        if line.startswith(_W3C):
            names = line.removeprefix(_W3C).strip()
            return ",", header_of(names, ","), True
    delimiter = delimiter_of(head)
    return delimiter, header_of(head, delimiter), False
