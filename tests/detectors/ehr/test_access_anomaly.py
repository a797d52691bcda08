"""Weak signs that add up, and those that go together anyway, which do not."""

from detectors.ehr.story import DAY, batch_of, fresh
from pipeline.detectors.ehr.access_anomaly import AccessAnomaly
from pipeline.detectors.ehr.example_access import judged_access


def test_who_often_lacks_a_reason_has_others_without_one_on_the_same_day() -> None:
    """Of ten people of a role care for two is never told: that one of them lacks a reason says that others do."""
    treated = {"reason": "encounter", "strength": 0.9}
    days = [
        judged_access(DAY * d + 600.0 * k + n, f"p{d}-{n}-{k}", user=f"n{n}", **({} if n < 2 else treated))
        for d in range(5)
        for k in range(12)
        for n in range(10)
    ]
    detector = fresh(AccessAnomaly)
    detector.score(batch_of("judged", days))
    more = [judged_access(DAY * 6 + 600.0 * k, f"q{k}", user="n0") for k in range(8)]
    others = detector.score(batch_of("judged", more)).evidence["today"]
    assert others[0] == 0.0 and 0.1 < others[-1] < 1.0, "two of three of their charts are the fifth of a day or later"
