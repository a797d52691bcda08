"""Rows of record systems' and payers' tables, in the wire's terms."""

import re
from typing import Any

from pipeline.ingest.accesses import tongues
from pipeline.ingest.accesses.columns import RecordColumns
from pipeline.ingest.accesses.moments import times_of
from pipeline.ingest.fhir.values import MAX_LIST, MAX_TEXT, birth_year, gender
from pipeline.ingest.tables import TableRow, folded

Fields = dict[str, Any]
SOURCES = {"access": "ehr", "claim": "claims", "encounter": "context", "order": "context", "appointment": "context",
           "patient": "context", "practitioner": "context"}  # fmt: skip
_OF_STAFF = ("access", "practitioner")
_NO_SERVICE = frozenset(("payment", "adjustment", "transferin", "transferout", "transfer"))
"""What rows of a claim's lines may be beside services."""
_UNSET = frozenset(("", "-", "null", "none", "nan", "na", "n/a", "\\n"))
_CENT = 0.01
_OF_CLAIM = re.compile(r"clm|claim|tot", re.IGNORECASE)
"""In the name of an amount: that of the claim, not of one of its lines."""
_SUM_LINES = frozenset(("0001", "001"))
"""The revenue code of the line that holds the sum of the others."""
_MOST_UNITS = 1e9
_CURRENCIES = " $€£EURUSDkrKR\u00a0"
_DECIMAL_COMMA = re.compile(r"-?\d{1,3}(?:[. ]?\d{3})*,\d{1,2}\Z")
_ACCOUNT = re.compile(r"(?<=\S) ?[\[(]([^\s\[\]()]{1,64})[\])]\Z")
"""`Doe, Jane [JD12]`: a name with the account behind it."""
_PATIENTS = re.compile(r"(?:.*[./:_ ])?(?:patients?|tracked[_ ]?entity(?:[_ ]?instance)?)", re.DOTALL)
_WORDS = re.compile(r"[a-z]+")
_TRUE = frozenset(("1", "y", "yes", "true", "t")) | tongues.YES
_LEFT = frozenset(("inactive", "terminated", "left", "disabled", "leave", "retired", "false", "no", "n", "0"))
_NO = frozenset(("no", "n", "false", "0")) | tongues.NO
_DENIED = frozenset(("denied", "failure", "failed", "fail", "error", "refused", "blocked")) | tongues.DENIED
"""One of these words in an outcome is enough: `Access denied`."""
# Medicare's and OMOP's numbers beside words and letters.
_SEXES = {"1": "male", "2": "female", "8507": "male", "8532": "female"}
# The first word of an action that is one of these says what was done; a single letter as in FHIR, V for view, P, X.
_ACTIONS = {
    "print": "print printed p", "export": "export exported download downloaded copy x extract extracted",
    "query": "query queried search searched find lookup q", "delete": "delete deleted remove removed d void",
    "create": "create created add added new insert c", "login": "login logon", "logout": "logout logoff",
    "update": "update updated edit edited modify modified save saved sign signed u change changed",
    "read": "read view viewed open opened access accessed display displayed inquiry review reviewed select selected"
            " r v",
}  # fmt: skip
_ACTION_OF = {
    word: action for told in (tongues.ACTIONS, _ACTIONS) for action, words in told.items() for word in words.split()
}


def fields_of(row: TableRow, columns: RecordColumns, *, month_first: bool) -> tuple[Fields | None, str]:
    """The event's fields, or None and why there are none."""
    cells = {
        target: text[:MAX_TEXT]
        for target, name in columns.places.items()
        if (text := row.cells[name].strip()).lower() not in _UNSET
    }
    times = times_of(cells, row, columns, month_first=month_first)
    fields = _MAPPINGS[columns.kind](cells, times, row, columns)
    if "ts" not in fields:
        return None, "the row has no time with a day"
    if columns.kind not in _OF_STAFF and not any(fields.get(name) for name in ("patient", "member_id")):
        return None, "the row names no patient"
    return {"kind": columns.kind, "format": f"table.{columns.kind}"} | fields, ""


def names_patient(sort: str) -> bool:
    """Whether a kind of record is that of a patient: `Patient`, `org.openmrs.Patient`, `tracked_entity`."""
    return _PATIENTS.fullmatch(folded(sort)) is not None


