"""The figures of `benchmarks.bench` as a picture: bars of medians, a dot for every round."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")  # no display is needed

from matplotlib import pyplot as plt

_TITLES = {
    "worker": "wardwatch worker,\nKafka → ClickHouse, all detectors",
    "engine": "wardwatch engine alone",
    "plain_faust": "plain Faust + River",
    "quix_river": "Quix Streams + River",
    "bytewax_river": "Bytewax + River",
    "fetch": "limit: fetch only (aiokafka)",
    "decode": "limit: JSON decode only",
    "insert": "limit: ClickHouse insert only",
}
_OURS, _PEERS, _LIMITS = "#1f6f8b", "#c2703d", "#9aa5ab"
_MEASURES = (
    ("events_per_s", "wall_s", "events a second, by the clock"),
    ("events_per_cpu_s", "cpu_s", "events a second of its processor time"),
)


def _color(name: str) -> str:
    if name in ("worker", "engine"):
        return _OURS
    return _PEERS if name in ("plain_faust", "quix_river", "bytewax_river") else _LIMITS


def draw(result: Mapping[str, Any], file: Path) -> None:
    """Write a PNG or SVG, as the file's ending says. `result` is what bench prints."""
    names = [name for name in _TITLES if name in result["candidates"]][::-1]
    figure, panels = plt.subplots(1, 2, figsize=(13, 1.5 + 0.6 * len(names)), sharey=True)
    for panel, (figure_name, divisor, title) in zip(panels, _MEASURES, strict=True):
        speeds = [result["candidates"][name][figure_name] for name in names]
        panel.barh(names, speeds, color=[_color(n) for n in names], height=0.6)
        for y, name in enumerate(names):
            rounds = [r["events"] / r[divisor] for r in result["candidates"][name]["rounds"]]
            panel.plot(rounds, [y] * len(rounds), "o", color="#222222", markersize=3)
            panel.annotate(f" {speeds[y]:,.0f}", (max(*rounds, speeds[y]), y), va="center", fontsize=9)
        panel.set_xlabel(title)
        panel.locator_params(axis="x", nbins=5)
        panel.set_xlim(0, 1.25 * max(speeds))
        panel.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(names)), [_TITLES[n] for n in names])
    machine, protocol = result["machine"], result["protocol"]
    figure.suptitle(
        f"{protocol['events']:,} events of {protocol['mean_bytes']} bytes, {protocol['rounds']} interleaved rounds,"
        f" {machine['cpu']}, {machine['date'][:10]}",
        fontsize=10,
    )
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
