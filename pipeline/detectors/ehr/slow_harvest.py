"""A few strangers' charts a day, for weeks: never many at once, and never a reason."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Explanation, Scores
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import EMERGENCY, RELATIONS, SUMMING, UNLIKELY, number, role, searched, who
from pipeline.detectors.ehr.unexplained_patients import UnexplainedPatients
from pipeline.features.batch import Batch

MONTH_S = 30 * 86_400.0


class SlowHarvest(UnexplainedPatients):
    """Different patients within 14 and within 30 days whose charts a user opened for the first time and without a
    reason, against what others of the same role do in that time, and the user did before.

    A user is told when it becomes unlikely and again when it has grown by half.
    """

    id = "ehr.slow_harvest"
    title = "Strangers' charts opened over weeks"
    severity = 4
    alert_days = 14
    beside = ("ehr.unexplained_access", "ehr.same_stranger", *RELATIONS, SUMMING, EMERGENCY, *UNLIKELY)
    throughout = ("ehr.unexplained_access",)
    attacks = ("T1213", "T1078")
    inputs = ("user", "role", "department", "patient", "reason", "strength", "user_before",
              "unexplained_share", "shift_share", "coverage", "withdrawn", "judged_ts", "left_s",
              "left_usual", "left_late")  # fmt: skip
    misses = (
        "A collector who stays below what colleagues open by mistake or oversight, uses several accounts, or takes "
        "charts of the own ward; what was going on before watching began counts as usual after a month."
    )
    cost = "O(32 + tail) an access that care does not explain; 230 bytes a user, 40 a pair of user and patient"
    defaults = {"rare": 0.01, "least": 10.0}

    alike = False  # who has to do with patients of few others, as clinics do, would gather weeks of full weights
    pairs = 16_384
    windows_d = (1, 14, 30)
    ring_d = 32
    again = 1.5  # weeks are one story

    def peers(self, batch: Batch) -> np.ndarray:
        return role(batch)

    def discounted(self, batch: Batch, rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
        known = (number(batch, "user_before", 0.0)[rows] > 0) | batch.equals("outcome", "failure")[rows]
        return np.where(known, 0.0, weight)

    def counted(self, weight: np.ndarray, gap_s: np.ndarray) -> np.ndarray:
        return weight * (gap_s > MONTH_S)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e, feature, normal = self.usual(scores, row)
        patients, expected, days = e["patients"], e["expected"], e["days"]
        message = (
            f"{who(batch, row)} opened the charts of {np.ceil(patients):.0f} patients within {days:.0f} days whom the "
            f"user had never seen, without a reason; usual are {expected:.1f}. For the last, {searched(batch, row)}."
        )
        return Explanation(message, normal, [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        hours = [86_400.0 * d + 3600.0 * h for d in range(18, 28) for h in (9, 15)]
        strangers = [judged_access(t, f"p{i}") for i, t in enumerate(hours)]
        again = [judged_access(t, f"p{i % 3}", user_before=i // 3) for i, t in enumerate(hours)]
        # Of one key group, so that they are colleagues of each other.
        colleagues = [
            judged_access(86_400.0 * d + 8 * 3600.0 + n, f"{user}-{d}", user=user)
            for n, user in enumerate(("n3", "n12", "n18", "n22", "n29", "n39"))
            for d in range(n % 3, 30, 3)
        ]
        story = sorted(strangers + colleagues, key=lambda e: float(e["ts"]))
        rare = [judged_access(86_400.0 * d, f"p{d}") for d in range(0, 28, 7)]
        return (
            Example("two strangers a day for ten days", story, True),
            Example("the same three patients", again, False),
            Example("one a week", rare, False),
        )
