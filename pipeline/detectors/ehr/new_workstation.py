"""A user sits where neither the user nor the department nor the role ever does: a desk of another world."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.account_signs import others
from pipeline.detectors.ehr.places import OUTSIDE, areas
from pipeline.detectors.memory.in_turn import in_turn
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

PAIRS, USERS, COHORTS = 16_384, 4096, 1024  # per key group
DAY_S = 86_400.0
SHIFT_S = 43_200.0  # so long a place is new; and once per so long it counts for the colleagues
SETTLED_S = 7 * DAY_S
RARE = 0.01  # share of the colleagues' shifts below which a place is none of theirs
TOTAL = 30.0  # shifts of colleagues before anything is known of their places
RING = 8
UNHEARD = 0.45  # highest score of a place where nobody was before: a network is numbered anew more often than forged


class NewWorkstation(Detector):
    """A place (subnet, or workstation's name up to its number) that is new to a settled user, for the first shift.

    It counts as far as colleagues of the department are hardly ever there, nor those of the role, unless the role
    hardly ever moves: how often settled users begin a shift at a place that is new to them is learned of each role,
    beside all users. It counts less the more places the user works in: pools of desks, float staff, cover in another
    ward, support and scanners' rounds stay quiet. The internet is one place.
    """  # fmt: skip

    id = "ehr.new_workstation"
    title = "Charts opened at a desk of another department"
    severity = 2
    attacks = ("T1078",)
    source = "ehr"
    alert_days = 7
    beside = others(id)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "workstation", "src_ip", "outcome")
    misses = (
        "Another desk of the same ward or of a ward whose staff have the same role, networks that are not divided by "
        "department, users in their first week and those who work everywhere."
    )
    cost = "O(1) an access, O(60) one that begins a shift; 40 bytes a pair of user and place, 120 a user: 9 MB in all"
    reference = "ATT&CK T1078; Kent, Comprehensive Multi-Source Cyber-Security Events, 2015"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, PAIRS)
        self._users = Sightings(setup.groups, USERS)
        self._roams = WindowedDistinct(setup.groups, USERS // 2, 60 * DAY_S, RING)
        self._shifts = WindowedSum(setup.groups, COHORTS, 60 * DAY_S)
        self._parts = {"pairs": self._pairs, "users": self._users, "roams": self._roams, "shifts": self._shifts}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("share", "places", "days")}
        user, place = batch.hash("user"), areas(batch)
        rows = np.flatnonzero((user != 0) & (place != 0) & ~batch.equals("outcome", "failure"))
        if not len(rows):
            return Scores(values, evidence)
        user, place, ts, groups = user[rows], place[rows], batch.ts[rows], batch.groups[rows]
        age, _, _ = self._users.note(user, ts, groups)
        since, gap, count = self._pairs.note(combine_many(user, place), ts, groups)
        new = (since <= SHIFT_S) & (age - since >= SETTLED_S)
        begins = (count == 0) | (gap > SHIFT_S)
        some = np.flatnonzero(begins | new)
        share, places = np.zeros(len(rows)), np.ones(len(rows))
        known, heard = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
        settled = (age >= SETTLED_S) & begins
        share[some], known[some], heard[some] = self._usual(
            batch, rows[some], place[some], begins[some], settled[some], (settled & (count == 0))[some]
        )
        places[some] = self._roams.add(user[some], place[some], ts[some], groups[some])
        roams = np.minimum(1.0, 2.0 / np.maximum(places, 1.0))  # the new place is one of them
        value = np.where(known, roams / (1.0 + share / RARE), 0.5 * UNHEARD)
        value = np.where(heard | (place == OUTSIDE), value, np.minimum(value, UNHEARD))
        values[rows] = np.where(new, value, np.where(age >= SETTLED_S, 0.0, np.nan))
        for name, column in (("share", share), ("places", places), ("days", age / DAY_S)):
            evidence[name][rows] = column
        return Scores(values, evidence)

    def _usual(
        self,
        batch: Batch,
        rows: np.ndarray,
        place: np.ndarray,
        begins: np.ndarray,
        settled: np.ndarray,
        moved: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Share of shifts that colleagues are found at such a place: of the department at this one, or of the role, but
        not more than it moves; whether that is known, and whether anybody was ever there. Shifts count once, when they
        begin; those of `settled` users tell how many `moved`."""
        department, role, user = (np.full(len(rows), np.uint64(hash_text(n))) for n in ("department", "role", "user"))
        department = combine_many(department, batch.hash("department")[rows])
        role = combine_many(role, batch.hash("role")[rows])
        keys = [*(combine_many(cohort, place) for cohort in (department, role, user)), department, role]
        for which in ("settled", "moved"):
            salt = np.full(len(rows), np.uint64(hash_text(which)))
            keys += [combine_many(role, salt), combine_many(user, salt)]
        weight = np.stack([*[begins] * 5, settled, settled, moved, moved], axis=1).astype(np.float64).ravel()
        key, ts, groups = in_turn(keys, batch.ts[rows], batch.groups[rows])
        counted = np.nan_to_num(self._shifts.add(key, weight, ts, groups) - weight).reshape(-1, len(keys))
        heard, total, (theirs, all_), (theirs_moved, all_moved) = (
            counted[:, 2] > 0, counted[:, 3:5], counted[:, 5:7].T, counted[:, 7:].T,
        )  # fmt: skip
        share = counted[:, :2] / np.maximum(total, 1.0)
        moves = (theirs_moved + TOTAL * (all_moved + 1.0) / (all_ + TOTAL)) / (theirs + TOTAL)
        at_place = np.where(total >= TOTAL, share, np.inf)
        usual = np.maximum(share[:, 0], np.minimum(at_place[:, 1], moves))
        known = np.any(total >= TOTAL, axis=1) | (all_ >= TOTAL)
        return usual, known, heard

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        who, post = named(batch, row, "user"), named(batch, row, "department", "role", otherwise="")
        where = named(batch, row, "workstation", "src_ip", otherwise="a workstation")
        message = f"{who} opened charts at {where}, in a part of the house where the account was not used in "
        message += f"{e['days']:.0f} days"
        colleagues = f"colleagues ({post})" if post else "colleagues"
        message += f" and where {100 * e['share']:.1f} % of the shifts of {colleagues} are."
        # The score is what the user's roaming leaves of it, halved at RARE of the colleagues' shifts.
        roams = min(1.0, 2.0 / max(e["places"], 1.0))
        enough = max(RARE * (roams / self.limit(scores, row) - 1.0), RARE / 100)
        features = [
            Feature(name="share_of_colleagues_shifts", value=round(e["share"], 4), peer_low=round(enough, 4)),
            Feature(name="shifts_of_the_user_there", value=0, usual_low=1),
            Feature(name="places_of_user", value=e["places"]),
        ]
        normal = f"A place of the user's own, or one where at least {enough:.1%} of colleagues' shifts are."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        # Two users of one key group, so that they know each other's places.
        def weeks(user: str, role: str, net: str, desk: str) -> list[dict[str, object]]:
            who = {"kind": "access", "user": user, "role": role, "department": role, "workstation": desk}
            return [who | {"src_ip": f"10.4.{net}.7", "ts": 1e9 + DAY_S * d + 60.0 * (net == "9")} for d in range(40)]

        both = weeks("n1", "nurse", "8", "ward-7") + weeks("n3", "biller", "9", "office-2")
        both.sort(key=lambda e: float(str(e["ts"])))
        moved = both[0] | {"src_ip": "10.4.9.30", "workstation": "office-5", "ts": 1e9 + DAY_S * 41}
        near = both[0] | {"src_ip": "10.4.8.30", "workstation": "ward-9", "ts": 1e9 + DAY_S * 41}
        return (
            Example("a nurse at a desk of billing", [*both, moved], True),
            Example("the next desk of the ward", [*both, near], False),
        )
