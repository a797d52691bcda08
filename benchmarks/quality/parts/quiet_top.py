"""The ten gravest alerts of the quiet day, for somebody to look into."""

from datetime import UTC, datetime

from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.quiet_scans import quiet_scans

title = "The ten gravest alerts of the quiet day"
protocol = """The run of `quiet`, `zeek_day`: by severity, score, count. `benchmarks/quality/results/zeek_day.md` says
what they are."""
_TOP = 10


def run(options: Options) -> list[Row]:
    """A row an alert."""
    quiet = quiet_scans(options)[0]
    return [
        {
            "rank": rank, "severity": a.severity, "score": a.confidence_score / 100, "count": a.count,
            "from": f"{datetime.fromtimestamp(a.start_time / 1000, UTC):%H:%M}",
            "detector": a.finding_info.analytic.uid,
            "sentence": a.message,
        }
        for rank, a in enumerate(quiet.ranked[:_TOP], 1)
    ]  # fmt: skip
