"""The labelled public sets of the model benchmark, as columns, and the orders in which they are streamed.

No label reaches a feature: it is split off here, and WUSTL-EHMS loses the columns that give its label away
(the attacker's address, flags, ports and packet numbers exist only because of how the set was recorded).
"""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

WUSTL_LEAKS = ["SrcMac", "Flgs", "Sport", "Packet_num", "Attack Category", "Label"]
CLEAN_ROWS = 2_000
COLD_ROWS = 256  # of a cold start that count for no model: the longest warm-up among them


@dataclass(frozen=True)
class Stream:
    """Numeric `X` float64[n, d], categorical hashes `C` uint64[n, m], labels `y` bool[n]; `timed`: in time's order."""

    name: str
    X: np.ndarray
    C: np.ndarray
    y: np.ndarray
    timed: bool = False

    def take(self, rows: np.ndarray) -> "Stream":
        """These rows in this order."""
        return Stream(self.name, self.X[rows], self.C[rows], self.y[rows], self.timed)


def load(folder: Path) -> list[Stream]:
    """Every set found under the data folder; an absent file is an absent set."""
    found = []
    nsl, names = folder / "network/nslkdd_train20.txt.gz", folder / "network/nslkdd_field_names.csv"
    if nsl.exists() and names.exists():
        columns = [line.split(",")[0] for line in names.read_text().splitlines() if line]
        with gzip.open(nsl, "rt") as lines:
            frame = pd.read_csv(lines, header=None, names=[*columns, "attack", "difficulty"])
        found.append(_from_frame("nsl-kdd", frame[columns], frame["attack"].to_numpy() != "normal", False))
    wustl = folder / "network/wustl_ehms_head11000.csv.gz"
    if wustl.exists():
        frame = pd.read_csv(wustl)
        found.append(_from_frame("wustl-ehms", frame.drop(columns=WUSTL_LEAKS), frame["Label"].to_numpy() == 1, True))
    return found + [from_npz(path) for path in sorted((folder / "tabular").glob("*.npz"))]


def from_npz(path: Path) -> Stream:
    """A set as ADBench keeps it: `X` and `y`, all numbers, called NUMBER_NAME.npz."""
    with np.load(path) as table:
        x, y = table["X"].astype(np.float64), table["y"].astype(bool)
    return Stream(path.stem.split("_", 1)[-1], x, np.zeros((len(x), 0), np.uint64), y)


def thin(stream: Stream, share: float, rng: np.random.Generator) -> Stream:
    """Drop anomalies at random until they are at most this share of the rows; order is kept."""
    bad, good = np.flatnonzero(stream.y), np.flatnonzero(~stream.y)
    keep = min(len(bad), int(share / (1 - share) * len(good)))
    return stream.take(np.union1d(good, rng.choice(bad, keep, replace=False)))


def shuffled(stream: Stream, rng: np.random.Generator, rows: int) -> Stream:
    """At most so many rows; in random order if the set has none of its own."""
    order = np.arange(len(stream.y)) if stream.timed else rng.permutation(len(stream.y))
    return stream.take(order[:rows])


def clean_start(stream: Stream, rows: int = CLEAN_ROWS) -> tuple[Stream, int]:
    """The first 2,000 (or `rows`) normal rows, then the rest in its order; and the first row that counts."""
    head = np.flatnonzero(~stream.y)[:rows]
    return stream.take(np.concatenate([head, np.setdiff1d(np.arange(len(stream.y)), head)])), len(head)


def _from_frame(name: str, frame: pd.DataFrame, y: np.ndarray, timed: bool) -> Stream:
    numeric = frame.select_dtypes("number")
    text = frame.drop(columns=numeric.columns)
    return Stream(name, numeric.to_numpy(np.float64), _codes(text), y.astype(bool), timed)


def _codes(frame: pd.DataFrame) -> np.ndarray:
    columns = []
    for name in frame:
        values, inverse = np.unique(frame[name].astype(str).to_numpy(), return_inverse=True)
        table = [int.from_bytes(hashlib.blake2b(v.encode(), digest_size=8).digest(), "big") or 1 for v in values]
        columns.append(np.array(table, dtype=np.uint64)[inverse])
    return np.stack(columns, axis=1) if columns else np.zeros((len(frame), 0), dtype=np.uint64)
