"""Which column of a record system's or payer's table is which field, and which kind of table it is.

Lists of names (`names`) come first, then what the words of a name say (`name_roles`).
"""

import re
from dataclasses import dataclass, field

from pipeline.ingest.accesses import tongues
from pipeline.ingest.accesses.name_roles import bare_name, worded_places
from pipeline.ingest.accesses.names import ACCESS, APPOINTMENT, CLAIM, ORDER, PERSON, STAFF, SUBJECT, VISIT
from pipeline.ingest.accesses.partners import partners_of
from pipeline.ingest.tables import first_of, plain_name
from pipeline.ingest.told.roles import meaning

_IS_OWN = "id"
_NUMBERED = re.compile(r"(.*?)(\d+)\Z")


def _apiece(told: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words.split()) for name, words in told.items()}


_Kind = tuple[str, dict[str, tuple[str, ...]], tuple[str, ...], tuple[tuple[str, ...], ...]]
_KINDS: tuple[_Kind, ...] = (
    ("access", _apiece(ACCESS), ("ts", "user", "patient"), (("action", "workstation", "resource", "viewer"),)),
    ("access", _apiece(ACCESS), ("ts", "user", "object_id", "object_type"), ()),
    ("claim", _apiece(CLAIM), ("claim_id", "from_ts"),
     (("patient", "member_id"), ("provider", "rendering", "drug"))),
    ("order", _apiece(ORDER), ("ts", "practitioner", "patient"), (("resource_id", "telling"),)),
    ("appointment", _apiece(APPOINTMENT), ("resource_id", "patient", "start_ts"), (("practitioner", "department"),)),
    ("encounter", _apiece(VISIT), ("encounter", "patient", "start_ts"), ()),
    ("patient", _apiece(PERSON), ("patient", "birth"), (("sex", "deceased_ts"),)),
    ("patient", _apiece(PERSON), ("patient", "deceased_ts"), ()),
    (
        "practitioner", _apiece(STAFF), (),
        (("practitioner", "provider"), ("role", "department"), ("name", "family", "start_ts", "status", "npi")),
    ),
)  # fmt: skip
"""Kind of table, its columns, those it must have, and groups of which it must have one, the most telling kind first."""
_TELLS_OTHERWISE = frozenset(
    f"{ACCESS['ts']} {ACCESS['action']} {SUBJECT} {tongues.PATIENT} amount ts t asctime message msg severity host"
    " hostname excldate excltype exclusiondate exclusiontype".split()
)
_OF_A_LOG = frozenset(("source.ip", "destination.ip", "source.port", "destination.port"))
_OF_A_PERSON = re.compile(r"start|begin|creat|updat|modif", re.IGNORECASE)
"""Times that directories keep of whom they list: when somebody began, when the entry was made."""
_OWN_ID = {
    "claim": ("claim_id", ""), "encounter": ("encounter", "service"), "patient": ("patient", "birth"),
    "practitioner": ("provider", "role"),
}  # fmt: skip
"""What a column called `Id` is, and what the table has to have beside it to be of that kind; a claim has codes."""
# Numbered columns, as many as there are: what they hold.
_LISTS = {
    "diagnoses": re.compile(
        r"(?:(?:princ|admtg|line)?icd(?:9|10)?dgnscd|(?:clm)?diagnosiscode|diagnosis|diag|dx|icd10?"
        r"|diagnose|icdcode|diagnostic|diagnostico|cim10|cie10|diagnos|diagnosi)\d*\Z"
    ),
    "procedures": re.compile(
        r"(?:hcpcscd|icd(?:9|10)?prcdrcd|(?:clm)?procedurecode|procedure|cptcode|cpt|hcpcs|proccode|proc|revcntr|ndc"
        r"|gop|goa|ebm|ops|opscode|ziffer|gebuhrenziffer|ccam|codeacte|acte|prestatiecode|codigoprestacion)\d*\Z"
    ),
    "modifiers": re.compile(r"(?:hcpcs(?:1st|2nd|3rd|4th)mdfrcd|modifiercode|modifier|mod|cptmodifier|mdfrcd)\d*\Z"),
    "amounts": re.compile(r"(?:lineamount|linecharge|linenchpmtamt|linesbmtdchrgamt|revcntrtotchrgamt)\d*\Z"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordColumns:
    """Which column of a table is which field."""

    kind: str
    places: dict[str, str]
    lists: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """`diagnoses`, `procedures`, `modifiers`, `amounts` → (number in its name, column)."""
    partners: dict[str, str] = field(default_factory=dict)
    """A field with a time → the column that has its day or its clock."""

    @property
    def by_sort(self) -> bool:
        """Whether only the sort of a record can say that it is a patient's: many a log has such columns."""
        return self.kind == "access" and "patient" not in self.places


def record_columns(names: list[str]) -> RecordColumns | None:
    """What a table with these columns holds; None where it is none of ours."""
    by_plain = {plain_name(name): name for name in reversed(names)}
    by_plain |= {bare: name for name in reversed(names) if (bare := plain_name(bare_name(name))) not in by_plain}
    for kind, columns, needed, groups in _KINDS:
        places = _places(kind, first_of(by_plain, columns), names)
        listed = _listed(names) if kind == "claim" else {}
        if _IS_OWN in by_plain and kind in _OWN_ID:
            own, beside = _OWN_ID[kind]
            if beside in places or (listed and (listed["procedures"] or listed["diagnoses"])):
                places.setdefault(own, by_plain[_IS_OWN])
        if kind == "practitioner" and (not _TELLS_OTHERWISE.isdisjoint(by_plain) or any(map(_of_a_log, names))):
            return None
        told_apart = places.get("user") != places.get("patient") or "user" not in places
        whole = all(n in places for n in needed) and all(any(n in places for n in group) for group in groups)
        if told_apart and whole:
            return RecordColumns(kind, _apart(places), listed, partners_of(places, names))
    return None


def _places(kind: str, places: dict[str, str], names: list[str]) -> dict[str, str]:
    """Those that lists of names tell, and for what these lack what the words of the others say."""
    left = [name for name in names if name not in places.values()]
    places = worded_places(kind, left) | places
    if "viewer" in places:
        places.setdefault("user", places["viewer"])
    if kind == "access" and "patient" not in places:  # of what sort the record was may say that it was a patient's
        places = worded_places("object", names) | places
    return places


def _of_a_log(name: str) -> bool:
    """A list of staff has no column of moments, acts, messages, addresses, severities or patients."""
    role, _ = meaning(name) or ("", 0)
    return role in _OF_A_LOG or (role == "@timestamp" and not _OF_A_PERSON.search(name))


def _apart(places: dict[str, str]) -> dict[str, str]:
    """A day or clock of its own, or a second name, only where it is another column than the time or the account."""
    same = (
        ("day", "ts"), ("clock", "ts"), ("user_name", "user"), ("rendering", "provider"), ("resource", "action"),
        ("workstation", "role"),
    )  # fmt: skip
    return {k: v for k, v in places.items() if not any(k == one and v == places.get(other) for one, other in same)}


def _listed(names: list[str]) -> dict[str, list[tuple[str, str]]]:
    out: dict[str, list[tuple[str, str]]] = {name: [] for name in _LISTS}
    for name in names:
        plain = plain_name(name)
        for target, pattern in _LISTS.items():
            if pattern.match(plain):
                numbered = _NUMBERED.match(plain)
                out[target].append((numbered[2] if numbered else "", name))
                break
    return out
