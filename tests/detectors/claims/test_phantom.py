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
    what = {"kind": "billing", "format": "test", "event_id": f"{number}", "peers": "professional"}
    share = {"encounter_coverage": 0.97, "chart_coverage": 0.95, "procedures": ["99213"], "patient": f"p{number}"}
    care = {"encounter_days": 0.0, "chart_days": 0.0} if seen else {}
    return what | share | care | {"ts": ts, "claim_judged_ts": ts + DAY_S, "provider": provider}


def found(documents: list[dict[str, Any]]) -> set[str]:
    """Providers that are found."""
    batch = decode("judged", [orjson.dumps(d) for d in documents], 1).batch
    scores = Phantom(Setup(1)).score(batch).values
    return {str(batch.text("provider", i)) for i in np.flatnonzero(scores >= 0.5).tolist()}


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


def test_schemes_of_a_quarter_excuse_nobody() -> None:
    """Two of twelve bill what nobody saw, a third begins with little."""
    honest = [claim(100 + i, f"m{i % 4}", True) for i in range(80)]
    schemes = [claim(200 + i, f"n{1 + i % 2}", i % 4 > 1) for i in range(80)]
    small = [claim(300 + i, "n3", i % 3 > 0) for i in range(21)]
    assert found([*NORMAL, *honest, *schemes, *small]) == {"n1", "n2", "n3"}


def test_a_feed_that_fell_out_for_a_day_is_nobodys_scheme() -> None:
    rows = [claim(i, f"n{i % 8}", not 400 <= i < 424) for i in range(900)]
    spread = [row | {"claim_judged_ts": row["ts"] + DAY_S * (1 + i % 7)} for i, row in enumerate(rows)]
    assert found(sorted(spread, key=lambda row: row["claim_judged_ts"])) == set()


def test_services_dated_on_other_days_count_by_the_day() -> None:
    """Patients seen three days away: no care on the day, some within the week; usual where a fifth are so dated."""
    near = {"encounter_days": 3.0, "chart_days": 3.0}
    scheme = [claim(200 + i, "n1", False) | near for i in range(12)]
    assert found([*NORMAL, *scheme]) == {"n1"}
    loose = [claim(i, f"n{i % 8}", i * 7 % 5 > 0) | (near if i * 7 % 5 == 0 else {}) for i in range(800)]
    assert not found(loose)


def test_whose_care_is_told_nowhere_is_not_judged_by_what_is_missing() -> None:
    """A practice around bills to the plan; its visits are in its own system."""
    practice = [claim(200 + i, "outside", False) for i in range(40)]
    assert found([*NORMAL, *practice]) == set()
    seen = [claim(180 + i, "outside", True) for i in range(4)]
    assert found([*NORMAL, *seen, *practice[:12]]) == {"outside"}
