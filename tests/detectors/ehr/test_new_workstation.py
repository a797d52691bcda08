"""A desk of another ward: what it takes that a settled user sits there, and what a role's rounds make of it."""

from typing import Any

import pytest

from detectors.ehr.story import DAY, batch_of, found, fresh, restarted, scores
from pipeline.detectors.ehr.new_workstation import NewWorkstation

START = 1.7e9 - 1.7e9 % DAY


def at(user: str, day: float, net: int, ward: str) -> dict[str, Any]:
    """A chart opened in a ward's network by one of its nurses."""
    who = {"kind": "access", "user": user, "role": "nurse", "department": ward, "workstation": f"ws-{net}-7"}
    return who | {"ts": START + DAY * day, "patient": f"{user}-{day}", "src_ip": f"10.4.{net}.9"}


def _staff(size: int) -> list[str]:
    """Users of one key group, so that they are colleagues of each other."""
    names = [f"n{i}" for i in range(20 * size)]
    groups = batch_of("ehr", [at(n, 0.0, 1, "A") for n in names]).groups
    return [n for n, g in zip(names, groups, strict=True) if g == groups[0]][:size]


STAFF = _staff(12)
WARDS = {user: (1 + i % 2, "AB"[i % 2]) for i, user in enumerate(STAFF)}


def weeks(moves: dict[str, int]) -> list[dict[str, Any]]:
    """Three weeks of two wards; who moves spends every so many days in the other ward."""
    rows = [
        at(user, day + k / 100, net if day % moves.get(user, 99) else 3 - net, ward)
        for day in range(1, 22)
        for k, (user, (net, ward)) in enumerate(WARDS.items())
    ]
    return sorted(rows, key=lambda r: float(r["ts"]))


@pytest.mark.parametrize(
    ("why", "moves", "told"),
    [
        ("nurses keep to their wards", {}, True),
        ("some began to help out last week", dict.fromkeys(STAFF[2:6], 15), False),
    ],
)
def test_a_role_is_asked_how_often_it_moves(why: str, moves: dict[str, int], told: bool) -> None:
    detector = fresh(NewWorkstation)
    assert found(detector, weeks(moves)) <= len(moves)
    stranger = at(STAFF[0], 22.5, 3 - WARDS[STAFF[0]][0], WARDS[STAFF[0]][1])
    assert (found(detector, [stranger]) == 1) is told, why


def test_a_ward_whose_own_staff_are_there_is_none() -> None:
    detector = fresh(NewWorkstation)
    scores(detector, weeks(dict.fromkeys(STAFF[2:4], 3)))  # one of each ward
    assert found(detector, [at(STAFF[0], 22.5, 2, "A")]) == 0


def test_goes_on_after_a_restart() -> None:
    rows = [*weeks({}), at(STAFF[0], 22.5, 3 - WARDS[STAFF[0]][0], WARDS[STAFF[0]][1])]
    whole = scores(fresh(NewWorkstation), rows)
    first = fresh(NewWorkstation)
    scores(first, rows[:200])
    assert scores(restarted(first), rows[200:]).tolist() == whole[200:].tolist()
