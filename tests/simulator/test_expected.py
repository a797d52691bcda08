"""What a story expects is a detector that exists."""

from pipeline.detectors.catalogue import catalogue
from pipeline.simulator.playbill import confounder_kinds, story_kinds

# Of the plan for records and claims, still being built: no story may expect anything else that is not there.
COMING = {
    "ehr.access_anomaly", "ehr.break_glass_without_care", "ehr.coworker", "ehr.deceased", "ehr.dormant_account",
    "ehr.family", "ehr.identity_theft", "ehr.neighbour", "ehr.new_workstation", "ehr.odd_hours", "ehr.role_mismatch",
    "ehr.self", "ehr.shared_account", "ehr.slow_harvest", "ehr.unexplained_access", "claims.deceased",
    "claims.doctor_shopping", "claims.identity", "claims.phantom", "claims.provider_outlier", "claims.upcoding",
}  # fmt: skip


def test_expected_detectors_are_in_the_catalogue() -> None:
    expected = {detector for story in story_kinds().values() for detector in story.expected}
    assert expected
    assert expected <= set(catalogue()) | COMING


def test_harmless_oddities_expect_nothing() -> None:
    assert all(not story.expected for story in confounder_kinds().values())
