"""The second hospital: the same for the same seed, readable whole, and told apart from its stories."""

from pathlib import Path

import pytest

from benchmarks.quality.elsewhere.__main__ import about, hospital, written
from benchmarks.quality.elsewhere.house import House
from benchmarks.quality.elsewhere.stories import ALL, Story
from benchmarks.quality.hospitals.raised import Raised
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed

DAYS = 2


@pytest.fixture(scope="module")
def made() -> tuple[House, list[Story]]:
    return hospital(3, DAYS)


def test_a_hospital_of_its_own(made: tuple[House, list[Story]], tmp_path: Path) -> None:
    house, stories = made
    again, _ = hospital(3, DAYS)
    assert house.told == again.told
    assert {s.claims for s in stories} == {False, True} and len(stories) >= len(ALL)
    for path in written(house, tmp_path):
        some = path.read_bytes().split(b"\n")
        path.write_bytes(b"\n".join(some[:: max(len(some) // 400, 1)]))
    found = list(read_paths([tmp_path]))
    assert all(isinstance(record, Parsed) for record in found)
    assert {record.source for record in found} == {"ehr", "context", "claims"}


def test_an_alert_is_about_whom_it_names_in_its_time(made: tuple[House, list[Story]]) -> None:
    _, stories = made
    story = next(s for s in stories if not s.claims)

    def raised(entity: str, ts: float) -> Raised:
        return Raised("ehr.vip", ("ehr.vip",), entity, frozenset(), ts, ts, 1, (), "")

    assert about(raised(story.actors[0], story.first_ts), stories) is story
    assert about(raised("nobody", story.first_ts), stories) is None
    assert about(raised(story.actors[0], story.first_ts - 9e6), [story]) is None
