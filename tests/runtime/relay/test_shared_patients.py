"""Who else billed for a patient: only those who treat, only lately, and the same after a restart."""

from typing import Any

import numpy as np
import orjson
import pytest

from pipeline.engine.engine import Engine, EngineConfig, Outcome
from pipeline.engine.origin import Origin
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.decode import decode
from pipeline.runtime.relay.relay import onward
from pipeline.runtime.relay.shared_patients import NAME, PROVIDERS, SharedPatients

GROUPS = 8
DAY_S = 86_400.0


def claims(*given: tuple[float, str, str], **more: Any) -> Batch:
    """(day, patient, provider) each."""
    what = {"format": "test", "kind": "claim", "claim_type": "professional", "procedures": ["99213"]} | more
    documents = [
        what | {"ts": 1.7e9 + DAY_S * day, "event_id": f"{k}", "patient": p, "chart": p, "provider": n}
        for k, (day, p, n) in enumerate(given)
    ]
    batch = decode("charts", [orjson.dumps(d) for d in documents], GROUPS).batch
    assert batch.n == len(given)
    return batch


def unscored(batch: Batch) -> Outcome:
    """As if no detector had seen it."""
    return Outcome(batch, Origin("t", 0, np.arange(batch.n)), {}, (), "m")


def partners(shared: SharedPatients, batch: Batch) -> list[list[str]]:
    """By row."""
    found = shared.take(unscored(batch))
    return [orjson.loads(b"{" + found[i][1:] + b"}")["partners"] if i in found else [] for i in range(batch.n)]


def test_each_claim_is_told_who_billed_before() -> None:
    batch = claims((0, "p1", "A"), (1, "p1", "B"), (2, "p2", "B"), (3, "p1", "A"), (4, "p1", 'Ç"x'), (5, "p1", "A"))
    assert partners(SharedPatients(GROUPS), batch) == [[], ["A"], [], ["B"], ["A", "B"], ["B", 'Ç"x']]


def test_long_ago_is_not_together() -> None:
    assert partners(SharedPatients(GROUPS), claims((0, "p1", "A"), (60, "p1", "B"), (61, "p1", "C"))) == [[], [], ["B"]]


@pytest.mark.parametrize(
    "more", [{"claim_type": "pharmacy"}, {"claim_type": "institutional"}, {"procedures": ["80053"]}]
)
def test_only_those_who_treat_count(more: dict[str, Any]) -> None:
    shared = SharedPatients(GROUPS)
    assert partners(shared, claims((0, "p1", "A"), (1, "p1", "B"), **more)) == [[], []]
    assert partners(shared, claims((2, "p1", "C"))) == [[]]


def test_the_oldest_gives_way_and_names_are_bounded() -> None:
    shared = SharedPatients(GROUPS)
    partners(shared, claims(*((k, "p1", f"n{k}") for k in range(PROVIDERS + 2)), (11, "p1", "x" * (NAME + 1))))
    (found,) = partners(shared, claims((12, "p1", "last")))
    assert sorted(found) == sorted(f"n{k}" for k in range(2, PROVIDERS + 2))


def test_goes_on_after_a_restart_and_is_cut_anywhere() -> None:
    given = [(0.5 * k, f"p{k % 3}", f"n{k % 5}") for k in range(40)]
    whole = partners(SharedPatients(GROUPS), claims(*given))
    first, second = SharedPatients(GROUPS), SharedPatients(GROUPS)
    before = partners(first, claims(*given[:17]))
    for group in range(GROUPS):
        second.load(group, first.state(group))
    assert [sorted(x) for x in before + partners(second, claims(*given[17:]))] == [sorted(x) for x in whole]
    assert len(first.state(0)["keys"]) <= 3, "places that nobody has are not kept"
    second.load(0, {})
    assert not any(second.state(0)["keys"])
    with pytest.raises(CheckpointError):
        second.load(0, first.state(1) | {"used": np.array([1 << 40])})


def test_they_go_along_with_the_judged_claim() -> None:
    batch = claims((0, "p1", "A"), (1, "p1", "B"))
    shared = SharedPatients(GROUPS).take(unscored(batch))
    disabled = tuple(Engine("charts", EngineConfig(GROUPS)).detectors)
    done = Engine("charts", EngineConfig(GROUPS, disabled=disabled)).process(batch, Origin("t", 0, np.arange(2)))
    given = onward(Outcome(batch, done.origin, {}, (), "m"), GROUPS, shared)
    assert given is not None
    whole = [d for d in map(orjson.loads, given.documents) if d["kind"] == "claim"]
    assert [d.get("partners") for d in whole] == [None, ["A"]]
    assert decode("judged", given.documents, GROUPS).batch.text("partners", 1) == '["A"]'
