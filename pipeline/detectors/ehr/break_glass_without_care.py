"""Emergency access to a chart, and no care for it was ever documented."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.daily_counts import DailyCounts, opinions
from pipeline.detectors.ehr.daily_usual import NAMES, daily_feature, fewest
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import (
    ENOUGH,
    accesses,
    cohort,
    covered,
    glass,
    number,
    searched,
    unexplained_alike,
    who,
)
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many

USERS, PAIRS, COHORTS = 4096, 4096, 256  # per key group
DAY_S = 86_400.0
SURGE_S = 7200.0  # colleagues who break the glass within two hours are in one emergency
PRIOR = 0.01  # before anything is known: one emergency access without care in a hundred user-days
VAIN = 0.1  # share of colleagues' accesses that care does not explain up to which each counts in full


class BreakGlassWithoutCare(Detector):
    """Patients opened by emergency access within a day for whom neither the user nor the department did anything after
    it; how unlikely that is for the user among colleagues of role and department.

    A single one is found where that is rare, a run of them where it is routine; a patient counts once a day. Each
    colleague beyond one other who breaks the glass in vain within two hours lowers the weight: a whole department in
    an emergency has other work than paper. So does the share of colleagues' accesses, to charts of patients who seem
    treated as much, that care does not explain, beyond a tenth: so much care is never told of. Whatever is followed by
    care does not count at all, and nothing where care is hardly ever told of.
    """

    id = "ehr.break_glass_without_care"
    title = "Emergency access without care"
    severity = 3
    attacks = ("T1213", "T1078")
    source = "judged"
    alert_days = 7
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "patient", "purpose", "break_glass", "care_after", "strength", "coverage",
              "unexplained_share", "treated_times", "withdrawn", "judged_ts")  # fmt: skip
    misses = (
        "Emergency accesses for which some order or note was written as well, accounts for which they are routine, and "
        "systems that do not mark emergency access."
    )
    cost = "O(tail) an emergency access without care; 110 bytes a user: 5 MB in all"
    reference = "absence join in event time; negative binomial tail"
    defaults = {"rare": 0.02}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._surge = WindowedDistinct(setup.groups, COHORTS, SURGE_S, 16)
        self._counts = DailyCounts(setup.groups, USERS, (1,), 3, PRIOR)
        self._parts = {
            "pairs": self._pairs, "surge": self._surge, "counts": self._counts, "peers": self._counts.peers
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(accesses(batch))
        if not len(rows):
            return opinions(batch.n, rows, np.empty((1 + len(NAMES), 0)), NAMES)
        user, peers, ts, groups = batch.hash("user")[rows], cohort(batch)[rows], batch.ts[rows], batch.groups[rows]
        vain = glass(batch)[rows] & (batch.number("care_after")[rows] == 0.0)
        vain &= number(batch, "strength", 0.0)[rows] < ENOUGH
        some = np.flatnonzero(vain)
        _, gap, _ = self._pairs.note(
            combine_many(user[some], batch.hash("patient")[rows[some]]), ts[some], groups[some]
        )
        others = self._surge.add(peers[some], user[some], ts[some], groups[some]) - 1.0
        weight = np.zeros(len(rows))
        weight[some] = np.where(gap > 0.5 * DAY_S, covered(batch)[rows[some]] / np.maximum(others, 1.0), 0.0)
        weight /= np.maximum(unexplained_alike(batch, 0.0)[rows] / VAIN, 1.0)
        out = self._counts.add(
            user, peers, weight, ts, groups, float(self.option["rare"]), 1.0, worked=batch.number("user_days")[rows]
        )
        return opinions(batch.n, rows, out, NAMES)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(scores.evidence[name][row]) for name in NAMES}
        patients, expected = e["patients"], e["expected"]
        charts = "a patient's chart" if patients < 1.5 else f"the charts of {np.ceil(patients):.0f} patients"
        usual = f"one in {1 / expected:.0f} days" if 0 < expected < 0.5 else f"{expected:.1f} a day"
        message = (
            f"{who(batch, row)} opened {charts} by emergency access within a day, and no order, note or visit "
            f"followed; usual is {usual}. For the last, {searched(batch, row)}."
        )
        features = [daily_feature("emergency_patients_without_care", "per day", e)]
        fewer = fewest(expected, e["spread"], float(self.option["rare"]), self.limit(scores, row))
        normal = "The same, had an order, a note or a visit followed."
        if fewer > 1:
            normal = f"Fewer than {fewer} such patients within a day."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def broke(day: int, number: int, care: bool) -> dict[str, object]:
            how = {"break_glass": True, "purpose": "BTG", "care_after": care}
            return judged_access(DAY_S * day + 300.0 * number, f"p{day}-{number}", **how)

        urgent = [broke(d, n, n > 0) for d in range(30) for n in range(3)]
        return (
            Example("no care followed", [broke(0, 0, False)], True),
            Example("a run where one a day is routine", urgent + [broke(30, n, False) for n in range(9)], True),
            Example("a night of accidents, each followed by care", [broke(0, n, True) for n in range(20)], False),
        )
