"""What incidents cost and what they are worth.

    python -m benchmarks.incidents [--flood 100000] [--seeds 101,102] [--staff 250] [--hours 96] [--begins 0]
        [--story-staff 250] [--story-hours 48] [--keep FOLDER] [--json FILE]

`flood`: so many findings within a minute, as alerts of their own; notes a second of processor time of the correlate
part alone, and whether each finding is counted. Then, for each seed, a quiet hospital (nobody attacks; everyday
oddities on) and one with a story of every kind: all detectors, the inventory and lists of the hospital, no verdicts.
`--keep`: the notes of a hospital are kept there, so that a second run takes seconds. 1,000 staff for a day take some
eight minutes of processor time and a gigabyte and a half; days of a quiet one are told apart since detectors that learn
what is usual know little on the first.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bench import machine
from benchmarks.quality.hospitals.incidents import Told, notes_of, told
from benchmarks.quality.hospitals.setting import Setting
from pipeline.incidents.correlator import Correlator
from pipeline.incidents.options import IncidentOptions
from pipeline.incidents.unjudged import assess_alone
from schemas.finding import Observable
from schemas.note import FindingNote

_T0 = 1_780_000_000.0
_MINUTE_S = 60.0
_STAFF = 1000


def flood_of(notes: int) -> list[FindingNote]:
    """Alerts of one machine within a minute; the one in the middle is of another detector."""
    base: dict[str, Any] = {
        "count": 1, "title": "Beaconing", "severity": 4, "source": "network", "entity": "10.0.0.1", "entity_type": "ip",
        "group_key": "10.0.0.1", "score": 0.9, "threshold": 0.5, "message": "10.0.0.1 calls home.",
        "attacks": ["T1071.001"], "model_version": "1",
        "observables": [Observable(name="src_ip", type="ip", value="10.0.0.1")],
    }  # fmt: skip
    made = []
    for i in range(notes):
        ts = _T0 + _MINUTE_S * i / notes
        odd = i == notes // 2
        detector = "network.port_scan" if odd else "network.beaconing"
        more = {"alert_id": f"a{i}", "ts": ts, "first_ts": ts, "last_ts": ts, "detector": detector}
        made.append(FindingNote.model_validate(base | more | ({"attacks": ["T1046"], "severity": 3} if odd else {})))
    return made


def flood(notes: int) -> dict[str, Any]:
    """Take them all, asking for documents every thousand."""
    made = flood_of(notes)
    correlator = Correlator(IncidentOptions(), lambda _kind, _value: None, assess_alone)
    began = time.process_time()
    documents = []
    for begin in range(0, notes, 1000):
        for note in made[begin : begin + 1000]:
            correlator.take(note)
        documents += correlator.documents()
    spent = time.process_time() - began
    last = documents[-1].unmapped
    return {
        "notes": notes,
        "notes_per_cpu_s": round(notes / spent),
        "findings_counted": last.findings,
        "documents": len(documents),
        "told": sum(d.unmapped.notify for d in documents),
        "silenced": last.silenced,
        "odd_one_in_timeline": f"a{notes // 2}" in {e.alert_id for e in last.timeline},
        "timeline": len(last.timeline),
        "state_bytes": int(correlator.state()["incidents"].nbytes),
    }


def figures(setting: Setting, result: Told) -> dict[str, Any]:
    """As printed."""
    a_day = 1.0 / setting.days / setting.staff * _STAFF
    return {
        "seed": setting.seed,
        "staff": setting.staff,
        "hours": setting.hours,
        "incidents_a_day_1000_staff": round(result.incidents * a_day, 1),
        "false_a_day_1000_staff": round(result.false * a_day, 1),
        "by_day_1000_staff": [round(n / setting.staff * _STAFF, 1) for n in result.days],
        "stories_told_of_those_with_an_alert": f"{result.in_incident}/{result.with_alert}",
        "incidents_a_story": round(result.parts / max(result.in_incident, 1), 2),
        "purity": round(result.pure / max(result.alerts, 1), 2),
        **asdict(result),
    }


def show(rows: Sequence[tuple[str, dict[str, Any]]], console: Console) -> None:
    """A table of hospitals."""
    table = Table("hospital", "incidents a day, 1,000 staff", "of these false", "by day", "stories told / with alert / "
                  "all", "incidents a story", "purity", "largest")  # fmt: skip
    for name, row in rows:
        table.add_row(
            f"{name} {row['seed']}: {row['staff']} staff, {row['hours']:g} h",
            str(row["incidents_a_day_1000_staff"]), str(row["false_a_day_1000_staff"]),
            " ".join(map(str, row["by_day_1000_staff"])),
            f"{row['in_incident']} / {row['with_alert']} / {row['stories']}",
            str(row["incidents_a_story"]), str(row["purity"]), str(row["largest"]),
        )  # fmt: skip
    console.print(table)


def main(argv: Sequence[str] | None = None) -> None:
    """Run."""
    parser = argparse.ArgumentParser(prog="benchmarks.incidents", description=__doc__.splitlines()[0])
    parser.add_argument("--flood", type=int, default=100_000)
    parser.add_argument("--seeds", default="")
    parser.add_argument("--staff", type=int, default=250)
    parser.add_argument("--hours", type=float, default=96.0, help="of a quiet hospital")
    parser.add_argument("--begins", type=float, default=0.0, help="hour of the first day at which watching begins")
    parser.add_argument("--story-hours", type=float, default=48.0, help="0: no hospital with stories")
    parser.add_argument("--story-staff", type=int, help="as many as in the quiet one by default")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    console = Console(stderr=True)
    out: dict[str, Any] = {"machine": machine(), "flood": flood(options.flood)}
    console.print(out["flood"])
    rows: list[tuple[str, dict[str, Any]]] = []
    for seed in [int(s) for s in options.seeds.split(",") if s]:
        for name, staff, hours in (
            ("quiet", options.staff, options.hours),
            ("stories", options.story_staff or options.staff, options.story_hours),
        ):
            if hours <= 0:
                continue
            setting = Setting(seed, staff=staff, hours=hours, weekday=seed % 5, begins_h=options.begins)
            played = notes_of(setting, stories=name == "stories", keep=options.keep)
            rows.append((name, {"begins_h": options.begins} | figures(setting, told(played, IncidentOptions()))))
            console.print(name, "missed", rows[-1][1]["missed"], "false of", rows[-1][1]["false_of"])
    if rows:
        show(rows, console)
    out["hospitals"] = [{"hospital": name} | row for name, row in rows]
    text = json.dumps(out, indent=1)
    if options.json is not None:
        options.json.write_text(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
