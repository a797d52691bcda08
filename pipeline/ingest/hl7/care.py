"""What messages say of care: stays, appointments, orders and what came of them, patients and staff."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from pipeline.ingest.fhir.values import UnreadableError, birth_year, clean, gender, unique
from pipeline.ingest.hl7.orders import ORDERS, orders
from pipeline.ingest.hl7.segments import Message, Segment
from pipeline.ingest.hl7.values import Clock, address_token, patient_number, people, token

Json = dict[str, Any]

# Attending, admitting, consulting, others who treat, whoever has a role in the stay, and who referred the patient.
_TREATING = (("PV1", 7), ("PV1", 17), ("PV1", 9), ("PV1", 52), ("ROL", 4), ("PRT", 5), ("PV1", 8))
_BOOKED = (("AIP", 3), ("PV1", 7), ("PV1", 9), ("ROL", 4), ("PRT", 5))
_CALLED_OFF = frozenset({"A11", "A27", "A38"})  # admission, pending admission, announced admission cancelled
_OVER = frozenset({"A03"})
_PLANNED = frozenset({"A05", "A14"})
_APPOINTMENTS = {"S15": "cancelled", "S17": "cancelled", "S26": "noshow"}


def events(message: Message) -> list[Json]:
    """The events of a message; `UnreadableError` for one that says nothing of care."""
    mapping = _USED.get(message.type)
    if mapping is None:
        raise UnreadableError("messages of this type are not used")
    return [clean(fields) for fields in mapping(message, Clock(message))]


def _patients(message: Message) -> list[tuple[Segment, list[Segment]]]:
    """Each PID with what stands below it; what stands before the first belongs to all."""
    starts = [k for k, s in enumerate(message.segments) if s.name == "PID"]
    bounds = [*starts, len(message.segments)]
    return [
        (message.segments[k], message.segments[: starts[0]] + message.segments[k:end]) for k, end in pairwise(bounds)
    ]


def _of_patients(message: Message, clock: Clock) -> list[Json]:
    """ADT and BAR: the patient, and the stay or visit that the message is about."""
    out: list[Json] = []
    for pid, near in _patients(message):
        number = patient_number(pid)
        visit = next((s for s in near if s.name == "PV1"), None)
        out.append(_patient(pid, near, number, clock))
        if visit is not None and (stay := _stay(message.trigger, visit, near, clock)):
            out.append(stay | {"patient": number, "encounter": visit.get(19) or pid.get(18)})
            out[-1]["resource_id"] = out[-1]["encounter"]
    if not out:
        raise UnreadableError("the message names no patient (PID)")
    return out


def _patient(pid: Segment, near: list[Segment], number: str | None, clock: Clock) -> Json:
    cover = next((s for s in near if s.name == "IN1"), None)
    return {
        "kind": "patient", "ts": clock.told, "patient": number, "family_token": token(pid.get(5)),
        "address_token": address_token(pid, 11), "birth_year": birth_year(pid.get(7)), "sex": gender(pid.get(8)),
        "deceased_ts": clock.time(pid, 29), "member_id": cover.get(36) if cover else None,
    }  # fmt: skip


def _stay(trigger: str, visit: Segment, near: list[Segment], clock: Clock) -> Json | None:
    staff, department, over = people(near, _TREATING), visit.get(3), clock.time(visit, 45)
    if not (staff or department or visit.get(19)):
        return None  # A28, A31 and the like tell of the person only
    status = "in-progress"
    if trigger in _CALLED_OFF:
        status = "cancelled"
    elif trigger in _OVER or (over is not None and trigger != "A13"):
        status = "finished"
    elif trigger in _PLANNED:
        status = "planned"
    began = clock.time(visit, 44)
    if began is None and trigger in ("A01", "A04"):
        began = clock.told
    return {
        "kind": "encounter", "ts": clock.told, "status": status, "practitioner": staff[0] if staff else None,
        "practitioners": staff, "department": department, "service": visit.get(10) or visit.get(2),
        "start_ts": began, "end_ts": over if status == "finished" else None,
    }  # fmt: skip


def _appointments(message: Message, clock: Clock) -> list[Json]:
    """SIU: an appointment for each patient, known since the message was written."""
    plan = message.first("SCH")
    if plan is None:
        raise UnreadableError("the message tells of no appointment (SCH)")
    staff = people(message.segments, _BOOKED)
    begin, end = _planned(message, plan, clock)
    places = {name: message.first(name) for name in ("AIL", "PV1", "AIS")}
    place = (places["AIL"] and places["AIL"].get(3)) or (places["PV1"] and places["PV1"].get(3))
    service = places["AIS"]
    fields = {
        "kind": "appointment", "ts": clock.told, "resource_id": plan.get(2) or plan.get(1),
        "status": _APPOINTMENTS.get(message.trigger, "booked"), "practitioner": staff[0] if staff else None,
        "practitioners": staff, "department": place or None,
        "service": (service and (service.get(3, 2) or service.get(3))) or plan.get(8, 2) or plan.get(8),
        "start_ts": begin, "end_ts": end,
    }  # fmt: skip
    numbers = unique(patient_number(pid) for pid, _ in _patients(message))
    if numbers is None:
        raise UnreadableError("the message names no patient (PID)")
    return [fields | {"patient": number} for number in numbers]


def _planned(message: Message, plan: Segment, clock: Clock) -> tuple[float | None, float | None]:
    """When it is to begin and end: in SCH until version 2.4, in TQ1 or with the service since."""
    begin, end = clock.time(plan, 11, 4), clock.time(plan, 11, 5)
    for name, first, last in (("TQ1", 7, 8), ("AIS", 4, 0), ("AIP", 6, 0), ("AIL", 6, 0)):
        if begin is None and (segment := message.first(name)):
            begin, end = clock.time(segment, first), clock.time(segment, last) if last else end
    return begin, end if begin is None or end is None or end >= begin else None


def _orders(message: Message, clock: Clock) -> list[Json]:
    """Orders, results, medications given, charges and documents, each with those who took part in it."""
    out = []
    for pid, near in _patients(message):
        visit = next((s for s in near if s.name == "PV1"), None)
        about = {
            "patient": patient_number(pid), "department": visit.get(3) if visit else None,
            "encounter": (visit.get(19) if visit else None) or pid.get(18),
        }  # fmt: skip
        out += [about | fields for fields in orders(near, clock)]
    if not out:
        raise UnreadableError("the message holds no order, result or charge of a patient")
    return out


def _staff(message: Message, clock: Clock) -> list[Json]:
    """MFN and PMU: members of staff with every number they are known by at work."""
    out: list[Json] = []
    for staff in (s for s in message.segments if s.name == "STF"):
        numbers = unique([staff.get(1), *staff.repeated(2)])
        name = " ".join(part for part in (staff.get(3, 2), staff.get(3)) if part)
        out.append({
            "kind": "practitioner", "ts": clock.told, "resource_id": numbers[0] if numbers else None,
            "practitioner": numbers[0] if numbers else None, "practitioners": numbers, "name": name or None,
            "status": {"A": "active", "I": "inactive"}.get(staff.get(7) or ""),
            "role": staff.get(18) or staff.get(4, 2) or staff.get(4), "department": staff.get(8, 2) or staff.get(8),
            "family_token": token(staff.get(3)), "address_token": address_token(staff, 11),
        })  # fmt: skip
    if not out:
        raise UnreadableError("the message tells of no member of staff (STF)")
    return out


_USED: dict[str, Callable[[Message, Clock], list[Json]]] = {
    "ADT": _of_patients, "BAR": _of_patients, "SIU": _appointments, "MFN": _staff, "PMU": _staff,
    **dict.fromkeys(ORDERS, _orders),
}  # fmt: skip
