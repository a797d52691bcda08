"""AuditEvent to accesses. DICOM/ATNA messages come through here as well, written as the AuditEvent they
correspond to.

One event per patient named: a query that opened ten charts is ten accesses. The text of a query is never
looked at, nor are names of entities, which are often patients' names.
"""

import re
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from pipeline.ingest.fhir.values import (
    Json,
    UnreadableError,
    clean,
    code,
    codes,
    label,
    moment,
    obj,
    objs,
    ref_id,
    reference,
    split_reference,
    text,
    unique,
    words,
)

# Codes of DICOM PS3.16 CID 400/401 and of FHIR's audit-event-type, restful-interaction and
# iso-21089-lifecycle that say more than the action letter. Where several are given the first group wins.
_ACTIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("login", frozenset({"110122", "login"})),
    ("logout", frozenset({"110123", "logout"})),
    ("print", frozenset({"print", "printed"})),
    ("export", frozenset({"110106", "export", "disclose", "disclosure", "download"})),
    ("query", frozenset({"110112", "query", "search", "search-type", "search-system"})),
    ("delete", frozenset({"110105", "delete"})),
    ("create", frozenset({"create"})),
    ("update", frozenset({"update", "patch"})),
    ("read", frozenset({"read", "vread", "view", "history", "history-instance", "history-type"})),
    ("execute", frozenset({"operation", "batch", "transaction"})),
    ("execute", frozenset({"110120", "110121", "110142"})),
    ("export", frozenset({"transmit"})),
    ("read", frozenset({"access"})),
)
_LETTERS = {"C": "create", "R": "read", "U": "update", "D": "delete", "E": "execute"}
_OUTCOMES = {"0": "success", "success": "success", "information": "success"}
_OUTCOMES |= dict.fromkeys(("4", "8", "12", "error", "fatal", "failure"), "failure")

_HUMAN_TYPES = frozenset({"humanuser", "IRCP", "AUT", "AUTHOR", "PROV", "INF", "CST"})
# Application, launcher, destination, source, media and gateway roles: machines, unless nothing better is
# named.
_MACHINE_TYPES = frozenset({"110150", "110151", "110152", "110153", "110154", "110155", "dataprocessor"})
_PEOPLE = frozenset({"Practitioner", "PractitionerRole", "Person", "RelatedPerson", "Patient"})
_STAFF = frozenset({"Practitioner", "PractitionerRole", "Person"})
# HL7 v3 ActReason "break the glass" and "emergency treatment"; DICOM "emergency override started".
_BREAK_GLASS = frozenset({"BTG", "ETREAT", "110127"})
_BREAK_GLASS_WORDS = re.compile(r"break.{0,5}glass|emergency.?(access|override)", re.IGNORECASE)
# Object roles of RFC 3881 that are not what was opened: patient, user, job, query and other machinery.
_NO_OBJECT_ROLES = frozenset({"1", "6", "11", "12", "13", "14", "15", "20", "21", "22", "23", "24"})
_COUNT_WORDS = frozenset({"records", "recordcount", "count", "total", "numberofrecords", "numrecords", "resultcount"})


def accesses(resource: Json) -> list[Json]:
    """Fields of one access per patient named, or of a single one without a patient."""
    audit = _as_r4(resource)
    ts = moment(audit.get("recorded"), "recorded")
    if ts is None:
        ts = moment(audit.get("occurredDateTime") or obj(audit.get("occurredPeriod")).get("start"), "occurred")
    if ts is None:
        raise UnreadableError("AuditEvent has no recorded time")
    agents, entities = objs(audit.get("agent")), objs(audit.get("entity"))
    agent = max(agents, key=_agent_rank, default={})
    action = _action(audit)
    patients = _patients(audit, entities)
    purpose, break_glass = _purpose(audit, agent, entities)
    workstation, src_ip = _network(agent, agents, action)
    source = obj(audit.get("source"))
    fields: Json = {
        "ts": ts,
        "kind": "access",
        "action": action,
        "purpose": purpose,
        "break_glass": break_glass,
        "outcome": _outcome(audit.get("outcome")),
        "department": ref_id(agent.get("location")),
        "workstation": workstation,
        "src_ip": src_ip,
        "site": words(source.get("site")) or label(source.get("site")) or ref_id(source.get("site")),
        "application": _application(source),
        "records": _records(entities),
    }
    fields |= _user(agent, patients) | _object(audit, entities, patients)
    charts: Sequence[str | None] = patients or [None]
    return [clean(fields | {"patient": patient}) for patient in charts]


def _as_r4(resource: Json) -> Json:
    """DSTU2's `event`, `participant` and `object` under the names that STU3 and later use."""
    event = resource.get("event")
    if type(event) is not dict:
        return resource
    renamed = {
        "recorded": event.get("dateTime"),
        "agent": resource.get("participant"),
        "entity": resource.get("object"),
    }
    return resource | event | renamed


def _who(part: Json, key: str) -> Json:
    """`who` or `what`; up to STU3 it was spelled as `reference` with `userId` or `identifier` beside it."""
    if key in part:
        return obj(part[key])
    old = obj(part.get("reference"))
    identifier = part.get("userId") or part.get("identifier")
    return old | {"identifier": identifier} if identifier else old


def _agent_rank(agent: Json) -> int:
    """The person who asked comes first; a machine that asked comes before persons merely involved."""
    kinds = codes(agent.get("type")) + codes(agent.get("role"))
    human = reference(_who(agent, "who"))[0] in _PEOPLE or not _HUMAN_TYPES.isdisjoint(kinds)
    return 4 * (agent.get("requestor") is True) + 2 * human + _MACHINE_TYPES.isdisjoint(kinds)


