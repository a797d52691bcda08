"""What is expected of the next day and week, how good such forecasts were, and which devices want patching first."""

import logging
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from pipeline.cli.database import database_of, told
from pipeline.cli.forecast_devices import tell_devices
from pipeline.cli.forecast_plot import plot
from pipeline.cli.forecast_series import recorded, simulated
from pipeline.cli.forecast_text import DAY_S, Said, accuracy_sentence, backtest_table, console, forecast_table, sentence
from pipeline.cli.printable import printable
from pipeline.errors import SinkError, UsageError
from pipeline.forecast.backtest import WARM_H, backtest
from pipeline.sinks.clickhouse import ClickHouse

_CURRENT = """SELECT scope, name, what, toUnixTimestamp(made_at), toUnixTimestamp(from_ts), toUnixTimestamp(to_ts),
    expected, low, high, low_95, high_95, last_week FROM current_forecasts
    WHERE ({scope:String} = '' OR scope = {scope:String}) AND ({name:String} = '' OR lower(name) = lower({name:String}))
    ORDER BY what = 'risk' DESC, scope, name, to_ts - from_ts, from_ts"""
_ACCURACY = """SELECT sum(forecasts), sum(inside_80 * forecasts) / sum(forecasts), sum(inside_95 * forecasts) /
    sum(forecasts), sumIf(error_ratio * last_week_error * forecasts, isFinite(last_week_error)) /
    nullIf(sumIf(last_week_error * forecasts, isFinite(last_week_error)), 0)
    FROM forecast_accuracy
    WHERE ({scope:String} = '' OR scope = {scope:String}) AND ({name:String} = '' OR lower(name) = lower({name:String}))
    AND what = {what:String} AND span_h = {span:UInt16} HAVING count() > 0"""
_OBSERVED = """SELECT toUnixTimestamp(hour) AS at, value FROM observed_hours FINAL WHERE scope = {scope:String}
    AND name = {name:String} AND what = {what:String} ORDER BY at DESC LIMIT 168"""
_MOST, _RISKY = 80, 10
_SCOPES = {"entity": "entity", "department": "department", "class_name": "device_class", "source": "source"}
_DAYS, _SEED = 42, 101
_LEGEND = """\
error: mean absolute, of forecasts made every six hours with what was known then; better: series with a smaller error
than "as last week"; inside: share of what came that lay inside the range; pinball: loss of the ranges over that of
saying last week's value. Spans of days overlap: few of them are independent, and their shares vary by chance."""


@click.command()
@click.option("--entity", default="", help="A user, host, address … as alerts name it.")
@click.option("--department", default="", help="A department.")
@click.option("--class", "class_name", default="", help="A class of devices: infusion_pump, imaging …")
@click.option("--source", default="", help="A source: network, ehr …")
@click.option("--db", metavar="DIR|URL", help="A folder that scan wrote, or http(s)://…; else the configured server.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--plot", "picture", type=click.Path(path_type=Path, dir_okay=False), help="Draw the one asked for: PNG.")
@click.option(
    "--backtest", "judge", is_flag=True, help="How good forecasts are: on --db, else on a simulated hospital."
)
@click.option("--devices", is_flag=True, help="Which devices of the inventory want patching first, and why.")
@click.option("--inventory", type=click.Path(path_type=Path), help="CSV of devices; else the configured one.")
@click.option(
    "--known-exploited", type=click.Path(path_type=Path), help="CSV of exploited holes; else the configured one."
)
def run(as_json: bool, db: str | None, **given: Any) -> int:
    """Say what is expected of the next day and week: events and risk, with ranges and last week's value.

    \b
    wardwatch forecast
    wardwatch forecast --department Surgery --plot surgery.png
    wardwatch forecast --devices --inventory devices.csv --known-exploited kev.csv
    wardwatch forecast --backtest
    """
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    named = {scope: given[option] for option, scope in _SCOPES.items() if given[option]}
    if len(named) > 1 or (named and (given["judge"] or given["devices"])) or (given["judge"] and given["devices"]):
        raise UsageError("ask for one thing: a name, --devices or --backtest")
    if given["picture"] and not named:
        raise UsageError("--plot draws one series: name it with --department, --class, --source or --entity")
    try:
        if given["judge"]:
            return _backtest(db)
        if given["devices"]:
            return tell_devices(db, given["inventory"], given["known_exploited"], as_json=as_json)
        with closing(database_of(db)) as database:
            scope, name = next(iter(named.items()), ("", ""))
            return _forecast(database, scope, name, given["picture"], as_json=as_json)
    except SinkError as error:
        raise told(error) from error


