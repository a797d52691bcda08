"""The audit report: pages in the order in which they were opened, one chart at a time for each account."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.quality.county.house import House, Touch
from benchmarks.quality.county.pages import PAGES
from benchmarks.quality.county.people import DAY

WALK_S = 420.0
"""Who opens the next chart sooner has stayed where they were."""
_HEAD = (
    "Access Time",
    "User ID",
    "User Name",
    "User Template",
    "Login Department",
    "Workstation ID",
    "Patient MRN",
    "Patient Name",
    "Action",
    "Activity",
    "Break-the-Glass",
    "BTG Reason",
)


@dataclass(slots=True)
class Page:
    """A row of the report; `story` is not exported."""

    ts: float
    touch: Touch
    desk: str
    action: str
    activity: str

    @property
    def story(self) -> str:
        """Of which story it is, or of none."""
        return self.touch.story


def pages(house: House) -> list[Page]:
    """Everybody's pages, in time."""
    mine = defaultdict[str, list[Touch]](list)
    for touch in house.touches:
        if touch.worker.person is touch.person and not touch.story:
            continue  # somebody else sees to a colleague
        mine[touch.worker.login].append(touch)
    rows = [page for touches in mine.values() for page in _sitting(house, touches)]
    rows.sort(key=lambda p: p.ts)
    return [p for p in rows if p.ts < house.end]


def _sitting(house: House, touches: list[Touch]) -> Iterator[Page]:
    """One account: a chart is opened when the one before is done, but where somebody else sits elsewhere."""
    rng = house.rng
    touches.sort(key=lambda t: t.ts)
    free, here = 0.0, ""
    for touch in touches:
        twin = touch.story.startswith("shared")
        ts = touch.ts if twin else max(touch.ts, free + rng.uniform(3, 20))
        desk = touch.desk or house.desk(touch.worker, touch.ts, touch.unit)
        if not touch.desk and touch.unit and rng.random() < 0.12:
            desk = desk[:-2] + f"{rng.randrange(30, 42)}"
        if here and ts - free < WALK_S and not touch.story:
            desk = here
        for action, activity, p, seconds in PAGES[touch.style]:
            if p == 1 or rng.random() < p:
                yield Page(round(ts), touch, desk, action, activity)
                ts += seconds * rng.uniform(0.5, 1.7)
        free, here = (free, here) if twin else (ts, desk)


def stamp(ts: float, form: str = "%m/%d/%Y %H:%M:%S") -> str:
    """As the house's clocks show it."""
    return datetime.fromtimestamp(ts, UTC).strftime(form)


def write(rows: list[Page], folder: Path) -> list[Path]:
    """A report a day, with the lines above the table that such reports have."""
    days = defaultdict[int, list[Page]](list)
    for row in rows:
        days[int(row.ts // DAY)].append(row)
    paths = []
    for day, found in sorted(days.items()):
        path = folder / f"access_{stamp(day * DAY, '%Y%m%d')}.csv"
        with path.open("w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["Patient Record Access Audit"])
            out.writerow([f"Report date: {stamp(day * DAY, '%m/%d/%Y')}"])
            out.writerow(["Facility: County General Hospital and Clinics"])
            out.writerow(_HEAD)
            out.writerows(_row(page) for page in found)
        paths.append(path)
    return paths


def _row(page: Page) -> tuple[str, ...]:
    touch, worker, person = page.touch, page.touch.worker, page.touch.person
    return (
        stamp(page.ts),
        worker.login,
        f"{worker.name[0].upper()}, {worker.name[1].upper()}",
        worker.template,
        touch.unit or worker.unit_at(page.ts),
        page.desk,
        person.mrn,
        f"{person.last.upper()}, {person.first.upper()}",
        page.action,
        page.activity,
        "Y" if touch.glass else "N",
        touch.glass,
    )
