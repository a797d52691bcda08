"""What a role does and when it works, counted where all users meet: who strays, and what is not told."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.along import OfCharts
from pipeline.runtime.relay.hour_habits import HourHabits
from pipeline.runtime.relay.relay import onward
from pipeline.runtime.relay.role_habits import RoleHabits

GROUPS = 8
DAY_S, HOUR_S = 86_400.0, 3600.0
START = 1.7e9 - 1.7e9 % DAY_S
WRITES = {"action": "create", "resource": "MedicationRequest"}
Documents = Sequence[dict[str, Any]]


def access(at: float, user: str, role: str, **more: Any) -> dict[str, Any]:
    """A judged access, read for care unless `more` says otherwise, to one patient."""
    who = {"kind": "access", "user": user, "role": role, "department": role, "chart": "p1", "patient": "p1"}
    return who | {"ts": START + at, "action": "read", "resource": "Patient", "reason": "order", "strength": 0.9} | more


def batch_of(documents: Documents) -> Batch:
    texts = [orjson.dumps({"format": "test", "event_id": f"e{i}"} | d) for i, d in enumerate(documents)]
    batch = decode("charts", texts, GROUPS).batch
    assert batch.n == len(documents)
    return batch


def taken(habits: Any, documents: Documents) -> list[dict[str, Any]]:
    """Fields by row."""
    batch = batch_of(documents)
    found = habits.take(Outcome(batch, Origin("t", 0, np.arange(batch.n)), {}, (), "m"))
    return [orjson.loads(b"{" + found[i][1:] + b"}") if i in found else {} for i in range(batch.n)]


WARD = [access(60.0 * i, f"n{i % 5}", "nurse", **(WRITES if i % 4 == 0 else {})) for i in range(200)]
PORTERS = [access(60.0 * i + 5, f"t{i % 6}", "porter") for i in range(90)]
USUAL = sorted([*WARD, *PORTERS], key=lambda d: float(d["ts"]))


def test_who_does_what_nobody_of_the_role_does_is_noted() -> None:
    *_, last = taken(RoleHabits(GROUPS), [*USUAL, access(DAY_S, "t1", "porter", **WRITES)])
    assert (last["role_known"], last["role_did"], last["role_day"]) == (74, 0, 1), "but for the user's own, faded a bit"
    assert last["all_share"] == pytest.approx(50 / 275, abs=0.01) and last["role_part"] in range(GROUPS)


@pytest.mark.parametrize(
    ("why", "documents"),
    [
        ("the role does it", [access(DAY_S, "n1", "nurse", **WRITES)]),
        ("nobody does it", [access(DAY_S, "t1", "porter", action="create", resource="Genome")]),
        ("nobody else has the role", [access(DAY_S, "q", "auditor", **WRITES)]),
        ("it failed", [access(DAY_S, "t1", "porter", **WRITES, outcome="failure")]),
        ("it was judged before", [access(DAY_S, "t1", "porter", **WRITES, withdrawn=True)]),
        ("the user's work by now", [access(d * DAY_S, "t1", "porter", **WRITES) for d in (1, 2.5)]),
        ("a new task of the role", [access(DAY_S + k, f"t{k}", "porter", **WRITES) for k in range(3)]),
    ],
)
def test_what_is_no_stray(why: str, documents: Documents) -> None:
    assert taken(RoleHabits(GROUPS), [*USUAL, *documents])[-1] == {}, why


def test_a_stray_is_passed_on_though_care_explains_it() -> None:
    batch = batch_of([*USUAL, access(DAY_S, "t1", "porter", **WRITES)])
    disabled = tuple(Engine("charts", EngineConfig(GROUPS)).detectors)
    done = Engine("charts", EngineConfig(GROUPS, disabled=disabled)).process(batch, Origin("t", 0, np.arange(batch.n)))
    given = onward(done, GROUPS, OfCharts(GROUPS).take(done))
    assert given is not None and len(given.documents) == 1
    (found,) = map(orjson.loads, given.documents)
    assert found["user"] == "t1" and found["role_known"] == 74
    assert not decode("judged", given.documents, GROUPS).refused


def test_the_share_of_colleagues_at_an_odd_hour() -> None:
    day = [access(8 * HOUR_S + 300.0 * i, f"b{i % 6}", "biller") for i in range(96)]
    asked = {"sign_hours": 0.8}
    night = access(27 * HOUR_S, "b1", "biller", **asked)
    quiet, noon, unasked = taken(
        HourHabits(GROUPS), [*day, night, night | {"ts": START + 36 * HOUR_S}, night | {"sign_hours": None}]
    )[-3:]
    assert quiet["hour_share"] == pytest.approx(5 / 24 / 81, abs=0.001), "one access at any hour stands beside"
    assert (quiet["hour_known"], quiet["hour_near"]) == (79, 0) and quiet["hour_part"] in range(GROUPS)
    assert noon["hour_share"] == pytest.approx((50 + 5 / 24) / 81, abs=0.01), "two hours before"
    assert noon["hour_near"] == pytest.approx(50, abs=1) and unasked == {}
    first = taken(HourHabits(GROUPS), [night])[0]
    assert first["hour_share"] == pytest.approx(5 / 24, abs=1e-4) and first["hour_known"] == 0, "nothing is known"


def test_late_charts_one_by_one_are_no_long_sittings() -> None:
    day = [access(8 * HOUR_S + 300.0 * i, f"b{i % 12}", "biller", user_sitting=1 + i % 6) for i in range(96)]
    late = [access(27 * HOUR_S + 60.0 * i, f"b{i % 12}", "biller", user_sitting=1) for i in range(12)]
    asked = access(51 * HOUR_S, "b1", "biller", sign_hours=0.4)
    one, four = taken(HourHabits(GROUPS), [*day, *late, asked | {"user_sitting": 1}, asked | {"user_sitting": 4}])[-2:]
    assert one["hour_share"] == pytest.approx(four["hour_share"], abs=0.01) and one["hour_share"] > 0.1
    assert "hour_long" not in one and four["hour_long"] < 0.01
    few = [row | {"user": f"b{i % 6}"} for i, row in enumerate(day)]
    assert "hour_long" not in taken(HourHabits(GROUPS), [*few, asked | {"user_sitting": 4}])[-1], "six do not tell"


def test_nights_that_were_odd_hardly_become_usual() -> None:
    near = []
    for sign in (None, 0.8):
        nights = [access(27 * HOUR_S + 60.0 * i, f"b{i % 5}", "biller", sign_hours=sign) for i in range(40)]
        asking = access(51 * HOUR_S, "q", "biller", sign_hours=0.8)
        near.append(taken(HourHabits(GROUPS), [*nights, asking])[-1]["hour_near"])
    assert near == [pytest.approx(40, abs=1), pytest.approx(10, abs=1)]


@pytest.mark.parametrize("habits", [RoleHabits, HourHabits])
def test_goes_on_after_a_restart_and_is_cut_anywhere(habits: Any) -> None:
    strays = [access(DAY_S + k, f"t{k}", "porter", sign_hours=0.6, **WRITES) for k in range(2)]
    documents = [*USUAL, *strays, *(d | {"ts": d["ts"] + DAY_S} for d in strays)]
    whole = taken(habits(GROUPS), documents)
    first, second = habits(GROUPS), habits(GROUPS)
    before = taken(first, documents[:-3])
    for group in range(GROUPS):
        second.load(group, first.state(group))
    assert before + taken(second, documents[-3:]) == whole and any(whole)
    second.load(0, {})
    assert not any(array.any() for name, array in second.state(0).items() if name.endswith("keys"))
