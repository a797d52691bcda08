"""The county's hospital: the same for the same seed, readable by the readers, and told apart from its stories."""

from collections import Counter
from pathlib import Path

from benchmarks.quality.county import audit
from benchmarks.quality.county.__main__ import about, written
from benchmarks.quality.county.play import hospital
from benchmarks.quality.hospitals.raised import Raised
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed

DAYS, SHARE = 7, 0.08


def test_a_small_one_is_read_whole(tmp_path: Path) -> None:
    house, stories, _, given = written(3, DAYS, SHARE, tmp_path)
    assert set(given) == {"vip", "excluded_providers", "code_pairs"}
    assert {s.claims for s in stories} == {False, True} and {s.level for s in stories} == {"easy", "medium", "hard"}
    found = list(read_paths([tmp_path / "exports"]))
    read = Counter(record.source for record in found if isinstance(record, Parsed))
    assert read["ehr"] == sum(len(p.read_text().splitlines()) - 4 for p in tmp_path.glob("exports/access_*"))
    assert read["context"] > len(house.visits) and read["claims"] > 300


def test_a_seed_is_a_hospital() -> None:
    (one, _, stories), (two, _, same) = hospital(5, DAYS, SHARE), hospital(5, DAYS, SHARE)
    assert [(p.ts, p.desk, p.action) for p in audit.pages(one)] == [(p.ts, p.desk, p.action) for p in audit.pages(two)]
    assert stories == same


def test_an_alert_is_about_whom_it_names_in_its_time() -> None:
    _, _, stories = hospital(3, DAYS, SHARE)
    story = next(s for s in stories if not s.claims)

    def raised(entity: str, ts: float) -> Raised:
        return Raised("ehr.vip", ("ehr.vip",), entity, frozenset(), ts, ts, 1, (), "")

    assert about(raised(min(story.actors), story.first_ts), [story]) is story
    assert about(raised("nobody", story.first_ts), stories) is None
    assert about(raised(min(story.actors), story.first_ts - 9e6), [story]) is None
