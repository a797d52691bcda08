"""Windows events as text of several lines, and as Snare's lines → the flat form of `WindowsRecord`.

Splunk's input (`LogName=Security`), wevtutil's `/f:text`, the Event Viewer's "copy as text", Format-List of
Get-WinEvent and Get-EventLog: a label in front of every value, and last the English text of the event.
"""

import re
from datetime import UTC, datetime
from typing import Any

from pipeline.ingest.table_times import cell_ts
from pipeline.ingest.tables import plain_name
from pipeline.ingest.windows.labels import DATES, NAMES, complete

SPLUNK_TIME = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d(?:\.\d{1,6})? [AP]M")
NUMBERED = re.compile(r"Event\[\d{1,9}\]:?")
_PAIR = re.compile(r"[ \t]*([^\W\d_][\w .'’-]{0,30}?)[ \t\xa0]*[:=][ \t\xa0]*(.*)$")
_OURS = {plain: ours for ours, names in NAMES.items() for plain in names} | dict.fromkeys(DATES, "TimeCreated")
_MOST_LINES = 2048
SNARE = "MSWinEventLog"
_SNARE_WITHIN = 64
_SNARE_TIME = "%a %b %d %H:%M:%S %Y"
_SNARE_PARTS = 13


def event_of_text(text: str, *, month_first: bool = True) -> dict[str, Any] | None:
    """The event of one block; None where it has no event id. `month_first`: of dates like 7/5/2017.

    >>> event = event_of_text("11/20/2026 10:00:00 AM\\nLogName=Security\\nEventCode=4634\\nMessage=Gone.\\n\\nBye.")
    >>> event["Channel"], event["EventID"], event["Message"]
    ('Security', '4634', 'Gone.\\n\\nBye.')
    """
    lines = text.strip("\r\n").splitlines()[:_MOST_LINES]
    event: dict[str, Any] = {}
    if lines and SPLUNK_TIME.fullmatch(lines[0].strip()):
        event["TimeCreated"] = lines.pop(0).strip()
    number = 0
    while number < len(lines):
        pair = _PAIR.match(lines[number])
        number += 1
        ours = _OURS.get(plain_name(pair[1])) if pair else None
        if pair is None or ours is None:
            continue
        value = pair[2].strip()
        if ours == "Message":
            column = pair.start(2)
            end = _end_of_message(lines, number, pair.end(1))
            said = [value, *(line[column:] if line[:column].isspace() else line for line in lines[number:end])]
            value, number = "\n".join(said).strip(), end
        if value:
            event.setdefault(ours, value)
    event["TimeCreated"] = cell_ts(event.get("TimeCreated", ""), month_first=month_first)
    complete(event)
    return event if event.get("EventID") else None


def _end_of_message(lines: list[str], first: int, label_end: int) -> int:
    """The line behind the message: in a list of Format-List more values may follow, their colons below its own."""
    head = lines[first - 1]
    colon = head.find(":", label_end)
    if not (colon > label_end and head[label_end:colon].isspace()):
        return len(lines)
    for number in range(first, len(lines)):
        line = lines[number]
        if line[:1].isalpha() and line[colon : colon + 1] == ":" and line[:colon].rstrip().isalnum():
            return number
    return len(lines)


def snare_event(text: str) -> dict[str, Any] | None:
    """The event of a line of Snare's agents (tabs, or `#011` as rsyslog writes them); None where it is none."""
    at = text.find(SNARE, 0, _SNARE_WITHIN)
    if at < 0:
        return None
    parts = text[at:].replace("#011", "\t").split("\t")
    if len(parts) < _SNARE_PARTS or not parts[5].isdecimal():
        return None
    try:
        ts = datetime.strptime(parts[4], _SNARE_TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    event = {
        "EventID": parts[5], "TimeCreated": ts, "SourceName": parts[6], "Channel": parts[2], "Computer": parts[10],
        "Keywords": parts[9], "Message": parts[13] if len(parts) > _SNARE_PARTS else parts[12],
    }  # fmt: skip
    complete(event)
    return event
