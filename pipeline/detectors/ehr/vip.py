"""Somebody opened the chart of a person the hospital watches over, and has no part in the care."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from pipeline.detectors.detector import Example
from pipeline.detectors.ehr.example_access import judged_access, pages
from pipeline.detectors.ehr.judged import unasked
from pipeline.detectors.ehr.relation import Relation
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.lists import Lists, UserList


class Vip(Relation):
    """Unexplained access to a patient on the list `vip`, of more than a page or by somebody who nearly always has a
    reason. Where no clinical context arrives it counts, too, but as little as the house can tell there: several looks
    that were not left soon, on several days."""

    id = "ehr.vip"
    title = "A watched patient's chart opened without a reason"
    lists = ("vip",)
    reference = "list `vip` of the hospital"
    misses = (
        "Patients who are not on the list, accesses that the record system does not write down, and the curious among "
        "those who treat the patient."
    )
    odds = 1.2
    usual_share = 0.02
    words = "a watched patient"

    @cached_property
    def _watched(self) -> np.ndarray:
        """uint64[m]: identifiers and record numbers, as given and in lower case."""
        listed = self.setup.lists["vip"]
        names = set(listed.rows)
        for rows in listed.rows.values():
            names.update(row.get(column) or "" for row in rows for column in ("patient", "mrn"))
        return np.sort(np.array([hash_text(name) for name in names if name], np.uint64))

    def lacks(self, batch: Batch) -> np.ndarray:
        return unasked(batch)

    def related(self, batch: Batch) -> np.ndarray:
        return np.isin(batch.hash("patient"), self._watched).astype(np.float64)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        lists = Lists({"vip": UserList({"p-0042": ({"patient": "p-0042", "mrn": "m-77"},)})})
        watched = judged_access(36_000.0, "p-0042")
        return (
            Example("a watched patient", pages(watched), True, lists),
            Example("by record number", pages(watched | {"patient": "m-77", "action": "print"}), True, lists),
            Example("a wrong click", [watched], False, lists),
            Example("treated here", [watched | {"reason": "care_team", "strength": 0.9}], False, lists),
            Example("anyone else", [watched | {"patient": "p-0043"}], False, lists),
            Example("no list", [watched], False),
        )