def _forecast(database: ClickHouse, scope: str, name: str, picture: Path | None, *, as_json: bool) -> int:
    rows = [Said(*row) for row in database.query(_CURRENT, scope=scope, name=name)]
    if as_json:
        for row in rows:
            print(orjson.dumps(asdict(row)).decode())
    if not rows:
        who = f"{scope.replace('_', ' ')} {printable(name)}" if name else "anything"
        print(f"no forecast of {who} yet: they begin when a series is known for two days", file=sys.stderr)
        return 0
    if not as_json:
        _tell(database, rows, scope, name)
    if picture is not None:
        _draw(database, rows, picture)
    return 0


def _tell(database: ClickHouse, rows: Sequence[Said], scope: str, name: str) -> None:
    sums = [row for row in rows if row.is_sum]
    shown = sums if name else _overview(sums)
    for row in sums if name else [r for r in shown if r.scope == "entity" and r.span_s == DAY_S]:
        print(sentence(row))
    console().print(forecast_table([row for row in rows if row.span_s >= DAY_S] if name else shown))
    if len(shown) < len(sums):
        print(f"{len(sums) - len(shown):,} more: name one, or take --json", file=sys.stderr)
    for what in sorted({row.what for row in rows}):
        for span, words in ((24, "of a day"), (168, "of a week")):
            found = database.query(_ACCURACY, scope=scope, name=name, what=what, span=span)
            if found:
                print(f"{what} {words}: {accuracy_sentence(*found[0])}")


def _overview(sums: Sequence[Said]) -> list[Said]:
    """Sources, departments and device classes, then the entities of which most risk is expected."""
    risky = sorted((r for r in sums if r.scope == "entity" and r.what == "risk"), key=lambda r: -r.expected)
    names = list(dict.fromkeys(r.name for r in risky if r.span_s == DAY_S and r.expected >= 1))[:_RISKY]
    order = ("source", "department", "device_class")
    places = sorted(
        (r for r in sums if r.scope in order), key=lambda r: (order.index(r.scope), r.what, r.name, r.span_s)
    )
    return places[:_MOST] + [r for r in risky if r.name in names]


def _draw(database: ClickHouse, rows: Sequence[Said], picture: Path) -> None:
    hours = [row for row in rows if row.span_s == 3600 and row.what == "events"]
    if not hours:
        raise UsageError("of this only sums are forecast, there are no hours to draw; choose a department or source")
    first = hours[0]
    observed = database.query(_OBSERVED, scope=first.scope, name=first.name, what="events")
    plot([(int(at), float(value)) for at, value in reversed(observed)], hours, picture)
    print(f"written: {picture}", file=sys.stderr)


def _backtest(db: str | None) -> int:
    if db is None:
        print(f"a simulated hospital of 300 staff, {_DAYS} days (seed {_SEED}); --db judges your own", file=sys.stderr)
        series, first = simulated(_SEED, _DAYS)
    else:
        with closing(database_of(db)) as database:
            series, first = recorded(database)
    keys, judged = backtest(series, first)
    if not judged:
        days = max((len(y) for y in series.values()), default=0) // 24
        raise UsageError(f"a backtest needs {WARM_H // 24 + 8} days of events; there are {days}")
    console().print(backtest_table(keys, judged))
    print(_LEGEND)
    return 0