def _access(cells: dict[str, str], times: Fields, _row: TableRow, _columns: RecordColumns) -> Fields:
    plain = ("user", "user_name", "patient", "role", "department", "workstation", "src_ip", "resource", "purpose",
             "encounter", "site", "application")  # fmt: skip
    out: Fields = times | {name: cells[name] for name in plain if name in cells}
    if (account := _ACCOUNT.search(out.get("user", ""))) is not None:
        out |= {"user": account[1], "user_name": out["user"][: account.start()].strip()}
    if "object_id" in cells and names_patient(cells.get("object_type", "")):
        out["patient"] = cells["object_id"]
    if "action" in cells:
        words = _WORDS.findall(folded(cells["action"]))
        out["action"] = next((_ACTION_OF[w] for w in words if w in _ACTION_OF), cells["action"].lower())
    elif "viewer" in cells:
        out["action"] = "read"
    if "break_glass" in cells:
        out["break_glass"] = folded(cells["break_glass"]) in _TRUE
    if (records := _number(cells.get("records"))) is not None and records >= 0:
        out["records"] = int(records)
    if "outcome" in cells:
        told = folded(cells["outcome"])
        out["outcome"] = "failure" if told in _NO or not _DENIED.isdisjoint(_WORDS.findall(told)) else "success"
    return out


def _claim(cells: dict[str, str], times: Fields, row: TableRow, columns: RecordColumns) -> Fields:
    plain = ("claim_id", "patient", "member_id", "provider", "rendering", "place_of_service", "claim_type", "payer")
    out: Fields = {name: cells[name] for name in plain if name in cells}
    out |= {name: ts for name, ts in times.items() if name != "admitted"} | _person(cells)
    admitted = times.pop("admitted", None)
    if "claim_type" not in out and (admitted is not None or "filled" in cells):
        out["claim_type"] = "institutional" if admitted is not None else "pharmacy"
    if "dependant" in cells and "member_id" in cells:  # a family may have one number
        out.setdefault("patient", f"{cells['member_id']}-{cells['dependant']}"[:MAX_TEXT])
    if "provider" not in out and "rendering" in out:
        out["provider"] = out["rendering"]  # who did it bills, where nobody else does
    begin = out.get("from_ts", admitted)
    if begin is not None:
        out["ts"] = out["from_ts"] = begin
    out |= {name: n for name in ("total_amount", "paid_amount") if (n := _number(cells.get(name))) is not None}
    diagnoses, procedures, amounts = (_values(row, columns, name) for name in ("diagnoses", "procedures", "amounts"))
    if "drug" in cells:  # one drug has as many codes as makers
        procedures = {"": cells["drug"]}
    of_line = "line" in columns.places and _OF_CLAIM.search(columns.places.get("total_amount", "")) is None
    if of_line and "total_amount" in out and not amounts:
        amounts = {"": cells["total_amount"]}
    if of_line:
        out.pop("total_amount", None)
    procedures = {number: told for number, told in procedures.items() if told not in _SUM_LINES}
    if diagnoses:
        out["diagnoses"] = list(dict.fromkeys(diagnoses.values()))[:MAX_LIST]
    quantity = _number(cells.get("quantity"))
    if quantity is not None and not 0 <= quantity <= _MOST_UNITS:
        quantity = None  # units taken back: the amount says so, too
    if folded(cells.get("transaction", "")) in _NO_SERVICE:
        procedures = {}
        out.pop("total_amount", None)
    given = list(_values(row, columns, "modifiers").values())
    modifiers = given[:MAX_LIST] if given and len(procedures) == 1 else None  # of several lines: nobody knows which
    out["lines"] = [
        {name: value for name, value in (
            ("procedure", procedures[number]), ("amount", _number(amounts.get(number))),
            ("quantity", quantity), ("from_ts", begin), ("modifiers", modifiers),
        ) if value is not None}
        for number in list(procedures)[:MAX_LIST]
    ]  # fmt: skip
    if "total_amount" not in out:  # what was paid stands for what was asked, where nothing else is told
        charged = [n for text in amounts.values() if (n := _number(text)) is not None]
        told = sum(charged) if charged else out.get("paid_amount")
        out |= {} if told is None else {"total_amount": told}
    return out


def joined(claim: Fields, line: Fields) -> Fields:
    """A claim with another of its rows, in a table with a row a line."""
    out = claim | {"lines": (claim["lines"] + line["lines"])[:MAX_LIST]}
    if _is_sum(claim) and _is_sum(line):
        out["total_amount"] = round(claim["total_amount"] + line["total_amount"], 2)
    if diagnoses := list(dict.fromkeys([*claim.get("diagnoses", ()), *line.get("diagnoses", ())]))[:MAX_LIST]:
        out["diagnoses"] = diagnoses
    out["ts"] = out["from_ts"] = min(claim["from_ts"], line["from_ts"])
    if "through_ts" in claim and "through_ts" in line:
        out["through_ts"] = max(claim["through_ts"], line["through_ts"])
    return out


