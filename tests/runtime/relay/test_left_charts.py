"""When a chart was left for another: noticed with the user, met with the access that nothing explains."""

from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.engine.engine import Outcome
from pipeline.engine.origin import Origin
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.along import OfCharts
from pipeline.runtime.relay.left_charts import NAME, LeftCharts
from pipeline.runtime.relay.left_looks import LeftLooks
from pipeline.runtime.relay.relay import onward

GROUPS = 8
BASE = {"ts": 1.7e9 + 0.5, "event_id": "e", "format": "test", "kind": "access"}


def decoded(source: str, documents: list[dict[str, Any]]) -> Batch:
    batch = decode(source, [orjson.dumps(BASE | {"event_id": f"e{i}"} | d) for i, d in enumerate(documents)], GROUPS)
    assert not batch.refused
    return batch.batch


def unscored(batch: Batch) -> Outcome:
    """As if no detector had seen it."""
    return Outcome(batch, Origin("t", 0, np.arange(batch.n)), {}, (), "m")


def opened(*given: tuple[float, str], begin: float = 1.7e9 + 0.5, **more: Any) -> Batch:
    """(seconds, patient) each, by one user."""
    return decoded("ehr", [{"ts": begin + s, "user": "u1", "patient": p} | more for s, p in given])


def told(along: LeftCharts, batch: Batch) -> list[tuple[int, str, float]]:
    """(row, chart that was left, seconds) each."""
    found = {row: orjson.loads(b"{" + fields[1:] + b"}") for row, fields in along.take(unscored(batch)).items()}
    return [(row, d["chart"], d["left_s"]) for row, d in found.items()]


def test_a_chart_is_left_when_another_is_opened() -> None:
    batch = opened((0, "p1"), (9, "p2"), (11, "p2"), (40, 'Ç"3'), (45, "p4"))
    assert told(LeftCharts(GROUPS), batch) == [(1, "p1", 9.0), (3, "p2", 29.0), (4, 'Ç"3', 5.0)]
    decades = opened((-1.6e9, "p1"), (9, "p2"))  # a clock that had been wrong
    assert told(LeftCharts(GROUPS), decades) == [(1, "p1", 1e9)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([(k, "p1") for k in range(4)] + [(9, "p2")], "who reads on has looked"),
        ([(0, "p1"), (0, "p2")], "a list of patients is no look at any"),
        ([(0, "p" * (NAME + 1)), (9, "p2")], "an identifier too long to be kept"),
        ([(5, "p1"), (2, "p2")], "out of order"),
    ],
)
def test_nothing_is_said(given: list[tuple[float, str]], why: str) -> None:
    assert told(LeftCharts(GROUPS), opened(*given)) == [], why


