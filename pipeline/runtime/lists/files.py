"""Reads the user's lists and inventory: CSV with a header, or one value a line; feeds of bad things in more forms."""

import csv
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pipeline.engine.tuning import fault_of as fault_of_tuning
from pipeline.errors import UsageError
from pipeline.features.lists import Lists, UserList
from pipeline.learning.champion_order import fault_of as fault_of_order
from pipeline.runtime.lists.allowed import fault_of
from pipeline.runtime.lists.assets import fault_of_device
from pipeline.runtime.lists.inventory import read_inventory
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
# Columns as others call them: CISA's file of known exploited vulnerabilities serves as it is.
_ALIASES = {"known_exploited": {"vendorproject": "vendor", "product": "model"}}
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
_MAX_ROWS = 5_000_000


def fault(name: str, row: Row) -> str | None:
    """Why a row cannot be used on this list; None for one that can."""
    return _FAULTS[name](row) if name in _FAULTS else None


def _rows(path: Path, needed: tuple[str, ...], what: str, name: str = "") -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            aliases = _ALIASES.get(name, {})
            names = [aliases.get(n, n) for n in (n.strip().lower() for n in reader.fieldnames or ())]
            if not set(names) & set(needed):
                raise UsageError(f"{what} {path}: the first line has to name a column {' or '.join(needed)}")
            reader.fieldnames = names
            rows: list[dict[str, str]] = []
            for row in reader:
                if len(rows) >= _MAX_ROWS:
                    raise UsageError(f"{what} {path} has more than {_MAX_ROWS:,} rows")
                rows.append({k: v.strip() for k, v in row.items() if k and isinstance(v, str)})
                wrong = fault(name, rows[-1])
                if wrong:
                    raise UsageError(f"{what} {path}, line {reader.line_num}: {wrong}")
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{what} {path} cannot be read ({error})") from error


def _values(path: Path, what: str) -> list[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{what} {path} cannot be read ({error})") from error
    firsts = (line.split(",")[0].strip().strip('"') for line in lines)
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
    if len(feed.rows) > _MAX_ROWS:
        raise UsageError(f"list {name} {path} has more than {_MAX_ROWS:,} rows")
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
