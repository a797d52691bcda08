"""Charts are opened at an hour at which neither this user nor the colleagues known here work."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.daily_usual import fewest
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import count_of
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.leaf import leaf
from pipeline.features.naming import named
from pipeline.models.count_tail import upper_tail
from schemas.finding import Feature

USERS = 4096  # per key group
COHORTS = 256  # departments and roles per key group
EVERYBODY = np.uint64(1)
HOUR_S, DAY_S = 3600.0, 86_400.0
SITTING_S = 2 * HOUR_S
RING = 16  # charts of one sitting that are told apart
MEMORY_D = 30.0  # days of work remembered: rotas change by the month
LEND, PRIOR = 5.0, 2.0  # days that the colleagues speak for beside the user, and everybody beside the colleagues
ENOUGH_D = 6.0  # days of work after which a user has a rhythm: more than one week's rota
GUARD = 0.25  # a chart that was found counts for a quarter: a new rota is learned within days, one night is not
HELD = 0.45  # highest score of less than `least` charts: one or two are looked up at home, or by who is called
SIZE = 0.25  # of the negative binomial: on most days nobody of a post works at a given hour, on some days they do
OWN, OTHERS, CHARTS, DAYS = range(1, 5)


class HourRhythm(Detector):
    """How unlikely so many charts within two hours are at this hour of the day, one hour either side included.

    Expected is what the user opens at that hour on a day of work, beside some days of colleagues of the department or
    the role, whichever do more. 0.5 at a tail of `rare`. Hours are UTC, as a rhythm needs no zone; the hours either
    side bear the change of the clocks. Here only colleagues of one key group are known, so that nothing is told:
    whether the hour is one of theirs is decided by `ehr.odd_hours`, where all of them meet.
    """

    id = "ehr.hour_rhythm"
    title = "Charts opened at an hour that is unusual for the user"
    severity = 1
    attacks = ("T1078",)
    source = "ehr"
    tells = False
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "patient", "outcome")
    misses = "Users with less than a week of history; colleagues are those of the same key group, about one in eight."
    cost = "O(24) an access; 330 bytes a user, 8 MB in all"
    reference = "ATT&CK T1078; Freeman et al., Who Are You?, NDSS 2016; negative binomial tail"
    defaults = {"rare": 0.002, "least": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        rhythm: dict[str, tuple[tuple[int, ...], Any]] = {"hours": ((24,), np.float32), "days": ((2,), np.float64)}
        sitting: dict[str, tuple[tuple[int, ...], Any]] = {"sitting": ((2,), np.float64)}
        self._users = EntityState(setup.groups, USERS, rhythm | sitting)
        self._cohorts = EntityState(setup.groups, COHORTS, rhythm)
        self._charts = WindowedDistinct(setup.groups, USERS // 4, SITTING_S, RING)
        self._parts = {"users": self._users, "cohorts": self._cohorts, "charts": self._charts}

    def score(self, batch: Batch) -> Scores:
        out = np.full((5, batch.n), np.nan)
        user, role, department, patient = (batch.hash(f) for f in ("user", "role", "department", "patient"))
        rows = np.flatnonzero((user != 0) & (patient != 0) & ~batch.equals("outcome", "failure"))
        if len(rows):
            ts, groups = batch.ts[rows], batch.groups[rows]
            charts = self._charts.add(user[rows], patient[rows], ts, groups)
            as_role = combine_many(role[rows], np.full(len(rows), np.uint64(hash_text("role"))))
            u, c = self._users.arrays(), self._cohorts.arrays()
            found = np.full((5, len(rows)), np.nan)
            _judge(
                found, user[rows], department[rows], as_role, charts, ts, groups,
                (u["keys"], u["seen"], u["hours"], u["days"], u["sitting"]),
                (c["keys"], c["seen"], c["hours"], c["days"]), float(self.option["rare"]),
                float(self.option["least"]),
            )  # fmt: skip
            out[:, rows] = found
        names = ("own", "others", "charts", "days")
        return Scores(out[0], dict(zip(names, out[1:], strict=True)))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        own, others, charts, days = (float(scores.evidence[k][row]) for k in ("own", "others", "charts", "days"))
        who = named(batch, row, "user", otherwise="Someone unnamed")
        where = named(batch, row, "department", "role", otherwise="the same department")
        hour = int(batch.ts[row] // HOUR_S % 24)
        message = (
            f"{who} opened {count_of(charts, 'chart')} around {hour:02d} hours UTC; on {days:.0f} days of work before "
            f"there were {own:.2g} a day at that hour, and {others:.2g} for colleagues in {where}."
        )
        mean = max(own, 1e-3)
        rare, least = float(self.option["rare"]), float(self.option["least"])
        fewer = fewest(mean, mean + mean * mean / SIZE, rare, self.limit(scores, row), least)
        features = [
            Feature(name="charts_at_this_hour", value=charts, unit="per 2 h", usual_low=0, usual_high=round(own, 3),
                    peer_low=0, peer_high=round(others, 3)),
            Feature(name="days_of_work_known", value=round(days), unit="d"),
        ]  # fmt: skip
        return Explanation(message, f"Fewer than {count_of(fewer, 'chart')} at this hour.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def weeks(user: str, department: str, hours: Sequence[int], days: int = 20) -> list[dict[str, object]]:
            who = {"kind": "access", "user": user, "department": department, "role": f"{department} staff"}
            start = 1e9 - 1e9 % DAY_S
            at = [(d, h) for d in range(days) for h in hours]
            return [who | {"ts": start + DAY_S * d + HOUR_S * h, "patient": f"{user}-{d}-{h}"} for d, h in at]

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
            Example("a night shift taken over, as colleagues do", [*ward, *cover], True),
            Example("a chart or two looked up at home", [*office, *night[:2]], False),
        )  # fmt: skip


@leaf
def _rhythm(table, g, key, ts):  # type: ignore[no-untyped-def]
    """Slot of a user or cohort in its group's table."""
    slot, fresh = claim_slot(table[0][g], table[1][g], key, ts)
    if fresh:
        table[2][g, slot] = 0.0
        table[3][g, slot] = 0.0
    return slot


