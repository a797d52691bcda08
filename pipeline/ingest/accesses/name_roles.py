"""What columns of record systems mean that no list of names has: `performed_by`, `EVENT_DT_TM`, `Staff Username`.

Every maker of an audit trail names its columns of the same few words. A name counts when all of its words fit; one
word too many (`patient name`, `user department`, `storetime`) makes it another.
"""

import re
from functools import lru_cache

from pipeline.ingest.tables import without_accents
from pipeline.ingest.told.word_rules import Rule, Vocabulary, rule

_IDS = "id ids no nr num number key code cd uid uuid guid identifier deid coded ref reference"
_STAFF = """user staff employee clinician prsnl personnel caregiver actor operator practitioner provider physician
    nurse accessor viewer worker performer committer participant login"""
_MOMENT = "time datetime timestamp instant date dt tm dttm at ts stamp"
_OF_MOMENT = "date time dt tm utc gmt local jittered shifted server of the on start iso"
_DEEDS = "accessed viewed opened performed logged requested created entered committed modified changed done ordered"
_CARE_DEEDS = """order ordering rx prescribing prescription poe emar note document report result lab labevent procedure
    procedures px drug medication med measurement observation condition diagnosis immunization dispensing exam imaging
    device"""
_PATIENT = rule("patient", "patient pat mrn person beneficiary bene client nhs",
                _IDS + " mrn patient", also=f"{_IDS} medical record health hospital local mrn")  # fmt: skip
_ENCOUNTER = rule("encounter", "encounter encntr visit csn episode stay admission", _IDS + " csn",
                  also=f"{_IDS} patient pat enc current")  # fmt: skip
_ACCESS = (
    _PATIENT, _ENCOUNTER,
    rule("user", _STAFF, f"{_IDS} username login name account by".replace(" name ", " "),
         also=f"{_IDS} user account login name accessing performing"),
    rule("user", "by", _DEEDS, also="user id uid username login", less=30),
    rule("viewer", "viewed opened accessed", "by", also="user id uid username login"),
    rule("user_name", _STAFF, "name displayname fullname", also="full display user"),
    rule("ts", f"access event audit action activity log entry transaction {_DEEDS} occurred recorded commit creation",
         _MOMENT, also=_OF_MOMENT),
    rule("action", "action activity event operation audit change access",
         "type name action event activity operation access", also="session user description category audit"),
    rule("role", "role title position profession job template", f"{_STAFF} job", also="role name code cd type job"),
    rule("department", "department dept unit ward clinic division team", f"{_STAFF} login department",
         also=f"{_IDS} name login home"),
    rule("workstation", "workstation computer terminal pc device client machine", f"{_IDS} name", also="access user"),
    rule("resource", "resource module screen document record template menu object item form",
         "type name description resource", also="access accessed class"),
    rule("purpose", "purpose reason justification motive", "use access audit glass relationship entry override",
         also="of the for legitimate break user"),
    rule("outcome", "outcome result success status", "access audit event action", also="is was"),
    rule("site", "facility site hospital organisation organization", f"{_IDS} name"),
    rule("application", "application app system", f"{_IDS} name", also="source"),
    rule("resource", "resource module screen document", also="access accessed", less=10),
)  # fmt: skip
_OBJECT = (
    rule("object_type", "record resource entity object target", "type class kind", also="name resource"),
    rule("object_type", "klass", less=10),
    rule("object_id", "record resource entity object target", "id uid uuid key identifier", also="id"),
    rule("object_id", "uid", less=10),
)
_ORDER = (
    _PATIENT, _ENCOUNTER,
    rule("ts", f"{_CARE_DEEDS} ordered chart charted exposure dispense dispensed administered collected performed given"
               " documented authored", _MOMENT, also=f"{_OF_MOMENT} inst occurrence exposure"),
    rule("practitioner", _STAFF, f"{_IDS} npi by order ordering enter entering rx authoring performing prescribing"
                                 " administering collecting responsible",
         also=f"{_IDS} npi order ordering enter entering rx authoring performing prescribing administering"),
    rule("practitioner", "by", "ordered entered authored performed administered given documented signed prescribed",
         also="user id provider"),
    rule("resource_id", _CARE_DEEDS, "id num number key", also="seq exposure occurrence event"),
    rule("service", "order medication drug procedure note test exam item", "type name description title",
         also="display generic"),
    rule("department", "department dept unit ward", _IDS + " name performing ordering", also="name"),
)  # fmt: skip
_APPOINTMENT = (
    _PATIENT, _ENCOUNTER,
    rule("resource_id", "appointment appt booking slot", _IDS),
    rule("start_ts", "appointment appt booking slot scheduled", _MOMENT, also=f"{_OF_MOMENT} begin"),
    rule("ts", "booked made created booking", "at on date time datetime", also=f"{_OF_MOMENT} appointment appt"),
    rule("practitioner", _STAFF, _IDS, also=f"{_IDS} appointment visit"),
    rule("department", "department dept clinic location", f"{_IDS} name department clinic", also="name appointment"),
    rule("service", "appointment appt visit", "type reason", also="name"),
    rule("status", "appointment appt booking", "status"),
)  # fmt: skip
_RULES: dict[str, tuple[Rule, ...]] = {
    "access": _ACCESS,
    "object": _OBJECT,
    "order": _ORDER,
    "appointment": _APPOINTMENT,
}
_WORDS = Vocabulary(one for rules in _RULES.values() for one in rules)
_SMALL = re.compile(r"\b(?:d[eu']|de[rlsnm]|von|vom|of|the|di|d[oa]s?|van|het|l'|la)\b['’ ]?", re.IGNORECASE)
"""Words that names of columns have between the others, in many languages."""


def bare_name(name: str) -> str:
    """Without the small words between the others.

    >>> bare_name("Date d'accès"), bare_name("Tipo de acceso"), bare_name("Motivo del acceso")
    ('Date acces', 'Tipo acceso', 'Motivo acceso')
    """
    return _SMALL.sub("", without_accents(name).replace("d'", "").replace("l'", ""))


@lru_cache(4096)
def _roles_of(kind: str, name: str) -> tuple[tuple[str, int], ...]:
    words = _WORDS.words_of(name)
    told = ((one.role, rank) for one in _RULES[kind] if words and (rank := one.fits(words)) is not None)
    return tuple(told)


def worded_places(kind: str, names: list[str]) -> dict[str, str]:
    """Field of the kind → the column whose words say so best; a column has one field, the most telling first."""
    found = sorted(
        (rank, at, role, name)
        for at, name in enumerate(names)
        for role, rank in (_roles_of(kind, name) if kind in _RULES else ())
    )
    places: dict[str, str] = {}
    for _, _, role, name in found:
        if name not in places.values():
            places.setdefault(role, name)
    return places
