"""Claims: what a stay is billed as, and the form in which it is sent."""

from dataclasses import dataclass, replace
from math import exp
from typing import Any, NamedTuple

from pipeline.simulator.documents import records
from pipeline.simulator.draws import Weighted
from pipeline.simulator.rhythm import DAY_S
from pipeline.simulator.verbs import price_list
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.staff import Person, npi
from pipeline.simulator.world.stay import Stay

_DIAGNOSES = (
    "I10", "E11.9", "J18.9", "N39.0", "R07.9", "S52.501A", "K35.80", "I50.9", "J44.1", "F32.9", "M54.5", "A41.9",
    "Z00.00", "G43.909",
)  # fmt: skip
_PAYERS = ("PAYER-A", "PAYER-B", "PAYER-C", "MEDICARE-SIM", "MEDICAID-SIM")
_FORMS = {"institutional": "x12.837I", "pharmacy": "fhir.Claim"}
HOSPITAL_NPI = npi(41_000_001)
# Colleagues of a specialty do not code alike: e to this power a level, at most.
_HABIT = 0.5


class Line(NamedTuple):
    """One billed service of a day (a midnight)."""

    code: str
    quantity: float
    amount: float
    day: float
    modifiers: tuple[str, ...] = ()
    unit: str = "UN"


@dataclass(slots=True, frozen=True)
class Bill:
    """What is claimed, for whom, by whom (provider numbers)."""

    patient: Patient
    provider: str
    rendering: str
    kind: str
    lines: tuple[Line, ...]
    diagnoses: tuple[str, ...]
    place: str
    encounter: str | None
    claim_id: str

    @property
    def from_ts(self) -> float:
        """First day of service."""
        return min(line.day for line in self.lines)

    @property
    def through_ts(self) -> float:
        """Last day of service."""
        return max(line.day for line in self.lines)


def midnight(ts: float) -> float:
    """Start of the day: claims speak of dates."""
    return ts // DAY_S * DAY_S


def priced(
    s: Scene, table: dict[str, float], code: str, day: float, quantity: float = 1.0, *modifiers: str, unit: str = "UN"
) -> Line:
    """A service at its usual charge, give or take a little."""
    return Line(code, quantity, round(quantity * table[code] * s.draws.between(0.97, 1.03), 2), day, modifiers, unit)


def level_of(s: Scene, specialty: str, provider: str, levels: int, tilt: float = 0.0) -> int:
    """A level of visit as this provider codes: by specialty and habit, which the number gives; `tilt` adds to it."""
    habit = _HABIT * (2 * int(provider[5:8]) / 999 - 1) + tilt
    mix = price_list.LEVELS.get(specialty, price_list.LEVELS[""])[:levels]
    return Weighted(range(levels), [w * exp(habit * k) for k, w in enumerate(mix)]).pick(s.draws)


def visit_lines(
    s: Scene, table: dict[str, float], day: float, provider: str, specialty: str = "", tilt: float = 0.0
) -> tuple[Line, ...]:
    """One evaluation of a level, and up to two tests at the bedside."""
    d, codes = s.draws, list(table)
    lines = [priced(s, table, codes[level_of(s, specialty, provider, len(codes), tilt)], day)]
    tests = d.rng.sample(list(price_list.TESTS), d.whole(0, 2))
    return (*lines, *(priced(s, price_list.TESTS, code, day) for code in tests))


def bill(
    s: Scene, patient: Patient, provider: str, lines: tuple[Line, ...], place: str, encounter: str | None,
    *, kind: str = "professional", rendering: str | None = None,
) -> Bill:  # fmt: skip
    """A claim with a number of its own and some diagnoses."""
    d = s.draws
    diagnoses = tuple(sorted({d.pick(_DIAGNOSES) for _ in range(d.whole(1, 4))}))
    return Bill(patient, provider, rendering or provider, kind, lines, diagnoses, place, encounter, f"c{d.hex(12)}")


