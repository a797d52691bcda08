"""The second network: the same for the same seed, readable whole in each manner, and told apart from its stories."""

from pathlib import Path

import pytest

from benchmarks.quality.elsewhere_wire.files import MANNERS, written
from benchmarks.quality.elsewhere_wire.hospital import ALL, hospital
from benchmarks.quality.elsewhere_wire.site import Site
from pipeline.ingest.merge import read_paths
from pipeline.ingest.reader import Parsed

HOURS = 0.3


@pytest.mark.parametrize("seed", range(1, 1 + len(MANNERS)))
def test_every_record_is_read(seed: int, tmp_path: Path) -> None:
    site, _ = hospital(seed, HOURS, stories=False)
    paths = written(site, tmp_path)
    found = list(read_paths(paths))
    assert len(found) == sum(site.begin <= ts < site.end + 60 for told in site.told.values() for ts, _ in told)
    assert [record for record in found if not isinstance(record, Parsed)] == []
    assert {record.source for record in found if isinstance(record, Parsed)} == {"network", "logs"}


def test_a_hospital_of_its_own() -> None:
    site, stories = hospital(3, HOURS)
    again, _ = hospital(3, HOURS)
    assert site.told == again.told
    assert len(stories) == len(ALL) == len({s.kind for s in stories})
    assert {s.level for s in stories} == {"easy", "medium", "hard"}
    assert all((s.actors and s.first_ts <= s.last_ts) or s.first_ts > site.end for s in stories)


def test_addresses_are_of_one_machine() -> None:
    machines = [m for role, found in Site(1).by_role.items() for m in found if role not in ("mobile", "guest")]
    assert len({m.ip for m in machines}) == len(machines) == len({m.mac for m in machines})
