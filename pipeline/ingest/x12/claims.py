"""One claim of an 837: what its segments say, within the loop they stand in."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pipeline.ingest.fhir.values import MAX_LIST, MAX_TEXT, UnreadableError, birth_year, clean, gender, unique
from pipeline.ingest.hl7.values import token
from pipeline.ingest.x12.segments import Segment

_NUMBER = re.compile(r"-?[0-9]{0,12}(?:\.[0-9]{0,9})?\Z")
# HI qualifiers (ICD-9, and ICD-10 with A in front): principal, then other diagnoses.
_PRINCIPAL = frozenset({"BK", "ABK"})
_DIAGNOSES = frozenset({"BF", "ABF"}) | _PRINCIPAL
_MODIFIERS = slice(2, 6)
_KINDS = {"P": "professional", "I": "institutional", "D": "dental"}
_KIND_OF_SERVICE = {"SV1": "P", "SV2": "I", "SV3": "D"}
# NM101 of the service facility: 77 since 005010; FA, LI and TL before.
_FACILITIES = frozenset({"77", "FA", "LI", "TL"})
# Where SV1, SV2 and SV3 keep procedure, amount, unit, quantity and place (0: nowhere).
_SERVICE = {"SV1": (1, 2, 3, 4, 5), "SV2": (2, 3, 4, 5, 0), "SV3": (1, 2, 0, 6, 3)}


def plain(value: str) -> str | None:
    """An identifier or code; empty means unset."""
    if len(value) > MAX_TEXT:
        raise UnreadableError("an element is longer than 1,024 characters")
    return value or None


def decimal(value: str, low: float = -1e12, high: float = 1e12) -> float | None:
    """An R element (no exponent, the point optional); empty means unset."""
    if not value:
        return None
    if not _NUMBER.match(value) or not any(c.isdigit() for c in value):
        raise UnreadableError("an amount or quantity is not a number")
    if not low <= float(value) <= high:
        raise UnreadableError("an amount or quantity is out of range")
    return float(value)


@lru_cache(maxsize=4096)
def day(value: str) -> float:
    """Epoch seconds of CCYYMMDD, with HHMM where given, taken as UTC since X12 tells no zone."""
    form = {8: "%Y%m%d", 12: "%Y%m%d%H%M"}.get(len(value))
    if form is None or not value.isascii() or not value.isdigit():
        raise UnreadableError("a date is not written as CCYYMMDD")
    try:
        seconds = datetime.strptime(value, form).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise UnreadableError("a date does not exist") from None
    if not 0.0 <= seconds < 4_102_444_800.0:
        raise UnreadableError("a date is before 1970 or after 2099")
    return seconds


def period(segment: Segment) -> tuple[float, float] | None:
    """First and last day of a DTP; None for what is no date (a time, an unknown form)."""
    form, value = segment.get(2), segment.get(3)
    if form in ("D8", "DT"):
        return day(value), day(value)
    if form == "RD8":
        first, dash, last = value.partition("-")
        if not dash:
            raise UnreadableError("a date range has no end")
        if day(last) < day(first):
            raise UnreadableError("a date range ends before it starts")
        return day(first), day(last)
    return None


class Person:
    """Subscriber or patient: number, birth year, sex, relation to the subscriber, family name and address as what is
    compared (they become pseudonyms)."""

    def __init__(self) -> None:
        self.number: str | None = None
        self.relation = ""
        self.born: int | None = None
        self.sex: str | None = None
        self.family: str | None = None
        self._street: str | None = None
        self._postal: str | None = None

    def name(self, segment: Segment) -> None:
        """NM1."""
        self.number = segment.get(9) or None
        self.family = token(segment.get(3)[:MAX_TEXT])

    def lives(self, segment: Segment) -> None:
        """N3 and N4."""
        if segment.name == "N3":
            self._street = token(segment.get(1)[:MAX_TEXT])
        else:
            self._postal = token(segment.get(3)[:MAX_TEXT])

    @property
    def home(self) -> str | None:
        """Postal code and street, where both are told."""
        return f"{self._postal}|{self._street}"[:MAX_TEXT] if self._postal and self._street else None

    def demographics(self, segment: Segment) -> None:
        """DMG."""
        self.born, self.sex = birth_year(segment.get(2)[:4]), gender(segment.get(3))

    def within(self, family: str) -> str:
        """A number for a dependant who has none, who else would be one person with the subscriber."""
        return f"{family}-{self.relation}{self.born or ''}{(self.sex or '')[:1]}"


class ClaimBuilder:
    """Collects the segments of a claim, from CLM on."""

    def __init__(self, segment: Segment, kind: str) -> None:
        self.kind = kind
        self.fields: dict[str, Any] = {}
        self.lines: list[dict[str, Any]] = []
        self.diagnoses: list[tuple[bool, str]] = []
        self.dates: dict[str, tuple[float, float]] = {}
        self.attending: str | None = None
        self.other_payer = False  # loops 2320 and 2330, which repeat segments of ours for somebody else
        self._claim(segment)

    def take(self, segment: Segment) -> None:
        """One segment; those that say nothing about us are passed over. `UnreadableError` when it
        contradicts its form.
        """
        name = segment.name
        if name == "SBR":
            self.other_payer = True
        elif name == "LX":
            self.other_payer = False
            self._new_line()
        elif self.other_payer:
            return
        elif name in _SERVICE:
            self._service(segment)
        elif name == "DTP":
            self._date(segment)
        elif name == "HI":
            self._health_information(segment)
        elif name == "NM1":
            self._party(segment)
        elif name == "REF" and segment.get(1) == "EA" and not self.lines:
            self.fields["patient"] = plain(segment.get(2))  # the medical record number

    def _claim(self, segment: Segment) -> None:
        amount, place = decimal(segment.get(2)), segment.parts(5)
        if not segment.get(1) or amount is None:
            raise UnreadableError("CLM has no claim number or no amount")
        if place[2:3] == ["8"]:
            raise UnreadableError("the claim voids an earlier one and bills nothing (frequency code 8)")
        self.fields = {
            "claim_id": plain(segment.get(1)),
            "total_amount": amount,
            "place_of_service": plain(place[0]),
        }

    def _new_line(self) -> None:
        if len(self.lines) >= MAX_LIST:
            raise UnreadableError("the claim has more than 1,024 lines")
        self.lines.append({})

    def _service(self, segment: Segment) -> None:
        if not self.lines or "amount" in self.lines[-1]:
            self._new_line()  # LX was left out
        self.kind = self.kind or _KIND_OF_SERVICE[segment.name]
        procedure, amount, unit, quantity, place = _SERVICE[segment.name]
        parts = segment.parts(procedure)
        code = parts[1] if len(parts) > 1 else ""
        if not code and segment.name == "SV2":
            code = segment.get(1)
        charge = decimal(segment.get(amount))
        if charge is None or not code:
            raise UnreadableError("a service line has no amount or no procedure")
        self.lines[-1] |= clean(
            {
                "procedure": plain(code),
                "modifiers": unique(parts[_MODIFIERS]),
                "amount": charge,
                "unit": plain(segment.get(unit)) if unit else None,
                "quantity": decimal(segment.get(quantity), 0.0, 1e9),
                "place_of_service": plain(segment.parts(place)[0]) if place else None,
            }
        )

    def _date(self, segment: Segment) -> None:
        """Service dates of a line (472); statement (434), admission (435), discharge (096) of the claim."""
        name = segment.get(1)
        if name not in ("472", "434", "435", "096"):
            return
        found = period(segment)
        if found is None:
            return
        if name == "472" and self.lines:
            self.lines[-1] |= {"from_ts": found[0], "through_ts": found[1]}
        else:
            self.dates[name] = found

    def _health_information(self, segment: Segment) -> None:
        """Diagnoses. Some writers put qualifier and code into elements of their own; both forms are read."""
        qualifier = ""
        for index in range(1, len(segment.elements)):
            parts = segment.parts(index)
            if len(parts) == 1:
                parts, qualifier = ([qualifier, parts[0]], "") if qualifier else (["", ""], parts[0])
            if parts[0] in _DIAGNOSES and (code := plain(parts[1].strip())):
                self.diagnoses.append((parts[0] not in _PRINCIPAL, code))

    def _party(self, segment: Segment) -> None:
        role, number = segment.get(1), plain(segment.get(9))
        if role == "82":
            self.fields.setdefault("rendering", number)
        elif role == "71":
            self.attending = number
        elif role in _FACILITIES and not self.lines:
            self.fields.setdefault("facility", number or plain(segment.get(3)))

    def result(self, created: float | None) -> dict[str, Any]:
        """The claim's own fields. Dates: the statement's, else the lines', else admission and discharge."""
        lines = [line for line in self.lines if line]
        starts = [line["from_ts"] for line in lines if "from_ts" in line]
        ends = [line["through_ts"] for line in lines if "through_ts" in line]
        statement = self.dates.get("434") or self.dates.get("472")
        start: float | None
        end: float | None
        if statement:
            start, end = statement
        elif starts:
            start, end = min(starts), max(ends)
        else:
            admission = self.dates.get("435") or self.dates.get("096")
            start = admission[0] if admission else None
            end = self.dates["096"][1] if "096" in self.dates else start
        ts = created if start is None else start
        if ts is None:
            raise UnreadableError("the claim has neither a service date nor a creation date")
        self.fields["rendering"] = self.fields.get("rendering") or self.attending
        return self.fields | {
            "ts": ts,
            "kind": "claim",
            "claim_type": _KINDS.get(self.kind),
            "from_ts": start,
            "through_ts": end,
            "created_ts": created,
            "diagnoses": unique(code for _, code in sorted(self.diagnoses, key=lambda pair: pair[0])),
            "lines": lines or None,
        }
