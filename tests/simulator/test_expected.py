"""What a story expects is a detector that exists."""

from pipeline.detectors.catalogue import catalogue
from pipeline.simulator.playbill import confounder_kinds, story_kinds


def test_expected_detectors_are_in_the_catalogue() -> None:
    expected = {detector for story in story_kinds().values() for detector in story.expected}
    assert expected
    assert expected <= set(catalogue())


def test_harmless_oddities_expect_nothing() -> None:
    assert all(not story.expected for story in confounder_kinds().values())
