"""Somebody opened the chart of a person long dead, and it is not the office that has to."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Setup
from pipeline.detectors.ehr.example_access import judged_access, pages
from pipeline.detectors.ehr.relation import Relation
from pipeline.features.batch import Batch

# HL7 v3 PurposeOfUse under which charts of the dead are opened: payment, operations, research, records, legal.
OFFICES = (
    "HPAYMT", "HOPERAT", "HRESCH", "CLINTRCH", "PATADMIN", "HSYSADMIN", "HLEGAL", "HACCRED", "HQUALIMP", "PUBHLTH",
)  # fmt: skip
# A wrong click hits those who died lately as seldom as they are few in the index, the long dead some ten times as
# often; and it is the fresh death of which people talk.
LATELY_D, LATELY = 30.0, 1.6


class Deceased(Relation):
    """Unexplained access more than `after_d` days after the patient's death, other than for payment, operations,
    research or records; of the long dead more than a page. Departments that often do so (records, pathology, quality)
    are learned and stay quiet."""

    id = "ehr.deceased"
    title = "Chart of a person long dead opened without a reason"
    attacks = ("T1213", "T1078")
    inputs = (*Relation.inputs, "deceased_days", "purpose")
    reference = "identity theft of the dead; HIPAA 45 CFR 164.502(f): protected for 50 years"
    misses = (
        "Accesses in the first weeks after death, deaths that the hospital was not told of, and offices' own curiosity."
    )
    odds = 0.9
    usual_share = 0.01
    words = "a person who has died"
    defaults = {"after_d": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._after_d = float(self.option["after_d"])

    def related(self, batch: Batch) -> np.ndarray:
        dead = batch.number("deceased_days") >= self._after_d
        close = np.where(batch.number("deceased_days") < LATELY_D, LATELY, 1.0)
        return np.where(dead & ~batch.is_in("purpose", OFFICES), close, 0.0)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        late = judged_access(36_000.0, "p1", deceased_days=400.0)
        return (
            Example("a year after", pages(late), True),
            Example("for the bill", [late | {"purpose": "HPAYMT"}], False),
            Example("the week after", [late | {"deceased_days": 5.0}], False),
        )
