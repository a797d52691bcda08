"""Alerts a day on the hospitals of the stories, by area and by what they hit."""

from benchmarks.quality.hospitals import setting, tables
from benchmarks.quality.hospitals.results import outcomes
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row

title = "Alerts on simulated hospitals: what they hit"
protocol = """The run of `stories`. An alert is on a story when it stands on one of its events, or names one of its
entities within its time; on a confounder when it stands on events of a harmless oddity; else on nothing. False a day:
confounders and nothing."""


def run(options: Options) -> list[Row]:
    """A row a hospital, contender and area."""
    return tables.alarms(outcomes(setting.REPORT[: options.seeds]))
