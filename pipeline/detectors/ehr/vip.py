"""Somebody opened the record of a person the hospital watches over: a colleague, a neighbour of the news."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import named
from schemas.finding import Feature

READ, TRIED, TAKEN = 0.6, 0.5, 0.8
TAKING = ("export", "print", "delete")


class Vip(Detector):
    """Every access to a patient on the list `vip`; what takes the record out, or breaks the glass, scores higher.

    No opinion on anyone else. Whether the access was care is for the reader to say: severity is low, and repeated
    accesses of one user to one patient are one alert.
    """

    id = "ehr.vip"
    title = "Access to a watched patient's record"
    severity = 2
    attacks = ("T1213",)
    source = "ehr"
    entity = ("user",)
    entity_type = "user"
    group_by = ("user", "patient")
    inputs = ("user", "patient", "action", "outcome", "break_glass", "purpose")
    misses = (
        "Patients who are not on the list, and accesses that the record system does not write down; it does "
        "not judge whether an access was care."
    )
    lists = ("vip",)
    cost = "O(log list) an access, no state"
    reference = "list `vip` of the hospital"

    @cached_property
    def _watched(self) -> np.ndarray:
        """uint64[m]: identifiers and record numbers, as given and in lower case."""
        listed = self.setup.lists["vip"]
        names = set(listed.rows)
        for rows in listed.rows.values():
            names.update(row.get(column) or "" for row in rows for column in ("patient", "mrn"))
        return np.sort(np.array([hash_text(name) for name in names if name], np.uint64))

    def score(self, batch: Batch) -> Scores:
        patient = batch.hash("patient")
        watched = (patient != 0) & np.isin(patient, self._watched)
        glass = (batch.number("break_glass") == 1.0) | batch.is_in("purpose", ("BTG", "ETREAT"))
        grade = np.where(batch.is_in("action", TAKING) | glass, TAKEN, READ)
        grade = np.where(batch.equals("outcome", "failure"), TRIED, grade)
        return Scores(np.where(watched, grade, np.nan), {"glass": glass})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        who = named(batch, row, "user", otherwise="Someone unnamed")
        post = named(batch, row, "role", otherwise="")
        action = batch.text("action", row) or "read"
        verb = {"print": "printed", "export": "exported", "delete": "deleted"}.get(action, "opened")
        if batch.text("outcome", row) == "failure":
            verb = "tried to open"
        how = " by emergency access" if scores.evidence["glass"][row] else ""
        name = f"{who} ({post})" if post else who
        message = f"{name} {verb} a record of watched patient {named(batch, row, 'patient')}{how}."
        return Explanation(message, "Only those who treat this patient.", [Feature(name="action", value=action)])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        lists = Lists({"vip": UserList({"p-0042": ({"patient": "p-0042", "mrn": "m-77"},)})})
        access = {"kind": "access", "ts": 1000.0, "user": "nurse1", "action": "read"}
        return (
            Example("a watched patient", [access | {"patient": "p-0042"}], True, lists),
            Example("by record number", [access | {"patient": "m-77", "action": "print"}], True, lists),
            Example("anyone else", [access | {"patient": "p-0043"}], False, lists),
            Example("no list", [access | {"patient": "p-0042"}], False),
        )
