"""What nothing explains is held against how treated the patient seems, and how usual that is of such accesses."""

from typing import Any

from tests.charts.hospital import DAY, GROUPS, HOUR, accesses, batch_of, event, explainer, judged, read

WARD = 40  # patients whom five of the staff open, day after day, and nobody tells why


def _open(ts: float, user: str, patient: str) -> dict[str, Any]:
    return event(ts, "access", user=user, patient=patient, action="read", role="nurse")


def _untold(days: int) -> list[dict[str, Any]]:
    return [
        _open(DAY * d + HOUR * n + 10.0 * p, f"n{(p + n) % 20}", f"p{p}")
        for d in range(days)
        for n in range(5)
        for p in range(WARD)
    ]


def _last(stream: list[dict[str, Any]], patient: str) -> dict[str, Any]:
    return [d for d in accesses(judged(stream)) if d["patient"] == patient][-1]


def test_work_that_is_not_told_is_known_by_the_many_who_do_it() -> None:
    stream, later = _untold(6), 5 * DAY + 6 * HOUR
    ward = _last([*stream, _open(later, "n99", "p3")], "p3")
    stranger = _last([*stream, _open(later, "n99", "elsewhere")], "elsewhere")
    assert ward["reason"] == stranger["reason"] == "none"
    assert ward["treated_times"] > 3.0 > 0.5 > stranger["treated_times"]


def test_care_that_is_known_is_a_sign_of_its_own() -> None:
    visit = event(0.0, "encounter", patient="visited", practitioner="x", department="Ward 1")
    stream, later = [visit, *_untold(6)], 5 * DAY + 6 * HOUR
    looks = [_last([*stream, _open(later, "n99", p)], p)["treated_times"] for p in ("visited", "elsewhere")]
    assert looks[0] != looks[1] and max(looks) < 0.5


def test_one_own_pages_are_nobody_else_and_days_pass() -> None:
    mine = [*_untold(6), *(_open(6 * DAY + 60.0 * k, "n99", "elsewhere") for k in range(9))]
    assert _last(mine, "elsewhere")["treated_times"] < 0.5
    long_ago = [_open(60.0 * k, f"n{k}", "elsewhere") for k in range(9)]
    once = [*long_ago, *_untold(6), _open(6 * DAY, "n99", "elsewhere")]
    assert _last(once, "elsewhere")["treated_times"] < 0.5


def test_nothing_is_said_before_anything_is_known_nor_of_what_care_explains() -> None:
    first = accesses(judged([_open(0.0, "n1", "p1")]))[0]
    assert first["treated_times"] == 1.0
    own = event(0.0, "care_team", patient="p1", practitioners=["n1"])
    assert "treated_times" not in accesses(judged([own, _open(60.0, "n1", "p1")]))[0]


def test_in_the_first_days_nobody_seems_more_treated_than_others() -> None:
    early = accesses(judged([*_untold(2), _open(2 * DAY, "n99", "elsewhere")]))
    assert {d["treated_times"] for d in early} == {1.0}


def test_a_restart_keeps_it() -> None:
    stream, more = _untold(4), [_open(4 * DAY, "n99", "elsewhere"), _open(4 * DAY + 60, "n98", "p1")]
    whole, first = explainer(), explainer()
    for it in (whole, first):
        it.process(*batch_of(stream))
    second = explainer()
    for group in range(GROUPS):
        second.load(group, first.state(group))
    given = []
    for it in (whole, second):
        it.process(*batch_of(more, len(stream)))
        given.append([d.get("treated_times") for d in accesses(read(it.advance(dict.fromkeys(range(GROUPS), 2e9))))])
    assert given[0] == given[1] and any(given[0])
