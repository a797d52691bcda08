"""A rhythm is told where few of the whole house go, and the sources of a destination are counted by the day."""

import numpy as np
import pytest

from detectors.played import START, played
from pipeline.detectors.network.beaconing import Beaconing

CONTACT = {"kind": "contact", "destination": "c2.example", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9"}
BEAT = {"rhythm": 0.9, "visits": 20, "interval_s": 60.0, "jitter": 0.1, "span_s": 1200.0, "alike": 0.9}


def _score(others: int, since_s: float = 3600.0) -> float:
    """Of a rhythm where so many other machines went a while ago."""
    seen = [CONTACT | {"ts": START + k, "src_ip": f"10.0.1.{k}"} for k in range(others)]
    return float(played(Beaconing, [*seen, CONTACT | BEAT | {"ts": START + since_s}])[-1])


@pytest.mark.parametrize(("others", "told"), [(0, True), (2, True), (4, False), (8, False), (40, False)])
def test_few_or_many_of_the_house(others: int, told: bool) -> None:
    assert (_score(others) >= 0.5) == told


def test_yesterdays_machines_do_not_count() -> None:
    assert _score(8, 2 * 86_400.0) == pytest.approx(0.9)


def test_contacts_without_a_rhythm_have_no_score() -> None:
    assert np.isnan(played(Beaconing, [CONTACT | {"ts": START}])).all()
