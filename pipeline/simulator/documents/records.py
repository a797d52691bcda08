"""Documents about care: chart accesses, clinical context, claims and the device inventory."""

from typing import Any

from pipeline.simulator.tape import Tape

_FORMS = {
    "encounter": "fhir.Encounter", "appointment": "fhir.Appointment", "order": "fhir.ServiceRequest",
    "care_team": "fhir.CareTeam", "practitioner": "fhir.Practitioner", "patient": "fhir.Patient",
    "organization": "fhir.Organization",
}  # fmt: skip
_RELATION = (
    "resource_id", "status", "patient", "practitioner", "practitioners", "department", "service",
    "start_ts", "end_ts", "encounter",
)  # fmt: skip


def access(tape: Tape, ts: float, user: str, **fields: Any) -> None:
    """EhrAccess; fields in order: role, department, patient, action, resource, object_id, encounter, purpose,
    break_glass, outcome, workstation, src_ip, site, application, records."""
    doc: dict[str, Any] = {"ts": round(ts, 6), "format": "fhir.AuditEvent", "kind": "access", "user": user}
    for name, value in fields.items():
        if value is not None:
            doc[name] = value
    tape.add("ehr", user, doc)


def context(tape: Tape, ts: float, kind: str, relation: dict[str, Any], **fields: Any) -> None:
    """A piece of clinical context of some kind; `fields` are those beyond the common relation, in model order."""
    doc: dict[str, Any] = {"ts": round(ts, 6), "format": _FORMS[kind]}
    for name in _RELATION:
        value = relation.get(name)
        if value is not None:
            doc[name] = round(value, 6) if name.endswith("_ts") else value
    doc["kind"] = kind
    for name, value in fields.items():
        if value is not None:
            doc[name] = value
    tape.add("context", doc.get("patient") or doc.get("practitioner") or doc["format"], doc)


def claim(tape: Tape, ts: float, form: str, fields: dict[str, Any]) -> None:
    """Claim; `fields` in model order from claim_id on."""
    doc: dict[str, Any] = {"ts": round(ts, 6), "format": form, "kind": "claim", **fields}
    tape.add("claims", doc["provider"], doc)


def device(tape: Tape, ts: float, **fields: Any) -> None:
    """Device; fields in order: mac, ip, device_class, vendor, model, firmware, segment."""
    doc: dict[str, Any] = {"ts": round(ts, 6), "format": "inventory.csv", "kind": "device", **fields}
    tape.add("devices", fields["mac"], doc)
