"""The county's hospital through the readers and the scan: what is found, what is told falsely, what care explains.

    python -m benchmarks.quality.county [--seeds 1,3] [--days 21] [--share 1.0] [--out DIR] [--quiet]

Each hospital is written as files that its information technology can export, and read as `wardwatch scan` reads them.
Given are a list of famous patients, one of excluded providers and one of pairs of codes. `--out` keeps the files;
`--quiet` prints counts only, for seeds that are not looked into: 2, 4 and 5.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.quality.county import audit, bills, lists, messages
from benchmarks.quality.county.fraud import EXCLUDED
from benchmarks.quality.county.house import House
from benchmarks.quality.county.people import BEGIN, DAY
from benchmarks.quality.county.play import hospital
from benchmarks.quality.county.reasons import Reasons
from benchmarks.quality.county.story import LEVELS, Story
from benchmarks.quality.hospitals.raised import Raised, of_alert
from benchmarks.quality.report import markdown_table
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.ingest.merge import read_paths
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.files import read_lists
from pipeline.runtime.scan import Scan
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert

_LATER_S = {"ehr": 30 * 3600.0, "claims": 8 * DAY}
"""What waits for care is told a day later, what is billed is judged a week later."""
_WITHDRAWN = 4
_OF_IDENTITY = ("ehr.identity_theft", "ehr.member_number")
"""They look at what is billed and registered, as the stories of stolen identities do."""


@dataclass(slots=True)
class Outcome:
    """Of a hospital: what was told, why charts were opened, records by source, seconds of processor time."""

    raised: list[Raised]
    reasons: Reasons
    records: dict[str, int]
    cpu_s: float


def written(seed: int, days: int, share: float, folder: Path) -> tuple[House, list[Story], Reasons, dict[str, Path]]:
    """All exports into `folder`/exports, the lists beside it."""
    house, billing, stories = hospital(seed, days, share)
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    rows = audit.pages(house)
    audit.write(rows, exports)
    lists.write(house, exports)
    messages.write(house, exports)
    bills.write(billing, exports)
    truth = {(p.touch.worker.login, p.touch.person.mrn, round(p.ts)) for p in rows if p.story}
    return house, stories, Reasons(truth), lists.given(house, folder, list(EXCLUDED))


def scanned(folder: Path, given: dict[str, Path], reasons: Reasons) -> Outcome:
    """As `wardwatch scan --identifiers plain --list vip=… exports` does."""
    began = time.process_time()
    raised: dict[str, Raised] = {}

    def collect(alert: Alert) -> None:
        """The last state of each alert counts; one that care took back does not."""
        if alert.status_id == _WITHDRAWN:
            raised.pop(alert.finding_info.uid, None)
        else:
            raised[alert.finding_info.uid] = of_alert(alert)

    disabled = tuple(i for i in catalogue() if i.split(".")[0] not in _LATER_S)
    plan = Plan(EngineConfig(disabled=disabled), read_lists(given, None, None), None, 0)
    scan = Scan(plan, "county", 8000, on_alert=collect, database=cast(ClickHouse, reasons))
    for record in read_paths([folder / "exports"]):
        scan.add(record)
    summary = scan.finish()
    records = summary.by_source | {"refused": summary.dead_letters}
    return Outcome(list(raised.values()), reasons, records, time.process_time() - began)


def about(raised: Raised, stories: list[Story]) -> Story | None:
    """The story that an alert is about: by whom it names, in its time; claims tell days and no hours."""
    room = raised.detector.split(".")[0]
    return next(
        (
            s
            for s in stories
            if (raised.entity in s.actors or (s.claims and any(a in raised.sentence for a in s.actors)))
            and s.claims == (room == "claims" or raised.detector in _OF_IDENTITY)
            and raised.last_ts >= (s.first_ts // DAY * DAY if s.claims else s.first_ts - 60)
            and raised.first_ts <= s.last_ts + _LATER_S[room]
        ),
        None,
    )


def told(house: House, stories: list[Story], outcome: Outcome) -> None:
    """Each story and each false alert, for seeds that are looked into."""
    posts = {w.login.lower(): f"{w.template}, {w.unit}" for w in house.staff.all}
    matched = [(r, about(r, stories)) for r in outcome.raised]
    for s in stories:
        by = sorted({r.detector for r, of in matched if of is s})
        print(f"{'found ' if by else 'MISSED'} {s.name} {s.level} {sorted(s.actors)[0]} {', '.join(by)}")
    for r, _ in sorted((x for x in matched if x[1] is None), key=lambda x: x[0].detector):
        print(f"false: {r.detector} {r.entity} ({posts.get(r.entity, '?')}) x{r.count}: {r.sentence[:230]}")


def row_of(seed: int, house: House, stories: list[Story], outcome: Outcome) -> dict[str, object]:
    """A hospital's figures."""
    matched = [(r, about(r, stories)) for r in outcome.raised]
    hit = {id(s) for _, s in matched if s is not None}
    row: dict[str, object] = {"seed": seed}
    for room, name in ((False, "ehr"), (True, "claims")):
        for level in LEVELS:
            mine = [s for s in stories if s.claims is room and s.level == level]
            row[f"{name} {level}"] = f"{sum(id(s) in hit for s in mine)} of {len(mine)}"
        alerts = [of for r, of in matched if r.detector.startswith(name)]
        row[f"{name} alerts"], row[f"{name} false"] = len(alerts), alerts.count(None)
    per = house.days * len(house.staff.all) / 1000
    ehr = [of for r, of in matched if r.detector.startswith("ehr")]
    row["ehr a day and 1,000"], row["false a day and 1,000"] = round(len(ehr) / per, 2), round(ehr.count(None) / per, 2)
    reasons, _, _ = outcome.reasons.honest(BEGIN + house.days / 3 * DAY)
    row["explained"] = round(1 - reasons["none"] / max(reasons.total(), 1), 3)
    return row


def main(argv: list[str]) -> int:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--share", type=float, default=1.0, help="of a hospital of 600 staff")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--quiet", action="store_true", help="counts only")
    given = parser.parse_args(argv)
    rows: list[dict[str, object]] = []
    kinds: Counter[str] = Counter()
    found: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for seed in (int(s) for s in given.seeds.split(",")):
        with tempfile.TemporaryDirectory() as temporary:
            folder = given.out / str(seed) if given.out else Path(temporary)
            house, stories, reasons, named = written(seed, given.days, given.share, folder)
            outcome = scanned(folder, named, reasons)
        if not given.quiet:
            told(house, stories, outcome)
        hit = {id(s) for r in outcome.raised if (s := about(r, stories)) is not None}
        kinds.update(s.name for s in stories)
        found.update(s.name for s in stories if id(s) in hit)
        false.update(r.detector for r in outcome.raised if about(r, stories) is None)
        rows.append(row_of(seed, house, stories, outcome))
        counted, none, everybody = reasons.honest(BEGIN + house.days / 3 * DAY)
        print(
            f"seed {seed}: {outcome.records} in {outcome.cpu_s:.0f} CPU s; {dict(counted.most_common())}",
            file=sys.stderr,
        )
        for who, n in none.most_common(0 if given.quiet else 25):
            print(f"unexplained: {n} of {everybody[who]} {who}", file=sys.stderr)
    print(markdown_table(rows))
    print(markdown_table([{"story": name, "found": found[name], "of": n} for name, n in kinds.items()]))
    print("false by detector:", dict(false.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
