"""Rows of Zeek's words → events; a mail and a line of a log go to those who read such."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.json_records import dumps
from pipeline.ingest.mail.items import mail_items
from pipeline.ingest.mail.message import Message, read_message
from pipeline.ingest.packets.mail import MESSAGE
from pipeline.ingest.packets.syslog import LINE
from pipeline.ingest.syslog_lines import parse
from pipeline.ingest.told.items import told_items
from pipeline.ingest.year_clock import YearClock
from pipeline.ingest.zeek.rows import item_of_object

_OF_THE_WIRE = ("uid", "src_ip", "src_port", "dst_ip", "dst_port", "rcpt_to", "format", "service")


def items_of(log: str, row: dict[str, Any], number: int) -> Iterator[Item | Bad]:
    """The events of a row of Zeek's log `log`, that packet `number` completed."""
    message, line = row.pop(MESSAGE, None), row.pop(LINE, None)
    row = {name: value for name, value in row.items() if value is not None}
    position, raw = f"packet {number}", dumps({"_path": log, **row}).encode()
    if line is not None:
        yield from _logged(row, line, position, raw)
        return
    told = item_of_object(row, log, position, raw)
    found = _read(message, row["ts"]) if message else None
    if found is None or isinstance(told, Bad):
        yield told
        return
    # The wire says between whom and for whom, the message what it is: as people see it.
    fields = found.fields | {name: value for name, value in told.fields.items() if name in _OF_THE_WIRE}
    fields["mail_from"] = fields["mail_from"] or told.fields.get("mail_from")
    yield from mail_items(fields, found.links, position, raw + message)


def _read(message: bytes, seen: float) -> Message | None:
    try:
        return read_message(message, seen)
    except Exception:  # the library's parser met with what it cannot take: the envelope is told all the same
        return None


def _logged(row: dict[str, Any], line: bytes, position: str, raw: bytes) -> Iterator[Item | Bad]:
    """A line at the time at which it was on the wire, of the machine that it names or that sent it."""
    text = line.decode("utf-8", "backslashreplace").strip("\x00\r\n").replace("\x00", "\\x00")
    try:
        fields = parse(text, YearClock(datetime.fromtimestamp(row["ts"], UTC).year)) or {"message": text}
        fields |= {"ts": row["ts"], "format": "syslog", "host": fields.get("host") or row["id.orig_h"]}
        yield from told_items(fields, position, raw + line)
    except Exception:  # as where the line stood in a file: it is refused, and the others are read
        yield Bad(position, "the syslog reader failed on it: please report it", line, "syslog")
