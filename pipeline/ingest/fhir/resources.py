"""Which resource types are used, on which source, and through which mapping."""

from collections.abc import Callable, Iterator

from pipeline.ingest.fhir import audit, billing, care, deeds, people
from pipeline.ingest.fhir.values import Json, UnreadableError
from pipeline.ingest.format import Bad, Fields, Item

_Mapping = Callable[[Json], list[Fields]]

USED: dict[str, tuple[str, _Mapping]] = {
    "AuditEvent": ("ehr", audit.accesses),
    "Encounter": ("context", care.encounters),
    "Appointment": ("context", care.appointments),
    "ServiceRequest": ("context", care.orders),
    "ProcedureRequest": ("context", care.orders),
    "MedicationRequest": ("context", care.orders),
    "MedicationOrder": ("context", care.orders),
    "Procedure": ("context", deeds.deeds),
    "DiagnosticReport": ("context", deeds.deeds),
    "Immunization": ("context", deeds.deeds),
    "MedicationAdministration": ("context", deeds.deeds),
    "MedicationDispense": ("context", deeds.deeds),
    "DocumentReference": ("context", deeds.deeds),
    "Composition": ("context", deeds.deeds),
    "CareTeam": ("context", care.care_teams),
    "Practitioner": ("context", people.practitioners),
    "PractitionerRole": ("context", people.practitioner_roles),
    "Patient": ("context", people.patients),
    "Organization": ("context", people.organizations),
    "Location": ("context", people.organizations),
    "Claim": ("claims", billing.claims),
    "ExplanationOfBenefit": ("claims", billing.benefits),
}
"""Resource type → source and mapping."""

_LONGEST_TYPE = 64


def events(resource: Json, position: str, raw: bytes) -> Iterator[Item | Bad]:
    """The events of one resource, or why there are none."""
    kind = resource.get("resourceType")
    if type(kind) is not str or not kind.isalpha() or not kind.isascii() or len(kind) > _LONGEST_TYPE:
        yield Bad(position, "the record is not a FHIR resource: it has no resourceType", raw, "fhir")
        return
    if kind not in USED:
        yield Bad(position, f"resource type {kind} is not used", raw, f"fhir.{kind}")
        return
    source, mapping = USED[kind]
    try:
        found = mapping(resource)
    except UnreadableError as err:
        yield Bad(position, str(err), raw, f"fhir.{kind}")
        return
    for part, fields in enumerate(found):
        fields["format"] = f"fhir.{kind}"
        yield Item(source, fields, position, raw, part, identified=bool(resource.get("id")))
