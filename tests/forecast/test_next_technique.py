"""What comes next: learned from order, replaced as incidents grow, ATT&CK's order where nothing is known."""

import random

import numpy as np
import pytest

from pipeline.errors import CheckpointError
from pipeline.forecast.next_technique import MAX_INCIDENTS, NextTechnique

TACTICS = {
    "T1566": "Initial Access", "T1059": "Execution", "T1046": "Discovery", "T1021": "Lateral Movement",
    "T1486": "Impact", "T1041": "Exfiltration", "T1110": "Credential Access",
}  # fmt: skip
RANSOM = ("T1566", "T1059", "T1046", "T1021", "T1486")
THEFT = ("T1110", "T1059", "T1046", "T1041")


def tactic_of(technique: str) -> str:
    return TACTICS.get(technique, "")


def told(model: NextTechnique, *seen: str) -> list[str]:
    return [technique for technique, _ in model.next(seen)]


def test_what_followed_is_what_follows() -> None:
    model = NextTechnique(tactic_of)
    for _ in range(5):
        model.learn(RANSOM)
        model.learn(THEFT)
    assert told(model, "T1566")[0] == "T1059"
    assert told(model, "T1566", "T1059", "T1046")[0] == "T1021"
    # The last two are the same in both: what stood before them decides.
    assert told(model, "T1110", "T1059", "T1046")[0] == "T1041"
    assert sum(p for _, p in model.next(["T1566"], most=99)) == pytest.approx(1, abs=1e-3)


def test_nothing_seen_is_told_again() -> None:
    model = NextTechnique(tactic_of, TACTICS)
    model.learn(RANSOM)
    assert not set(told(model, *RANSOM)) & set(RANSOM)
    assert NextTechnique().next(["T1046"]) == []


def test_before_anything_was_learned_the_chain_decides() -> None:
    assert told(NextTechnique(tactic_of, TACTICS), "T1046")[0] == "T1021"
    assert told(NextTechnique(tactic_of, TACTICS))[0] == "T1566"


def test_an_incident_that_grows_counts_once() -> None:
    grown, once = NextTechnique(tactic_of), NextTechnique(tactic_of)
    for size in (2, 3, 3, 5):
        grown.learn(RANSOM[:size], "i1")
    once.learn(RANSOM, "i1")
    assert grown.next(["T1566"]) == once.next(["T1566"])
    assert np.array_equal(grown.state()["incidents"], once.state()["incidents"])


def test_memory_is_bounded_and_goes_by_age() -> None:
    model, draw = NextTechnique(tactic_of), random.Random(1)
    model.learn(THEFT, "old")
    for k in range(MAX_INCIDENTS):
        model.learn(draw.sample(RANSOM, 5), f"i{k}")
    assert told(model, "T1110", "T1059", "T1046")[0] != "T1041"
    assert model.state()["incidents"].nbytes < 200_000


def test_state_goes_on_where_it_was() -> None:
    first, second = NextTechnique(tactic_of), NextTechnique(tactic_of)
    first.learn(RANSOM, "a")
    first.learn(THEFT, "b")
    second.load(first.state())
    assert second.next(["T1059"]) == first.next(["T1059"])
    second.load({})
    assert second.next(["T1059"]) == []
    with pytest.raises(CheckpointError, match="cannot be read"):
        second.load({"incidents": np.zeros(4, np.uint8)})
