"""Our detectors on the hospitals of the stories, those with most false alarms first."""

from benchmarks.quality.hospitals import setting, tables
from benchmarks.quality.hospitals.results import outcomes
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row

title = "Detectors on simulated hospitals"
protocol = """The run of `stories`, all hospitals together."""


def run(options: Options) -> list[Row]:
    """A row a detector that raised anything."""
    return tables.detectors(outcomes(setting.REPORT[: options.seeds]))
