"""Somebody opened the chart of kin: the same rare family name, the same home, or both."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example
from pipeline.detectors.ehr.example_access import judged_access, pages
from pipeline.detectors.ehr.judged import covered_alike
from pipeline.detectors.ehr.relation import Relation, is_set
from pipeline.features.batch import Batch

SAME_HOME = 6.0  # name and address together are no chance
ANYBODYS = ("payment", "serves_all", "colleague")
"""Reasons that hold for every colleague as well: who codes, registers or tests for a house hands kin over to one."""
HANDED_OVER = 0.5  # of a reason lacks then


class Family(Relation):
    """Unexplained access to the chart of somebody with the user's family name; much likelier where the home is the
    same too. How often names meet by chance is learned. Of kin under the same roof what somebody's office or role
    explains is half a reason, as any colleague could have done it; care by the user is a whole one."""

    id = "ehr.family"
    title = "A relative's chart opened without a reason"
    reference = "HIPAA audits: same surname, same address; Fabbri and LeFevre, PVLDB 5(1), 2011"
    misses = (
        "Kin of another name who live elsewhere, common names, and hospitals that do not tell names and addresses of "
        "staff and patients. Namesakes are found by mistake where names are few."
    )
    odds = 1.1
    usual_share = 0.002
    words = "a person of the same family name"

    def related(self, batch: Batch) -> np.ndarray:
        close = np.where(is_set(batch, "same_address"), SAME_HOME, 1.0)
        return np.where(_namesake(batch), close, 0.0)

    def lacks(self, batch: Batch) -> np.ndarray:
        """As of any relation; of kin at the same home no reason that is as good for a colleague is enough."""
        office = _namesake(batch) & is_set(batch, "same_address") & batch.is_in("reason", ANYBODYS)
        return np.maximum(super().lacks(batch), np.where(office, HANDED_OVER * covered_alike(batch), 0.0))

    @classmethod
    def examples(cls) -> Sequence[Example]:
        cousin = judged_access(36_000.0, "p1", same_family=True)
        team, bill = {"reason": "care_team", "strength": 0.9}, {"reason": "payment", "strength": 0.8}
        return (
            Example("the same rare name", pages(cousin), True),
            Example("name and home", [cousin | {"same_address": True}], True),
            Example("a cousin with an appointment", [cousin | {"same_address": True} | team], False),
            Example("a bill of somebody at home", [cousin | {"same_address": True} | bill], True),
            Example("a namesake's bill", [cousin | bill], False),
            Example("another name", [judged_access(36_000.0, "p1", same_family=False)], False),
        )


def _namesake(batch: Batch) -> np.ndarray:
    """bool[n]: somebody else of the user's family name."""
    return is_set(batch, "same_family") & ~is_set(batch, "is_self")
