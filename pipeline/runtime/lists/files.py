"""Reads the user's lists and inventory: CSV with a header, or one value a line; feeds of bad things in more forms."""

import csv
import io
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipeline.engine.tuning import fault_of as fault_of_tuning
from pipeline.errors import UsageError
from pipeline.features.lists import Lists, UserList
from pipeline.ingest.accesses import tongues
from pipeline.ingest.accesses.columns import record_columns
from pipeline.ingest.tables import delimiter_of, plain_name
from pipeline.learning.champion_order import fault_of as fault_of_order
from pipeline.runtime.lists.allowed import fault_of
from pipeline.runtime.lists.assets import fault_of_device
from pipeline.runtime.lists.inventory import read_inventory
from pipeline.runtime.lists.list_text import MOST_ROWS, list_text
from pipeline.runtime.lists.threat_feeds import FEEDS, normal_value, read_feed

log = logging.getLogger(__name__)
Row = Mapping[str, str]

# Lists with columns: what they need, and what a row is looked up by. The others hold one value a line.
_COLUMNS = {
    "vip": ("patient", "mrn"),
    "excluded_providers": ("npi",),
    "code_pairs": ("column1",),
    "peer_groups": ("provider",),
    "known_exploited": ("vendor",),
    "allow": ("detector",),
    "tuning": ("detector",),
    "champions": ("detector",),
}
# Columns as others call them (`tables.plain_name`): CISA's known exploited vulnerabilities, CMS' pairs of codes and
# OIG's excluded providers serve as they are, and so do directories of providers and sums by provider as peer groups.
_PATIENT = ("patientid", "patid", "patientnumber", "patno", *tongues.PATIENT.split())
_ALIASES: dict[str, dict[str, str]] = {
    "known_exploited": {"vendorproject": "vendor", "product": "model"},
    "vip": dict.fromkeys(_PATIENT, "patient")
    | dict.fromkeys(("medicalrecordnumber", "patientmrn", "patmrn", "patmrnid"), "mrn"),
    "excluded_providers": {"npinumber": "npi", "exclusiondate": "excldate", "reinstatementdate": "reindate"},
    "code_pairs": {
        "modifier0notallowed1allowed9notapplicable": "modifier_allowed", "modifierindicator": "modifier_allowed",
        "modifier": "modifier_allowed", "deletiondatenodata": "deletion_date",
    },
    "peer_groups": dict.fromkeys(("npi", "providerid", "providernpi", "rndrngnpi", "prscrbrnpi"), "provider")
    | dict.fromkeys((
        "specialty", "speciality", "taxonomy", "healthcareprovidertaxonomycode1", "rndrngprvdrtype", "prscrbrtype",
        "providerspecialtyprimary", "specialtysourcevalue",
    ), "group"),
}  # fmt: skip
_OURS = {"code_pairs": ("column1", "column2", "modifier_allowed", "deletion_date")}
_EVENTS = {"access": "accesses", "claim": "claims", "encounter": "visits", "order": "orders",
           "appointment": "appointments"}  # fmt: skip
_MOST_PLAIN = 4
"""Columns of a list of providers that somebody wrote by hand, beside whom no date need stand."""
_ENDED = "deletion_date"
_HEADER_WITHIN = 16
# What every row of a list must say, by the column that must not be empty.
_FAULTS: dict[str, Callable[[Row], str | None]] = {
    "allow": fault_of,
    "inventory": fault_of_device,
    "champions": fault_of_order,
    "tuning": fault_of_tuning,
    "peer_groups": lambda row: None if row.get("provider") and row.get("group") else "provider or group is missing",
}
# Columns that identify patients and become pseudonyms.
_PATIENT_COLUMNS = {"vip": ("patient", "mrn")}


def fault(name: str, row: Row) -> str | None:
    """Why a row cannot be used on this list; None for one that can."""
    return _FAULTS[name](row) if name in _FAULTS else None


