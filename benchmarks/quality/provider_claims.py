"""The public set of inpatient claims, in date order through what workers give on of claims, to the product's own
detector of providers that stand out."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from pipeline.detectors.claims.provider_outlier import ProviderOutlier
from pipeline.detectors.claims.provider_profile import FEATURES
from pipeline.detectors.detector import Setup
from pipeline.engine.engine import Outcome
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.relay import onward

CHUNK = 2_000
UNKNOWN = 0.0  # risk of a provider about which too little was known


@dataclass(frozen=True)
class Played:
    """n claims in the order of the stream, and p providers; labels are for the figures and for late verdicts only."""

    ts: np.ndarray
    """float64[n]"""
    provider: np.ndarray
    """int64[n], number of the provider."""
    risk: np.ndarray
    """float64[n], the detector's score at that claim, UNKNOWN where it has none."""
    features: np.ndarray
    """float64[n, d], what the detector knows of the provider at that claim: its features and their deviations."""
    claims: np.ndarray
    amount: np.ndarray
    """float64[p]: the trivial baselines, over the whole set."""
    fraud: np.ndarray
    """bool[p]"""

    def last(self, before_ts: float = np.inf) -> np.ndarray:
        """int64[p]: each provider's last claim before a moment, -1 where it has none."""
        out = np.full(len(self.fraud), -1)
        rows = np.flatnonzero(self.ts < before_ts)
        out[self.provider[rows]] = rows
        return out


def play(folder: Path, key_groups: int = 8) -> Played:
    """Score every claim before it is learned, as `scan` and the workers do, with the default of 8 key groups."""
    with gzip.open(folder / "inpatient_claims.csv.gz", "rt") as file:
        rows = sorted((_claim(row) for row in csv.DictReader(file)), key=lambda row: (row["ts"], row["event_id"]))
    with (folder / "labels.csv").open() as file:
        verdicts = {row["Provider"]: row["PotentialFraud"] == "Yes" for row in csv.DictReader(file)}
    names = {name: number for number, name in enumerate(dict.fromkeys(row["provider"] for row in rows))}
    provider = np.array([names[row["provider"]] for row in rows])
    amount = np.array([row["total_amount"] for row in rows])
    risk, features = _scored([orjson.dumps(row) for row in rows], key_groups)
    fraud = np.array([verdicts[name] for name in names])
    ts, claims = np.array([row["ts"] for row in rows]), np.bincount(provider).astype(float)
    return Played(ts, provider, risk, features, claims, np.bincount(provider, amount), fraud)


def _scored(documents: list[bytes], key_groups: int) -> tuple[np.ndarray, np.ndarray]:
    detector = ProviderOutlier(Setup(key_groups))
    names = [name for feature in FEATURES for name in (feature, f"{feature}_deviations")]
    risk, features = [], []
    for first in range(0, len(documents), CHUNK):
        batch = _billings(documents[first : first + CHUNK], key_groups)
        outcome = detector.score(batch)
        mine = batch.kind("billing")
        risk.append(np.nan_to_num(outcome.values[mine], nan=UNKNOWN))
        features.append(np.column_stack([outcome.evidence[name][mine] for name in names]))
    return np.concatenate(risk), np.concatenate(features)


def _billings(documents: list[bytes], key_groups: int) -> Batch:
    """Claims as `judged` has them. Here no encounter is known, so that each waits equally long: their order stays."""
    batch = decode("claims", documents, key_groups).batch
    for source in ("charts", "judged"):
        found = onward(Outcome(batch, Origin("claims", 0, np.arange(batch.n)), {}, (), "m"), key_groups)
        if found is None:
            raise RuntimeError("claims were not given on")
        batch = decode(source, found.documents, key_groups).batch
    return batch


def _claim(row: dict[str, str]) -> dict[str, Any]:
    start, end = _day(row["ClaimStartDt"]), _day(row["ClaimEndDt"])
    return {
        "ts": start, "event_id": row["ClaimID"], "format": "csv", "kind": "claim", "claim_id": row["ClaimID"],
        "claim_type": "institutional", "patient": row["BeneID"], "provider": row["Provider"],
        "rendering": row["AttendingPhysician"], "from_ts": start, "through_ts": end,
        "total_amount": float(row["InscClaimAmtReimbursed"] or 0), "lines": list(_lines(row)),
    }  # fmt: skip


def _lines(row: dict[str, str]) -> Iterator[dict[str, str]]:
    codes = (row[f"ClmProcedureCode_{k}"] for k in range(1, 7))
    yield from ({"procedure": code} for code in codes if code)


def _day(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
