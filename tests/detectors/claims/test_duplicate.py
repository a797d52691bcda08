"""Duplicates: exact, near, and what only looks like one."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, batch_of, found, fresh, restarted, scores, sentence
from pipeline.detectors.claims.duplicate import Duplicate

FIRST_DAY = 19_700 * DAY


def line(code: str = "99213", amount: float | None = 120.0, **more: Any) -> dict[str, Any]:
    return {"procedure": code, "quantity": 1} | ({} if amount is None else {"amount": amount}) | more


def claim(number: str, patient: str, day: int = 0, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    what = lines or (line(),)
    who = {"kind": "claim", "claim_id": number, "patient": patient, "provider": "1000000020"}
    total = sum(x.get("amount", 0.0) for x in what)
    when = {"ts": FIRST_DAY, "from_ts": FIRST_DAY + day * DAY}
    return who | when | {"total_amount": total, "lines": list(what)} | more


def alike() -> list[str]:
    """Providers of the same key group as that of `claim`."""
    names = [f"10000{n:05d}" for n in range(400)]
    groups = batch_of("claims", [claim("c", "p", provider=name) for name in ("1000000020", *names)]).groups
    return [n for n, g in zip(names, groups[1:], strict=True) if g == groups[0] and n != "1000000020"]


MANY = [claim(f"m{i}", f"p{i}", i % 25) for i in range(60)]
HOUSE = [claim(f"h{n}", f"h{n}", n % 25, provider=alike()[n % 20]) for n in range(800)]
"""Patients of others, who have the same visit once."""


def last(*rows: dict[str, Any]) -> float:
    return float(scores(fresh(Duplicate), rows)[-1])


def test_the_same_claim_under_another_number() -> None:
    assert last(claim("a", "p1"), claim("b", "p1")) == 1.0


def test_a_line_of_another_claim() -> None:
    assert last(claim("a", "p1"), claim("b", "p1", 0, line(), line("80053", 40.0))) == 0.9


@pytest.mark.parametrize(
    "other",
    [
        claim("a", "p1"),
        claim("b", "p2"),
        claim("b", "p1", provider="1000000038"),
        claim("b", "p1", 30),
        claim("b", "p1", kind="benefit"),
        claim("b", "p1", 0, line(modifiers=["76"])),
        claim("b", "p1", 0, line("99214")),
    ],
    ids=["resent", "patient", "provider", "month later", "benefit", "repeat modifier", "procedure"],
)
def test_no_duplicate(other: dict[str, Any]) -> None:
    value = last(*MANY[5:], claim("a", "p1"), other)
    assert np.isnan(value) or value < 0.5


@pytest.mark.parametrize(
    "other",
    [
        claim("x", "p7", 8),
        claim("x", "p7", 10),
        claim("x", "p7", 7, line(modifiers=["GP"])),
        claim("x", "p7", 7, line(amount=125.0)),
        claim("x", "p7", 4),
    ],
    ids=["next day", "three days later", "modifier", "amount", "three days before"],
)
def test_near_duplicate(other: dict[str, Any]) -> None:
    assert 0.5 <= last(*HOUSE, *MANY, other) <= 0.8
    assert last(*MANY[:9], other) < 0.5, "too little is known of the procedure"


def test_another_day_says_nothing_where_patients_come_back_so() -> None:
    """One in 80 of others' patients is back within three days: two of 60 are chance, twelve are none."""
    back = [claim(f"b{n}", f"h{n}", n % 25 + 2, provider=alike()[n % 20]) for n in range(0, 800, 80)]
    copies = [claim(f"c{n}", f"p{n}", n % 25 + 1) for n in range(12)]
    assert last(*HOUSE, *MANY, copies[0]) >= 0.5
    assert last(*HOUSE, *back, *MANY, *copies[:2]) < 0.5
    assert last(*HOUSE, *back, *MANY, *copies) >= 0.5
    assert last(*MANY, copies[0]) < 0.5, "nobody else has the visit, of whom one could know"


