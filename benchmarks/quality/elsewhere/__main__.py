"""The second hospital through the reader and the scan: what is found, what is told falsely, what care explains.

    python -m benchmarks.quality.elsewhere [--seeds 1,2] [--days 28] [--out DIR]

Each hospital is written as three files of FHIR (accesses, care, claims) and read as `wardwatch scan` reads them;
`--out` keeps these files. Given are the VIP list and the excluded provider, as a house would.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import cast

import orjson

from benchmarks.quality.elsewhere.clinics import Clinics
from benchmarks.quality.elsewhere.house import BEGIN, DAY, House
from benchmarks.quality.elsewhere.stories import ALL, Story
from benchmarks.quality.elsewhere.wards import Wards
from benchmarks.quality.hospitals.ledger import Ledger
from benchmarks.quality.hospitals.raised import Raised, of_alert
from benchmarks.quality.report import markdown_table
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.merge import read_paths
from pipeline.runtime.line import Plan
from pipeline.runtime.lists.files import indexed
from pipeline.runtime.scan import Scan
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert

_LATER_S = {"ehr": 30 * 3600.0, "claims": 8 * DAY}
"""What waits for care is told a day later, what is billed is judged a week later."""
_WITHDRAWN = 4


def written(house: House, folder: Path) -> list[Path]:
    """Three files in the order in which the record system exported them."""
    paths = []
    for name, told in house.told.items():
        told.sort(key=lambda x: x[0])
        path = folder / f"{name}.ndjson"
        path.write_bytes(b"\n".join(orjson.dumps(resource) for ts, resource in told if ts < house.end))
        paths.append(path)
    return paths


def hospital(seed: int, days: int) -> tuple[House, list[Story]]:
    """Play everything."""
    house = House(seed, days)
    clinics = Clinics(house)
    Wards(house).play()
    clinics.play()
    house.retire()
    return house, [story for play in ALL for story in play(house)]


def scanned(paths: list[Path], house: House) -> tuple[list[Raised], Ledger, float, dict[str, int]]:
    """(alerts, why charts were opened, CPU seconds, records by source)."""
    began = time.process_time()
    disabled = tuple(i for i in catalogue() if i.split(".")[0] not in ("ehr", "claims"))
    rows = {
        "vip": [{"patient": house.vip.ident}],
        "excluded_providers": [{"npi": house.excluded, "excldate": "20200101"}],
    }
    lists = Lists({name: indexed(name, given, None) for name, given in rows.items()}, {})
    ledger, raised = Ledger({}), []

    def collect(alert: Alert) -> None:
        if alert.status_id != _WITHDRAWN:
            raised.append(of_alert(alert))

    scan = Scan(
        Plan(EngineConfig(disabled=disabled), lists, None, 0),
        "elsewhere",
        8000,
        on_alert=collect,
        database=cast(ClickHouse, ledger),
    )
    for record in read_paths(paths):
        scan.add(record)
    summary = scan.finish()
    return raised, ledger, time.process_time() - began, summary.by_source | {"refused": summary.dead_letters}


def about(raised: Raised, stories: list[Story]) -> Story | None:
    """The story that an alert is about: by whom it names, in its time."""
    later = _LATER_S[raised.detector.split(".")[0]]
    return next(
        (
            s
            for s in stories
            if raised.entity in s.actors and raised.last_ts >= s.first_ts - 60 and raised.first_ts <= s.last_ts + later
        ),
        None,
    )


def main(argv: list[str]) -> int:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(argv)
    told: Counter[str] = Counter()
    found: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    for seed in (int(s) for s in given.seeds.split(",")):
        house, stories = hospital(seed, given.days)
        with tempfile.TemporaryDirectory() as folder:
            paths = written(house, given.out or Path(folder))
            raised, ledger, cpu_s, records = scanned(paths, house)
        posts = {w.login: f"{w.role}, {w.unit}" for w in house.staff}
        false = [r for r in raised if about(r, stories) is None]
        hit = {id(s) for r in raised if (s := about(r, stories)) is not None}
        for s in stories:
            told[s.name] += 1
            found[s.name] += id(s) in hit
            by = sorted({r.detector for r in raised if about(r, stories) is s})
            print(f"{'found ' if by else 'MISSED'} {s.name} {s.actors[0]} {', '.join(by)}")
        for r in sorted(false, key=lambda r: r.detector):
            print(f"false: {r.detector} {r.entity} ({posts.get(r.entity, '?')}) x{r.count}: {r.sentence[:200]}")
        reasons = ledger.reasons(BEGIN + 7 * DAY)
        for room in ("ehr", "claims"):
            mine = [s for s in stories if s.claims == (room == "claims")]
            rows.append(
                {
                    "seed": seed,
                    "room": room,
                    "stories": len(mine),
                    "found": sum(id(s) in hit for s in mine),
                    "alerts": sum(r.detector.startswith(room) for r in raised),
                    "false": sum(r.detector.startswith(room) for r in false),
                    "false a day": round(sum(r.detector.startswith(room) for r in false) / given.days, 2),
                    "explained": round(1 - reasons["none"] / max(reasons.total(), 1), 3),
                    "records": records.get(room, 0),
                    "staff": len(house.staff),
                }
            )
        print(f"seed {seed}: {records} in {cpu_s:.0f} CPU s; reasons {dict(reasons.most_common())}", file=sys.stderr)
        print(f"unexplained: {dict(ledger.unexplained_roles(BEGIN + 7 * DAY).most_common(20))}", file=sys.stderr)
    print(markdown_table(rows))
    print(markdown_table([{"story": name, "found": found[name], "of": told[name]} for name in told]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
