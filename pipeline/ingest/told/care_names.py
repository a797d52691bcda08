"""Whether a record may be about people in care, by its names, in the tongues and vocabularies of hospitals' systems.

Read as a log, who these people are would stay in the clear and reach alerts. One telling name is enough; words of care
that also mean other things (`bed`, `episode`) count together, or beside what only records of persons hold: a first
name, a sex, a date of long ago.
"""

import re
from typing import Any

from pipeline.ingest.accesses.names import ACCESS
from pipeline.ingest.tables import plain_name, without_accents
from pipeline.ingest.told.roles import Names, remembered

_TELLING = re.compile(
    r"patient|pacient|pazient|pasient|pacjent|potilas"
    r"|birth(?!.?time)|geburt|geboren|geboorte|(?<!con)naissance|nacimiento|nascita|nascimento|fod(?:sel|else|t.?dato)|syntyma"
    r"|urodzen|deceased|verstorben"
    r"|(?:^|[._ -])(?:mrn|dob|bsn|kvnr|svnr|hetu|kennitala)$|(?<=[a-z])(?:MRN|Mrn|DOB|Dob)$"
    r"|nhs.?(?:number|no|id)$|chart.?(?:number|no|nr)$|medical.?record|medicare|medicaid|resident.?(?:id|no|number|name)$"
    r"|versicherten.?(?:nummer|nr)|krankenversichert|krankenakte|fall.?(?:nummer|nr)$|aufnahme.?(?:nummer|nr)$"
    r"|sozialversicherung|ahv.?(?:nummer|nr)$|burgerservice|person.?(?:nummer|nr)$|cpr.?(?:nummer|nr)$"
    r"|securite.?sociale|historia.?clinica|tarjeta.?sanitaria|codice.?fiscale|dossier.?medical|cartella.?clinica"
    r"|next.?of.?kin|archetype.?(?:node|id)|ehr.?(?:id|status)$"
    r"|(?:^|\.)(?:pid|pv[12]|nk1|dg1|al1|ob[rx])[._-]\d{1,2}(?:$|[._-])",
    re.IGNORECASE | re.MULTILINE,
)
"""Names that stand in records of people in care alone (HL7's segments and openEHR's attributes last)."""
_NUMBERS = frozenset(ACCESS["patient"].split()).difference(
    ("personid", "personkey", "chartid", "ipp", "nip", "fnr", "utente")
)
"""What access reports call a patient's number, but for words that also name anybody, a picture, a protocol, a rate."""
_CARE = frozenset(re.findall(r"\w+", """
    ward bed bedside resident episode encounter admit admitted admitting discharge discharged diagnosis diagnoses
    diagnosed icd snomed loinc allergy allergies allergen medication medications prescription prescriber prescribed
    dosage physician clinician nurse nursing surgeon surgery caregiver careplan specimen vitals comorbidity immunization
    vaccination clinic clinical hospice symptom symptoms therapy guarantor chart anamnesis triage
    bett zimmer aufnahme aufnahmedatum entlassung entlassdatum diagnose diagnosen befund befunde anamnese medikament
    medikation allergie allergien arzt pflege pflegegrad krankenkasse klinik
    chambre medecin infirmiere sejour ordonnance hospitalisation traitement
    cama habitacion diagnostico alergia alergias medico enfermera ingreso medicamento receta
    kamer opname ontslag arts huisarts afdeling medicatie verpleegkundige zorgverlener
    avdeling avdelning sykehus sjukhus sygehus lakare laege innleggelse inskrivning lakemedel diagnos
    reparto letto ricovero diagnosi farmaco
"""))  # fmt: skip
_PLACES = frozenset(re.findall(r"\w+", """
    ward bed bedside clinic clinical bett zimmer klinik chambre cama habitacion kamer afdeling avdeling avdelning
    reparto letto sykehus sjukhus sygehus
"""))  # fmt: skip
"""Of these words those that say where a device stands: together they are one."""
_PERSON = re.compile(
    r"(?:^|[._ -])(?:(?:first|last|given|family|maiden).?name|surname|forename|vorname|nachname|familienname|prenom"
    r"|nom.?de.?famille|apellidos?|voornaam|achternaam|fornavn|etternavn|efternavn|fornamn|efternamn|cognome|gender|sex"
    r"|geschlecht|sexe|sexo|geslacht|kjonn|marital.?status)$",
    re.IGNORECASE,
)
_MEMORY = frozenset(("memory", "mem", "set", "size", "bytes", "pages", "charts", "dashboard", "battery"))
"""Beside these, a resident, a chart and a discharge are a machine's."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_DOUBTFUL = re.compile(r"medical|diagnos[ei]s|mrn$|dob$|ssn$|encounter|admission|insur|claim", re.IGNORECASE)
_DAY = re.compile(r"((?:19|20)\d\d)[-/.]?(?:0[1-9]|1[0-2])[-/.]?(?:0[1-9]|[12]\d|3[01])(?:T00:00:00\S{0,10})?$"
                  r"|\d\d[-/.]\d\d[-/.]((?:19|20)\d\d)$")  # fmt: skip
_LOOK_AT = 256
"""The end of a name, which says what it is of."""
_LONG_AGO_Y, _YEAR_S = 10, 31_556_952.0


def about_care(row: dict[str, Any], ts: float) -> bool:
    """Whether a flat record, of this time, may be of a person in care."""
    found = _found(tuple(row))
    if "telling" in found:
        return True
    care, person = found.get("care", ()), found.get("person", ())
    if not care and not person:
        return False
    others = frozenset(care) - _PLACES
    return len(others) + (len(others) < len(care)) + bool(person) > 1 or (bool(care or person) and _long_ago(row, ts))


def may_be_care(names: Names) -> bool:
    """Whether one of the names is of care, insurance or a person's number: no log without a log's own marks."""
    return "doubtful" in _found(names)


@remembered
def _found(names: Names) -> dict[str, Names]:
    """`telling`, `care` (different words), `person`, `doubtful` → what of the names says so."""
    plain = tuple(without_accents(name[-_LOOK_AT:]) for name in names)
    words = {name: frozenset(word.lower() for word in _WORDS.findall(name)) for name in plain}
    care = {word for name in plain if not words[name] & _MEMORY for word in words[name] & _CARE}
    numbers = tuple(name for name in plain if plain_name(name.rpartition(".")[2]) in _NUMBERS)
    found = {
        "telling": (*numbers, *_TELLING.findall("\n".join(plain)))[:1], "care": tuple(sorted(care)),
        "person": tuple(name for name in plain if _PERSON.search(name)),
        "doubtful": tuple(name for name in plain if _DOUBTFUL.search(name)),
    }  # fmt: skip
    return {what: told for what, told in found.items() if told}


def _long_ago(row: dict[str, Any], ts: float) -> bool:
    year = 1970 + ts / _YEAR_S
    for value in row.values():
        day = _DAY.match(value) if isinstance(value, str) and len(value) < 32 else None
        if day and int(day[1] or day[2]) <= year - _LONG_AGO_Y:
            return True
    return False
