"""Somebody opened the chart of a person who lives at the same address."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.relation import Relation, is_set
from pipeline.features.batch import Batch


class Neighbour(Relation):
    """Unexplained access to the chart of somebody with the user's postal code and street but another family name.

    How often addresses meet by chance (large houses, hospital housing) is learned.
    """

    id = "ehr.neighbour"
    title = "A neighbour's chart opened without a reason"
    reference = "HIPAA audits: same address; Fabbri and LeFevre, PVLDB 5(1), 2011"
    misses = (
        "Neighbours in the next street, addresses written differently, and hospitals that do not tell addresses of "
        "staff and patients."
    )
    odds = 2.0
    usual_share = 0.002
    words = "a person who lives at the same address"

    def related(self, batch: Batch) -> np.ndarray:
        other = is_set(batch, "same_family") | is_set(batch, "is_self")
        return np.where(is_set(batch, "same_address") & ~other, 1.0, 0.0)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        near = judged_access(36_000.0, "p1", same_address=True)
        return (
            Example("next door", [near], True),
            Example("next door, and a patient of the ward", [near | {"reason": "encounter", "strength": 0.8}], False),
            Example("the same address and name is family", [near | {"same_family": True}], False),
        )
