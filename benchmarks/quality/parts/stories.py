"""Recall of the stories played on simulated hospitals, beside a batch beacon score and naive thresholds."""

from benchmarks.quality.hospitals import setting, tables
from benchmarks.quality.hospitals.results import outcomes
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row

title = "Stories on simulated hospitals: found of played, by difficulty"
protocol = """Hospitals of `benchmarks/quality/hospitals/setting.py` that nobody tuned on (seeds 101 to 106, as many as
--seeds says): every kind of story once a hospital, difficulties in turn, all confounders. A story is found when an
alert of a detector that it expects stands on its events, or names one of its entities within its time (2 hours of
lag). All contenders read the same events in the same process. RITA-style: batch scores over the whole span, alert
from .8. Naive: fixed counts in fixed windows."""


def run(options: Options) -> list[Row]:
    """Found/played."""
    return tables.recall(outcomes(setting.REPORT[: options.seeds]))
