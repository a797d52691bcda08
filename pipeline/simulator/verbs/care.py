"""Clinical context: what the record system tells about people, stays and orders."""

from typing import Any

from pipeline.simulator.documents import records
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.world.patients import Patient
from pipeline.simulator.world.staff import Person
from pipeline.simulator.world.stay import Order, Stay


def tell_person(s: Scene, ts: float, person: Person, status: str = "active") -> None:
    """A member of staff, with role and department, and the own record where there is one."""
    own = s.world.charts.get(person.id)
    records.context(
        s.tape,
        ts,
        "practitioner",
        {
            "resource_id": person.id,
            "status": status,
            "practitioner": person.id,
            "department": person.department,
            "patient": own.id if own else None,
        },
        role=person.role,
        family_token=person.family,
        address_token=person.address,
    )


def tell_patient(s: Scene, ts: float, patient: Patient) -> None:
    """A patient's entry in the index."""
    records.context(
        s.tape,
        ts,
        "patient",
        {"resource_id": patient.id, "status": "active", "patient": patient.id},
        family_token=patient.family,
        address_token=patient.address,
        birth_year=patient.birth_year,
        sex=patient.sex,
        deceased_ts=died if (died := s.world.care.died.get(patient.id)) is not None and died <= ts else None,
        member_id=patient.member_id,
    )


def _stay(stay: Stay, status: str, ts: float) -> dict[str, Any]:
    return {
        "resource_id": stay.id,
        "status": status,
        "patient": stay.patient.id,
        "practitioner": stay.attending.id,
        "practitioners": [p.id for p in stay.named],
        "department": stay.place(ts),
        "service": stay.kind,
        "start_ts": stay.start_ts,
        "end_ts": stay.end_ts if status in ("finished", "booked") else None,
        "encounter": stay.id,
    }


def tell_stay(s: Scene, ts: float, stay: Stay, status: str) -> None:
    """An encounter: in-progress when it begins or moves, finished when it ends."""
    records.context(s.tape, ts, "encounter", _stay(stay, status, ts))


def tell_appointment(s: Scene, ts: float, stay: Stay) -> None:
    """The booking of a visit."""
    relation = _stay(stay, "booked", ts) | {"practitioners": [stay.attending.id]}
    records.context(s.tape, ts, "appointment", {**relation, "resource_id": f"a{stay.id[1:]}", "encounter": None})


def tell_team(s: Scene, ts: float, stay: Stay) -> None:
    """Who treats together."""
    records.context(s.tape, ts, "care_team", {**_stay(stay, "active", ts), "resource_id": f"t{stay.id[1:]}"})


def tell_order(s: Scene, ts: float, stay: Stay, order: Order) -> None:
    """Something asked of a service department."""
    records.context(
        s.tape,
        ts,
        "order",
        {
            "resource_id": order.id,
            "status": "active",
            "patient": stay.patient.id,
            "practitioner": order.by,
            "practitioners": [order.by],
            "department": order.department,
            "service": order.service,
            "start_ts": order.ts,
            "encounter": stay.id,
        },
    )


def tell_study(s: Scene, ts: float, person: Person, patient: Patient) -> None:
    """A study a patient takes part in, with the researcher who may read the chart."""
    records.context(
        s.tape,
        ts,
        "care_team",
        {
            "resource_id": f"s-{person.id}-{patient.id}",
            "status": "active",
            "patient": patient.id,
            "practitioner": person.id,
            "practitioners": [person.id],
            "department": person.department,
            "service": "research",
            "start_ts": ts,
        },
    )


def tell_department(s: Scene, ts: float, name: str) -> None:
    """A department of the hospital."""
    records.context(
        s.tape,
        ts,
        "organization",
        {"resource_id": name.lower().replace(" ", "-"), "status": "active", "department": name},
        name=name,
    )
