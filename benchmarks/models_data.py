"""The labelled public sets of the model benchmark, as columns, and the orders in which they are streamed.

No label reaches a feature: it is split off here, and WUSTL-EHMS loses the columns that give its label away
(the attacker's address, flags, ports and packet numbers exist only because of how the set was recorded).
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

WUSTL_LEAKS = ["SrcMac", "Flgs", "Sport", "Packet_num", "Attack Category", "Label"]
CLEAN_ROWS = 2_000


@dataclass(frozen=True)
class Stream:
    """Numeric `X` float64[n, d], categorical hashes `C` uint64[n, m], labels `y` bool[n], kinds object[n]."""

    name: str
    X: np.ndarray
    C: np.ndarray
    y: np.ndarray
    kind: np.ndarray

    def take(self, rows: np.ndarray) -> Stream:
        return Stream(self.name, self.X[rows], self.C[rows], self.y[rows], self.kind[rows])


def _codes(frame: pd.DataFrame) -> np.ndarray:
    columns = []
    for name in frame:
        values, inverse = np.unique(frame[name].astype(str).to_numpy(), return_inverse=True)
        table = [int.from_bytes(hashlib.blake2b(v.encode(), digest_size=8).digest(), "big") or 1 for v in values]
        columns.append(np.array(table, dtype=np.uint64)[inverse])
    return np.stack(columns, axis=1) if columns else np.zeros((len(frame), 0), dtype=np.uint64)


def _frame(name: str, frame: pd.DataFrame, y: np.ndarray, kind: np.ndarray) -> Stream:
    numeric = frame.select_dtypes("number")
    text = frame.drop(columns=numeric.columns)
    return Stream(name, numeric.to_numpy(np.float64), _codes(text), y.astype(bool), kind.astype(str))


def load(folder: Path) -> list[Stream]:
    """Every set found under the data folder; an absent file is an absent set."""
    found = []
    nsl, names = folder / "network/nslkdd_train20.txt.gz", folder / "network/nslkdd_field_names.csv"
    if nsl.exists() and names.exists():
        columns = [line.split(",")[0] for line in names.read_text().splitlines() if line]
        with gzip.open(nsl, "rt") as lines:
            frame = pd.read_csv(lines, header=None, names=[*columns, "attack", "difficulty"])
        kind = frame["attack"].to_numpy()
        found.append(_frame("nsl-kdd", frame[columns], kind != "normal", kind))
    wustl = folder / "network/wustl_ehms_head11000.csv.gz"
    if wustl.exists():
        frame = pd.read_csv(wustl)
        kind = frame["Attack Category"].to_numpy()
        found.append(_frame("wustl-ehms", frame.drop(columns=WUSTL_LEAKS), frame["Label"].to_numpy() == 1, kind))
    for path in sorted((folder / "tabular").glob("*.npz")):
        with np.load(path) as table:
            x, y = table["X"].astype(np.float64), table["y"].astype(bool)
        empty = np.zeros((len(x), 0), dtype=np.uint64)
        found.append(Stream(path.stem.split("_", 1)[-1], x, empty, y, np.where(y, "anomaly", "normal")))
    return found


def thin(stream: Stream, share: float, rng: np.random.Generator) -> Stream:
    """Drop anomalies at random until they are at most this share of the rows; order is kept."""
    bad = np.flatnonzero(stream.y)
    keep = min(len(bad), int(share / (1 - share) * (~stream.y).sum()))
    rows = np.union1d(np.flatnonzero(~stream.y), rng.choice(bad, keep, replace=False))
    return stream.take(rows)


def order(stream: Stream, protocol: str, rng: np.random.Generator) -> tuple[Stream, int]:
    """The stream as a protocol shows it, and the first row that counts.

    clean: 2,000 normal rows first, the rest as recorded. cold: as recorded. burst: anomalies, by kind, in up
    to eight blocks at random places of a clean-started stream. open: an attack block of 400 rows at row 50.
    """
    normal, bad = np.flatnonzero(~stream.y), np.flatnonzero(stream.y)
    if protocol == "cold":
        return stream, 0
    first = normal[:CLEAN_ROWS]
    if protocol == "clean":
        rest = np.setdiff1d(np.arange(len(stream.y)), first)
        return stream.take(np.concatenate([first, rest])), len(first)
    bad = bad[np.argsort(stream.kind[bad], kind="stable")]
    if protocol == "open":
        head, bad = bad[:400], bad[400:]
        blocks, start, offset = np.array_split(bad, 4), normal[:50], 0
        lead, rest = np.concatenate([start, head]), normal[50:]
    else:
        blocks, lead, rest, offset = np.array_split(bad, 8), first, normal[CLEAN_ROWS:], len(first)
    places = np.sort(rng.integers(0, len(rest) + 1, len(blocks)))
    parts, last = [lead], 0
    for place, block in zip(places, blocks, strict=True):
        parts += [rest[last:place], block]
        last = place
    return stream.take(np.concatenate([*parts, rest[last:]])), offset
