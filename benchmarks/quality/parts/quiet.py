"""Alerts on real quiet traffic and logs, at the default budgets."""

from collections import Counter

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.quiet_scans import quiet_scans

title = "Alerts on quiet traffic and logs"
protocol = """`zeek_day`: 24 hours of one internet-facing host (conn, dns, http, ssl), no lists, no inventory; what
raises an alert there is background scanning or has to be worth a look. loghub: 2,000 lines each, of BGL and Thunderbird
those marked normal. All detectors, default budgets."""


def run(options: Options) -> list[Row]:
    """A row a set and detector."""
    rows: list[Row] = []
    for quiet in quiet_scans(options):
        counts = Counter(a.finding_info.analytic.uid for a in quiet.alerts)
        rows.append({"set": quiet.name, "events": quiet.events, "detector": "all", "alerts": len(quiet.alerts)})
        for detector, count in counts.most_common():
            worst = next(a for a in quiet.ranked if a.finding_info.analytic.uid == detector)
            rows.append({
                "set": quiet.name, "events": "", "detector": detector, "alerts": count,
                "the gravest": worst.message[:200],
            })  # fmt: skip
    return rows
