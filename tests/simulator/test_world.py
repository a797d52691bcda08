"""Parts of the world that follow a law: numbers, shifts, discovery."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.simulator import activities
from pipeline.simulator.activities.activity import Activity, Periodic, Planned
from pipeline.simulator.discovery import classes_in
from pipeline.simulator.draws import Draws, Weighted
from pipeline.simulator.world.staff import hire, npi


@given(st.integers(0, 99_999_999))
def test_provider_numbers_pass_the_luhn_check(number: int) -> None:
    text = npi(number)
    digits = [int(c) for c in "80840" + text]
    total = sum(digits[-1::-2]) + sum(sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    assert len(text) == 10
    assert total % 10 == 0


@given(st.integers(0, 10_000))
def test_weights_of_zero_are_never_drawn(seed: int) -> None:
    table = Weighted(("never", "often", "never too"), (0.0, 1.0, 0.0))
    assert table.pick(Draws(str(seed))) == "often"


def test_wards_are_staffed_at_any_hour() -> None:
    staff = hire(Draws("staff"), 300)
    for hour in range(7 * 24):
        present = [p for p in staff if p.works(1_753_660_800.0 + 3600 * hour + 60)]
        assert any(p.role == "nurse" for p in present)
        assert any(p.role in ("physician", "resident") for p in present)


def test_activities_are_found_and_shares_are_positive() -> None:
    found = classes_in(activities, Activity)
    assert len(found) > 10
    assert all(cls.share > 0 for cls in found)
    assert classes_in(activities, Periodic)
    assert classes_in(activities, Planned)
