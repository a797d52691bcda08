"""Where an access does not say who somebody is here, the directory does, and what was said before."""

from typing import Any

import pytest

from tests.charts.hospital import DAY, HOUR, accesses, event, judged, reasons

LISTED = event(0, "practitioner", practitioner="HOSP\\u1", role="nurse", department="Ward 7", chart="all")


def _open(ts: float, **fields: Any) -> dict[str, Any]:
    return event(ts, "access", **{"action": "read", "user": "u1", "patient": "p1", **fields})


def _listed(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The directory's entry as every key group gets it."""
    return [document | {"chart": f"{k}"} for k in range(40)]


@pytest.mark.parametrize("explained", [True, False])
def test_the_directory_says_who_opened(explained: bool) -> None:
    care = event(10, "encounter", patient="p1", practitioner="u1", department="Ward 7")
    (found,) = accesses(judged([*_listed(LISTED), *([care] if explained else []), _open(60)]))
    assert (found["reason"] == "encounter") is explained
    assert (found["department"], found["role"]) == ("Ward 7", "nurse")


def test_what_the_access_says_itself_stands() -> None:
    (found,) = accesses(judged([*_listed(LISTED), _open(60, department="Clinic")]))
    assert (found["department"], found["role"]) == ("Clinic", "nurse")


def test_an_access_before_tells_of_those_after_it() -> None:
    first, then = accesses(judged([_open(0, department="Ward 7", role="nurse"), _open(60)]))
    assert (first["department"], then["department"], then["role"]) == ("Ward 7", "Ward 7", "nurse")


@pytest.mark.parametrize("name", ["", 'Ward "7"', "Ward \\7", "W" * 65])
def test_of_what_is_not_known_nothing_is_said(name: str) -> None:
    """Nor is a name given on that JSON would have to escape, or one too long to be kept."""
    (found,) = accesses(judged([*_listed(LISTED | {"department": name, "role": None}), _open(60)]))
    assert "department" not in found and "role" not in found


def test_it_is_said_again_when_an_access_is_withdrawn() -> None:
    late = event(2 * DAY, "encounter", patient="p1", practitioner="u1", department="Ward 7", start_ts=1_700_000_000.0)
    found = accesses(judged([*_listed(LISTED), _open(60), _open(6 * HOUR, patient="p2"), late]))
    assert [(d.get("withdrawn"), d["role"]) for d in found if d["patient"] == "p1"] == [
        (None, "nurse"),
        (True, "nurse"),
    ]


def test_the_department_of_the_directory_explains() -> None:
    care = event(10, "encounter", patient="p1", practitioner="x", department="Ward 7")
    assert reasons([*_listed(LISTED), care, _open(60)]) == [("encounter", 0.8)]
