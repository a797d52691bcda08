"""Whose first stick at night is told, and whose is not."""

from typing import Any

import numpy as np
import pytest

from detectors.played import played
from pipeline.detectors.logs.first_media import BOTH, FIRST, USED, FirstMedia

DAY_S, HOUR_S = 86_400.0, 3600.0
LOGON = {"kind": "auth", "action": "logon", "outcome": "success", "logon_type": 2, "user": "clerk3", "host": "pc-1"}
STICK = {"kind": "process", "action": "media_connected", "user": "clerk3", "host": "pc-1"}


def at(event: dict[str, Any], day: int, hour: float) -> dict[str, Any]:
    """The event on the day at the hour."""
    return event | {"ts": 1000 * DAY_S + day * DAY_S + hour * HOUR_S}


WORK = [at(LOGON, d, 8 + d % 3) for d in range(20)]


def scored(*events: dict[str, Any]) -> list[float]:
    """Scores of the uses of media."""
    ordered = sorted([*WORK, *events], key=lambda e: e["ts"])
    scores = played(FirstMedia, ordered)
    return [float(s) for s in scores[~np.isnan(scores)]]


def test_media_and_hour_both_have_to_be_new() -> None:
    assert scored(at(STICK, 20, 22)) == [BOTH]
    assert scored(at(STICK, 20, 9)) == [FIRST]
    assert scored(at(STICK, 20, 15)) == [FIRST], "who came in the morning is still there"
    assert scored(at(LOGON, 20, 21.9), at(STICK, 20, 22)) == [BOTH], "today's own log-on says nothing"
    assert scored(at(STICK, 9, 12), at(STICK, 20, 22)) == [USED, USED]


def test_a_week_of_nights_is_told_and_then_it_is_a_habit() -> None:
    nights = scored(*(e for d in range(20, 34) for e in (at(LOGON, d, 22), at(STICK, d, 22.2))))
    assert nights[:3] == [BOTH, BOTH, BOTH] and BOTH not in nights[4:]
    assert set(nights[7:]) == {USED}


@pytest.mark.parametrize("other", [{"user": "svc$"}, {"action": "media_removed"}, {"user": "clerk9"}])
def test_machines_removals_and_strangers_are_not(other: dict[str, Any]) -> None:
    assert BOTH not in scored(at(STICK | other, 20, 22))


def test_copies_to_media_count_as_well() -> None:
    assert scored(at(STICK | {"action": "file_to_media", "target": "a.doc"}, 20, 22)) == [BOTH]
