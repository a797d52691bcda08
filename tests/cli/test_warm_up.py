"""Every detector's kernels are compiled by some process, however many there are."""

from collections import Counter

import pytest

from pipeline.cli.warm_up import chosen, play, shares
from pipeline.detectors.catalogue import catalogue


@pytest.mark.parametrize("cores", [1, 2, 4, 64])
def test_all_detectors_are_played_once(cores: int) -> None:
    played = Counter(name for share in shares(cores) for each in share for name in chosen(each)[1])
    assert played == Counter(catalogue().keys())
    assert len(shares(cores)) <= max(cores, 2)


def test_sources_without_detectors_are_played_too() -> None:
    for cores in (2, 4):
        assert {chosen(each)[0] for share in shares(cores) for each in share} == {
            "network", "contacts", "devices", "judged", "claims", "charts", "ehr", "logs", "accounts", "context",
        }  # fmt: skip


def test_a_part_of_a_source_runs() -> None:
    assert play("devices:0/2") > 0
