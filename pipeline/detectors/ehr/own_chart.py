"""Somebody opened or changed their own chart in the staff's system instead of asking for it."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import who
from pipeline.detectors.ehr.relation import is_set
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from schemas.finding import Feature

USERS = 2048  # per key group
CHANGING = ("create", "update", "delete")
TAKING = ("print", "export")
CHANGED, TAKEN, READ, AGAIN = 0.9, 0.7, 0.55, 0.4  # what one writes about oneself is the harm; reading is a habit
TOLD_S = 30 * 86_400.0  # after so long without, reading is told as if it were the first time
LOOK_S = 43_200.0  # what is read again after half a day is another look
HABIT = 3.0  # looks that are told once more, and again whenever they have doubled: one look was a question, not three


class OwnChart(Detector):
    """Any access to one's own chart: reading when it begins and when it becomes a habit, taking along and changing
    whenever it happens."""

    id = "ehr.self"
    title = "Own chart opened"
    severity = 2
    attacks = ("T1213",)
    source = "judged"
    alert_days = 7
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "patient", "is_self", "action", "outcome", "withdrawn")
    misses = "Staff whose patient identity is not known, and a colleague asked to look it up."
    cost = "O(1) an access to their own chart; 80 bytes a user who did, 1.3 MB in all"
    reference = "HIPAA 45 CFR 164.524: access of individuals to their records goes through the records office"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._told = Sightings(setup.groups, USERS)
        self._looks = Sightings(setup.groups, USERS)
        self._parts = {"told": self._told, "looks": self._looks}

    def score(self, batch: Batch) -> Scores:
        values, times = np.full(batch.n, np.nan), np.zeros(batch.n)
        rows = np.flatnonzero(is_set(batch, "is_self"))
        if len(rows):
            user, ts, groups = batch.hash("user")[rows], batch.ts[rows], batch.groups[rows]
            _, gap, times[rows] = self._told.note(user, ts, groups)
            value = np.where((gap > TOLD_S) | self._habit(user, ts, groups, gap > LOOK_S), READ, AGAIN)
            value = np.where(batch.is_in("action", TAKING)[rows], TAKEN, value)
            value = np.where(batch.is_in("action", CHANGING)[rows], CHANGED, value)
            values[rows] = np.where(batch.equals("outcome", "failure")[rows], AGAIN, value)
        return Scores(values, {"times": times})

    def _habit(self, user: np.ndarray, ts: np.ndarray, groups: np.ndarray, look: np.ndarray) -> np.ndarray:
        """bool[m]: with this row the user's looks are HABIT, or twice as many as when they were last told."""
        found, some = np.zeros(len(user), np.bool_), np.flatnonzero(look)
        _, _, before = self._looks.note(user[some], ts[some], groups[some])
        doubled = np.log2(np.maximum(before + 1.0, 1.0) / HABIT)
        found[some] = (doubled >= 0.0) & (doubled == np.floor(doubled))
        return found

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        action = batch.text("action", row) or "read"
        verb = {"print": "printed", "export": "exported", "create": "wrote into", "update": "changed"}.get(
            action, "opened"
        )
        verb = "deleted from" if action == "delete" else verb
        times = float(scores.evidence["times"][row])
        message = f"{who(batch, row)} {verb} their own chart" + (
            f", after {times:.0f} accesses before." if times else "."
        )
        severity = 3 if action in CHANGING else None
        features = [
            Feature(name="whose_chart", value="the user's own", contribution=0.5),
            Feature(name="action", value=action[:64], contribution=0.5),
            Feature(name="accesses_to_it_before", value=times, contribution=0.0),
        ]
        normal = "The record asked for as other patients ask; reading it once more within 30 days is not told anew."
        return Explanation(message, normal, features, severity=severity)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        own = judged_access(36_000.0, "p1", is_self=True)
        return (
            Example("reading", [own], True),
            Example("another's chart", [own | {"is_self": False}], False),
            Example("it could not be opened", [own | {"outcome": "failure"}], False),
        )
