"""Quality of the detection beside its peers, on public labelled data and simulated hospitals.

    python -m benchmarks.quality [PART …] [--data DIR] [--out DIR] [--seeds N] [--rows N] [--peers PYTHON]

Prints Markdown; `--out` also writes quality.md, quality.json and plots there. Parts whose data is absent are
skipped, and the report says so. `--peers` is the Python of an environment with benchmarks/peers/requirements.txt.
"""

import argparse
from pathlib import Path

from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.part import find_parts
from benchmarks.quality.report import Report


def main(argv: list[str] | None = None) -> Report:
    """Run the chosen parts, all by default."""
    parts, default = find_parts(), Options()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(parts)}")
    parser.add_argument("--data", type=Path, default=default.data, help="folder of the public data sets")
    parser.add_argument("--out", type=Path, help="folder for the tables and plots")
    parser.add_argument("--seeds", type=int, default=default.seeds)
    parser.add_argument("--rows", type=int, default=default.rows, help="at most so many rows of each set")
    parser.add_argument("--peers", help="Python with the optional peers")
    given = parser.parse_args(argv)
    unknown = [name for name in given.parts if name not in parts]
    if unknown:
        parser.error(f"no part {unknown[0]!r}: choose from {', '.join(parts) or 'none'}")
    options = Options(given.data, given.out, given.seeds, given.rows, given.peers)
    report = Report()
    for name in given.parts or parts:
        try:
            report.add(parts[name], parts[name].run(options))
        except DataAbsentError as reason:
            report.add(parts[name], [], f"Skipped: {reason}.")
    print(report.markdown())
    if options.out:
        report.write(options.out)
    return report


if __name__ == "__main__":
    main()
