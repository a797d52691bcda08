"""Charts are opened at an hour at which neither this user nor the department nor the role ever works."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 4096  # per key group
COHORTS = 256  # departments and roles per key group
EVERYBODY = np.uint64(1)
HOUR_S, DAY_S = 3600.0, 86_400.0
HALF_LIFE_S = 30 * DAY_S  # rotas change by the month
LEND = 4.0  # hours worked that the colleagues' rhythm speaks for, beside one's own
PRIOR = 8.0  # hours worked that everybody's rhythm speaks for, beside the department's
ENOUGH, DAYS = 20.0, 10.0  # hours worked and days after which a user has a rhythm: more than one week's rota
GUARD = 0.25  # an hour that was found counts for a quarter: a new rota is learned within days, one night is not
WORK = 3.0  # charts that make an hour one of work
AROUND = 3.0  # hours looked at: the clocks are set by one of them twice a year, and shifts are overrun
OWN, OTHERS, HOURS = range(1, 4)


class OddHours(Detector):
    """How rare the hour is, one hour either side included, in the user's own rhythm and in that of the colleagues.

    The unit is the hour in which someone worked, less where it was a chart or two. The colleagues are the department
    or the role, whichever
    works at that hour more; both must hardly ever do so, so that a night on call, a shift taken over or a journey is
    no news where there are night shifts at all; nor is a chart or two looked up at home. Hours are UTC, as a rhythm
    needs no zone.
    """

    id = "ehr.odd_hours"
    title = "Charts opened at an unusual hour"
    severity = 2
    attacks = ("T1078",)
    source = "ehr"
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "patient", "outcome")
    misses = (
        "Users whose department or role works at all hours, whoever keeps office hours, and accounts with less than "
        "ten days of history. Colleagues are those of the same key group, about one in eight."
    )
    cost = "O(24) an access; 140 bytes a user, 4.6 MB in all"
    reference = "ATT&CK T1078; Freeman et al., Who Are You?, NDSS 2016"
    defaults = {"rare": 0.02}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {"hours": ((24,), np.float32), "last": ((), np.float64), "first": ((), np.float64)}
        self._users = EntityState(setup.groups, USERS, columns | {"taken": ((), np.float32)})
        self._cohorts = EntityState(setup.groups, COHORTS, columns)
        self._charts = WindowedDistinct(setup.groups, USERS // 4, 2 * HOUR_S, 8)
        self._parts = {"users": self._users, "cohorts": self._cohorts, "charts": self._charts}

    def score(self, batch: Batch) -> Scores:
        out = np.full((4, batch.n), np.nan)
        user, role, department = (batch.hash(f) for f in ("user", "role", "department"))
        rows = np.flatnonzero((user != 0) & ~batch.equals("outcome", "failure"))
        if len(rows):
            charts = self._charts.add(user[rows], batch.hash("patient")[rows], batch.ts[rows], batch.groups[rows])
            as_role = combine_many(role[rows], np.full(len(rows), np.uint64(hash_text("role"))))
            u, c = self._users.arrays(), self._cohorts.arrays()
            out[:, rows] = _judge(
                user[rows], department[rows], as_role, charts, batch.ts[rows], batch.groups[rows],
                (u["keys"], u["seen"], u["hours"], u["last"], u["first"], u["taken"]),
                (c["keys"], c["seen"], c["hours"], c["last"], c["first"]), float(self.option["rare"]),
            )  # fmt: skip
        return Scores(out[0], {"own": out[OWN], "others": out[OTHERS], "hours": out[HOURS]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        own, others, hours = (float(scores.evidence[k][row]) for k in ("own", "others", "hours"))
        who = named(batch, row, "user", otherwise="Someone unnamed")
        where = named(batch, row, "department", "role", otherwise="the same department")
        hour = int(batch.ts[row] // HOUR_S % 24)
        message = (
            f"{who} opened charts at {hour:02d} hours UTC; of {hours:.0f} hours in which the account was used, "
            f"{100 * own:.1f} % fall near that one, and {100 * others:.1f} % of those of colleagues in {where}."
        )
        features = [
            Feature(name="share_of_own_hours", value=round(own, 4), usual_low=float(self.option["rare"])),
            Feature(name="share_of_colleagues_hours", value=round(others, 4), usual_low=float(self.option["rare"])),
        ]
        return Explanation(message, "Hours at which this user, or colleagues of the same post, work.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def weeks(user: str, department: str, hours: Sequence[int], days: int = 30) -> list[dict[str, object]]:
            who = {"kind": "access", "user": user, "department": department, "role": f"{department} staff"}
            return [who | {"ts": 1e9 - 1e9 % DAY_S + DAY_S * d + HOUR_S * h} for d in range(days) for h in hours]

        office = weeks("clerk1", "Billing", (8, 10, 12, 15))
        at = float(str(office[-1]["ts"])) + 12 * HOUR_S
        night = [office[-1] | {"ts": at + 60.0 * i, "patient": f"p{i}"} for i in range(6)]
        # Two users of one key group, so that they are colleagues of each other.
        ward = weeks("n1", "Medicine", (8, 10, 12, 14)) + weeks("n3", "Medicine", (22, 0, 2, 4))
        ward.sort(key=lambda e: float(str(e["ts"])))
        at = float(str(ward[0]["ts"])) + 30 * DAY_S
        cover = [ward[0] | {"user": "n1", "ts": at + 60.0 * i, "patient": f"p{i}"} for i in range(6)]
        return (
            Example("billing at three in the morning", [*office, *night], True),
            Example("an hour later in summer", [*office, *weeks("clerk1", "Billing", (16,), 31)[-1:]], False),
            Example("a night shift taken over", [*ward, *cover], False),
        )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _rhythm(table, g, key, ts):  # type: ignore[no-untyped-def]
    """Slot of a user or cohort in its group's table, its hours faded to `ts`."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    hours, last = table[2][g, slot], table[3][g]
    if fresh:
        hours[:] = 0.0
        last[slot] = -np.inf
        table[4][g, slot] = ts
    return slot