def test_another_day_with_another_person_is_another_visit() -> None:
    first, second = (claim("a", "p7", 7, rendering="n1"), claim("b", "p7", 9, rendering="n2"))
    assert last(*HOUSE, *MANY[:7], *MANY[8:], first, second) == 0.0
    assert last(*HOUSE, *MANY[:7], *MANY[8:], first, second | {"rendering": "n1"}) >= 0.5


def test_near_ends_after_three_days_and_at_other_details() -> None:
    assert last(*MANY, claim("x", "p7", 11)) == 0.0
    assert last(*MANY, claim("x", "p7", 8, line(amount=121.0))) == 0.0
    assert last(*MANY, claim("x", "p7", 8) | {"lines": [line(quantity=2)]}) == 0.0


def test_other_encounters_explain_a_near_duplicate() -> None:
    rows = [*HOUSE, *(row | {"encounter": f"e{i}"} for i, row in enumerate(MANY))]
    assert last(*rows, claim("x", "p7", 8, encounter="e7")) >= 0.5
    assert last(*rows, claim("x", "p7", 8, encounter="e99")) < 0.5


def test_what_recurs_by_nature_is_quiet() -> None:
    dialysis = [claim(f"d{i}-{k}", f"q{i}", 2 * k, line("90999", 300.0)) for i in range(40) for k in range(8)]
    assert found(fresh(Duplicate), dialysis) == 0
    assert last(*dialysis, claim("again", "q3", 14, line("90999", 300.0))) >= 0.9, "but not on the same day"


def course(patient: str, days: int, provider: str = "1000000038") -> list[dict[str, Any]]:
    """A visit on each of so many days in turn, which elsewhere nobody has twice."""
    return [claim(f"{patient}-{d}", patient, d, line("99212", 60.0), provider=provider) for d in range(days)]


def test_a_clinic_whose_patients_come_daily_is_no_copyist() -> None:
    """In a key group where others of the same visit see nobody twice; what a copy looks like stays one."""
    clinic, names = batch_of("claims", course("a", 1)).groups[0], [f"10000{n:05d}" for n in range(400)]
    groups = batch_of("claims", [row for name in names for row in course("a", 1, name)]).groups
    alike = [name for name, group in zip(names, groups, strict=True) if group == clinic]
    house = [row for n in range(1000) for row in course(f"h{n}", 1, alike[n % len(alike)])]
    series, copies = ([row for n in range(12) for row in course(f"s{n}", days)] for days in (6, 2))
    assert found(fresh(Duplicate), [*house, *series]) <= 2
    assert found(fresh(Duplicate), [*house, *copies]) == 12
    assert found(fresh(Duplicate), [*house, *series, *(r | {"provider": alike[0]} for r in copies)]) >= 12


def test_a_line_twice_on_one_claim() -> None:
    twice = claim("x", "q", 0, line(), line())
    assert 0.5 <= last(*MANY, twice) <= 0.7
    assert last(*MANY, twice, twice) <= last(*MANY, twice)


def test_unpriced_lines_and_silent_pharmacies_are_not_compared() -> None:
    bare = [claim(n, "p1", 0, line(amount=None), total_amount=t) for n, t in (("a", 100.0), ("b", 90.0))]
    assert last(*bare) == 0.0
    pharmacy = {"claim_type": "pharmacy", "total_amount": 255.0}
    assert last(*(claim(n, "p1", 0, line(amount=None), **pharmacy) for n in "ab")) == 0.0


def test_out_of_order_and_restart() -> None:
    rows = [*MANY, claim("x", "p7", 7), claim("y", "p8", 9)]
    shuffled = [rows[i] for i in np.random.default_rng(3).permutation(len(rows))]
    assert found(fresh(Duplicate), shuffled) >= 1
    detector = fresh(Duplicate)
    scores(detector, rows[:40])
    np.testing.assert_array_equal(scores(restarted(detector), rows[40:]), scores(detector, rows[40:]))


def test_sentence() -> None:
    text = sentence(fresh(Duplicate), [*HOUSE, *MANY, claim("x", "p7", 8)])
    assert text == "Provider 1000000020 billed procedure 99213 for patient p7 twice 1 day apart for the same amount."
