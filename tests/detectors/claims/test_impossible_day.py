"""A day has 24 hours, for a person."""

from typing import Any

import numpy as np

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.claims.impossible_day import ImpossibleDay

FIRST_DAY = 19_700 * DAY


def claim(number: str, code: str = "90837", quantity: float = 1, day: int = 0, **more: Any) -> dict[str, Any]:
    """An hour of psychotherapy by one person, unless told otherwise."""
    line = {"procedure": code, "quantity": quantity, "unit": "UN"} | more.pop("line", {})
    what = {"kind": "claim", "claim_type": "professional", "claim_id": number, "patient": f"p{number}"}
    who = {"provider": "1000000020", "rendering": "1000000038"}
    return what | who | {"ts": FIRST_DAY, "from_ts": FIRST_DAY + DAY * day, "lines": [line]} | more


def hours(count: int, **more: Any) -> list[dict[str, Any]]:
    return [claim(f"c{i}", **more) for i in range(count)]


def last(rows: list[dict[str, Any]]) -> float:
    return float(scores(fresh(ImpossibleDay), rows)[-1])


def test_boundaries() -> None:
    assert last(hours(16)) < 0.5 < last(hours(17)) < 0.96
    assert last(hours(24)) < 0.96 < last(hours(25))


def test_other_days_and_other_people_do_not_add_up() -> None:
    assert found(fresh(ImpossibleDay), [claim(f"c{i}", day=i % 3) for i in range(40)]) == 0
    rows = [claim(f"c{i}", rendering=f"100000{i % 3}") for i in range(40)]
    assert found(fresh(ImpossibleDay), rows) == 0


def test_units_minutes_and_spans() -> None:
    assert last([claim("a", "97110", 72)]) > 0.5
    assert last([claim("a", "00142", 1100, line={"unit": "MJ"})]) > 0.5
    over = {"from_ts": FIRST_DAY, "through_ts": FIRST_DAY + 9 * DAY}
    assert last([claim("a", "97110", 72, line=over)]) < 0.1
    assert last([claim("a", "97150", 500)]) == 0.0, "groups have no time of their own"


def test_directed_anaesthesia_may_overlap() -> None:
    line = {"unit": "MJ", "modifiers": ["QK"]}
    assert found(fresh(ImpossibleDay), [claim(f"c{i}", "00142", 600, line=line) for i in range(4)]) == 0


def test_institutions_and_groups_are_not_persons() -> None:
    assert np.isnan(scores(fresh(ImpossibleDay), hours(30, claim_type="institutional"))).all()
    alone = [row | {"rendering": None} for row in hours(30)]
    assert found(fresh(ImpossibleDay), alone) == 14
    two = [claim("x", rendering="1000000046"), claim("y", rendering="1000000053")]
    assert np.isnan(scores(fresh(ImpossibleDay), two + alone)[2:]).all()
    itself = [row | {"rendering": row["provider"]} for row in hours(30)]
    assert found(fresh(ImpossibleDay), itself) == 14, "a practice of one person"
    assert np.isnan(scores(fresh(ImpossibleDay), two + itself)[2:]).all(), "a house, for those who have no number"


def test_a_claim_counts_once() -> None:
    assert found(fresh(ImpossibleDay), [claim("same") for _ in range(40)]) == 0
    assert np.isnan(scores(fresh(ImpossibleDay), [claim("b", kind="benefit")])).all()


def test_visits_beyond_what_peers_have() -> None:
    usual = [claim(f"u{d}-{i}", "99212", day=d) for d in range(30) for i in range(8)]
    many = [claim(f"m{i}", "99212", day=40, rendering="1000000095") for i in range(90)]
    detector = fresh(ImpossibleDay)
    assert found(detector, usual) == 0
    assert 0.5 <= scores(restarted(detector), many)[-1] <= 0.8
    assert found(detector, many[:39]) == 0
    assert "colleagues have about 8 a day" in sentence(fresh(ImpossibleDay), usual + many)


def test_out_of_order_and_restart() -> None:
    rows = hours(20) + [claim(f"d{i}", day=1) for i in range(20)]
    mixed = [rows[i] for i in np.random.default_rng(2).permutation(40)]
    assert found(fresh(ImpossibleDay), mixed) == found(fresh(ImpossibleDay), rows) == 8
    detector = fresh(ImpossibleDay)
    scores(detector, mixed[:17])
    np.testing.assert_array_equal(scores(restarted(detector), mixed[17:]), scores(detector, mixed[17:]))