@nb.njit(cache=True, nogil=True)
def _near(hours, hour):  # type: ignore[no-untyped-def]
    """Hours worked at this hour of the day and one either side."""
    return float(hours[hour]) + float(hours[(hour + 1) % 24]) + float(hours[(hour + 23) % 24])


@nb.njit(cache=True, nogil=True)
def _worked(table, g, slot, ts, weight):  # type: ignore[no-untyped-def]
    """Count one hour worked; the past fades."""
    hours, last = table[2][g, slot], table[3][g]
    gap = ts - last[slot]
    if 0.0 < gap < np.inf:
        hours *= np.float32(2.0 ** (-min(gap, 10.0 * HALF_LIFE_S) / HALF_LIFE_S))
    hours[int(ts // HOUR_S) % 24] += np.float32(weight)
    last[slot] = ts if gap > -DAY_S else last[slot]


@nb.njit(cache=True, nogil=True)
def _judge(user, department, role, charts, ts, groups, users, cohorts, rare):  # type: ignore[no-untyped-def]
    """float64[4, m]: score, own share of this hour, the colleagues', hours known of the user. Columns [m]; users and
    cohorts (keys, seen, hours [G, capacity, 24], last, first [G, capacity])."""
    out = np.full((4, len(user)), np.nan)
    for i in range(len(user)):
        g = groups[i]
        hour = int(ts[i] // HOUR_S) % 24
        s = _rhythm(users, g, user[i], ts[i])
        every = _rhythm(cohorts, g, EVERYBODY, ts[i])
        total = float(cohorts[2][g, every].sum())
        usual = (_near(cohorts[2][g, every], hour) + AROUND) / (total + 24.0)
        others = usual if department[i] == 0 and role[i] == 0 else 0.0
        for key in (department[i], role[i]):
            if key != 0:
                c = _rhythm(cohorts, g, key, ts[i])
                theirs = cohorts[2][g, c]
                others = max(others, (_near(theirs, hour) + PRIOR * usual) / (float(theirs.sum()) + PRIOR))
        mine = float(users[2][g, s].sum())
        own = (_near(users[2][g, s], hour) + LEND * others) / (mine + LEND)
        value = np.nan
        if mine >= ENOUGH and ts[i] - users[4][g, s] >= DAYS * DAY_S:
            value = charts[i] / (charts[i] + 1.0) / (1.0 + max(own, others) / rare)
        out[0, i] = value
        out[OWN, i], out[OTHERS, i], out[HOURS, i] = min(own, 1.0), min(others, 1.0), mine
        if ts[i] // HOUR_S != users[3][g, s] // HOUR_S:
            users[5][g, s] = 0.0
        # Each of the first charts of an hour adds its part.
        if users[5][g, s] < min(charts[i], WORK):
            users[5][g, s] += 1.0
            weight = (GUARD if value >= 0.5 else 1.0) / WORK
            _worked(users, g, s, ts[i], weight)
            _worked(cohorts, g, every, ts[i], weight)
            for key in (department[i], role[i]):
                if key != 0:
                    _worked(cohorts, g, _rhythm(cohorts, g, key, ts[i]), ts[i], weight)
    return out
