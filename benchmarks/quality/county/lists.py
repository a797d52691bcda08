"""Lists that a house exports: staff, patients, visits, and what it gives to detectors."""

import csv
from collections.abc import Iterable
from pathlib import Path

from benchmarks.quality.county.audit import stamp
from benchmarks.quality.county.fraud import PAIRS
from benchmarks.quality.county.house import House
from benchmarks.quality.county.people import BEGIN, DAY
from benchmarks.quality.county.staff import Worker

EXCLUDED_HEAD = ("LASTNAME", "FIRSTNAME", "NPI", "EXCLTYPE", "EXCLDATE", "REINDATE", "STATE")


def _table(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]]) -> Path:
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(rows)
    return path


def write(house: House, folder: Path) -> list[Path]:
    """Staff as of the first day and two weeks on, patients, visits."""
    return [*staff_lists(house, folder), patients(house, folder), visits(house, folder)]


def staff_lists(house: House, folder: Path) -> list[Path]:
    """Who began in between is on the second only; the record number is there where staff are patients, too."""
    head = (
        "Last Updated",
        "Employee Number",
        "User ID",
        "Provider ID",
        "NPI",
        "Last Name",
        "First Name",
        "Job Title",
        "Department",
        "Hire Date",
        "Status",
        "Address",
        "City",
        "State",
        "ZIP",
        "Linked Patient MRN",
    )

    def row(worker: Worker, ts: float) -> tuple[str, ...]:
        left = worker.left is not None and worker.left <= ts
        return (
            stamp(ts, "%m/%d/%Y"),
            worker.number,
            worker.login,
            worker.provider,
            worker.npi,
            *worker.name,
            worker.title,
            worker.unit_at(ts),
            stamp(worker.hired, "%m/%d/%Y"),
            "Inactive" if left else "Active",
            worker.address[0],
            worker.address[1],
            "IL",
            worker.address[2],
            worker.person.mrn if worker.person else "",
        )

    times = [t for t in (BEGIN, BEGIN + 14 * DAY) if t < house.end]
    return [
        _table(
            folder / f"staff_{stamp(ts, '%Y%m%d')}.csv", head, (row(w, ts) for w in house.staff.all if w.hired <= ts)
        )
        for ts in times
    ]


def patients(house: House, folder: Path) -> Path:
    """The master index."""
    head = (
        "MRN",
        "Last Name",
        "First Name",
        "DOB",
        "Sex",
        "Address",
        "City",
        "State",
        "ZIP",
        "Date of Death",
        "Payer",
        "Member ID",
        "PCP Provider ID",
    )
    rows = (
        (
            p.mrn,
            p.last,
            p.first,
            stamp(p.born.timestamp(), "%m/%d/%Y"),
            p.sex,
            p.street,
            p.town,
            "IL",
            p.postcode,
            stamp(p.died, "%m/%d/%Y") if p.died and p.died < house.end else "",
            p.payer,
            p.member,
            house.panel[p.home].provider if p.home in house.panel else "",
        )
        for p in house.people.all
    )
    return _table(folder / "patients.csv", head, rows)


def visits(house: House, folder: Path) -> Path:
    """A row for each unit in which somebody was."""
    head = (
        "Visit Number",
        "MRN",
        "Patient Class",
        "Department",
        "Bed",
        "Attending Provider ID",
        "Attending Provider",
        "Admit Date/Time",
        "Discharge Date/Time",
        "Reason for Visit",
    )
    rows = (
        (
            v.csn,
            v.person.mrn,
            v.klass,
            unit,
            bed,
            v.attending.provider,
            ", ".join(v.attending.name),
            stamp(start),
            stamp(end) if end < house.end else "",
            v.reason,
        )
        for v in sorted(house.visits, key=lambda v: v.start)
        for unit, bed, start, end in v.stays
        if start < house.end
    )
    return _table(folder / "visits.csv", head, rows)


def given(house: House, folder: Path, excluded: list[str]) -> dict[str, Path]:
    """What the house gives to detectors: watched patients, excluded providers (as in the LEIE), pairs of codes."""
    return {
        "code_pairs": _table(
            folder / "ncci.csv", ("Column 1", "Column 2", "Modifier"), ((a, b, "1") for a, b in PAIRS)
        ),
        "vip": _table(folder / "vip_list.csv", ("MRN",), ((p.mrn,) for p in house.vips)),
        "excluded_providers": _table(
            folder / "leie.csv",
            EXCLUDED_HEAD,
            (("DOE", "SAM", npi, "1128a1", "20240115", "00000000", "IL") for npi in excluded),
        ),
    }
