"""Names, numbers and births of people in care inside the sentences and pairs of a log: left out, the rest stays.

`patient="Muster, Anna"`, `MRN 0012345`, `Name: Muster, geb. 02.03.1950`, in the tongues of `care_names`. What nobody
labelled cannot be known.
"""

import re

LEFT_OUT = "(left out)"
_CAPITAL = r"(?-i:[A-ZÀ-ÖØ-Þ])[\w'’.-]{0,40}"
_DAY = r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d\d-?\d\d-?\d\d)(?!\d)"
_BIRTH = re.compile(
    rf"(?:\b(?:{_CAPITAL},? ){{0,4}}{_CAPITAL},? ?[(\[]?)?"
    r"(?<![^\W_])(?:geb(?:oren)?(?:\.| am|\. am)?|gebdat|dob|d\.o\.b\.?|born(?: on)?|n[ée]e?(?:\(e\))? le"
    rf"|nacid[oa](?: el)?|nat[oa] il|nascid[oa] em|f(?:ø|o)dt|f(?:ö|o)dd)[ :=]{{0,3}}{_DAY}",
    re.IGNORECASE,
)
_WHOSE = (
    r"(?:patient(?:en|in|e|s)?|pa[cz]iente?s?|pasient(?:en)?|potilas|mrn|dob|birth[ _-]?da(?:te|y)"
    r"|date[ _-]?of[ _-]?birth|geburts(?:datum|tag|name|jahr)|geb(?:oren)?(?:[ _-]?(?:am|datum)|\.)?"
    r"|(?:date[ _-]?de[ _-]?)?naissance"
    r"|(?:fecha[ _-]?de[ _-]?)?nacimiento|(?:data[ _-]?di[ _-]?)?nascita|(?:data[ _-]?de[ _-]?)?nascimento"
    r"|f[øo]dsels?(?:dato|nummer|dag)|medical[ _-]?record[ _-]?(?:number|no)|fall(?:nummer|-?nr)|personnummer"
    r"|versicherten-?(?:nummer|nr)|nhs[ _-]?(?:number|no))"
)
_PART = (
    r"(?:[ _.-]?(?:full|last|first|family|given|sur|vor|nach|nachname|vorname|name|identifier|id|nummer|number"
    r"|num|nr|no|mrn|dob|birthdate|birth|key|address|phone|ssn|nom|prenom|nombre|nome|cognome)\.?){0,3}"
)
_SIGN = r"[\"']?[ \t]{0,3}(?:=>|:=|[=:#])[ \t]{0,3}"
_QUOTED = r"\\?\"[^\"\n]{0,256}\"?|'[^'\n]{0,256}'?|\[[^\]\n]{0,256}\]?|\{[^}\n]{0,256}\}?|\([^)\n]{0,256}\)?"
_MORE = rf"(?: [^\s=:,;]{{1,40}}){{1,3}}(?= [\w.-]{{1,40}}=)|(?:,? {_CAPITAL}(?![\w=:-])){{0,4}}"
"""Words that go on up to the next pair, or while they begin with a capital."""
_VALUE = rf"(?:{_QUOTED}|[^\s,;|&)\]}}\"'=]{{1,128}}(?:{_MORE}))"
_PAIR = re.compile(rf"({_WHOSE}{_PART}{_SIGN})(?!\(left out\)){_VALUE}", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![^\W])((?:full|first|last|family|given)?[ _-]?name|vorname|nachname|familienname|surname|forename|nom"
    rf"|pr[ée]nom|apellidos?|nombre|cognome|nome|naam|navn|namn|adresse|address){_SIGN}(?!\(left out\)){_VALUE}",
    re.IGNORECASE,
)
_ANYBODYS = re.compile(
    r"(?:user|host|file|login|account|service|device|table|domain|program|process|computer)[ _.-]?$", re.I
)
_NUMBER = re.compile(
    r"\b((?:MRN|mrn|(?:[Pp]atient|PATIENT|[Pp]a[cz]iente)(?:en)?"
    r"(?:[ _-]?(?:ID|Id|id|Nr\.?|No\.?|[Nn]umber|[Nn]ummer))?)"
    r"[ #/]{1,2})[A-Z]{0,3}-?\d{4,20}\b"
)
_SENTENCE = re.compile(rf"\b([Pp]atient(?:in)?|[Pp]a[cz]iente) ({_CAPITAL}),? ({_CAPITAL})(?: {_CAPITAL}){{0,2}}")
_THINGS = frozenset(re.findall(r"\w+", """
    access administration admin admission api app application care center centre chart client context dashboard data
    database discharge file flow flows folder gateway health history id identity import index info information lab
    list lookup management master merge model module monitor monitoring name no number portal profile query record
    records registration registry report safety scheduling search server service services session site summary system
    table transfer transport update view viewer visit web
"""))  # fmt: skip
"""What is called a patient's, and is a machine, a program or a list."""


def without_people(text: str) -> str:
    """The text of a log line without what names somebody in care.

    >>> without_people('view user=nora patient="Muster, Anna" ward=3')
    'view user=nora patient=(left out) ward=3'
    """
    if not _may_name(text.lower()):
        return text
    kept = _BIRTH.sub(LEFT_OUT, text)
    kept = _PAIR.sub(rf"\1{LEFT_OUT}", kept)
    kept = _NUMBER.sub(rf"\1{LEFT_OUT}", kept)
    kept = _SENTENCE.sub(_of_somebody, kept)
    return _NAMED.sub(_unless_anybodys, kept) if kept != text else text


def _may_name(low: str) -> bool:
    """Whether one of the words stands in a text of small letters; written out, as a loop takes five times as long."""
    return (
        "atient" in low or "mrn" in low or "birth" in low or "dob" in low or "geb" in low or "born" in low
        or "acient" in low or "azient" in low or "asient" in low or "potila" in low or "naiss" in low or "naci" in low
        or "nasci" in low or "ato il" in low or "ata il" in low or "nummer" in low or "nhs" in low
        or "record n" in low or (not low.isascii() and ("né" in low or "fød" in low or "föd" in low))
    )  # fmt: skip


def _of_somebody(found: re.Match[str]) -> str:
    thing = not _THINGS.isdisjoint((found[2].lower().rstrip("."), found[3].lower().rstrip(".")))
    return found[0] if thing else f"{found[1]} {LEFT_OUT}"


def _unless_anybodys(found: re.Match[str]) -> str:
    before = found.string[max(found.start() - 12, 0) : found.start()]
    return found[0] if _ANYBODYS.search(before) else f"{found[1]}={LEFT_OUT}"
