"""The second network through the readers and the scan: what is found, what is told falsely.

    python -m benchmarks.quality.elsewhere_wire [--seeds 1,3] [--hours 30] [--look] [--quiet] [--out DIR]

Each hospital is written as its sensors' files and read as `wardwatch scan` reads them, with no list, inventory or
setting. Found: an alert names an actor of the story as its entity, or a mark of it (a name, an address outside) in its
sentence or evidence, within its time and two hours. `--look` prints every story and false alert: for seeds to work on.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import cast

import orjson

from benchmarks.quality.elsewhere_wire.files import written
from benchmarks.quality.elsewhere_wire.hospital import hospital
from benchmarks.quality.elsewhere_wire.site import HOUR, HOURS, Site
from benchmarks.quality.elsewhere_wire.story import LEVELS, Story
from benchmarks.quality.hospitals.ledger import Ledger
from benchmarks.quality.report import markdown_table
from pipeline.detectors.catalogue import catalogue
from pipeline.engine.engine import EngineConfig
from pipeline.features.lists import Lists
from pipeline.ingest.merge import read_paths
from pipeline.runtime.line import Plan
from pipeline.runtime.scan import Scan
from pipeline.sinks.clickhouse import ClickHouse
from schemas.alert import Alert

_LAG_S = 2 * HOUR
_WITHDRAWN = 4
_CONFOUNDERS = {
    "scanner": "vulnerability scanner",
    "backup": "backups",
    "sccm": "roll-outs",
    "monitor": "monitoring",
    "dc": "directory",
    "nvr": "cameras",
    "camera": "cameras",
    "citrix": "servers of sessions",
    "engine": "interface engine",
    "lis": "failing server",
    "sql": "stale password",
    "linux": "failing server",
}


def scanned(paths: list[Path]) -> tuple[list[Alert], float, dict[str, int]]:
    """(last revision of every alert, CPU seconds, records by source)."""
    began = time.process_time()
    disabled = tuple(i for i in catalogue() if i.split(".")[0] in ("ehr", "claims"))
    alerts: dict[str, Alert] = {}

    def collect(alert: Alert) -> None:
        alerts[alert.finding_info.uid] = alert

    database = cast(ClickHouse, Ledger({}))
    plan = Plan(EngineConfig(disabled=disabled), Lists({}, {}), None, 0)
    scan = Scan(plan, "elsewhere", 8000, on_alert=collect, database=database)
    for record in read_paths(paths):
        scan.add(record)
    summary = scan.finish()
    kept = [a for a in alerts.values() if a.status_id != _WITHDRAWN]
    return kept, time.process_time() - began, summary.by_source | {"refused": summary.dead_letters}


def entity(alert: Alert) -> str:
    """Whom the alert names."""
    return str(alert.unmapped["entity"])


def about(alert: Alert, stories: list[Story]) -> Story | None:
    """The story that an alert is about: by whom it names, else by what; of several the shortest."""
    text = alert.message + str(alert.observables) + orjson.dumps(alert.evidences).decode()
    begin, end = alert.finding_info.first_seen_time / 1000, alert.finding_info.last_seen_time / 1000
    then = [s for s in stories if end >= s.first_ts - 60 and begin <= s.last_ts + _LAG_S]
    named = [s for s in then if entity(alert) in s.actors] or [s for s in then if any(m in text for m in s.marks)]
    return min(named, key=lambda s: s.last_ts - s.first_ts, default=None)


def role(name: str, site: Site) -> str:
    """What a machine is, for the report."""
    for machines in site.by_role.values():
        for m in machines:
            if name in (m.ip, m.mac) or name.split(".")[0].lower() == m.name.lower():
                return m.role
    return "?"


def look(site: Site, stories: list[Story], alerts: list[Alert]) -> None:
    """Every story and false alert."""
    for s in stories:
        by = Counter(a.finding_info.analytic.uid for a in alerts if about(a, stories) is s)
        print(f"{'found ' if by else 'MISSED'} {s.kind} ({s.level}) {sorted(s.actors)[:2]} {dict(by)}")
    for a in sorted(alerts, key=lambda a: a.finding_info.analytic.uid):
        if about(a, stories) is None:
            hour = (a.finding_info.first_seen_time / 1000 - site.begin) / HOUR
            who = f"{a.finding_info.analytic.uid} {entity(a)} ({role(entity(a), site)})"
            print(f"false: {who} at {hour:.1f} h x{a.count}: {a.message[:330]}")


def main(argv: list[str]) -> int:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--look", action="store_true")
    parser.add_argument("--quiet", action="store_true", help="no stories: a Monday on which nothing happens")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(argv)
    told: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    false: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    seeds = [int(s) for s in given.seeds.split(",")]
    for seed in seeds:
        site, stories = hospital(seed, given.hours, stories=not given.quiet)
        with tempfile.TemporaryDirectory() as folder:
            paths = written(site, given.out / str(seed) if given.out else Path(folder))
            site.told.clear()
            alerts, cpu_s, records = scanned(paths)
        hit = {id(s) for a in alerts if (s := about(a, stories)) is not None}
        wrong = [a for a in alerts if about(a, stories) is None]
        for s in stories:
            for name in (s.kind, f"**{s.area}**"):
                told[name, s.level] += 1
                found[name, s.level] += id(s) in hit
        false.update(a.finding_info.analytic.uid for a in wrong)
        if given.look:
            look(site, stories, alerts)
        of_role = [role(entity(a), site) in _CONFOUNDERS for a in wrong]
        days = given.hours / 24
        rows.append(
            {
                "seed": seed,
                "stories": len(stories),
                "found": len(hit),
                "alerts": len(alerts),
                "false": len(wrong),
                "false a day": round(len(wrong) / days, 1),
                "on confounders": sum(of_role),
                "share": round(sum(of_role) / max(len(alerts), 1), 3),
                "records": sum(records.values()),
                "refused": records["refused"],
            }
        )
        print(f"seed {seed}: {records} in {cpu_s:.0f} CPU s", file=sys.stderr)
    print(markdown_table(rows))
    names = dict.fromkeys(name for name, _ in told)
    print(
        markdown_table(
            [
                {"story": n}
                | {level: f"{found[n, level]}/{told[n, level]}" if told[n, level] else "" for level in LEVELS}
                for n in names
            ]
        )
    )
    days = len(seeds) * given.hours / 24
    print(
        markdown_table(
            [{"detector": d, "false alerts": n, "a day": round(n / days, 2)} for d, n in false.most_common()]
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
