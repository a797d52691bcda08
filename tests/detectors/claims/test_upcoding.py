"""Levels of visits against peers and the past."""

from typing import Any

import numpy as np
import pytest

from detectors.ehr.story import DAY, batch_of, fresh, restarted, scores, sentence
from pipeline.detectors.claims import upcoding_kernel as kernel
from pipeline.detectors.claims.upcoding import Upcoding
from pipeline.detectors.claims.visit_levels import NAMES, visits_of
from pipeline.features.lists import Lists, UserList

USUAL = ("99213", "99212", "99214", "99213", "99213")


def claim(number: int, person: int, code: str, day: float = 0.0) -> dict[str, Any]:
    who = {"provider": "1000000020", "rendering": f"{1_000_000 + person}", "patient": f"p{number}"}
    what = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional"}
    return what | who | {"ts": 1.7e9 + DAY * day + number, "lines": [{"procedure": code, "quantity": 1}]}


PEERS = [claim(i, i % 12, USUAL[(i + i // 12) % 5]) for i in range(240)]


def dear(count: int, person: int = 77, day: float = 1.0) -> list[dict[str, Any]]:
    return [claim(1000 + i, person, "99215", day) for i in range(count)]


def last(*rows: dict[str, Any], lists: Lists | None = None) -> float:
    return float(scores(fresh(Upcoding, lists), rows)[-1])


def test_against_peers() -> None:
    assert last(*PEERS, *dear(15)) > 0.6
    assert last(*PEERS, *dear(7)) < 0.5, "too few visits"
    assert last(*dear(40)) < 0.5, "peers are not known"
    assert last(*PEERS, *dear(15), claim(2000, 77, "99212", 1)) == 0.0, "a low visit is no upcoding"
    assert np.isnan(last(*PEERS, claim(2000, 77, "80053"))), "no visit"


def test_against_the_past() -> None:
    """Of a person who is within what peers bill, but not within the own past."""
    mixed = [claim(500 + i, i % 12, "99215" if i % 12 < 4 else "99212") for i in range(480)]
    steady = [claim(5000 + i, 40, USUAL[i % 5], 1 + 0.5 * i) for i in range(60)]
    begun = [claim(6000 + i, 40, "99215" if i % 2 else USUAL[i % 5], 31 + 0.2 * i) for i in range(60)]
    detector = fresh(Upcoding)
    rows = batch_of("claims", [*mixed, *steady, *begun])
    outcome = detector.score(rows)
    assert outcome.values[-1] > 0.5 and outcome.evidence["decides"][-1] == kernel.TOP_DECIDES
    assert (outcome.values[len(mixed) : len(mixed) + 60] < 0.5).all()
    assert detector.explain(rows, rows.n - 1, outcome).message.endswith("; before it was 0%.")


def test_a_dozen_dear_visits_are_no_habit() -> None:
    """Of the beginnings that are tried one a few visits ago looks high now and then, and says little."""
    mixed = [claim(500 + i, i % 12, "99215" if i % 12 < 4 else "99212") for i in range(480)]
    steady = [claim(5000 + i, 40, USUAL[i % 5], 1 + 0.5 * i) for i in range(60)]
    begun = [claim(6000 + i, 40, "99215", 31 + 0.1 * i) for i in range(18)]
    found = scores(fresh(Upcoding), [*mixed, *steady, *begun])[-18:]
    assert (found[:14] < 0.5).all() and found[-1] > 0.5


def test_a_little_higher_throughout_against_the_past() -> None:
    """Of levels two to four none is the highest: the mean has risen by half a level."""
    mixed = [claim(500 + i, i % 12, "99215" if i % 12 < 4 else "99212") for i in range(480)]
    before = [claim(5000 + i, 40, ("99212", "99213", "99213")[i % 3], 1 + 0.15 * i) for i in range(60)]
    begun = [claim(6000 + i, 40, ("99213", "99214", "99213")[i % 3], 10 + 0.15 * i) for i in range(60)]
    detector = fresh(Upcoding)
    rows = batch_of("claims", [*mixed, *before, *begun])
    outcome = detector.score(rows)
    found = int(np.flatnonzero(outcome.values >= 0.5)[-1])
    assert outcome.evidence["decides"][found] == kernel.SHIFT_DECIDES
    assert (outcome.values[: len(mixed) + 60] < 0.5).all()
    said = detector.explain(rows, found, outcome)
    assert "at level 3." in said.message and said.message.endswith("; before it was 2.7.")


def test_the_list_names_the_peers() -> None:
    """Among specialists who all bill the highest level there is nothing to see."""
    special = [claim(3000 + i, 80 + i % 12, "99215") for i in range(240)]
    names = [f"{1_000_000 + n}" for n in [77, *range(80, 92)]]
    lists = Lists({"peer_groups": UserList({n: ({"provider": n, "group": "tumour board"},) for n in names})})
    assert last(*PEERS, *special, *dear(15), lists=lists) < 0.5


def test_told_once_a_week_and_when_worse() -> None:
    rows = [*PEERS, *dear(40), *(claim(4000 + i, 77, "99215", 12) for i in range(5))]
    outcome = fresh(Upcoding).score(batch_of("claims", rows))
    assert outcome.silent is not None
    told = np.flatnonzero((outcome.values >= 0.5) & ~outcome.silent) - len(PEERS)
    assert 1 <= (told < 40).sum() <= 5 and (told >= 40).sum() == 1


def test_a_claim_sent_again_does_not_count() -> None:
    assert np.isnan(last(*PEERS, *dear(5), *dear(5)))


def test_restart_and_sentence() -> None:
    detector = fresh(Upcoding)
    scores(detector, PEERS)
    np.testing.assert_array_equal(scores(restarted(detector), dear(12)), scores(detector, dear(12)))
    text = sentence(fresh(Upcoding), [*PEERS, *dear(15)])
    assert text == (
        "The last 15 office visits of provider 1000077 were billed at level 5.0 of 5 on average; peers bill 3.0."
    )


@pytest.mark.parametrize(
    ("code", "family", "level"),
    [("99285", "emergency visits", 1.0), ("99213", "office visits", 0.5), ("80053", "", 0.0)],
)
def test_levels(code: str, family: str, level: float) -> None:
    number, found = visits_of([code])
    assert (number[0] == -1 and np.isnan(found[0])) if not family else (NAMES[number[0]], found[0]) == (family, level)
