"""How good forecasts are beside "same as last week", "same as yesterday" and River's own time-series models.

    python -m benchmarks.forecast [--seeds 201,202] [--days 42] [--all-sources] [--peers] [--real] [--data DIR]
    python -m benchmarks.forecast --cost

Series are simulated hospitals, counted hour by hour as a worker counts them, or with `--real` those of River's
WaterFlow (hourly, 57 days) and of a real auth.log (25 days; from `--data`). Forecasts are made every six hours from
the 14th day on, with what was known then. `--peers`: HoltWinters and SNARIMAX on sources and departments, some minutes.
"""

import argparse
import gzip
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
from river import datasets, time_series

from pipeline.cli.forecast_series import simulated
from pipeline.cli.forecast_text import backtest_table, console
from pipeline.forecast.backtest import Judged, Peer, backtest
from pipeline.forecast.open_hours import Key
from pipeline.forecast.series_bank import ORIGIN_H, SeriesBank

_DATA = Path(__file__).parents[2] / "shared" / "data"
_AUTH_YEAR = 2016  # the file names none; its weekdays do not matter here
PEERS: Mapping[str, Callable[[], Peer]] = {
    "HoltWinters, 24 h": lambda: cast(Peer, time_series.HoltWinters(0.1, 0.001, 0.2, seasonality=24)),
    "HoltWinters, 168 h": lambda: cast(Peer, time_series.HoltWinters(0.1, 0.001, 0.3, seasonality=168)),
    "SNARIMAX, 24 h × 7": lambda: cast(Peer, time_series.SNARIMAX(p=2, d=0, q=1, m=24, sp=7, sd=0, sq=0)),
}


def real(data: Path) -> dict[str, tuple[dict[Key, np.ndarray], int]]:
    """Real hourly series by name, with their first hours."""
    flow = {int(x["Time"].timestamp() // 3600): float(y) for x, y in datasets.WaterFlow()}
    found = {"WaterFlow": _series("waterflow", flow, fill=True)}
    path = data / "logs" / "auth.log.gz"
    if path.exists():
        counts: dict[int, float] = {}
        with gzip.open(path, "rt", errors="replace") as lines:
            for line in lines:
                moment = datetime.strptime(f"{_AUTH_YEAR} {line[:15]}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
                hour = int(moment.timestamp() // 3600)
                counts[hour] = counts.get(hour, 0.0) + 1
        found["auth.log"] = _series("auth.log", counts, fill=False)
    return found


def _series(name: str, hours: dict[int, float], *, fill: bool) -> tuple[dict[Key, np.ndarray], int]:
    """Hours that are missing are what they were a day before (`fill`), or empty."""
    first = min(hours)
    values = np.zeros(max(hours) - first + 1)
    for k in range(len(values)):
        values[k] = hours.get(first + k, values[k - 24] if fill and k >= 24 else 0.0)
    return {("source", name, "events"): values}, first


def tell(title: str, series: dict[Key, np.ndarray], first: int, peers: Mapping[str, Callable[[], Peer]]) -> None:
    """Judge and print."""
    began = time.process_time()
    keys, judged = backtest(series, first)
    hours = max((len(y) for y in series.values()), default=0)
    print(f"\n## {title}: {len(keys)} series, {hours / 24:.0f} days, {time.process_time() - began:.1f} s of CPU")
    if not judged:
        print("too short")
        return
    console().print(backtest_table(keys, judged))
    if peers:
        few = {key: y for key, y in series.items() if key[0] in ("source", "department")}
        keys, judged = backtest(few, first, peers)
        _tell_peers(judged)


def _tell_peers(judged: Sequence[Judged]) -> None:
    print(
        "Mean of the series' errors, each divided by that of 'as last week'; wins: series where it is nearest of all."
    )
    for j in judged[:2]:
        errors = j.errors()
        fair = errors["last week"] > 0
        nearest = np.argmin(np.stack([errors[name][fair] for name in errors]), axis=0)
        for place, (name, error) in enumerate(errors.items()):
            ratio = error[fair] / errors["last week"][fair]
            figures = f"mean {ratio.mean():6.3f}  median {np.median(ratio):6.3f}  wins {(nearest == place).sum()}"
            print(f"  {j.span:<18} {name:<20} {figures}")


def cost() -> None:
    """What series cost in time and state."""
    rng = np.random.default_rng(1)
    for series in (10, 100, 768):
        bank, rows = SeriesBank(series), np.arange(series)
        began = time.process_time()
        asked = 0.0
        for hour in range(21 * 24):
            bank.learn(rows, hour, rng.poisson(20, series).astype(float))
            if hour % ORIGIN_H == ORIGIN_H - 1:
                at = time.process_time()
                bank.forecast(rows, hour, rows % 8)
                asked += time.process_time() - at
        learned = time.process_time() - began - asked
        size = sum(a.nbytes for a in bank.state(rows).values())
        print(
            f"{series:>4} series: {learned / 504 * 1e3:6.2f} ms an hour, {asked / 84 * 1e3:6.1f} ms a forecast of all "
            f"(every {timedelta(hours=ORIGIN_H)}), {size / series / 1024:.1f} KiB a series"
        )


def main(argv: Sequence[str]) -> int:
    """Judge and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecast", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--seeds", default="201,202,203")
    parser.add_argument("--days", type=int, default=42)
    parser.add_argument("--all-sources", action="store_true", help="network and logs too, thinned")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--data", type=Path, default=_DATA)
    given: Any = parser.parse_args(argv)
    peers = PEERS if given.peers else {}
    if given.cost:
        cost()
    elif given.real:
        for name, (series, first) in real(given.data).items():
            tell(name, series, first, peers)
    else:
        for seed in map(int, given.seeds.split(",")):
            series, first = simulated(seed, given.days, records=not given.all_sources)
            tell(f"hospital {seed}", series, first, peers)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
