"""Research sets whose dates were carried into the future: refused with a word that helps, or read earlier."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ingested import events, letters, read

from pipeline.ingest.moved_dates import moved_s
from pipeline.ingest.reader import Manner, Parsed
from schemas.base import MAX_TS

AHEAD = 130
TABLE = "Access Time,User ID,MRN,Activity\n2150-03-14 08:00:00,n1,77,View\n2025-03-14 08:00:00,n1,78,View\n"
STAY = {
    "resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p1"}, "period": {"start": "2180-05-06T22:23:00Z", "end": "2180-05-07T17:15:00Z"},
}  # fmt: skip
BORN = {"resourceType": "Patient", "id": "p1", "birthDate": "2128-01-01", "deceasedDateTime": "2180-09-09T00:00:00Z"}


def told(tmp_path: Path, text: Any, ahead: int = AHEAD, name: str = "a.ndjson") -> list[dict[str, Any]]:
    """Events of lines of FHIR, or of a table."""
    text = text if isinstance(text, str) else "".join(json.dumps(r) + "\n" for r in text)
    return events(tmp_path, name, text, manner=Manner(years_ahead=ahead))


def at(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[arg-type]


def test_a_move_keeps_the_day_of_the_week_and_the_season() -> None:
    for years in (1, 100, 130, 212):
        assert moved_s(years) % (7 * 86_400) == 0
        assert abs(moved_s(years) - years * 365.2425 * 86_400) <= 3.5 * 86_400
    assert moved_s(0) == 0.0


def test_all_times_of_a_record_are_put_back_alike(tmp_path: Path) -> None:
    stay, patient = told(tmp_path, [STAY, BORN | {"meta": {"lastUpdated": "2180-05-06T22:23:00Z"}}])
    begin = at(2180, 5, 6, 22, 23) - moved_s(AHEAD)
    assert (stay["start_ts"], stay["end_ts"] - stay["start_ts"]) == (begin, 67_920.0)
    assert datetime.fromtimestamp(begin, UTC).weekday() == datetime(2180, 5, 6, tzinfo=UTC).weekday()
    assert (patient["birth_year"], patient["deceased_ts"]) == (1998, at(2180, 9, 9) - moved_s(AHEAD))
    (access,) = told(tmp_path, TABLE.rsplit("2025", 1)[0], name="a.csv")
    assert access["ts"] == at(2150, 3, 14, 8) - moved_s(AHEAD)


def test_without_a_word_a_time_so_far_ahead_is_a_wrong_clock(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", TABLE)
    assert [r.ts for r in found if isinstance(r, Parsed)] == [at(2025, 3, 14, 8)]
    (why,) = letters(found)
    assert "after the year 2100" in why.reason and "--years-ahead" in why.reason
    (why,) = letters(read(tmp_path, "b.ndjson", json.dumps(STAY)))
    assert "after the year 2100" in why.reason


@pytest.mark.parametrize("end", ["2199-12-31T00:00:00Z", "2999-12-31T00:00:00Z"])
def test_an_end_that_means_never_stays_none(tmp_path: Path, end: str) -> None:
    period = {"start": "2024-05-06T22:23:00Z", "end": end}
    (stay,) = told(tmp_path, [STAY | {"status": "in-progress", "period": period}], ahead=0)
    assert "end_ts" not in stay and stay["start_ts"] <= MAX_TS
    (patient,) = told(tmp_path, [BORN | {"deceasedDateTime": "2024-01-01T00:00:00Z"}], ahead=0)
    assert "birth_year" not in patient


def test_what_lies_before_1970_when_put_back_is_refused(tmp_path: Path) -> None:
    found = read(tmp_path, "a.csv", TABLE, manner=Manner(years_ahead=AHEAD))
    (why,) = letters(found)
    assert why.reason.startswith("field ts:")
