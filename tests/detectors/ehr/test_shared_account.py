"""Two people under one account: what a single quick change of place is worth where hardly anybody makes one."""

from typing import Any

import pytest

from detectors.ehr.story import DAY, batch_of, fresh, restarted, scores
from pipeline.detectors.ehr.shared_account import HURRIED, KNOWN, SharedAccount

START = 1.7e9 - 1.7e9 % DAY


def at(user: str, ts: float, ward: int) -> dict[str, Any]:
    """A chart opened at a ward's desk."""
    where = {"workstation": f"ws-{ward}-1", "src_ip": f"10.4.{ward}.9"}
    return {"kind": "access", "user": user, "patient": f"p{ts:.0f}", "ts": START + ts} | where


def staff(size: int) -> list[str]:
    """Users of one key group."""
    names = [f"n{i}" for i in range(20 * size)]
    groups = batch_of("ehr", [at(n, 0.0, 1) for n in names]).groups
    return [n for n, g in zip(names, groups, strict=True) if g == groups[0]][:size]


STAFF = staff(10)
WHO = STAFF[0]


def quiet_days(users: list[str], hurried: int = 0) -> list[dict[str, Any]]:
    """Three days at one's own ward, as many charts as it takes to know the house; so many went on too quickly once."""
    each = int(KNOWN / len(users)) + 1
    rows = [at(u, 3 * DAY * k / each + i, i) for i, u in enumerate(users) for k in range(each)]
    rows += [
        at(u, 3.1 * DAY + 1000 * i + s, w)
        for i, u in enumerate(users[1 : 1 + hurried])
        for s, w in ((0, 40), (30, 50 + i))
    ]
    return sorted(rows, key=lambda r: float(r["ts"]))


def turns(times: int, apart_s: float = 60.0) -> list[dict[str, Any]]:
    """At one's ward and in another, every half hour."""
    return [at(WHO, 4 * DAY + 1800.0 * k + s, w) for k in range(times) for s, w in ((0.0, 0), (apart_s, 9))]


@pytest.mark.parametrize(
    ("why", "before", "told"),
    [
        ("nobody else is ever so quick", quiet_days(STAFF), True),
        ("one other was", quiet_days(STAFF, 1), True),
        ("several do so: sessions go along", quiet_days(STAFF, HURRIED + 1), False),
        ("nobody knows the house yet", quiet_days(STAFF)[:1000], False),
    ],
)
def test_two_hurried_changes_within_an_hour(why: str, before: list[dict[str, Any]], told: bool) -> None:
    detector = fresh(SharedAccount)
    quiet = scores(detector, before)
    assert not (quiet >= 0.5).any(), why
    assert bool((scores(restarted(detector), turns(2)) >= 0.5).any()) is told, why


@pytest.mark.parametrize("row", [[*turns(1), at(WHO, 4 * DAY + 700.0, 0)], turns(1), turns(2, 120.0)])
def test_one_change_and_the_way_back_are_a_walk(row: list[dict[str, Any]]) -> None:
    detector = fresh(SharedAccount)
    scores(detector, quiet_days(STAFF))
    assert not (scores(detector, row) >= 0.5).any()
