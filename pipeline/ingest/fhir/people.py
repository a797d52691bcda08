"""Staff, patients and places. Of a patient only what relations need leaves: two tokens, the birth year, the
sex.
"""

from typing import Any

from pipeline.ingest.fhir.values import (
    Json,
    birth_year,
    clamped,
    clean,
    code,
    codes,
    gender,
    label,
    obj,
    objs,
    ref_id,
    text,
    unique,
    until,
    words,
)

# HL7 v2 table 0203: papers of a person's private life, which are no name to be known by at work.
_PRIVATE_PAPERS = frozenset({"SS", "SB", "DL", "PPN", "TAX", "NI", "CZ", "BC"})


def patients(resource: Json) -> list[Json]:
    """A Patient. `resource_id` stays unset: it is the patient's id, and only `patient` is pseudonymised."""
    fields = {
        "kind": "patient",
        "ts": _updated(resource),
        "patient": text(resource.get("id")),
        "practitioner": ref_id(resource.get("generalPractitioner") or resource.get("careProvider")),
        "department": ref_id(resource.get("managingOrganization")),
        "family_token": _family(resource),
        "address_token": _address(resource),
        "birth_year": birth_year(resource.get("birthDate")),
        "sex": gender(resource.get("gender")),
        "deceased_ts": clamped(resource.get("deceasedDateTime"), "deceasedDateTime"),
        "member_id": next(
            (text(i.get("value")) for i in objs(resource.get("identifier")) if "MB" in codes(i.get("type"))),
            None,
        ),
    }
    return [clean(fields)]


def practitioners(resource: Json) -> list[Json]:
    """A Practitioner; `practitioners` lists every number the person is known by at work, the id first."""
    ident = text(resource.get("id"))
    role = obj(resource.get("practitionerRole"))  # DSTU2
    fields = {
        "kind": "practitioner",
        "ts": _updated(resource),
        "resource_id": ident,
        "status": _active(resource),
        "practitioner": ident,
        "practitioners": unique([ident, *_work_numbers(resource)]),
        "name": _full_name(resource),
        "role": label(role.get("role")) or label(obj(resource.get("qualification")).get("code")),
        "department": ref_id(role.get("location") or role.get("managingOrganization")),
        "family_token": _family(resource),
        "address_token": _address(resource),
    }
    return [clean(fields)]


def practitioner_roles(resource: Json) -> list[Json]:
    """What a member of staff does where; `department` is the first location, else the organisation."""
    ident, person = text(resource.get("id")), ref_id(resource.get("practitioner"))
    period = obj(resource.get("period"))
    fields = {
        "kind": "practitioner",
        "ts": _updated(resource),
        "resource_id": ident,
        "status": _active(resource),
        "practitioner": person or ident,
        "practitioners": unique([person, ident, *_work_numbers(resource)]),
        "name": words(obj(resource.get("practitioner")).get("display")),
        "role": label(resource.get("code")),
        "department": ref_id(resource.get("location")) or ref_id(resource.get("organization")),
        "service": label(resource.get("specialty")),
        "start_ts": clamped(period.get("start"), "period.start"),
        "end_ts": until(period.get("end"), "period.end"),
    }
    return [clean(fields)]


def organizations(resource: Json) -> list[Json]:
    """An Organization or a Location: what `department` refers to elsewhere. `department` here is what it is
    part of.
    """
    fields = {
        "kind": "organization",
        "ts": _updated(resource),
        "resource_id": text(resource.get("id")),
        "status": text(resource.get("status")) or _active(resource),
        "name": words(resource.get("name")),
        "department": ref_id(resource.get("partOf")) or ref_id(resource.get("managingOrganization")),
        "service": label(resource.get("type")),
    }
    return [clean(fields)]


def _updated(resource: Json) -> float:
    """When this became known; 0 (from the beginning) when the source does not say."""
    return clamped(obj(resource.get("meta")).get("lastUpdated"), "meta.lastUpdated") or 0.0


def _active(resource: Json) -> str | None:
    active = resource.get("active")
    return None if active is None else "active" if active is True else "inactive"


def _chief_name(resource: Json) -> Json:
    names = objs(resource.get("name"))
    return next((n for n in names if n.get("use") == "official"), names[0] if names else {})


def _first(value: Any) -> Any:
    """DSTU2 has lists of family names."""
    return value[0] if type(value) is list and value else value


def _family(resource: Json) -> str | None:
    return _token(_first(_chief_name(resource).get("family")))


def _full_name(resource: Json) -> str | None:
    name = _chief_name(resource)
    if told := words(name.get("text")):
        return told
    given = name.get("given")
    parts = [*(given if type(given) is list else []), _first(name.get("family"))]
    return words(" ".join(p for p in parts if type(p) is str))


def _address(resource: Json) -> str | None:
    """`postal code|first line`; both are needed: a postal code alone makes neighbours of a whole town."""
    for address in objs(resource.get("address")):
        postal, line = _token(address.get("postalCode")), _token(_first(address.get("line")))
        if postal and line:
            return f"{postal}|{line}"[:1024]
    return None


def _token(value: Any) -> str | None:
    return words(" ".join(value.split()).lower()) if type(value) is str else None


def _work_numbers(resource: Json) -> list[str | None]:
    return [
        text(identifier.get("value"))
        for identifier in objs(resource.get("identifier"))
        if _PRIVATE_PAPERS.isdisjoint(codes(identifier.get("type")))
        and code(identifier.get("use")) != "old"
        and not str(identifier.get("system")).endswith("us-ssn")
    ]
