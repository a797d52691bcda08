"""What dirty warm-ups, attacks in bursts and drift cost the anomaly model, beside its peers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.quality import anomaly_plot
from benchmarks.quality.data_absent import DataAbsentError
from benchmarks.quality.options import Options
from benchmarks.quality.part import Row
from benchmarks.quality.parts.tabular import figures
from benchmarks.quality.streams import CLEAN_ROWS, COLD_ROWS, Stream, load, shuffled

title = "Robustness of the anomaly models"
protocol = """As `tabular`, with the same sets (at most 8,000 normal rows of each) and every case made of the same rows.
clean: 2,000 normal rows, then 5 % anomalies at random places. dirty: the same with 5 % anomalies among the warm-up too.
opening: after the 2,000 normal rows, half of the first fifth of the stream are anomalies, then 5 %. cold opening: that
without the normal rows before it. burst: half of the middle third are anomalies, none outside. ramp: their share rises
steadily from 0 to half. drift: clean, while every second number moves by four of its deviations from the first row to
the last. `lost` is the clean AUC less this one."""
NORMAL_ROWS = 8_000
Case = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, int]]


def run(options: Options) -> list[Row]:
    """A row a set, case and model; then the means over the sets."""
    sets = load(options.data) if options.data.is_dir() else []
    if not sets:
        raise DataAbsentError("none of the tabular sets is in the data folder")
    rows: list[Row] = []
    for whole in sets:
        clean: dict[object, float] = {}
        for case in CASES:
            made = [_stream(whole, case, seed) for seed in range(1, options.seeds + 1)]
            found = figures({"set": whole.name, "case": case}, made, options)
            for row in found:
                clean.setdefault(row["model"], float(str(row["AUC"])))
                row["lost"] = clean[row["model"]] - float(str(row["AUC"]))
            rows += found
    return rows + _means(rows)


def plot(rows: list[Row], folder: Path) -> None:
    """AUC of every model on every case."""
    anomaly_plot.draw(rows, "case", folder / "robustness.png")


def _stream(whole: Stream, case: str, seed: int) -> tuple[Stream, int]:
    rng = np.random.default_rng(seed)
    stream = shuffled(whole, rng, len(whole.y))
    order, first = CASES[case](np.flatnonzero(~stream.y)[:NORMAL_ROWS], np.flatnonzero(stream.y), rng)
    stream = stream.take(order)
    if case == "drift":
        log = np.sign(stream.X) * np.log1p(np.abs(stream.X))
        log[:, ::2] += np.linspace(0.0, 4.0, len(log))[:, None] * log[:, ::2].std(axis=0)
        stream = Stream(stream.name, np.sign(log) * np.expm1(np.abs(log)), stream.C, stream.y, stream.timed)
    return stream, first


def _mixed(normal: np.ndarray, bad: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Normal rows in their order, anomalies of this share of all among them at random places, in theirs."""
    wanted = min(len(bad), int(share / (1 - share) * len(normal)))
    chosen = np.sort(rng.choice(bad, wanted, replace=False))
    return np.insert(normal, np.sort(rng.integers(0, len(normal) + 1, wanted)), chosen)


def _parted(bad: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    order = rng.permutation(bad)
    return order[: int(share * len(bad))], order[int(share * len(bad)) :]


def _clean(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    return np.r_[normal[:CLEAN_ROWS], _mixed(normal[CLEAN_ROWS:], bad, 0.05, rng)], CLEAN_ROWS


def _dirty(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    early, late = _parted(bad, 0.3, rng)
    head = _mixed(normal[:CLEAN_ROWS], early, 0.05, rng)
    return np.r_[head, _mixed(normal[CLEAN_ROWS:], late, 0.05, rng)], len(head)


def _opening(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    order, _ = _cold_opening(normal[CLEAN_ROWS:], bad, rng)
    return np.r_[normal[:CLEAN_ROWS], order], CLEAN_ROWS


def _cold_opening(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    early, late = _parted(bad, 0.6, rng)
    part = min(len(normal) // 9, len(early))
    return np.r_[_mixed(normal[:part], early, 0.5, rng), _mixed(normal[part:], late, 0.05, rng)], COLD_ROWS


def _burst(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    part = min(len(normal) // 5, len(bad))
    start = (len(normal) - part) // 2
    middle = _mixed(normal[start : start + part], bad, 0.5, rng)
    return np.r_[normal[:start], middle, normal[start + part :]], COLD_ROWS


def _ramp(normal: np.ndarray, bad: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    parts = np.array_split(normal, 20)
    left, out = rng.permutation(bad), []
    for k, part in enumerate(parts):
        share = 0.5 * k / (len(parts) - 1)
        now = left[: min(int(share / (1 - share) * len(part)), len(bad) // 10)]
        left = left[len(now) :]
        out.append(_mixed(part, now, 0.5, rng) if len(now) else part)
    return np.concatenate(out), COLD_ROWS


CASES: dict[str, Case] = {
    "clean": _clean, "dirty": _dirty, "opening": _opening, "cold opening": _cold_opening, "burst": _burst,
    "ramp": _ramp, "drift": _clean,
}  # fmt: skip


def _means(rows: list[Row]) -> list[Row]:
    out: list[Row] = []
    for case, model in dict.fromkeys((r["case"], r["model"]) for r in rows):
        mine = [r for r in rows if (r["case"], r["model"]) == (case, model)]
        mean = {key: float(np.mean([float(str(r[key])) for r in mine])) for key in ("AUC", "AP", "us", "rank", "lost")}
        out.append({"set": "mean", "case": case, "model": model, **mean})
    return out