def test_whole_minutes_say_nothing() -> None:
    minutes = 60.0 * (1.7e9 // 60.0)
    assert told(LeftCharts(GROUPS), opened((0, "p1"), (60, "p2"), begin=minutes)) == []
    assert told(LeftCharts(GROUPS), opened((0, "p1"), (61, "p2"), begin=minutes)) == [(1, "p1", 61.0)]


def test_refused_accesses_and_others_are_left_out() -> None:
    rows = [{"user": "u1", "patient": "p1"}, {"user": "u2", "patient": "p2"}, {"user": "u1"},
            {"user": "u1", "patient": "p3", "outcome": "failure"}]  # fmt: skip
    along = LeftCharts(GROUPS)
    assert told(along, decoded("ehr", [d | {"ts": 1.7e9 + k + 0.5} for k, d in enumerate(rows)])) == []
    assert told(along, opened((20, "p4"))) == [(0, "p1", 20.0)]


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_restart_goes_on(cut: int) -> None:
    given = [(0, "p1"), (9, "p2"), (11, "p2"), (40, "p3"), (45, "p4"), (60, "p1")]
    whole = told(LeftCharts(GROUPS), opened(*given))
    first, then = LeftCharts(GROUPS), LeftCharts(GROUPS)
    found = told(first, opened(*given[:cut]))
    for group in range(GROUPS):
        then.load(group, first.state(group))
    assert found + [(row + cut, *rest) for row, *rest in told(then, opened(*given[cut:]))] == whole


def test_it_goes_to_the_patient_whose_chart_was_left() -> None:
    batch = opened((0, "p1"), (9, "p2"))
    found = onward(unscored(batch), GROUPS, LeftCharts(GROUPS).take(unscored(batch)))
    assert found is not None
    at_home = decode("charts", found.documents, GROUPS)
    assert not at_home.refused and at_home.batch.groups.tolist() == found.groups.tolist()
    left = orjson.loads(found.documents[-1])
    assert (left["kind"], left["chart"], left["user"], left["event_id"]) == ("left", "p1", "u1", "e1:left")
    assert (left["ts"], left["opened_ts"], left["left_s"]) == (1.7e9 + 9.5, 1.7e9 + 0.5, 9.0)


def test_accesses_take_along_how_often_their_user_turned_to_another_chart() -> None:
    batch = opened((0, "p1"), (9, "p2"), (11, "p2"), (40, "p1"))
    found = onward(unscored(batch), GROUPS, LeftCharts(GROUPS).take(unscored(batch)))
    assert found is not None
    given = [orjson.loads(d) for d in found.documents]
    assert [d["user_charts"] for d in given if d.get("kind") == "access"] == [1, 2, 2, 3]
    assert not decode("charts", found.documents, GROUPS).refused


def test_accesses_take_along_on_how_many_days_their_user_was_at_work() -> None:
    day = 86_400.0
    batch = opened((0, "p1"), (9, "p2"), (day, "p2"), (5 * day, "p2"), (4 * day, "p1"))
    found = onward(unscored(batch), GROUPS, LeftCharts(GROUPS).take(unscored(batch)))
    assert found is not None
    given = [orjson.loads(d) for d in found.documents]
    assert [d["user_days"] for d in given if d.get("kind") == "access"] == [1, 1, 2, 3, 3]


def test_accesses_take_along_how_many_charts_their_user_opened_in_this_sitting() -> None:
    batch = opened((0, "p1"), (9, "p2"), (11, "p1"), (7300, "p3"), (7301, "p1"), (20_000, "p1"))
    found = onward(unscored(batch), GROUPS, LeftCharts(GROUPS).take(unscored(batch)))
    assert found is not None
    given = [orjson.loads(d) for d in found.documents]
    assert [d["user_sitting"] for d in given if d.get("kind") == "access"] == [1, 2, 2, 1, 2, 1]


def test_counts_stand_beside_signs_and_go_on_after_a_restart() -> None:
    along = LeftCharts(GROUPS)
    along.take(unscored(opened((0, "p1"), (9, "p2"))))
    then = LeftCharts(GROUPS)
    for group in range(GROUPS):
        then.load(group, along.state(group))
    batch = opened(
        (20, "p2"),
        (30, "p3"),
        (
            35,
            "p3",
        ),
    )
    signed = Outcome(batch, Origin("t", 0, np.arange(3)), {"ehr.record_volume": np.array([0.9, 0.0, 0.4])}, (), "m")
    found = onward(signed, GROUPS, then.take(signed))
    assert found is not None
    given = [orjson.loads(d) for d in found.documents][:3]
    assert [(d["user_charts"], d.get("sign_volume")) for d in given] == [(2, 0.9), (3, None), (3, 0.4)]
    assert {d["user_days"] for d in given} == {1}


def left(seconds: float, at: float = 0.0, **more: Any) -> dict[str, Any]:
    times = {"ts": 1.7e9 + at + seconds, "opened_ts": 1.7e9 + at, "left_s": seconds}
    return {"kind": "left", "chart": "p1", "user": "u1"} | times | more


def judged(at: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"ts": 1.7e9 + at, "user": "u1", "patient": "p1", "chart": "p1", "reason": "none", "strength": 0.0} | more


def said(along: LeftLooks | OfCharts, *documents: dict[str, Any]) -> dict[int, dict[str, float]]:
    found = along.take(unscored(decoded("charts", list(documents))))
    return {row: orjson.loads(b"{" + fields[1:] + b"}") for row, fields in found.items()}


def test_an_access_without_a_reason_takes_it_along() -> None:
    (found,) = said(LeftLooks(GROUPS), left(9.0), judged()).values()
    assert found == {"left_s": 9.0, "left_usual": 0.1, "left_late": 0.4}


def test_what_a_role_explains_takes_it_along_and_is_learned_apart() -> None:
    served = {"reason": "serves_all", "strength": 0.6}
    documents = [d | {"user": f"u{i}"} for i in range(9) for d in (left(9.0, 200.0 * i), judged(200.0 * i, **served))]
    told = list(said(LeftLooks(GROUPS), *documents, left(9.0, 3600.0), judged(3600.0)).values())
    assert [d["left_s"] for d in told] == [9.0] * 10
    assert told[0]["left_usual"] == told[-1]["left_usual"] == 0.1 < told[-2]["left_usual"]


@pytest.mark.parametrize(
    "access",
    [
        judged(reason="order", strength=0.9),
        judged(withdrawn=True),
        judged(user="u2"),
        judged(at=-60.0),
        judged(at=60.0),
    ],
)
def test_no_other_does(access: dict[str, Any]) -> None:
    assert said(LeftLooks(GROUPS), left(9.0), access) == {}


def test_what_is_usual_is_learned_and_a_restart_goes_on() -> None:
    along = LeftLooks(GROUPS)
    for day in range(1, 40):
        said(along, left(9.0, at=86_400.0 * day), judged(at=86_400.0 * day))
    then = LeftLooks(GROUPS)
    for group in range(GROUPS):
        then.load(group, along.state(group))
    late = left(900.0, at=1e7), judged(at=1e7)
    (found,) = said(then, *late).values()
    assert found == said(along, *late)[1] and found["left_usual"] == found["left_late"] < 0.2
    (soon,) = said(along, left(9.0, at=2e7), judged(at=2e7)).values()
    assert soon["left_usual"] > 0.6


def test_both_memories_of_charts_are_kept() -> None:
    along, then = OfCharts(GROUPS), OfCharts(GROUPS)
    claim = {"kind": "claim", "claim_type": "professional", "procedures": ["99213"], "patient": "p1", "chart": "p1"}
    assert said(along, left(9.0), claim | {"provider": "A"}) == {}
    for group in range(GROUPS):
        then.load(group, along.state(group))
    assert said(then, judged(), claim | {"provider": "B", "ts": 1.7e9}) == {
        0: {"left_s": 9.0, "left_usual": 0.1, "left_late": 0.4}, 1: {"partners": ["A"]},
    }  # fmt: skip
