"""One provider's invented claims are no excuse for the next, and what all do is no news."""

from typing import Any

import numpy as np
import orjson

from pipeline.detectors.claims.phantom import Phantom
from pipeline.detectors.detector import Setup
from pipeline.features.decode import decode

HOUR_S, DAY_S = 3600.0, 86_400.0


def claim(number: int, provider: str, seen: bool) -> dict[str, Any]:
    ts = 1.7e9 + HOUR_S * number
    what = {"kind": "claim", "format": "test", "event_id": f"{number}", "claim_type": "professional"}
    share = {"encounter_coverage": 0.97, "chart_coverage": 0.95, "procedures": ["99213"], "patient": f"p{number}"}
    care = {"encounter_days": 0.0, "chart_days": 0.0} if seen else {}
    return what | share | care | {"ts": ts, "claim_judged_ts": ts + DAY_S, "provider": provider}


def highest(documents: list[dict[str, Any]], provider: str) -> float:
    batch = decode("judged", [orjson.dumps(d) for d in documents], 1).batch
    scores = Phantom(Setup(1)).score(batch).values
    mine = [i for i in range(batch.n) if batch.text("provider", i) == provider]
    return float(np.nanmax(scores[mine]))


NORMAL = [claim(i, f"n{i % 8}", True) for i in range(200)]


def test_a_scheme_before_excuses_nobody() -> None:
    """Beside a large scheme a small one is as odd as without it."""
    large = [claim(200 + i, "n1", False) for i in range(60)]
    small = [claim(300 + i, "n2", i % 3 > 0) for i in range(21)]
    assert highest([*NORMAL, *small], "n2") >= 0.5
    assert highest([*NORMAL, *large, *small], "n2") >= 0.5


def test_what_many_do_becomes_usual() -> None:
    """Where a feed lacks a fifth of the encounters for everybody, a fifth is no sign."""
    gaps = [claim(200 + i, f"n{i % 8}", i * 7 % 5 > 0) for i in range(1500)]
    batch = decode("judged", [orjson.dumps(d) for d in [*NORMAL, *gaps]], 1).batch
    last = Phantom(Setup(1)).score(batch).values[-400:]
    assert np.nanmax(last) < 0.5