def _user(agent: Json, patients: list[str]) -> Json:
    """Who looked. A patient in the portal stays a patient: no user, no name, the chart opened is the own
    one.
    """
    who = _who(agent, "who")
    kind, ident = reference(who)
    roles = [r for r in objs(agent.get("role")) if _MACHINE_TYPES.isdisjoint(codes(r))]
    role = label(roles)
    if kind in ("Patient", "RelatedPerson") and ("reference" in who or "type" in who):
        if ident and kind == "Patient" and not patients:
            patients.append(ident)
        return {"role": role or kind}
    named = text(obj(who.get("identifier")).get("value"))
    name = words(agent.get("name")) or words(who.get("display"))
    user = ident if kind in _STAFF or not named else _without_patient(named)
    return {"user": user or text(agent.get("altId")) or name, "user_name": name, "role": role}


def _without_patient(ident: str | None) -> str | None:
    """Systems name themselves by the address called, which may end in a patient's id or in a query."""
    return re.split(r"(?:\A|/)Patient/|\?", ident, maxsplit=1)[0] or None if ident else None


def _patients(audit: Json, entities: list[Json]) -> list[str]:
    found = [ref_id(audit.get("patient"))]
    for entity in entities:
        kind, ident = reference(_who(entity, "what"))
        role, sort = code(entity.get("role")), code(entity.get("type"))
        if kind == "Patient" or (role == "1" and sort in ("1", None)):
            found.append(ident)
    return unique(found) or []


def _object(audit: Json, entities: list[Json], patients: list[str]) -> Json:
    """What was opened and within which encounter; an id that names the patient is never repeated here."""
    resource = object_id = None
    encounter = ref_id(audit.get("encounter"))
    best = 0
    for entity in entities:
        kind, ident = reference(_who(entity, "what"))
        if kind == "Encounter":
            encounter = encounter or ident
        role = code(entity.get("role"))
        rank = 1 + 2 * bool(kind) + 4 * (role == "4")
        if role in _NO_OBJECT_ROLES or (not kind and not role) or rank <= best:
            continue
        best = rank
        resource = kind or label(entity.get("role"))
        object_id = None if kind == "Patient" or ident in patients else ident
    if resource is None and patients:
        resource = "Patient"
    elif resource is None and not entities:
        resource = label(audit.get("subtype")) or label(audit.get("type"))
    return {"resource": resource, "object_id": object_id, "encounter": encounter}


def _action(audit: Json) -> str | None:
    told = {one.lower() for key in ("type", "subtype", "code", "category") for one in codes(audit.get(key))}
    for action, spellings in _ACTIONS:
        if not spellings.isdisjoint(told):
            return action
    return _LETTERS.get(text(audit.get("action")) or "")


def _purpose(audit: Json, agent: Json, entities: list[Json]) -> tuple[str | None, bool | None]:
    """Purpose of use and whether the glass was broken (None when nothing is said about the purpose)."""
    purposes = codes(agent.get("purposeOfUse")) + codes(agent.get("authorization"))
    purposes += codes(audit.get("purposeOfEvent")) + codes(audit.get("authorization"))
    broken = [p for p in purposes if p.upper() in _BREAK_GLASS]
    if broken:
        return broken[0].upper(), True
    marks: list[Any] = [audit.get("subtype"), audit.get("code"), audit.get("type")]
    marks += [e.get("securityLabel") for e in entities] + [obj(audit.get("meta")).get("security")]
    for mark in marks:
        for concept in objs(mark):
            said = codes(concept)
            spoken = " ".join([*said, label(concept) or ""])
            if not _BREAK_GLASS.isdisjoint(said) or _BREAK_GLASS_WORDS.search(spoken):
                return (purposes[0] if purposes else "BTG"), True
    return (purposes[0], False) if purposes else (None, None)


def _outcome(value: Any) -> str:
    """R4 writes a digit, R5 a concept under `code`."""
    if type(value) is dict and type(value.get("code")) is dict:
        value = value["code"]
    return _OUTCOMES.get(code(value) or "", "unknown")


def _network(agent: Json, agents: list[Json], action: str | None) -> tuple[str | None, str | None]:
    """Machine name and address of the user's side: the own ones, else those of the client.

    The client receives what is read or exported (destination, 110152) and sends everything else (source,
    110153).
    """
    client = "110152" if action in ("read", "export") else "110153"
    for candidate in [agent, *(a for a in agents if client in codes(a.get("type")) + codes(a.get("role")))]:
        network = obj(candidate.get("network"))
        address = text(network.get("address")) or text(candidate.get("networkString"))
        if not address or text(network.get("type")) not in ("1", "2", None):
            continue
        try:
            return None, str(ip_address(address))
        except ValueError:
            return address, None
    return None, None


def _application(source: Json) -> str | None:
    observer = obj(source.get("observer"))
    ident = text(obj(source.get("identifier")).get("value"))  # up to STU3
    return words(observer.get("display")) or ref_id(observer) or (split_reference(ident)[1] if ident else None)


def _records(entities: list[Json]) -> int | None:
    """How many records, where an entity's detail tells under one of the usual names."""
    for entity in entities:
        for detail in objs(entity.get("detail")):
            name = re.sub("[^a-z]", "", (label(detail.get("type")) or "").lower())
            if name not in _COUNT_WORDS:
                continue
            told = str(detail.get("valueInteger", detail.get("valueString", "")))
            if told.isascii() and told.isdigit() and len(told) <= 15:
                return int(told)
    return None
