"""A few strangers' charts a day, for weeks: never many at once, and never a reason."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.daily_counts import DailyCounts
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import accesses, covered, glass, lacking, number, role, searched, surprising, who
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from schemas.finding import Feature

USERS, PAIRS = 4096, 16_384  # per key group
WINDOWS_D = (1, 14, 30)
RING_D = 32
MONTH_S = 30 * 86_400.0
PRIOR = 1.0  # before anything is known: a patient a day
AGAIN = 1.5  # once told, a user is told again when it has become half as much more: weeks are one story
NAMES = ("patients", "expected", "days")


class SlowHarvest(Detector):
    """Different patients within 14 and within 30 days whose charts a user opened for the first time and without a
    reason, against what others of the same role do in that time, and the user did before.

    A user is told when it becomes unlikely and again when it has grown by half.
    """

    id = "ehr.slow_harvest"
    title = "Strangers' charts opened over weeks"
    severity = 4
    attacks = ("T1213", "T1078")
    source = "judged"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "patient", "reason", "strength", "user_before", "coverage", "withdrawn",
              "judged_ts")  # fmt: skip
    misses = (
        "A collector who stays below what colleagues open by mistake or oversight, uses several accounts, or takes "
        "charts of the own ward; what was going on before watching began counts as usual after a month."
    )
    cost = "O(32 + tail) an access that care does not explain; 230 bytes a user, 40 a pair of user and patient"
    reference = "Fabbri and LeFevre, Explanation-Based Auditing, PVLDB 5(1), 2011; negative binomial tail"
    defaults = {"rare": 0.0007, "least": 8.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._counts = DailyCounts(setup.groups, USERS, WINDOWS_D, RING_D, PRIOR)
        self._parts = {"pairs": self._pairs, "counts": self._counts, "peers": self._counts.peers}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.full(batch.n, np.nan) for name in NAMES}
        rows = np.flatnonzero(accesses(batch) & ~glass(batch) & (batch.number("is_self") != 1.0))
        if not len(rows):
            return Scores(values, evidence)
        weight = (lacking(batch) * covered(batch) * surprising(batch))[rows]
        weight[(number(batch, "user_before", 0.0)[rows] > 0) | batch.equals("outcome", "failure")[rows]] = 0.0
        user, ts, groups = batch.hash("user")[rows], batch.ts[rows], batch.groups[rows]
        some = np.flatnonzero(weight > 0)
        _, gap, _ = self._pairs.note(
            combine_many(user[some], batch.hash("patient")[rows[some]]), ts[some], groups[some]
        )
        weight[some] *= gap > MONTH_S
        out = self._counts.add(
            user,
            role(batch)[rows],
            weight,
            ts,
            groups,
            float(self.option["rare"]),
            float(self.option["least"]),
            AGAIN,
        )
        values[rows] = out[0]
        for k, name in enumerate(NAMES):
            evidence[name][rows] = out[k + 1]
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        patients, expected, days = (float(scores.evidence[k][row]) for k in NAMES)
        message = (
            f"{who(batch, row)} opened the charts of {np.ceil(patients):.0f} patients within {days:.0f} days whom the "
            f"user had never seen, without a reason; usual are {expected:.1f}. For the last, {searched(batch, row)}."
        )
        features = [
            Feature(name="unexplained_patients", value=round(patients, 2), unit=f"per {days:.0f} days", usual_low=0,
                    usual_high=round(expected, 2))
        ]  # fmt: skip
        return Explanation(message, f"About {expected:.1f} patients in {days:.0f} days.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        hours = [86_400.0 * d + 3600.0 * h for d in range(18, 30) for h in (9, 13, 16)]
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
            Example("three strangers a day for twelve days", story, True),
            Example("the same three patients", again, False),
            Example("one a week", rare, False),
        )
