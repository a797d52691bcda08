"""What a story expects is a detector that exists."""

from pipeline.detectors.catalogue import catalogue
from pipeline.simulator import Hospital


def test_expected_detectors_are_in_the_catalogue() -> None:
    hospital = Hospital(seed=1, start_ts=1_700_000_000.0, events_per_s=60.0)
    next(iter(hospital.events(600.0)))
    expected = {detector for label in hospital.labels() for detector in label.expected}
    assert expected
    assert expected <= set(catalogue())
