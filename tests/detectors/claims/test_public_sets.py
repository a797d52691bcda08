"""Public claims without duplicates by design stay quiet, and what is made one is found."""

import csv
import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.detectors.claims.duplicate import Duplicate
from pipeline.detectors.claims.impossible_day import ImpossibleDay
from pipeline.detectors.detector import Detector, Setup
from pipeline.features.decode import decode
from pipeline.ingest.reader import Parsed, read_path

HEALTH = Path(os.environ.get("WARDWATCH_DATA", Path(__file__).parents[4] / "shared" / "data")) / "health"
both = pytest.mark.parametrize("cls", [Duplicate, ImpossibleDay], ids=lambda cls: cls.id)


def present(name: str) -> Path:
    path = HEALTH / name
    if not path.exists():
        pytest.skip(f"the public set {name} is not on this machine")
    return path


def claims(path: Path) -> list[bytes]:
    parsed = [p for p in read_path(path) if isinstance(p, Parsed) and p.source == "claims"]
    return [p.value for p in sorted(parsed, key=lambda p: p.ts)]


def found(cls: type[Detector], documents: list[bytes]) -> int:
    detector, count = cls(Setup(8)), 0
    for i in range(0, len(documents), 2000):
        values = detector.score(decode("claims", documents[i : i + 2000], 8).batch).values
        count += int((values >= 0.5).sum())
    return count


def inpatient(path: Path) -> Iterator[dict[str, Any]]:
    """Medicare-like stays, a row each."""

    def day(text: str) -> float:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()

    with gzip.open(path, "rt") as rows:
        for row in csv.DictReader(rows):
            start = day(row["ClaimStartDt"])
            codes = [row[f"ClmProcedureCode_{k}"] for k in range(1, 7) if row[f"ClmProcedureCode_{k}"]]
            yield {
                "ts": start,
                "event_id": row["ClaimID"],
                "format": "csv",
                "kind": "claim",
                "claim_id": row["ClaimID"],
                "claim_type": "institutional",
                "patient": row["BeneID"],
                "provider": row["Provider"],
                "rendering": row["AttendingPhysician"],
                "from_ts": start,
                "through_ts": day(row["ClaimEndDt"]),
                "total_amount": float(row["InscClaimAmtReimbursed"] or 0),
                "lines": [{"procedure": code} for code in codes],
            }


@both
def test_synthea_is_quiet(cls: type[Detector]) -> None:
    documents = claims(present("synthea_fhir/Claim.ndjson.gz"))
    assert len(documents) > 10_000
    assert found(cls, documents) <= 3


@both
def test_inpatient_stays_are_quiet(cls: type[Detector]) -> None:
    rows = sorted(inpatient(present("provider_fraud/inpatient_claims.csv.gz")), key=lambda row: row["ts"])
    assert found(cls, [orjson.dumps(row) for row in rows]) <= 3


def test_x12_sent_again_is_quiet_and_renumbered_is_not() -> None:
    documents = claims(present("x12/x12_many_claims.txt.gz"))
    assert found(Duplicate, documents) == 0, "the file repeats its claims under their own numbers"
    once = list({orjson.loads(d)["claim_id"]: d for d in documents}.values())
    again = [orjson.dumps(orjson.loads(d) | {"claim_id": f"other-{i}"}) for i, d in enumerate(once)]
    values = Duplicate(Setup(8)).score(decode("claims", once + again, 8).batch).values
    assert (values[: len(once)] < 0.5).all()
    np.testing.assert_array_equal(values[len(once) :], 1.0)
