"""A user opened the charts of several patients within a day, and care explains none of it."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Explanation, Scores
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import EMERGENCY, RELATIONS, SUMMING, UNLIKELY, cohort, number, searched, who
from pipeline.detectors.ehr.unexplained_patients import UnexplainedPatients
from pipeline.features.batch import Batch
from schemas.finding import Feature

AGAIN_S = 43_200.0  # a chart opened again after half a day counts again
TO_COLLEAGUES = 0.5  # weight of a chart that the department opened before: somebody there has to do with the patient
KNOWN = 0.25  # weight of a chart that the user opened before


class UnexplainedAccess(UnexplainedPatients):
    """Patients whose charts a user opened today without a reason, each weighed by how much of a reason lacks and by
    whether user or department ever opened the chart before; against the own norm and that of role and department. It
    weighs less the more of colleagues' accesses, to charts of patients who seem treated as much, are never explained.

    A single access without a reason is no news anywhere: context is forgotten or late. Emergency accesses and the
    own chart are told by others. No opinion where care explains next to nothing, that is where no context arrives.
    """

    id = "ehr.unexplained_access"
    title = "Charts opened without a reason"
    severity = 3
    attacks = ("T1213", "T1078")
    inputs = ("user", "role", "department", "patient", "reason", "strength", "user_before",
              "department_before", "coverage", "unexplained_share", "shift_share", "treated_times",
              "withdrawn", "judged_ts", "left_s", "left_usual", "left_late")  # fmt: skip
    misses = (
        "One or two charts a day opened out of curiosity unless a relation to the patient is known, accesses that "
        "look like care because the patient is in the user's own department, and hospitals whose context does "
        "not arrive."
    )
    cost = "O(tail) an access that care does not explain; 110 bytes a user, 40 a pair of user and patient: 6 MB in all"
    beside = ("ehr.slow_harvest", "ehr.same_stranger", *RELATIONS, SUMMING, EMERGENCY, *UNLIKELY)
    throughout = ("ehr.slow_harvest",)
    defaults = {"rare": 0.002, "least": 3.0}

    alike = True
    pairs = 8192
    windows_d = (1,)
    ring_d = 3

    def peers(self, batch: Batch) -> np.ndarray:
        return cohort(batch)

    def discounted(self, batch: Batch, rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
        weight = np.where(batch.equals("outcome", "failure")[rows], 0.0, weight)
        mine, theirs = (number(batch, name, 0.0)[rows] > 0 for name in ("user_before", "department_before"))
        found: np.ndarray = weight * np.where(mine, KNOWN, np.where(theirs, TO_COLLEAGUES, 1.0))
        return found

    def counted(self, weight: np.ndarray, gap_s: np.ndarray) -> np.ndarray:
        return np.where(gap_s > AGAIN_S, np.minimum(weight, 1.0), 0.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e, feature, normal = self.usual(scores, row)
        patients, expected = e["patients"], e["expected"]
        message = (
            f"{who(batch, row)} opened the charts of {np.ceil(patients):.0f} patients within a day without a reason; "
            f"usual are {expected:.1f}. For the last, {searched(batch, row)}."
        )
        features = [feature]
        share = batch.value("unexplained_share", row)
        if share is not None:
            features.append(Feature(name="unexplained_share_of_colleagues", value=round(share, 3)))
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        run = [judged_access(3600.0 * 9 + 120.0 * i, f"p{i}") for i in range(16)]
        treated = [judged_access(3600.0 * 9 + 120.0 * i, f"p{i}", reason="encounter", strength=0.8) for i in range(16)]
        return (
            Example("sixteen strangers in one shift", run, True),
            Example("sixteen patients of the ward", treated, False),
            Example("no context arrives here", [r | {"coverage": 0.02} for r in run], False),
            Example("context came after all", [r | {"withdrawn": True} for r in run], False),
        )