def _is_sum(claim: Fields) -> bool:
    """Whether the total is what the lines come to, not what the claim says of itself."""
    amounts = [line["amount"] for line in claim["lines"] if "amount" in line]
    return bool(amounts) and abs(sum(amounts) - claim.get("total_amount", 0.0)) < _CENT / 2


def _visit(cells: dict[str, str], times: Fields, _row: TableRow, _columns: RecordColumns) -> Fields:
    out: Fields = times | {
        name: cells[name] for name in ("encounter", "patient", "practitioner", "department", "service") if name in cells
    }
    if "practitioner" in out:
        out["practitioners"] = [out["practitioner"]]
    if "encounter" in out:
        out["resource_id"] = out["encounter"]
    if "start_ts" in out:
        out["ts"] = out["start_ts"]
    return out


def _order(cells: dict[str, str], times: Fields, _row: TableRow, _columns: RecordColumns) -> Fields:
    """What was ordered, given, done or written: whoever did so had to do with the chart."""
    plain = ("patient", "practitioner", "resource_id", "service", "encounter", "department", "status")
    out: Fields = times | {name: cells[name] for name in plain if name in cells}
    if "practitioner" in out:
        out["practitioners"] = [out["practitioner"]]
    return out


def _appointment(cells: dict[str, str], times: Fields, row: TableRow, columns: RecordColumns) -> Fields:
    """A planned visit, known from when it was made, else from its beginning."""
    out = _order(cells, times, row, columns)
    if "start_ts" in out:
        out.setdefault("ts", out["start_ts"])
    return out


def _patient(cells: dict[str, str], times: Fields, _row: TableRow, _columns: RecordColumns) -> Fields:
    told = {name: cells[name] for name in ("patient", "member_id", "practitioner") if name in cells}
    return times | {"ts": 0.0} | told | _person(cells) | _home(cells)


def _staff(cells: dict[str, str], times: Fields, _row: TableRow, _columns: RecordColumns) -> Fields:
    """A member of staff, known from the beginning, by every number and account of the row."""
    numbers = list(dict.fromkeys(cells[name] for name in ("practitioner", "login", "provider", "npi") if name in cells))
    told = {name: cells[name] for name in ("role", "department", "name", "patient") if name in cells}
    out: Fields = times | {"ts": 0.0} | told
    if numbers:
        out |= {"resource_id": numbers[0], "practitioner": numbers[0], "practitioners": numbers}
    if "status" in cells:
        out["status"] = "inactive" if folded(cells["status"]) in _LEFT else "active"
    return out | _home(cells)


def _home(cells: dict[str, str]) -> Fields:
    """Family name and address as relations compare them: the address by its postal code and its first line."""
    family, postal, street = (" ".join(cells.get(n, "").lower().split()) for n in ("family", "postal", "street"))
    told = {"family_token": family, "address_token": f"{postal}|{street}" if postal and street else ""}
    return {name: text for name, text in told.items() if text}


def _person(cells: dict[str, str]) -> Fields:
    sex, born = cells.get("sex", ""), cells.get("birth", "")
    year = birth_year(born) or birth_year(born[-4:])
    if year is not None and cells.get("age", "").isdecimal():  # the age that somebody had in a year
        year = birth_year(str(year - int(cells["age"][:3])))
    told = {"sex": _SEXES.get(sex) or gender(sex), "birth_year": year}
    return {name: value for name, value in told.items() if value is not None}


_MAPPINGS = {"access": _access, "claim": _claim, "encounter": _visit, "order": _order, "appointment": _appointment,
             "patient": _patient, "practitioner": _staff}  # fmt: skip


def _values(row: TableRow, columns: RecordColumns, name: str) -> dict[str, str]:
    """Number in the column's name → what is not unset there."""
    return {
        number: text[:MAX_TEXT]
        for number, column in columns.lists.get(name, ())
        if (text := row.cells[column].strip()).lower() not in _UNSET
    }


def _number(text: str | None) -> float | None:
    """An amount: `$1,234.50`, `1.234,50 €`, `20,5`."""
    text = (text or "").strip(_CURRENCIES)
    if _DECIMAL_COMMA.match(text):
        text = text.replace(".", "").replace(" ", "").replace(",", ".")
    try:
        value = float(text.replace(",", "")) if text else None
    except ValueError:
        return None
    return value if value is not None and -1e12 <= value <= 1e12 else None
