"""The record side alone: what it holds, how much of it care explains, that people are in one place at a time."""

from collections import Counter, defaultdict
from itertools import pairwise

import orjson
import pytest

from pipeline.errors import UsageError
from pipeline.simulator import Emitted, Hospital
from pipeline.simulator.draws import Draws
from pipeline.simulator.later import Later
from pipeline.simulator.playbill import confounder_kinds
from pipeline.simulator.rhythm import DAY_S, HOUR_S
from pipeline.simulator.tape import Tape
from pipeline.simulator.verbs.scene import Scene
from pipeline.simulator.verbs.seat import seat, works_remotely
from pipeline.simulator.world.posts import base_of
from pipeline.simulator.world.world import World

MONDAY = 1_772_409_600.0
SOURCES = ("ehr", "context", "claims")
LATE_S = 8 * HOUR_S


@pytest.fixture(scope="module")
def events() -> list[Emitted]:
    """Four days of the record side of a small hospital."""
    hospital = Hospital(
        start_ts=MONDAY, staff=150, patients=3000, devices=10, events_per_s=0.09, stories=[], sources=SOURCES
    )
    return list(hospital.events(4 * DAY_S))


def test_only_the_sources_asked_for_are_told_at_about_the_rate(events: list[Emitted]) -> None:
    assert {e.source for e in events} == set(SOURCES)
    assert all(a.ts <= b.ts for a, b in pairwise(events))
    assert 0.8 * 0.09 < len(events) / (4 * DAY_S) < 1.4 * 0.09


def test_confounders_of_the_records_take_part_and_others_do_not(events: list[Emitted]) -> None:
    told = {e.oddity.rsplit("-", 1)[0] for e in events if e.oddity}
    assert told == {kind for kind, story in confounder_kinds().items() if story.records}


def test_most_accesses_are_explained_by_what_is_told_within_hours_and_some_never_are(events: list[Emitted]) -> None:
    """A person named with the patient, a department that treats or is asked, or an office that bills."""
    named: dict[tuple[str, str], float] = {}
    treating: dict[tuple[str, str], float] = {}
    accesses = []
    for event in events:
        doc = orjson.loads(event.value)
        patient = doc.get("patient")
        if event.source == "context" and patient:
            for user in doc.get("practitioners", ()):
                named.setdefault((patient, user), event.ts)
            treating.setdefault((patient, doc.get("department", "")), event.ts)
        elif event.source == "ehr" and patient and event.ts > MONDAY + DAY_S:
            accesses.append((event.ts, patient, doc))
    known = {patient for patient, _ in treating}
    without: Counter[str] = Counter()
    for ts, patient, doc in accesses:
        told = min(named.get((patient, doc["user"]), 9e9), treating.get((patient, doc["department"]), 9e9))
        office = doc["role"] in ("registrar", "coder", "biller", "quality_manager") and patient in known
        without["yes" if told > ts + LATE_S and not office else "no"] += 1
    assert len(accesses) > 5000
    assert 0.005 < without["yes"] / without.total() < 0.05


def test_orders_are_told_at_once_or_late_and_visits_are_booked_before(events: list[Emitted]) -> None:
    docs = [orjson.loads(e.value) for e in events if e.source == "context"]
    lags = [d["ts"] - d["start_ts"] for d in docs if d["kind"] == "order" and d["start_ts"] > MONDAY + HOUR_S]
    assert min(lags) >= 0
    assert 0.1 < sum(lag > 900 for lag in lags) / len(lags) < 0.5
    ahead = [d["start_ts"] - d["ts"] for d in docs if d["kind"] == "appointment"]
    assert max(ahead) > DAY_S


def test_claims_follow_service_by_days_and_repeat_under_their_number(events: list[Emitted]) -> None:
    claims = [orjson.loads(e.value) for e in events if e.source == "claims"]
    lags = sorted((c["ts"] - c["from_ts"]) / DAY_S for c in claims)
    assert 1 < lags[len(lags) // 2] < 10
    assert {c["claim_type"] for c in claims} == {"professional", "institutional", "pharmacy"}
    numbers = Counter(c["claim_id"] for c in claims)
    assert sum(n > 1 for n in numbers.values()) < 0.1 * len(numbers)
    assert all(c["total_amount"] == pytest.approx(sum(line["amount"] for line in c["lines"])) for c in claims)


def test_nobody_sits_at_two_desks_within_an_hour_but_when_going_home() -> None:
    world = World(3, MONDAY, MONDAY + DAY_S, staff=120, patients=200, devices=10)
    scene = Scene(world, Draws("seat"), Tape())
    for person in world.staff[:40]:
        if works_remotely(person):
            continue
        desks = [seat(scene, MONDAY + 300.0 * step, person).name for step in range(288)]
        assert sum(a != b for a, b in pairwise(desks)) <= 13


def test_large_wards_have_units_and_people_come_go_and_move() -> None:
    world = World(3, MONDAY, MONDAY + 60 * DAY_S, staff=1500, patients=200, devices=10)
    units = {p.department for p in world.staff}
    assert {"Medicine 1", "Medicine 2", "Anaesthesia", "Transport", "Quality", "Therapy"} <= units
    assert all(world.workstations[unit] for unit in units)
    posts: dict[str, list[str]] = defaultdict(list)
    for person in world.staff:
        posts[person.id].append(base_of(person.department))
    assert any(len(held) > 1 for held in posts.values())
    assert any(p.begins_ts > MONDAY for p in world.staff)
    assert {p.id for p in world.sleepers} <= set(posts)


def test_drafts_wait_for_their_hour() -> None:
    later = Later()
    drafts = [(HOUR_S * hour + 5, "ehr", "u", {}, None) for hour in (3, 1, 9)]
    later.put(list(drafts))
    assert later.take(HOUR_S) == []
    assert sorted(d[0] for d in later.take(3.5 * HOUR_S)) == [HOUR_S + 5, 3 * HOUR_S + 5]
    assert [d[0] for d in later.take(1e9)] == [9 * HOUR_S + 5]


def test_a_source_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="choose from"):
        Hospital(start_ts=MONDAY, sources=["weather"])
