"""Sensors' records that travel in lines and records of others: EVE, Zeek, Windows' or Samba's events in syslog."""

import re
from typing import Any

from pipeline.ingest.format import Bad, Item
from pipeline.ingest.json_records import loads
from pipeline.ingest.samba.records import is_samba, samba_item
from pipeline.ingest.suricata.events import event_fields, is_eve
from pipeline.ingest.times import any_ts
from pipeline.ingest.windows.events import windows_item
from pipeline.ingest.windows.record import is_windows
from pipeline.ingest.windows.texts import SNARE, event_of_text, snare_event
from pipeline.ingest.windows.xml import event_of, object_of
from pipeline.ingest.zeek.rows import is_zeek, item_of_object, log_by_columns, log_by_name

_DECLARED = 128
_MARKUP = re.compile(r"<\?xml [^>]{1,120}\?>\s{0,8}(?P<declared><[A-Za-z])|(?P<bare><[A-Za-z]\w{1,64}>)")
"""A declared document, or an element without attributes: what brackets in words of a line hardly are."""
_LISTED = " \t\r\n],"
"""What may stand behind it: a list of one."""
_OPENS_WITHIN = 64
"""Characters that may stand before the object: `@cee:`, a tag of our own relay."""


def object_in(text: str) -> dict[str, Any] | None:
    """The object of JSON or XML, or the Windows event in another form, that a text holds from early on to its end."""
    if "LogName=" in text[:_OPENS_WITHIN] and "\n" in text:
        return event_of_text(text)
    if SNARE in text[:_OPENS_WITHIN]:
        return snare_event(text)
    if "<Event" in text[:_OPENS_WITHIN] and text.rstrip().endswith("</Event>"):
        try:
            return event_of(text[text.index("<Event") :].rstrip().encode())
        except ValueError:
            return None
    markup = _MARKUP.search(text, 0, _OPENS_WITHIN + _DECLARED) if text[-1:] == ">" else None
    if markup:
        try:
            return object_of(text[markup.start(markup.lastgroup or 0) :].encode())
        except ValueError:
            return None
    start = text.find("{", 0, _OPENS_WITHIN)
    if start < 0 or not text.rstrip(_LISTED).endswith("}"):
        return None
    try:
        value = loads(text[start:].rstrip(_LISTED).encode())
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def carried_item(row: dict[str, Any], name: str, position: str, raw: bytes, host: str = "") -> Item | Bad | None:
    """The event of a record of Suricata, Zeek, Windows or Samba, or why it cannot be read; None for all other records.

    `name`: who says so; `zeek_conn` tells which of Zeek's logs it is. `host`: the machine that says so, as Samba's
    records do not name it.
    """
    if is_eve(row):
        ts = any_ts(row["timestamp"])
        return Item("network", event_fields(row, ts), position, raw) if ts is not None else None
    if is_zeek(row):
        path = row.get("_path")
        log = path if isinstance(path, str) else log_by_name(name) or log_by_columns(row)[0] or "unknown"
        return item_of_object(row, log, position, raw)
    if is_windows(row):
        return windows_item(row, position, raw, "windows")
    if is_samba(row):
        return samba_item(row, host, position, raw)
    return None
