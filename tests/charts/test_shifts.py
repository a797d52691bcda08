"""Who covers for others by night has no reason that anybody writes down, and colleagues show that it is so."""

from typing import Any

from tests.charts.hospital import DAY, HOUR, accesses, event, judged

NIGHT, NOON = 2 * HOUR, 12 * HOUR
BEGIN = -1_700_000_000.0 % DAY
"""Seconds to the first midnight of the stream."""


def _look(day: int, hour: float, user: str, patient: str, role: str = "resident") -> dict[str, Any]:
    return event(BEGIN + DAY * day + hour, "access", user=user, patient=patient, role=role, department="House")


def _month(cover: int, role: str = "resident") -> list[dict[str, Any]]:
    """By day four people see their own ward's patients, by night so many others see patients nobody gives them."""
    rows = [event(0.0, "encounter", patient=f"w{k}", department="House") for k in range(4)]
    for day in range(20):
        rows += [_look(day, NIGHT + 300.0 * n, f"night{n}", f"x{day}-{n}", role) for n in range(cover)]
        rows += [_look(day, NOON + 300.0 * n, f"day{n}", f"w{n}", role) for n in range(4)]
    return sorted(rows, key=lambda r: float(r["ts"]))


def _share(rows: list[dict[str, Any]], hour: float, user: str = "new", **more: Any) -> float | None:
    """What is said of one access more, in the same key group as others."""
    at = [accesses(judged([*rows, _look(21, hour, user, patient, **more)]))[-1] for patient in ("x3-0", "x3-1", "x3-2")]
    found = [a["shift_share"] for a in at if "shift_share" in a]
    return max(found) if found else None


def test_where_nobody_on_nights_has_a_reason_it_is_how_they_work() -> None:
    rows = _month(cover=5)
    night, noon = _share(rows, NIGHT), _share(rows, NOON)
    assert night is not None and night > 0.9
    assert noon is None or noon < 0.2


def test_two_thieves_are_no_shift_and_other_roles_none_of_theirs() -> None:
    assert _share(_month(cover=2), NIGHT) is None
    assert _share(_month(cover=5), NIGHT, role="clerk") is None


def test_each_person_counts_once_a_part_of_the_day() -> None:
    """Ten charts of one night make no more of it than one."""
    rows = _month(cover=5)
    more = [_look(d, NIGHT + 900.0 + k, f"night{k % 2}", f"y{d}-{k}") for d in range(20) for k in range(10)]
    stay = [_look(d, NIGHT + 1200.0 + n, f"own{n}", "w0") for d in range(20) for n in range(5)]
    once, often = (_share(sorted([*rows, *stay, *extra], key=lambda r: float(r["ts"])), NIGHT) for extra in ([], more))
    assert once is not None and often is not None and often <= once + 0.15
