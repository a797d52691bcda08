"""What was done for a patient or written about one: whoever did, read or signed it had to do with the chart."""

from pipeline.ingest.fhir.values import (
    STAFF,
    Json,
    UnreadableError,
    clamped,
    clean,
    label,
    obj,
    objs,
    ref_id,
    reference,
    text,
    unique,
    until,
)

# Who did it, read it, wrote it, stands for it, entered it; the first is chiefly responsible.
_PEOPLE = ("performer", "resultsInterpreter", "author", "authenticator", "attester", "recorder", "asserter")
_DONE = ("performed", "occurrence", "effective")
_KNOWN = ("issued", "recorded", "dateRecorded", "date", "indexed", "created", "whenHandedOver", "whenPrepared")
_ITEMS = ("code", "medicationCodeableConcept", "medication", "vaccineCode", "type")


def deeds(resource: Json) -> list[Json]:
    """Procedure, DiagnosticReport, Immunization, medication given, document: told as orders that were carried out."""
    start, end = _when(resource)
    known = next((t for name in _KNOWN if (t := clamped(resource.get(name), name)) is not None), start)
    known = known if known is not None else clamped(obj(resource.get("meta")).get("lastUpdated"), "meta.lastUpdated")
    if known is None:
        raise UnreadableError("the resource has no date from which it is known")
    status, people = text(resource.get("status")), _people(resource)
    medication = obj(resource.get("medicationReference"))
    context = obj(resource.get("encounter") or resource.get("context"))
    fields = {
        "kind": "order", "ts": known, "resource_id": text(resource.get("id")),
        "status": "cancelled" if status == "not-done" else status,
        "patient": ref_id(resource.get("subject") or resource.get("patient")),
        "practitioner": people[0] if people else None, "practitioners": people,
        "department": ref_id(resource.get("location")),
        "service": next((s for name in _ITEMS if (s := label(obj(resource.get(name)).get("concept"))
                                                  or label(resource.get(name)))), None) or label(medication),
        "start_ts": start, "end_ts": end,
        "encounter": ref_id(context.get("encounter") or context),
    }  # fmt: skip
    return [clean(fields)]


def _when(resource: Json) -> tuple[float | None, float | None]:
    for name in _DONE:
        period = obj(resource.get(f"{name}Period"))
        start = clamped(resource.get(f"{name}DateTime") or period.get("start"), name)
        if start is not None:
            return start, until(period.get("end"), f"{name}.end")
    return clamped(resource.get("whenHandedOver"), "whenHandedOver"), None


def _people(resource: Json) -> list[str] | None:
    found: list[str | None] = []
    for name in _PEOPLE:
        for one in objs(resource.get(name)):
            kind, ident = reference(one.get("actor") or one.get("party") or one)
            if kind in STAFF:
                found.append(ident)
    return unique(found)