def _rows(path: Path, needed: tuple[str, ...], what: str, name: str) -> list[dict[str, str]]:
    """Rows behind the first of the first lines that names a column; above it there may be a title or a licence."""
    text = list_text(path, what)
    first = next((line for line in text.splitlines()[:_HEADER_WITHIN] if _named(line, needed, name)), None)
    if first is None:
        raise UsageError(f"{what} {path}: the first line has to name a column {' or '.join(needed)}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(first.encode()))
    names: list[str] = []
    rows: list[dict[str, str]] = []
    try:
        for cells in reader:
            if not names:
                told = _ours(cells, name)
                names = told if set(told) & set(needed) else []
                if names and (wrong := _no_list(cells, names, name)):
                    raise UsageError(f"{what} {path} {wrong}")
                continue
            if len(rows) >= MOST_ROWS:
                raise UsageError(f"{what} {path} has more than {MOST_ROWS:,} rows")
            if not any(cells):
                continue
            rows.append({k: v.strip() for k, v in zip(names, cells, strict=False) if k})
            if _ENDED in rows[-1]:
                rows[-1] |= _in_force(rows[-1])
            wrong = fault(name, rows[-1])
            if wrong:
                raise UsageError(f"{what} {path}, line {reader.line_num}: {wrong}")
    except csv.Error as error:
        raise UsageError(f"{what} {path} cannot be read ({error})") from error
    return rows


def _no_list(header: list[str], names: list[str], name: str) -> str | None:
    """Why a file with these columns is another one than the list that it was given for; None for what may be it."""
    columns = record_columns(header)
    if columns is not None and columns.kind in _EVENTS:
        return f"is a table of {_EVENTS[columns.kind]} and no list: scan it, and name here who is to be watched"
    if name == "excluded_providers" and len(names) > _MOST_PLAIN and "excldate" not in names:
        return "names providers, but not since when they are excluded (excldate): no list of the excluded"
    return None


def _named(line: str, needed: tuple[str, ...], name: str) -> bool:
    cells = next(csv.reader([line], delimiter=delimiter_of(line.encode())), [])
    return bool(set(_ours(cells, name)) & set(needed))


def _ours(header: list[str], name: str) -> list[str]:
    """Our names of columns; any other column keeps its own in small letters."""
    aliases = _ALIASES.get(name, {})
    known = {plain_name(ours): ours for ours in _OURS.get(name, ())}
    return [
        aliases.get(plain, known.get(plain, cell.strip().lower())) for cell in header for plain in (plain_name(cell),)
    ]


def _in_force(row: Row) -> dict[str, str]:
    """A pair of codes that was deleted is on the list for services of former years: it says nothing of today's."""
    return {"modifier_allowed": "9"} if row[_ENDED].strip("* ") else {}


def _values(path: Path, what: str) -> list[dict[str, str]]:
    firsts = (line.split(",")[0].strip().strip('"') for line in list_text(path, what).splitlines())
    return [{"value": v} for v in firsts if v and not v.startswith("#")]


def has_columns(name: str) -> bool:
    """Whether a list's rows have named columns; the others hold one value a row."""
    return name in _COLUMNS


def indexed(name: str, rows: Iterable[Row], pseudonym: Callable[[str], str] | None) -> UserList:
    """Rows by what they are looked up by; patient columns as pseudonyms where `pseudonym` is given."""
    keys = _COLUMNS.get(name, ("value",))
    found: dict[str, list[Row]] = {}
    for row in rows:
        if name in _PATIENT_COLUMNS:
            row = {**row, **{c: row[c].removeprefix("Patient/") for c in _PATIENT_COLUMNS[name] if c in row}}
        if pseudonym is not None:
            row = {**row, **{c: pseudonym(row[c]) for c in _PATIENT_COLUMNS.get(name, ()) if row.get(c)}}
        for key in keys:
            value = row.get(key, "")
            if name in FEEDS:
                value = normal_value(name, value) or ""
            if value:
                found.setdefault(value.lower(), []).append(row)
    listed = UserList({k: tuple(v) for k, v in found.items()})
    _ = listed.version  # computed here, where a thread does it, and not with the first finding
    return listed


def read_rows(name: str, path: Path) -> list[dict[str, str]]:
    """Rows of one list's file, patients as they stand there. Raises UsageError when it cannot be used."""
    what = f"list {name}"
    if name in FEEDS:
        return _feed(name, path)
    return _rows(path, _COLUMNS[name], what, name) if name in _COLUMNS else _values(path, what)


def _feed(name: str, path: Path) -> list[dict[str, str]]:
    feed = read_feed(name, path)
    if len(feed.rows) > MOST_ROWS:
        raise UsageError(f"list {name} {path} has more than {MOST_ROWS:,} rows")
    if feed.unused:
        log.warning("%s: not used for %s: %s", path, name, "; ".join(feed.notes()))
    return feed.rows


def indexed_devices(rows: Iterable[Row]) -> dict[str, Row]:
    """Inventory rows by lower-case MAC and by IP; the last of several counts."""
    return {row[key].lower(): row for row in rows for key in ("mac", "ip") if row.get(key)}


def read_lists(lists: Mapping[str, Path], inventory: Path | None, pseudonym: Callable[[str], str] | None) -> Lists:
    """All lists and the inventory. Raises UsageError when a file cannot be used."""
    devices = indexed_devices(read_inventory(inventory)) if inventory is not None else {}
    return Lists({name: indexed(name, read_rows(name, path), pseudonym) for name, path in lists.items()}, devices)
