"""What every consumer of the simulator relies on: the same bytes for a seed, order, rate, valid documents."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.simulator import Emitted, Hospital
from schemas.network import MailLink, VitalsEvent
from schemas.sources import INPUTS

MONDAY_NINE = 1_753_693_200.0  # 2025-07-28 09:00 UTC
SMALL = {"staff": 120, "patients": 400, "devices": 40}


@pytest.fixture(scope="module")
def events() -> list[Emitted]:
    """Ten minutes of a small hospital with every story."""
    return list(Hospital(start_ts=MONDAY_NINE, events_per_s=100.0, **SMALL).events(600))


def assert_valid(events: Iterable[Emitted]) -> None:
    """Each document is read by its source's model and written again to the same bytes, time and key."""
    for event in events:
        model = INPUTS[event.source].adapter.validate_json(event.value)
        assert model.to_json() == event.value
        assert model.key() == event.key
        assert model.ts == event.ts


def test_every_document_is_what_the_models_write(events: list[Emitted]) -> None:
    assert_valid(events)


def test_same_arguments_same_bytes(events: list[Emitted]) -> None:
    again = Hospital(start_ts=MONDAY_NINE, events_per_s=100.0, **SMALL)
    assert list(again.events(600)) == events
    other = Hospital(seed=8, start_ts=MONDAY_NINE, events_per_s=100.0, **SMALL)
    assert next(other.events(600)) != events[0]


def test_event_time_order_inside_the_span(events: list[Emitted]) -> None:
    assert all(a.ts <= b.ts for a, b in pairwise(events))
    assert events[0].ts >= MONDAY_NINE
    assert events[-1].ts < MONDAY_NINE + 600


def test_event_ids_are_unique(events: list[Emitted]) -> None:
    ids = [event.value.split(b'"event_id":"')[1][:32] for event in events]
    assert len(set(ids)) == len(ids)


def test_all_sources_and_all_models_occur(events: list[Emitted]) -> None:
    assert {e.source for e in events} == set(INPUTS)
    # Within ten minutes nobody may come who was booked.
    day = Hospital(seed=1, start_ts=MONDAY_NINE, events_per_s=0.2, sources=("context",), stories=[], **SMALL)
    models = {type(INPUTS[e.source].adapter.validate_json(e.value)) for e in (*events, *day.events(86_400))}
    # No sensor of the simulated hospital reads mail files, and no monitor writes its vital signs beside its traffic.
    elsewhere = {MailLink, VitalsEvent}
    assert models == {m for source in INPUTS.values() for m in source.models} - elsewhere


@settings(max_examples=4, deadline=None)
@example(seed=118, rate=60.0, hour=0)  # nobody there reviews quality
@given(seed=st.integers(0, 2**31), rate=st.sampled_from([60.0, 150.0, 300.0]), hour=st.integers(0, 167))
def test_rate_holds_at_any_hour(seed: int, rate: float, hour: int) -> None:
    hospital = Hospital(seed=seed, start_ts=MONDAY_NINE + 3600 * hour, events_per_s=rate, stories=[], **SMALL)
    emitted = list(hospital.events(300))
    assert 0.85 * rate < len(emitted) / 300 < 1.2 * rate
    assert all(a.ts <= b.ts for a, b in pairwise(emitted))
    assert_valid(emitted[::7])


def test_night_is_quieter_than_day() -> None:
    midnight = MONDAY_NINE - 9 * 3600
    hospital = Hospital(start_ts=midnight, events_per_s=0.6, stories=[], **SMALL)
    by_hour = Counter(int((e.ts - midnight) // 3600) for e in hospital.events(86_400) if e.source in ("ehr", "logs"))
    night, day = sum(by_hour[h] for h in range(1, 5)), sum(by_hour[h] for h in range(9, 13))
    assert day > 2 * night


def test_three_days_stay_in_order_and_valid() -> None:
    hospital = Hospital(start_ts=MONDAY_NINE, events_per_s=0.15, **SMALL)
    emitted = list(hospital.events(3 * 86_400))
    assert all(a.ts <= b.ts for a, b in pairwise(emitted))
    assert_valid(emitted[::11])


@pytest.mark.parametrize("seconds", [0.0, 59.0, 1e9, float("nan")])
def test_impossible_span_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError):
        Hospital(start_ts=MONDAY_NINE, **SMALL).events(seconds)


def test_too_small_a_hospital_is_refused() -> None:
    with pytest.raises(UsageError):
        Hospital(start_ts=MONDAY_NINE, staff=3)
