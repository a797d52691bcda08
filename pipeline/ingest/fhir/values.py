"""Readers of FHIR's data types that survive wrong shapes, so that the mappings of resources stay short.

Everything here takes whatever JSON held in a place and returns a plain value or None. Only what would falsify
an event (a date that is none, a text beyond the wire's limit) raises `UnreadableError`.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.errors import WardwatchError
from pipeline.ingest.moved_dates import LAST_YEAR, READ_TS

Json = dict[str, Any]

MAX_TEXT = 1024
"""Longest text on the wire (`schemas.base.Text`)."""
MAX_LIST = 1024
"""Longest list on the wire (`schemas.base.TextList`, `Claim.lines`)."""

STAFF = frozenset({"", "Practitioner", "PractitionerRole"})
"""Types of reference that mean a member of staff; some feeds write the number alone."""

_NOTHING: Json = {}
_LAST_SECOND_OF_DAY = 86_399.0
_GENDERS = {"m": "male", "f": "female", "male": "male", "female": "female", "other": "other", "o": "other"}


class UnreadableError(WardwatchError):
    """A record cannot become an event; the message is one sentence without any content of the record."""


def obj(value: Any) -> Json:
    """The JSON object, the first one of a list, or an empty one."""
    if type(value) is dict:
        return value
    if type(value) is list and value and type(value[0]) is dict:
        return value[0]
    return _NOTHING


def objs(value: Any) -> list[Json]:
    """The JSON objects of a list; a single object counts as a list of one."""
    if type(value) is list:
        return [v for v in value if type(v) is dict]
    return [value] if type(value) is dict else []


def text(value: Any) -> str | None:
    """A trimmed text that must be whole to be of use: an identifier or a code."""
    if type(value) is int:
        value = str(value)
    if type(value) is not str:
        return None
    value = value.strip()
    if len(value) > MAX_TEXT:
        raise UnreadableError("an identifier or code is longer than 1,024 characters")
    return value or None


def words(value: Any) -> str | None:
    """A trimmed text for people, cut to the wire's limit."""
    return value.strip()[:MAX_TEXT] or None if type(value) is str else None


def number(value: Any, name: str, low: float = -1e12, high: float = 1e12) -> float | None:
    """A finite number between `low` and `high`; text is read too, since some writers quote decimals."""
    if value is None:
        return None
    try:
        result = float(value) if type(value) in (int, float, str) else math.nan
    except (ValueError, OverflowError):
        result = math.nan
    if not low <= result <= high:
        raise UnreadableError(f"{name} is not a number in range")
    return result


def code(value: Any) -> str | None:
    """The code of a CodeableConcept, Coding, CodeableReference, list of them, or plain code."""
    if type(value) is str:
        return text(value)
    concept = obj(value)
    for coding in objs(concept.get("coding")):
        if found := text(coding.get("code")):
            return found
    if "concept" in concept:
        return code(concept["concept"])
    return text(concept.get("code")) if type(concept.get("code")) is str else text(concept.get("text"))


def codes(value: Any) -> list[str]:
    """Every code of a list of CodeableConcepts or Codings, in order, all codings of a concept included."""
    found: list[str] = []
    for concept in objs(value):
        codings = objs(concept.get("coding")) or [concept]
        found += [c for c in (text(coding.get("code")) for coding in codings if type(coding.get("code")) is str) if c]
    return found


def label(value: Any) -> str | None:
    """How people call a concept: its display, else its text, else its code."""
    if type(value) is str:
        return words(value)
    concept = obj(value)
    for coding in objs(concept.get("coding")):
        if found := words(coding.get("display")):
            return found
    return words(concept.get("display")) or words(concept.get("text")) or code(concept)


