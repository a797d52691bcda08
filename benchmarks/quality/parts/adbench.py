"""The anomaly model beside its peers on the public collection ADBench: what one default does on tables of all kinds."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.quality import anomaly_plot
from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.parts.tabular import figures
from benchmarks.quality.streams import CLEAN_ROWS, COLD_ROWS, Stream, clean_start, from_npz, shuffled

title = "Anomalies in the tables of ADBench"
protocol = """`git clone https://github.com/Minqi824/ADBench DATA/adbench`: its classical sets of at least 1,000 rows
and 20 anomalies after the cap, but for the three that are in `tabular`. As there: prequential, one default setting. P1:
normal rows first (2,000, at most half of them; not counted), then the rest, both shuffled by the seed; P2: shuffled,
cold start; R: cold start in the recorded order, for sets in which each quarter has a twentieth of the anomalies (others
are sorted by their label). The first 256 rows of a cold start are not counted. At most `--rows` rows and 20,000, spread
evenly over the set. `half`: by the hash of the set's name, into the half that was looked into when the model was made,
and the one that is reported only."""
MOST_ROWS, FEWEST_ROWS, FEWEST_ANOMALIES = 20_000, 1_000, 20
ELSEWHERE = {"mammography", "shuttle", "thyroid"}
LOOKED_INTO, REPORTED = "looked into", "report"


def run(options: Options) -> list[Row]:
    """A row a set, protocol and model; then the means of either half."""
    rows: list[Row] = []
    for whole in load(options.path("adbench"), options.rows):
        for start, made in orders(whole, options.seeds):
            name: Row = {"set": whole.name, "half": half_of(whole.name), "protocol": start}
            rows += figures(name, made, options)
    return rows + _means(rows)


def plot(rows: list[Row], folder: Path) -> None:
    """AUC of every model on every set and protocol."""
    anomaly_plot.draw(rows, "protocol", folder / "adbench.png")


def half_of(name: str) -> str:
    """Which half of the collection a set is in."""
    return LOOKED_INTO if hashlib.sha256(f"{name}.npz".encode()).digest()[0] % 2 == 0 else REPORTED


def load(folder: Path, most: int = MOST_ROWS) -> list[Stream]:
    """The collection's sets that are large enough, at most so many rows of each, in the recorded order. DataAbsentError
    without any."""
    found = []
    for path in sorted(folder.rglob("Classical/*.npz")):
        whole = from_npz(path)
        rows = np.linspace(0, len(whole.y) - 1, min(len(whole.y), most, MOST_ROWS)).astype(int)
        whole = whole.take(rows)
        if len(rows) >= FEWEST_ROWS and whole.y.sum() >= FEWEST_ANOMALIES and whole.name not in ELSEWHERE:
            found.append(whole)
    if not found:
        raise DataAbsentError("adbench has no Classical/*.npz in the data folder")
    return found


def orders(whole: Stream, seeds: int) -> Iterator[tuple[str, list[tuple[Stream, int]]]]:
    """Each protocol with a stream a seed, and the first row that counts."""
    mixed = [shuffled(whole, np.random.default_rng(seed), len(whole.y)) for seed in range(1, seeds + 1)]
    head = min(CLEAN_ROWS, int((~whole.y).sum()) // 2)
    yield "P1", [clean_start(stream, head) for stream in mixed]
    yield "P2", [(stream, COLD_ROWS) for stream in mixed]
    if all(part.sum() >= 0.05 * whole.y.sum() for part in np.array_split(whole.y, 4)):
        yield "R", [(whole, COLD_ROWS)] * seeds


def _means(rows: list[Row]) -> list[Row]:
    out: list[Row] = []
    for half, start, model in dict.fromkeys((r["half"], r["protocol"], r["model"]) for r in rows):
        mine = [r for r in rows if (r["half"], r["protocol"], r["model"]) == (half, start, model)]
        mean = {key: float(np.mean([float(str(r[key])) for r in mine])) for key in ("AUC", "AP", "us", "rank")}
        out.append({"set": "mean", "half": half, "protocol": start, "model": model, **mean, "sets": len(mine)})
    return out
