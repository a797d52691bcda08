"""Somebody does in the record system what others do there, but hardly anyone of the same role."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.account_signs import others
from pipeline.detectors.explaining import count_of, least
from pipeline.detectors.memory.in_turn import in_turn
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

COUNTS, HABITS, USERS = 4096, 4096, 1024  # per key group
DAY_S = 86_400.0
SMOOTH = 4.0  # accesses that all roles together speak for, beside the role's own
ROLE_KNOWN = 100.0  # accesses after which it is known what a role does
DONE_BY_OTHERS = 20.0  # accesses of other roles that make it somebody's work at all
RARER = 2.0  # times rarer than among all from which the user is looked at
OWN = 3.0  # times on earlier days that make it the user's own work
TOGETHER = 3.0  # users of the role who do it within a week: a new task, not a stray
SESSION = ("login", "logout")  # of everybody, and of no record
EVERYBODY = np.uint64(1)


class RoleMismatch(Detector):
    """Accesses within a day whose kind (action on a kind of record) is at least `ratio` times rarer in the user's role
    than among all users; 0.5 at `least`.

    Both probabilities are smoothed, the role's towards everybody's, so that what is new to all, as after an update of
    the record system, is no mismatch; nor is what the user did on earlier days or what several of the role begin to do.
    """

    id = "ehr.role_mismatch"
    title = "Use of the record system that does not fit the role"
    severity = 2
    attacks = ("T1078",)
    source = "ehr"
    alert_days = 7
    beside = others(id)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "resource", "action", "outcome")
    misses = (
        "Misuse by means that the role has anyway, roles too small to be known (fewer than 100 accesses in a key "
        "group), and record systems that do not say what kind of record was touched."
    )
    cost = "O(1) an access; 40 bytes a pair of role and kind of access, 190 bytes a user who strays: 4.6 MB in all"
    reference = (
        "conditional probability with Dirichlet smoothing; Chen and Malin, Detection of Anomalous Insiders, 2011"
    )
    defaults = {"ratio": 20.0, "least": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._counts = Sightings(setup.groups, COUNTS)
        self._habits = Sightings(setup.groups, HABITS)
        self._today = WindowedSum(setup.groups, USERS, DAY_S)
        self._together = WindowedDistinct(setup.groups, USERS, 7 * DAY_S, 8)
        self._parts = {
            "counts": self._counts, "habits": self._habits, "today": self._today, "together": self._together
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("today", "role_share", "all_share", "known")}
        user, role, department = (batch.hash(f) for f in ("user", "role", "department"))
        role = np.where(role != 0, role, department)
        what = combine_many(batch.hash("action"), batch.hash("resource"))
        wanted = (user != 0) & (role != 0) & (what != 0) & ~batch.equals("outcome", "failure")
        rows = np.flatnonzero(wanted & ~batch.is_in("action", SESSION))
        if not len(rows):
            return Scores(values, evidence)
        user, role, what, ts, groups = user[rows], role[rows], what[rows], batch.ts[rows], batch.groups[rows]
        every = np.full(len(rows), EVERYBODY)
        keys = (
            combine_many(role, np.full(len(rows), np.uint64(hash_text("role")))), combine_many(role, what), every,
            combine_many(every, what),
        )  # fmt: skip
        n_role, n_role_what, n_all, n_what = self._counts.note(*in_turn(keys, ts, groups))[2].reshape(-1, 4).T
        of_all = n_what / np.maximum(n_all, 1.0)
        values[rows] = np.where(n_role >= ROLE_KNOWN, 0.0, np.nan)
        odd = (n_role >= ROLE_KNOWN) & (n_what - n_role_what >= DONE_BY_OTHERS)
        some = np.flatnonzero(odd & (of_all >= RARER * (n_role_what + SMOOTH * of_all) / (n_role + SMOOTH)))
        age, _, own = self._habits.note(combine_many(user[some], what[some]), ts[some], groups[some])
        n_role_what[some] = np.maximum(n_role_what[some] - own, 0.0)
        of_role = (n_role_what + SMOOTH * of_all) / (n_role + SMOOTH)
        if len(some):
            stray = of_all[some] >= float(self.option["ratio"]) * of_role[some]
            stray &= (age < DAY_S) | (own < OWN)
            today = self._strays(user[some], combine_many(role[some], what[some]), stray, ts[some], groups[some])
            values[rows[some]] = today / (today + float(self.option["least"]))
            evidence["today"][rows[some]] = today
        for name, column in (("role_share", of_role), ("all_share", of_all), ("known", n_role)):
            evidence[name][rows] = column
        return Scores(values, evidence)

    def _strays(
        self, user: np.ndarray, task: np.ndarray, stray: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """float64[m]: strays of the user within a day, the row included; 0 where it is none or a new task of many."""
        users = self._together.add(task, np.where(stray, user, np.uint64(0)), ts, groups)
        weight = (stray & (users < TOGETHER)).astype(np.float64)
        return np.nan_to_num(self._today.add(user, weight, ts, groups)) * weight

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        who, post = named(batch, row, "user"), named(batch, row, "role", "department", otherwise="this role")
        action, kind = named(batch, row, "action", otherwise="use"), named(batch, row, "resource", otherwise="records")
        message = (
            f"{who} ({post}) did {count_of(e['today'], 'time')} within a day what does not fit the role, "
            f"last {action} of {kind}: {100 * e['all_share']:.2g} % of all accesses, {100 * e['role_share']:.2g} % of "
            f"those of others who work as {post}."
        )
        fewer = least(e["today"], float(scores.values[row]), self.limit(scores, row), float(self.option["least"]))
        enough = e["all_share"] / float(self.option["ratio"])
        features = [
            Feature(name="acts_unlike_the_role", value=e["today"], unit="per day", usual_low=0, usual_high=fewer - 1),
            Feature(name="share_of_it_in_the_role", value=round(e["role_share"], 6), peer_low=round(enough, 6)),
            Feature(name="share_of_it_in_all", value=round(e["all_share"], 6)),
        ]
        normal = f"Fewer than {fewer} of them within a day, or {enough:.2%} of what the role does."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def does(user: str, role: str, at: float, action: str, resource: str) -> dict[str, object]:
            return {
                "kind": "access",
                "user": user,
                "role": role,
                "ts": 1e9 + at,
                "action": action,
                "resource": resource,
            }

        # Two users of one key group, so that one's work is known where the other strays.
        work = [
            does(*who, 300.0 * i, *what)
            for i in range(210)
            for who, what in ((("n1", "nurse"), ("read", "Observation")), (("n3", "biller"), ("update", "Coverage")))
        ]
        coverage = [does("n1", "nurse", 7e4 + i, "update", "Coverage") for i in range(4)]
        genome = [does("n1", "nurse", 7e4 + i, "read", "Genome") for i in range(9)]
        return (
            Example("a nurse changes insurance data", [*work, *coverage], True),
            Example("once, by mistake", [*work, coverage[0]], False),
            Example("new to everybody", [*work, *genome], False),
        )