def split_reference(reference: str) -> tuple[str, str]:
    """Resource type (empty when not told) and bare id of a reference in any spelling.

    >>> split_reference("https://ehr.example/fhir/Patient/17/_history/2")
    ('Patient', '17')
    >>> [split_reference(r)[1] for r in ("urn:uuid:0a1b", "#doc", "17^^^&1.2.3&ISO", "1.2.3|17")]
    ['0a1b', 'doc', '17', '17']
    """
    if reference.startswith("urn:"):
        return "", reference.rpartition(":")[2].rpartition("|")[2]
    if "?" in reference:
        path, _, condition = reference.partition("?")
        return path.rpartition("/")[2], condition.rpartition("|")[2].rpartition("=")[2]
    path, _, ident = reference.partition("/_history/")[0].rstrip("/").rpartition("/")
    kind = path.rpartition("/")[2]
    bare = ident.lstrip("#").partition("^")[0].rpartition("|")[2]
    return kind if kind[:1].isupper() and kind.isalpha() else "", bare


def reference(value: Any) -> tuple[str, str | None]:
    """Type and bare id of a Reference: its `reference`, else its logical identifier."""
    ref = obj(value)
    target = ref.get("reference")
    if type(target) is dict:
        return reference(target)
    kind = text(ref.get("type")) or ""
    spelled = text(target) or text(obj(ref.get("identifier")).get("value"))
    if spelled is None:
        return kind, None
    told, ident = split_reference(spelled)
    return told or kind, ident or None


def ref_id(value: Any) -> str | None:
    """Bare id of a Reference."""
    return reference(value)[1]


def unique(values: Iterable[str | None]) -> list[str] | None:
    """The texts that are set, once each, in order; None for none. `UnreadableError` beyond `MAX_LIST`."""
    found = list(dict.fromkeys(v for v in values if v))
    if len(found) > MAX_LIST:
        raise UnreadableError("a list has more than 1,024 members")
    return found or None


def gender(value: Any) -> str | None:
    """`male`, `female` or `other`, from FHIR's words or X12's letters."""
    return _GENDERS.get(value.lower()) if type(value) is str else None


def birth_year(value: Any) -> int | None:
    """The year of a date, where it is one a living person can have, moved ahead or not; nothing else of it leaves."""
    if type(value) is str and re.match("[12][0-9]{3}", value):
        year = int(value[:4])
        return year if 1850 <= year <= LAST_YEAR else None
    return None


def _parse(value: Any, name: str) -> datetime:
    if type(value) is not str:
        raise UnreadableError(f"{name} is not a date")
    value = value.strip()
    padded = value + {4: "-01-01", 7: "-01"}.get(len(value), "")
    try:
        if ":60" in padded:  # a leap second, which Python's clock does not have
            padded = padded.replace(":60", ":59", 1)
        stamp = datetime.fromisoformat(padded)
    except ValueError:
        raise UnreadableError(f"{name} is not a date") from None
    return stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def clamped(value: Any, name: str) -> float | None:
    """Epoch seconds of a date or dateTime, 0 for what lies before 1970. No zone means UTC; parts of a date
    start it.
    """
    if value is None or value == "":
        return None
    seconds = _parse(value, name).timestamp()
    if seconds > READ_TS:
        raise UnreadableError(f"{name} is after the year {LAST_YEAR}")
    return seconds if seconds > 0.0 else 0.0


def moment(value: Any, name: str) -> float | None:
    """As `clamped`, but a time before 1970 is refused: an event placed there would be a false one."""
    seconds = clamped(value, name)
    if seconds == 0.0 and _parse(value, name).timestamp() < 0.0:
        raise UnreadableError(f"{name} is before 1970")
    return seconds


def until(value: Any, name: str) -> float | None:
    """End of a period: the last second of the day, month or year given; None when open or after 2400."""
    if value is None or value == "":
        return None
    stamp = _parse(value, name)
    size = len(value.strip())
    if size == 4:
        stamp = stamp.replace(month=12, day=31)
    elif size == 7:
        stamp = (stamp.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    seconds = max(0.0, stamp.timestamp()) + (_LAST_SECOND_OF_DAY if size <= 10 else 0.0)
    return seconds if seconds <= READ_TS else None


def clean(fields: Json) -> Json:
    """The fields that are set."""
    return {k: v for k, v in fields.items() if v is not None}
