"""One member number and whoever is billed under it: families, strangers, chance, and feeds that are wrong."""

from typing import Any

from detectors.ehr.story import DAY, found, fresh, restarted, scores, sentence
from pipeline.detectors.ehr.member_number import MemberNumber


def bearer(number: int, family: str | None, address: str | None, member: str = "m1", **more: Any) -> dict[str, Any]:
    """A claim of patient `number`."""
    who = {"kind": "member", "patient": f"p{number}", "member_id": member, "billed": True, "ts": 1.7e9 + number}
    return who | {"family_token": family, "address_token": address} | more


def test_a_family_may_be_large_and_a_stranger_is_seen_beside_it() -> None:
    family = [bearer(k, "f", "a") for k in range(7)]
    assert found(fresh(MemberNumber), family) == 0
    assert found(fresh(MemberNumber), [*family, bearer(9, "g", "b")]) == 1
    assert found(fresh(MemberNumber), [*family, bearer(9, "g", "a")]) == 0, "a lodger, or a name by marriage"


def test_both_are_billed_and_both_homes_are_known() -> None:
    one, other = bearer(1, "f", "a"), bearer(2, "g", "b")
    registered = other | {"billed": False}
    assert found(fresh(MemberNumber), [one, registered]) == 0
    without = bearer(2, None, None, ts=1.7e9 + DAY)
    assert found(fresh(MemberNumber), [one, registered, without]) == 1, "a claim has no home"
    assert found(fresh(MemberNumber), [one, bearer(2, None, None)]) == 0
    assert found(fresh(MemberNumber), [one, other | {"member_id": "m2"}]) == 0


def test_it_is_told_once_a_month_or_when_they_have_doubled() -> None:
    rows = [bearer(k % 3, f"f{k % 3}", f"a{k % 3}", ts=1.7e9 + k * DAY) for k in range(60)]
    told = [int(k) for k in range(60) if scores(fresh(MemberNumber), rows[: k + 1])[-1] > 0.5]
    assert told == [1, 2, 32]
    assert "is used by 2 or more patients" in sentence(fresh(MemberNumber), rows[:3])


def test_a_feed_that_gives_strangers_one_number_is_no_theft() -> None:
    rows = [bearer(k, f"f{k}", f"a{k}", member=f"m{k // 2}") for k in range(200)]
    assert found(fresh(MemberNumber), rows) < 30


def test_goes_on_after_a_restart() -> None:
    rows = [bearer(k, f"f{k % 4}", f"a{k}", member=f"m{k % 5}") for k in range(40)]
    whole, first = scores(fresh(MemberNumber), rows).tolist(), fresh(MemberNumber)
    assert scores(first, rows[:17]).tolist() == whole[:17]
    assert scores(restarted(first), rows[17:]).tolist() == whole[17:]