@leaf
def _near(hours, hour):  # type: ignore[no-untyped-def]
    """Charts at this hour of the day and one either side."""
    return float(hours[hour]) + float(hours[(hour + 1) % 24]) + float(hours[(hour + 23) % 24])


@leaf
def _work(table, g, slot, days, charts, hour, most):  # type: ignore[no-untyped-def]
    """Count days of work and charts; beyond `most` days the past fades."""
    table[3][g, slot, 0] += days
    table[2][g, slot, hour] += np.float32(charts)
    if table[3][g, slot, 0] > 2.0 * most:
        table[3][g, slot, 0] *= 0.5
        for h in range(24):
            table[2][g, slot, h] *= np.float32(0.5)


@leaf
def _judge(out, user, department, role, charts, ts, groups, users, cohorts, rare, least):  # type: ignore[no-untyped-def]
    """Fill out float64[5, m]: score, own charts a day at this hour, the colleagues', charts now, days known.

    Columns [m]; users and cohorts (keys, seen, hours [G, capacity, 24], days [G, capacity, 2]: number and last), users
    also sitting [G, capacity, 2]: its beginning and what was learned of the sitting, which is left out of the
    comparison."""
    for i in range(len(user)):
        g = groups[i]
        hour = int(ts[i] // HOUR_S) % 24
        s = _rhythm(users, g, user[i], ts[i])
        sitting = users[4][g, s]
        if users[3][g, s, 1] == 0.0:
            sitting[:] = 0.0
        if not 0.0 <= ts[i] - sitting[0] < SITTING_S:
            sitting[0], sitting[1] = ts[i], 0.0
        taught = sitting[1]
        every = _rhythm(cohorts, g, EVERYBODY, ts[i])
        usual = max(_near(cohorts[2][g, every], hour) - taught, 0.0) / (cohorts[3][g, every, 0] + 1.0)
        others = usual if department[i] == 0 and role[i] == 0 else 0.0
        for key in (department[i], role[i]):
            if key != 0:
                c = _rhythm(cohorts, g, key, ts[i])
                theirs = max(_near(cohorts[2][g, c], hour) - taught, 0.0)
                others = max(others, (theirs + PRIOR * usual) / (cohorts[3][g, c, 0] + PRIOR))
        days = users[3][g, s, 0]
        own = (max(_near(users[2][g, s], hour) - taught, 0.0) + LEND * others) / (days + LEND)
        value = np.nan
        if days >= ENOUGH_D:
            mean = max(own, 1e-3)
            tail = upper_tail(charts[i], mean, mean + mean * mean / SIZE)
            value = 1.0 - tail ** (np.log(0.5) / np.log(rare))
            value = value if charts[i] >= least else min(value, HELD)
        out[0, i] = value
        out[OWN, i], out[OTHERS, i], out[CHARTS, i], out[DAYS, i] = own, others, charts[i], days
        day = np.floor(ts[i] / DAY_S) + 1.0
        begins = 1.0 if day != users[3][g, s, 1] else 0.0
        users[3][g, s, 1] = day
        learned = (GUARD if value >= 0.5 else 1.0) if charts[i] > sitting[1] or sitting[1] == 0.0 else 0.0
        sitting[1] += learned
        if begins > 0.0 or learned > 0.0:
            _work(users, g, s, begins, learned, hour, MEMORY_D)
            _work(cohorts, g, every, begins, learned, hour, 1e5)
            for key in (department[i], role[i]):
                if key != 0:
                    _work(cohorts, g, _rhythm(cohorts, g, key, ts[i]), begins, learned, hour, 3000.0)
