"""Anomaly detection on mixed columns: one default setting of ours beside its peers, warmed up and cold."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.quality import anomaly_plot
from benchmarks.quality.anomaly_models import EXTERNAL, OURS, RIVER, measure
from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.streams import COLD_ROWS, Stream, clean_start, load, shuffled, thin

title = "Anomalies in tabular streams, without labels"
protocol = """Prequential: one pass, each row scored before it is learned, labels used for the figures only.
P1: 2,000 normal rows
first (not counted), then the stream; P2: cold start, the first 256 rows not counted. "5 %": anomalies thinned to
that share. Rows are shuffled by the seed where the set has no time (all but WUSTL-EHMS, whose leaking columns are
dropped); at most `--rows` of them. Figures: mean ROC AUC and average precision over the seeds, range of the AUC, µs
of processor time an event. Ours has one default setting. Peers are fed scaled log1p numbers, and categories as
indicators unless they do better without. `rank` is among all models of the set and protocol by the AUC, its mean
last. A peer that is absent did not install or `--peers` was not given."""
MODELS = (OURS, "RSHash (ours)", *RIVER, *EXTERNAL)
THINNED = {"nsl-kdd": (None, 0.05)}


def run(options: Options) -> list[Row]:
    """A row a set, protocol and model; then the mean ranks."""
    if not (options.data.is_dir() and load(options.data)):
        raise DataAbsentError("none of the tabular sets is in the data folder")
    rows: list[Row] = []
    for name, streams in _cases(options):
        rows += figures(name, streams, options)
    return rows + _ranks(rows)


def plot(rows: list[Row], folder: Path) -> None:
    """AUC of every model on every case."""
    anomaly_plot.draw(rows, "protocol", folder / "tabular.png")


def figures(name: Row, streams: list[tuple[Stream, int]], options: Options) -> list[Row]:
    """Every model on the same streams, one a seed, with its rank."""
    rows: list[Row] = []
    for model in MODELS:
        found = [measure(model, s, first, seed, options.peers) for seed, (s, first) in enumerate(streams, 1)]
        if any(f is None for f in found):
            continue  # it is not installed: the peers' Python was not given
        mean = {key: float(np.mean([f[key] for f in found if f])) for key in ("AUC", "AP", "us")}
        auc = [f["AUC"] for f in found if f]
        rows.append(
            name | {"model": model, **mean, "AUC range": f"{min(auc):.3f} to {max(auc):.3f}", "seeds": len(auc)}
        )
    for row in rows:
        row["rank"] = 1 + sum(float(str(other["AUC"])) > float(str(row["AUC"])) for other in rows)
    return rows


def _cases(options: Options) -> Iterator[tuple[Row, list[tuple[Stream, int]]]]:
    for whole in load(options.data):
        for share in THINNED.get(whole.name, (None,)):
            for start in ("P1", "P2"):
                streams = []
                for seed in range(1, options.seeds + 1):
                    rng = np.random.default_rng(seed)
                    stream = shuffled(thin(whole, share, rng) if share else whole, rng, options.rows)
                    streams.append(clean_start(stream) if start == "P1" else (stream, COLD_ROWS))
                anomalies = float(np.mean([s.y[first:].mean() for s, first in streams]))
                label = f"{whole.name} {share:.0%}" if share else whole.name
                yield {"set": label, "protocol": start, "anomalies": anomalies}, streams


def _ranks(rows: list[Row]) -> list[Row]:
    out: list[Row] = []
    for model in MODELS:
        mine = [r for r in rows if r["model"] == model]
        if mine:
            mean = {key: float(np.mean([float(str(r[key])) for r in mine])) for key in ("AUC", "AP", "us", "rank")}
            out.append({"set": "mean", "protocol": "all", "model": model, **mean})
    return out
