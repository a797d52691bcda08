"""Times, people and numbers of HL7 version 2, in the wire's terms."""

import re
from datetime import UTC, datetime, timedelta, timezone

from pipeline.ingest.fhir.values import UnreadableError, unique
from pipeline.ingest.hl7.segments import Message, Segment
from pipeline.ingest.moved_dates import READ_TS

_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,6})?)?)?)?)?)?(?:([+-])(\d\d)(\d\d))?\Z"
)
# Which of several numbers a patient is known by: that of the medical record before others of the house (table 0203).
_RECORD_NUMBERS = ("MR", "PI", "PT", "PN")


class Clock:
    """Reads the times of one message; those without a zone are in the zone of the message's own time, else UTC."""

    def __init__(self, message: Message) -> None:
        told = _TIME.match(message.head.get(7) or "")
        self._zone = (_zone(told) or UTC) if told else UTC
        event = message.first("EVN")
        found = (event and self.time(event, 2)) or self.time(message.head, 7)
        if not found:
            raise UnreadableError("the message does not say when it was written (EVN-2, MSH-7)")
        self.told: float = found
        """When the message says that it was recorded, epoch seconds."""

    def time(self, segment: Segment, number: int, component: int = 1) -> float | None:
        """Epoch seconds from 1970 to 2400; None for no time, or one that does not exist."""
        match = _TIME.match(segment.get(number, component) or "")
        if match is None:
            return None
        year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
        try:
            stamp = datetime(
                year or 1, month or 1, day or 1, hour or 0, minute or 0, min(second or 0, 59),
                tzinfo=_zone(match) or self._zone,
            )  # fmt: skip
        except ValueError:
            return None
        seconds = stamp.timestamp() + float(match[7] or 0.0)
        return seconds if 0.0 < seconds <= READ_TS else None


def _zone(match: re.Match[str]) -> timezone | None:
    if match[8] is None:
        return None
    offset = timedelta(hours=int(match[9]), minutes=int(match[10]))
    return timezone(offset if match[8] == "+" else -offset) if offset < timedelta(hours=24) else None


def patient_number(pid: Segment) -> str | None:
    """The number of the medical record of PID-3, else any other there, else that of PID-2."""
    numbers = list(zip(pid.repeated(3), pid.repeated(3, 5), strict=True))
    for kind in _RECORD_NUMBERS:
        for number, told in numbers:
            if number and told == kind:
                return number
    return next((number for number, _ in numbers if number), None) or pid.get(2)


def people(segments: list[Segment], places: tuple[tuple[str, int], ...]) -> list[str] | None:
    """Numbers of staff, once each, in the order of `places` (segment, field), all repetitions."""
    return unique(
        number
        for name, field in places
        for segment in segments
        if segment.name == name
        for number in segment.repeated(field)
    )


def token(value: str | None) -> str | None:
    """A text to be compared: lower case, single blanks."""
    return " ".join(value.split()).lower() if value else None


def address_token(segment: Segment, number: int) -> str | None:
    """`postal code|first line` of the first address that has both."""
    for postal, line in zip(segment.repeated(number, 5), segment.repeated(number, 1), strict=True):
        if postal and line:
            return f"{token(postal)}|{token(line)}"[:1024]
    return None
