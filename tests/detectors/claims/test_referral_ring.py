"""Rings of three and more are told in words that name them; what everybody shares is not."""

from typing import Any

import numpy as np
import orjson

from pipeline.detectors.claims.referral_ring import ReferralRing
from pipeline.detectors.detector import Scores, Setup
from pipeline.features.batch import Batch
from pipeline.features.decode import decode

GROUPS = 1
DAY_S = 86_400.0


def claim(number: int, provider: str, patient: str, *partners: str, **more: Any) -> dict[str, Any]:
    what = {"kind": "claim", "format": "test", "claim_type": "professional", "procedures": ["99213"]}
    ts = {"ts": 1.7e9 + 1800.0 * number, "event_id": f"{number} {provider}"}
    return what | ts | {"provider": provider, "patient": patient, "partners": list(partners)} | more


def scored(documents: list[dict[str, Any]]) -> tuple[ReferralRing, Batch, Scores]:
    batch = decode("judged", [orjson.dumps(d) for d in documents], GROUPS).batch
    assert batch.n == len(documents)
    detector = ReferralRing(Setup(GROUPS))
    return detector, batch, detector.score(batch)


USUAL = [claim(i, f"n{i % 20}", f"p{i}", *([f"m{i % 9}"] if i % 4 == 0 else [])) for i in range(300)]


def told(documents: list[dict[str, Any]]) -> list[str]:
    """Providers told, in order."""
    _, batch, scores = scored(documents)
    found = np.flatnonzero((scores.values >= 0.5) & ~np.asarray(scores.silent))
    return [batch.text("provider", int(row)) or "" for row in found]


def test_the_sentence_names_the_others_and_says_how_many() -> None:
    ring = [claim(400 + i, "n3", f"r{i}", "x", "y") for i in range(8)]
    detector, batch, scores = scored([*USUAL, *ring])
    row = int(np.flatnonzero((scores.values >= 0.5) & ~np.asarray(scores.silent))[0])
    said = detector.explain(batch, row, scores)
    assert "n3" in said.message and "x and y" in said.message
    assert "r1" not in said.message, "patients are not named"
    assert all(f.value is not None for f in said.features)


def test_a_patient_counts_once() -> None:
    assert told([*USUAL, *(claim(400 + i, "n3", "r1", "x", "y") for i in range(30))]) == []


def test_the_same_two_not_one_of_many() -> None:
    """Each patient was seen by two others, but never by the same two."""
    turns = [claim(400 + i, "n3", f"r{i}", f"x{i}", f"y{i}") for i in range(30)]
    assert told([*USUAL, *turns]) == []


def test_colleagues_of_a_ward_who_share_some() -> None:
    """Every provider has a fifth of its patients in common with the two who are always on the ward."""
    ward = [claim(400 + i, f"n{i % 20}", f"w{i}", *(["x", "y"] if i // 20 % 5 == i % 5 else [])) for i in range(400)]
    assert told([*USUAL, *ward]) == []


def test_told_once_a_month_unless_worse() -> None:
    ring = [claim(400 + i, "n3", f"r{i}", "x", "y") for i in range(60)]
    assert 1 <= len(told([*USUAL, *ring])) <= 4
