"""Where a patient lies is a bed, a room or a ward; where somebody works is a ward."""

from typing import Any

from tests.charts.hospital import DAY, accesses, event, judged


def _place(ident: str, part_of: str | None = None) -> dict[str, Any]:
    return event(0, "organization", resource_id=ident, chart="p1") | (
        {} if part_of is None else {"department": part_of}
    )


def _reasons(*places: dict[str, Any], works_in: str, lies: str, before: tuple[dict[str, Any], ...] = ()) -> list[str]:
    stay = event(60, "encounter", patient="p1", resource_id="e1", department=lies)
    opened = event(DAY, "access", patient="p1", user="u1", department=works_in, role="nurse")
    return [a["reason"] for a in accesses(judged([*places, *before, stay, opened])) if a["user"] == "u1"]


HOUSE = (
    _place("house"),
    _place("ward", "house"),
    _place("other", "house"),
    _place("room", "ward"),
    _place("bed", "room"),
)
ALONE = (_place("ward"), _place("room", "ward"), _place("bed", "room"))
# Somebody works in the ward: with the house above it is known for no bed.
COLLEAGUE = event(0, "practitioner", practitioner="u2", department="ward", chart="p1")


def test_a_bed_is_part_of_its_ward() -> None:
    for lies in ("ward", "room", "bed"):
        assert _reasons(*HOUSE, works_in="ward", lies=lies) == ["encounter"]
        assert _reasons(*HOUSE, works_in="other", lies=lies) == ["none"]


def test_a_ward_that_is_part_of_nothing() -> None:
    assert _reasons(*ALONE, works_in="ward", lies="bed") == ["encounter"]


def test_the_whole_house_is_nobodys_ward() -> None:
    assert _reasons(*HOUSE, works_in="house", lies="bed", before=(COLLEAGUE,)) == ["none"]