def bill_of(s: Scene, stay: Stay, provider: Person, *, institutional: bool, tilt: float = 0.0) -> Bill:
    """The claim for the visit or stay itself."""
    first = midnight(stay.start_ts)
    if institutional:
        return bill(s, stay.patient, HOSPITAL_NPI, _house_lines(s, stay), "21" if stay.kind == "inpatient" else "23",
                    stay.id, kind="institutional", rendering=provider.npi)  # fmt: skip
    specialty, number = base_of(stay.department), provider.npi
    if stay.kind == "inpatient":
        return bill(s, stay.patient, number, _ward_lines(s, stay, number, specialty, tilt), "21", stay.id)
    if stay.kind == "therapy":
        lines = [priced(s, price_list.THERAPY, "97110", first, float(s.draws.whole(1, 3)), "GP")]
        if s.draws.chance(0.5):
            lines.append(priced(s, price_list.THERAPY, "97140", first, 1.0, "GP"))
        return bill(s, stay.patient, number, tuple(lines), "22", stay.id)
    table, place = (price_list.EMERGENCY, "23") if stay.kind == "emergency" else (price_list.VISITS, "22")
    return bill(s, stay.patient, number, visit_lines(s, table, first, number, specialty, tilt), place, stay.id)


def _house_lines(s: Scene, stay: Stay) -> tuple[Line, ...]:
    d, first = s.draws, midnight(stay.start_ts)
    if stay.kind != "inpatient":
        return (Line("0450", 1.0, round(d.lognormal(500, 0.4), 2), first),)
    days = (midnight(stay.end_ts) - first) / DAY_S + 1
    room = Line("0120", days, round(days * d.between(1800, 2400), 2), first, unit="DA")
    return (room, Line("0250", 1.0, round(d.lognormal(600, 0.6), 2), midnight(stay.end_ts)))


def _ward_lines(s: Scene, stay: Stay, provider: str, specialty: str, tilt: float) -> tuple[Line, ...]:
    def of(table: dict[str, float], day: float) -> Line:
        codes = list(table)
        return priced(s, table, codes[level_of(s, specialty, provider, len(codes), tilt)], day)

    first, last = midnight(stay.start_ts), midnight(stay.end_ts)
    days = range(1, min(int((last - first) / DAY_S), 30))
    middle = (of(price_list.WARD_DAY, first + k * DAY_S) for k in days)
    leaving = (priced(s, price_list.DISCHARGE, "99238", last),) if last > first else ()
    return (of(price_list.ADMISSION, first), *middle, *leaving)


def reading_of(s: Scene, stay: Stay) -> Bill:
    """The reading of an image of the visit, by the doctor who saw the patient."""
    line = priced(s, price_list.IMAGING, "73610", midnight(stay.start_ts), 1.0, "26")
    return bill(s, stay.patient, stay.attending.npi, (line,), "22", stay.id)


def corrected(s: Scene, sent: Bill) -> Bill:
    """The same claim once more under its number, with another amount of its first line."""
    line = sent.lines[0]
    changed = line._replace(amount=round(line.amount * s.draws.between(0.8, 0.97), 2))
    return replace(sent, lines=(changed, *sent.lines[1:]))


def submit(s: Scene, ts: float, sent: Bill) -> None:
    """Send a claim. Event time is the moment it was sent; the days of service are `from_ts`, `through_ts`."""
    if not s.world.start_ts <= ts < s.world.end_ts:
        return
    lines: list[dict[str, Any]] = []
    for line in sent.lines:
        doc: dict[str, Any] = {"procedure": line.code}
        if line.modifiers:
            doc["modifiers"] = list(line.modifiers)
        lines.append(doc | {
            "quantity": line.quantity, "unit": line.unit, "amount": line.amount, "from_ts": line.day,
            "through_ts": sent.through_ts if line.unit == "DA" else line.day, "place_of_service": sent.place,
        })  # fmt: skip
    member = sent.patient
    fields = {
        "claim_id": sent.claim_id, "claim_type": sent.kind, "patient": member.id, "member_id": member.member_id,
        "birth_year": member.birth_year, "sex": member.sex, "provider": sent.provider, "rendering": sent.rendering,
        "facility": HOSPITAL_NPI, "payer": _PAYERS[member.birth_year % 5], "encounter": sent.encounter,
        "place_of_service": sent.place, "from_ts": sent.from_ts, "through_ts": sent.through_ts,
        "created_ts": round(ts, 6), "diagnoses": list(sent.diagnoses),
        "total_amount": round(sum(line.amount for line in sent.lines), 2), "lines": lines,
    }  # fmt: skip
    if sent.encounter is None:
        del fields["encounter"]
    records.claim(s.tape, ts, _FORMS.get(sent.kind, "x12.837P"), fields)
