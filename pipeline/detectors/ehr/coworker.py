"""Somebody opened the chart of a person who works here, and has no part in the care."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example
from pipeline.detectors.ehr.example_access import judged_access, pages
from pipeline.detectors.ehr.relation import Relation, is_set
from pipeline.features.batch import Batch

SAME_DEPARTMENT = (
    1.8  # the same department is some tenth of the house, and the better known; patients are sent there, too
)


class Coworker(Relation):
    """Unexplained access to a member of staff's chart; the nearer the department the likelier.

    Kin and those who share a home are told as such (`ehr.family`), oneself by `ehr.self`.
    """

    id = "ehr.coworker"
    title = "A colleague's chart opened without a reason"
    reference = "NHS and HIPAA audits of staff as patients; Fabbri and LeFevre, PVLDB 5(1), 2011"
    misses = (
        "Colleagues whose chart may be opened because they are treated in the user's department, staff who are not "
        "known to be patients, and curiosity in hospitals where many unexplained accesses concern staff anyway."
    )
    odds = 0.5
    usual_share = 0.02
    words = "a person who works here"

    def related(self, batch: Batch) -> np.ndarray:
        other = is_set(batch, "is_self") | is_set(batch, "same_address")
        close = np.where(is_set(batch, "same_department"), SAME_DEPARTMENT, 1.0)
        return np.where(is_set(batch, "is_coworker") & ~other, close, 0.0)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        colleague = judged_access(36_000.0, "p1", is_coworker=True, same_department=True)
        return (
            Example("no part in the care", pages(colleague), True),
            Example("the colleague is treated here", [colleague | {"reason": "encounter", "strength": 0.8}], False),
            Example("a stranger", [judged_access(36_000.0, "p1", is_coworker=False)], False),
        )
