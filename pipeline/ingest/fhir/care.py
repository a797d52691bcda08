"""Encounters, appointments, orders and care teams: who has to do with whom, and when."""

from collections.abc import Sequence
from typing import Any

from pipeline.ingest.fhir.values import (
    STAFF,
    Json,
    UnreadableError,
    clamped,
    clean,
    code,
    codes,
    label,
    obj,
    objs,
    ref_id,
    reference,
    text,
    unique,
    until,
)

# HL7 v3 ParticipationType: attender, primary performer, admitter, performer; the first one found is chiefly
# responsible.
_CHIEF = ("ATND", "PPRF", "ADM", "SPRF", "PART")


def encounters(resource: Json) -> list[Json]:
    """An Encounter; `department` is its last location, else the organisation that serves."""
    period = obj(resource.get("period") or resource.get("actualPeriod"))
    start = clamped(period.get("start"), "period.start")
    people = _participants(resource)
    ident = text(resource.get("id"))
    places = [ref_id(place.get("location")) for place in objs(resource.get("location"))]
    fields = {
        "kind": "encounter",
        "ts": _known(start, resource, "plannedStartDate"),
        "resource_id": ident,
        "encounter": ident,
        "status": text(resource.get("status")),
        "patient": ref_id(resource.get("subject") or resource.get("patient")),
        "practitioner": people[0] if people else None,
        "practitioners": people,
        "department": (places and places[-1]) or ref_id(resource.get("serviceProvider")),
        "service": label(resource.get("type")) or label(resource.get("class")),
        "start_ts": start,
        "end_ts": until(period.get("end"), "period.end"),
    }
    return [clean(fields)]


def _participants(resource: Json) -> list[str] | None:
    ranked: list[tuple[int, str | None]] = []
    for participant in objs(resource.get("participant")):
        kind, ident = reference(participant.get("individual") or participant.get("actor"))
        if kind in STAFF:
            said = codes(participant.get("type"))
            ranked.append((min((_CHIEF.index(c) for c in said if c in _CHIEF), default=len(_CHIEF)), ident))
    return unique(ident for _, ident in sorted(ranked, key=lambda pair: pair[0]))


def appointments(resource: Json) -> list[Json]:
    """An Appointment, once per patient; `ts` is when it was made (`created`), since it explains access from
    then on.
    """
    start = clamped(resource.get("start"), "start")
    by_kind: dict[str, list[str | None]] = {}
    for participant in objs(resource.get("participant")):
        kind, ident = reference(participant.get("actor"))
        by_kind.setdefault(kind, []).append(ident)
    by_kind.setdefault("Patient", []).append(ref_id(resource.get("subject")))
    people = unique(by_kind.get("Practitioner", []) + by_kind.get("PractitionerRole", []))
    places = unique(by_kind.get("Location", []) + by_kind.get("HealthcareService", []))
    fields = {
        "kind": "appointment",
        "ts": _known(start, resource, "created", prefer_told=True),
        "resource_id": text(resource.get("id")),
        "status": text(resource.get("status")),
        "practitioner": people[0] if people else None,
        "practitioners": people,
        "department": places[0] if places else None,
        "service": label(resource.get("serviceType"))
        or label(resource.get("type"))
        or label(resource.get("specialty")),
        "start_ts": start,
        "end_ts": until(resource.get("end"), "end"),
    }
    patients: Sequence[str | None] = unique(by_kind["Patient"]) or [None]
    return [clean(fields | {"patient": patient}) for patient in patients]


def orders(resource: Json) -> list[Json]:
    """ServiceRequest, MedicationRequest and their forerunners; `ts` is when it was written."""
    period = obj(resource.get("occurrencePeriod") or resource.get("scheduledPeriod"))
    once = resource.get("occurrenceDateTime") or resource.get("scheduledDateTime")
    start = clamped(once or period.get("start"), "occurrence")
    written = next((k for k in ("authoredOn", "orderedOn", "dateWritten") if resource.get(k)), "authoredOn")
    asked = obj(resource.get("requester"))
    chief = ref_id(asked.get("agent") or asked or resource.get("orderer") or resource.get("prescriber"))
    performers = [reference(p.get("actor") or p) for p in objs(resource.get("performer"))]
    medication = resource.get("medicationCodeableConcept") or resource.get("medication")
    about = resource.get("medicationReference")
    fields = {
        "kind": "order",
        "ts": _known(start, resource, written, prefer_told=True),
        "resource_id": text(resource.get("id")),
        "status": text(resource.get("status")),
        "patient": ref_id(resource.get("subject") or resource.get("patient")),
        "practitioner": chief,
        "practitioners": unique([chief, *(ident for kind, ident in performers if kind in STAFF)]),
        "department": ref_id(resource.get("locationReference")),
        "service": _item(resource.get("code")) or _item(medication) or label(about) or ref_id(about),
        "start_ts": start,
        "end_ts": until(period.get("end"), "occurrence.end"),
        "encounter": ref_id(resource.get("encounter") or resource.get("context")),
    }
    return [clean(fields)]


def _item(value: Any) -> str | None:
    """Name of what is ordered; R5 wraps it as `concept`."""
    return label(obj(value).get("concept")) or label(value)


def care_teams(resource: Json) -> list[Json]:
    """A CareTeam, known from its start, else from its last update, else from the beginning (0)."""
    period = obj(resource.get("period"))
    start = clamped(period.get("start"), "period.start")
    members = [reference(p.get("member")) for p in objs(resource.get("participant"))]
    people = unique(ident for kind, ident in members if kind in STAFF)
    updated = clamped(obj(resource.get("meta")).get("lastUpdated"), "meta.lastUpdated")
    fields = {
        "kind": "care_team",
        "ts": start if start is not None else updated or 0.0,
        "resource_id": text(resource.get("id")),
        "status": text(resource.get("status")),
        "patient": ref_id(resource.get("subject")),
        "practitioner": people[0] if people else None,
        "practitioners": people,
        "department": ref_id(resource.get("managingOrganization"))
        or next((ident for kind, ident in members if kind == "Organization"), None),
        "service": code(resource.get("category")),
        "start_ts": start,
        "end_ts": until(period.get("end"), "period.end"),
        "encounter": ref_id(resource.get("encounter") or resource.get("context")),
    }
    return [clean(fields)]


def _known(start: float | None, resource: Json, told: str, *, prefer_told: bool = False) -> float:
    """When a relation becomes known: the date told, the start, or failing both the last update."""
    said = clamped(resource.get(told), told)
    for moment in (said, start) if prefer_told else (start, said):
        if moment is not None:
            return moment
    updated = clamped(obj(resource.get("meta")).get("lastUpdated"), "meta.lastUpdated")
    if updated is None:
        raise UnreadableError("the resource has no date from which it is known")
    return updated
