"""A quick look at some stories and detectors: what was missed, and every false alarm with its sentence.

    python -m benchmarks.quality.hospitals [--kinds beaconing,dns_tunnel] [--seeds 11,12] [--detectors network]
        [--level hard] [--staff N] [--hours H] [--each N] [--bare] [--peers] [--report] [--records]

Kinds are by default those that a chosen detector should find; `--kinds none` plays no story, only the hospital and
its oddities. `--report` plays the hospitals of the report instead of those to tune on; do not tune on them.
`--records` plays weeks of accesses, clinical context and claims alone. `--strain` plays the same hospital with other
systems or sensors, see `strains` (with `--records`) and `wire_strains`; several are given with commas.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.quality.hospitals import record_tables, setting, tables
from benchmarks.quality.hospitals.playing import chosen_detectors, fitting_kinds
from benchmarks.quality.hospitals.results import outcome
from benchmarks.quality.hospitals.strains import RECORD_STRAINS
from benchmarks.quality.hospitals.wire_strains import WIRE_STRAINS
from benchmarks.quality.report import markdown_table
from pipeline.simulator.playbill import story_kinds
from pipeline.simulator.stories.story import DIFFICULTIES


def _names(text: str | None) -> list[str]:
    return [name for name in (text or "").replace(" ", "").split(",") if name]


def _parsed(argv: Sequence[str]) -> tuple[argparse.Namespace, list[setting.Setting], set[str], list[str]]:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.hospitals", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--kinds", help="kinds of stories, with commas")
    parser.add_argument("--seeds", help="of hospitals: those of the lists have their sizes, others the usual size")
    parser.add_argument("--detectors", help="rooms or ids, with commas; all by default")
    parser.add_argument("--level", choices=DIFFICULTIES)
    parser.add_argument("--staff", type=int)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--each", type=int)
    parser.add_argument("--bare", action="store_true", help="no inventory, no list of scanners")
    parser.add_argument("--peers", action="store_true", help="RITA-style scores and naive thresholds, too")
    parser.add_argument("--records", action="store_true", help="accesses, context and claims alone, over weeks")
    parser.add_argument(
        "--strain", help="a hospital whose systems or sensors tell less, or otherwise; several with commas"
    )
    parser.add_argument("--report", action="store_true", help="the hospitals of the report")
    parser.add_argument("--quiet", action="store_true", help="tables only")
    given = parser.parse_args(argv)
    strains = RECORD_STRAINS if given.records else WIRE_STRAINS
    strange = sorted(set(_names(given.strain)) - set(strains))
    if strange:
        parser.error(f"no strain here is called {strange[0]}: choose from {', '.join(sorted(strains))}")
    enabled = chosen_detectors(_names(given.detectors))
    if not enabled:
        parser.error(f"no detector is called {given.detectors}")
    wire, records = (setting.TUNING, setting.REPORT), (setting.RECORD_TUNING, setting.RECORD_REPORT)
    tuning, report = records if given.records else wire
    known = {s.seed: s for s in (*tuning, *report)}
    seeds = [int(seed) for seed in _names(given.seeds)]
    usual = tuning[0]
    chosen = [known.get(seed, replace(usual, seed=seed)) for seed in seeds]
    chosen = chosen or list(report if given.report else tuning[:1])
    change = {k: v for k in ("staff", "hours", "each") if (v := getattr(given, k)) is not None}
    kinds = fitting_kinds(enabled) if given.kinds is None else [k for k in _names(given.kinds) if k != "none"]
    unknown = sorted(set(kinds) - set(story_kinds()))
    if unknown:
        parser.error(f"no story is called {unknown[0]}: choose from {', '.join(sorted(story_kinds()))}")
    return (
        given,
        [replace(s, **change, bare=given.bare, strains=tuple(_names(given.strain))) for s in chosen],
        enabled,
        kinds,
    )


def main(argv: Sequence[str]) -> int:
    """Play and print."""
    given, settings, enabled, kinds = _parsed(argv)
    results = []
    for s in settings:
        o = outcome(s, kinds, enabled, peers=given.peers, level=given.level)
        results.append(o)
        print(f"seed {s.seed}: {o.played.events:,} events in {o.played.wall_s:.0f} s", file=sys.stderr, flush=True)
    if not given.quiet:
        print("\n".join(("# missed", *tables.missed(results), "", "# false alarms", *tables.false_alarms(results), "")))
    made = [tables.recall(results), tables.alarms(results), tables.detectors(results)]
    if given.records:
        made[1:2] = [
            record_tables.alarms(results),
            record_tables.claims_recall(results),
            record_tables.explained(results),
        ]
    for rows in made:
        if rows:
            print(markdown_table(rows) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
