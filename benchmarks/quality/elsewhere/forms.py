"""FHIR R4 as this house's record system writes it: what is told and left out is typical of exports, not of ours."""

from datetime import UTC, datetime
from typing import Any

Resource = dict[str, Any]

_SNOMED = "http://snomed.info/sct"


def at(ts: float) -> str:
    """An instant."""
    return datetime.fromtimestamp(ts, UTC).isoformat(timespec="milliseconds")


def _ref(kind: str, ident: str) -> Resource:
    return {"reference": f"{kind}/{ident}"}


def _words(text: str) -> Resource:
    return {"text": text}


def _people(idents: list[str], key: str) -> list[Resource]:
    return [{key: _ref("Practitioner", i)} for i in idents]


def audit(
    ts: float, login: str, patient: str, what: str, action: str, unit: str, desk: str, ip: str, more: Resource
) -> Resource:
    """An access. The user is a login as the domain writes it; no role is told, that is the directory's."""
    purpose = {"purposeOfEvent": [{"coding": [{"code": more["purpose"]}]}]} if "purpose" in more else {}
    opened = [] if what == "Patient" else [{"what": _ref(what, f"{what[:3]}{ts:.0f}"), "role": {"code": "4"}}]
    who: Resource = {"identifier": {"value": login}}
    detail = [{"detail": [{"type": "count", "valueString": str(more["records"])}]}] if "records" in more else []
    return purpose | {
        "resourceType": "AuditEvent",
        "recorded": at(ts),
        "action": {"read": "R", "update": "U", "create": "C"}.get(action, "E"),
        "type": {"code": "rest"},
        "subtype": [{"code": action}],
        "outcome": "0",
        "agent": [
            {
                "who": who,
                "requestor": True,
                "location": _ref("Location", unit),
                "network": {"address": desk, "type": "1"},
            },
            {"type": {"coding": [{"code": "110153"}]}, "requestor": False, "network": {"address": ip, "type": "2"}},
        ],
        "source": {"observer": {"display": "Meridian Hyperspace"}},
        "entity": [{"what": _ref("Patient", patient)}, *opened, *detail],
    }


def portal(ts: float, patient: str, proxy: str) -> Resource:
    """A relative looks on behalf of a patient."""
    return {
        "resourceType": "AuditEvent",
        "recorded": at(ts),
        "action": "R",
        "type": {"code": "rest"},
        "outcome": "0",
        "agent": [{"who": _ref("RelatedPerson", proxy), "requestor": True}],
        "source": {"observer": {"display": "Patient Portal"}},
        "entity": [{"what": _ref("Patient", patient)}],
    }


def encounter(
    ident: str, patient: str, begin: float, end: float | None, beds: list[str], attending: str, sort: str
) -> Resource:
    """A stay or visit; told again when it changes. Beds are the places, wards stand in the directory of places."""
    period = {"start": at(begin)} | ({} if end is None else {"end": at(end)})
    return {
        "resourceType": "Encounter",
        "id": ident,
        "status": "in-progress" if end is None else "finished",
        "class": {"code": sort},
        "subject": _ref("Patient", patient),
        "period": period,
        "participant": [{"type": [{"coding": [{"code": "ATND"}]}], "individual": _ref("Practitioner", attending)}],
        "location": [{"location": _ref("Location", bed)} for bed in beds],
    }


def appointment(
    ident: str, patient: str, made: float, begin: float, doctor: str, clinic: str, status: str = "booked"
) -> Resource:
    """Booked weeks ahead."""
    return {
        "resourceType": "Appointment",
        "id": ident,
        "status": status,
        "created": at(made),
        "start": at(begin),
        "end": at(begin + 1200),
        "participant": [
            {"actor": _ref(k, i), "status": "accepted"}
            for k, i in (("Patient", patient), ("Practitioner", doctor), ("Location", clinic))
        ],
    }


def order(
    ident: str, patient: str, ts: float, by: str, item: str, performer: list[str], drug: bool = False
) -> Resource:
    """A request for a service or a drug."""
    common = {
        "id": ident,
        "status": "active",
        "intent": "order",
        "subject": _ref("Patient", patient),
        "authoredOn": at(ts),
        "requester": _ref("Practitioner", by),
    }
    if drug:
        return {"resourceType": "MedicationRequest", "medicationCodeableConcept": _words(item)} | common
    return {
        "resourceType": "ServiceRequest",
        "code": _words(item),
        "performer": [_ref("Practitioner", p) for p in performer],
    } | common


def care_team(ident: str, patient: str, begin: float, members: list[str]) -> Resource:
    """Who is named as treating."""
    return {
        "resourceType": "CareTeam",
        "id": ident,
        "status": "active",
        "subject": _ref("Patient", patient),
        "period": {"start": at(begin)},
        "participant": _people(members, "member"),
    }


def patient(
    ident: str, ts: float, family: str, address: str, born: int, sex: str, died: float | None = None
) -> Resource:
    """A registration, or a change of it."""
    line, postal = address.split("|")
    return {
        "resourceType": "Patient",
        "id": ident,
        "meta": {"lastUpdated": at(ts)},
        "name": [{"family": family}],
        "gender": sex,
        "birthDate": f"{born}-05-05",
        "address": [{"line": [line], "postalCode": postal}],
        "identifier": [{"type": {"coding": [{"code": "MB"}]}, "value": f"M{ident}"}],
    } | ({} if died is None else {"deceasedDateTime": at(died)})


def practitioner(ident: str, ts: float, login: str, family: str, address: str) -> Resource:
    """Somebody of the staff."""
    line, postal = address.split("|")
    return {
        "resourceType": "Practitioner",
        "id": ident,
        "meta": {"lastUpdated": at(ts)},
        "name": [{"family": family}],
        "identifier": [{"system": "urn:login", "value": login}],
        "address": [{"line": [line], "postalCode": postal}],
    }


def post(ident: str, ts: float, who: str, login: str, role: str, unit: str) -> Resource:
    """What somebody does where."""
    return {
        "resourceType": "PractitionerRole",
        "id": ident,
        "meta": {"lastUpdated": at(ts)},
        "active": True,
        "practitioner": _ref("Practitioner", who),
        "identifier": [{"value": login}],
        "code": [_words(role)],
        "location": [_ref("Location", unit)],
    }


def place(ident: str, name: str, part_of: str | None = None) -> Resource:
    """A ward, or a bed in it."""
    return {"resourceType": "Location", "id": ident, "name": name, "status": "active"} | (
        {} if part_of is None else {"partOf": _ref("Location", part_of)}
    )


def claim(
    ident: str,
    patient: str,
    created: float,
    day: float,
    provider: str,
    lines: list[tuple[str, float]],
    sort: str = "professional",
    until: float | None = None,
) -> Resource:
    """A bill; a day is told as a date."""
    begin, end = at(day)[:10], at(until or day)[:10]
    return {
        "resourceType": "Claim",
        "id": ident,
        "status": "active",
        "use": "claim",
        "type": {"coding": [{"code": sort}]},
        "patient": _ref("Patient", patient),
        "created": at(created),
        "billablePeriod": {"start": begin, "end": end},
        "provider": _ref("Practitioner" if sort == "professional" else "Organization", provider),
        "insurance": [{"focal": True, "coverage": {"identifier": {"value": f"M{patient}"}}}],
        "item": [
            {
                "sequence": n + 1,
                "productOrService": {"coding": [{"code": code}]},
                "servicedDate": begin,
                "net": {"value": amount},
            }
            for n, (code, amount) in enumerate(lines)
        ],
        "total": {"value": round(sum(amount for _, amount in lines), 2)},
    }
