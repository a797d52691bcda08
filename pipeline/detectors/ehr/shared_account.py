"""One account works at two places at the same time: two people use it, or one of them stole it."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.account_signs import others
from pipeline.detectors.ehr.places import areas
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest, span_of
from pipeline.features.batch import Batch
from pipeline.features.count_window import note_count
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine
from pipeline.features.leaf import leaf
from pipeline.features.naming import named
from schemas.finding import Feature

USERS = 4096  # per key group
DESKS = 4  # workstations of a user that are open at once
BUCKETS = 12
HOUR_S, DAY_S = 3600.0, 86_400.0
QUICK = 0.7  # of a return: going on to another part of the house sooner than `near_s`, which is no walk and a log-on
HURRIED = 3  # users a month of a key group up to whom this is so rare that it is a whole one
KNOWN = 5000.0  # charts opened in the key group until which nobody knows how rare it is
NEXT_DOOR = 0.1  # two desks of one place: with a badge that takes the session along, people do go to and fro
WAYS = 512  # pairs of places per key group
WALKERS, MONTH_S = 2, 30 * 86_400.0  # users a month beyond which places are taken to be next to each other
ONE = np.uint64(1)
ROUTINE_DAYS = 5.0  # days on which an account did it: an interface or a robot, or known by then
HELD = 0.45  # highest score of what is routine


class SharedAccount(Detector):
    """Returns within an hour: charts at one workstation, at another, and at the first again within `back_s`.

    Going on to another workstation is no return, so that floats and badges that carry a session along stay quiet;
    two desks of one place (`places`) count a tenth and only within `near_s`, as their owner may walk, and so do
    places between which several users go to and fro. Another part of the house within `near_s` is most of a return
    by itself, and a whole one where hardly anybody else is so quick. 0.5 at `returns`.
    """

    id = "ehr.shared_account"
    title = "One account at two places at once"
    severity = 3
    attacks = ("T1078",)
    source = "ehr"
    alert_days = 7
    beside = others(id)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "workstation", "src_ip", "patient", "outcome")
    misses = (
        "Two people at desks of one ward who alternate slowly, those who take turns, and systems that do not say "
        "from which workstation a chart is opened."
    )
    cost = "O(16) an access; 250 bytes a user, 8 MB in all"
    reference = "ATT&CK T1078; HIPAA 45 CFR 164.312(a)(2)(i), unique user identification"
    defaults = {"back_s": 1000.0, "near_s": 90.0, "returns": 2.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._users = EntityState(
            setup.groups, USERS,
            {"desk": ((DESKS,), np.uint32), "area": ((DESKS,), np.uint32), "at": ((DESKS,), np.float64),
             "counts": ((BUCKETS,), np.float32), "marks": ((BUCKETS,), np.int64), "days": ((2,), np.float32),
             "hurried": ((), np.float64)},
        )  # fmt: skip
        self._ways = EntityState(setup.groups, WAYS, {"items": ((4,), np.uint32), "at": ((4,), np.uint32)})
        self._house = EntityState(
            setup.groups, 1, {"charts": ((), np.float64), "items": ((HURRIED + 1,), np.uint32),
                              "at": ((HURRIED + 1,), np.uint32)},
        )  # fmt: skip
        self._parts = {"users": self._users, "ways": self._ways, "house": self._house}

    def score(self, batch: Batch) -> Scores:
        out = np.full((4, batch.n), np.nan)
        user, name, ip = (batch.hash(f) for f in ("user", "workstation", "src_ip"))
        desk = np.where(name != 0, name, ip)
        rows = np.flatnonzero(
            (user != 0) & (desk != 0) & (batch.hash("patient") != 0) & ~batch.equals("outcome", "failure")
        )
        if len(rows):
            a, w, h = self._users.arrays(), self._ways.arrays(), self._house.arrays()
            found = np.full((4, len(rows)), np.nan)
            _judge(
                found, user[rows], desk[rows], areas(batch)[rows], batch.ts[rows], batch.groups[rows],
                *(a[k] for k in ("keys", "seen", "desk", "area", "at", "counts", "marks", "days", "hurried")),
                tuple(w[k] for k in ("keys", "seen", "items", "at")),
                tuple(h[k][:, 0] for k in ("charts", "items", "at")),
                tuple(float(self.option[name]) for name in ("back_s", "near_s", "returns")),
            )  # fmt: skip
            out[:, rows] = found
        return Scores(out[0], {"returns": out[1], "gap_s": out[2], "far": out[3]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        returns, gap = float(scores.evidence["returns"][row]), float(scores.evidence["gap_s"][row])
        who, desk = named(batch, row, "user"), named(batch, row, "workstation", "src_ip", otherwise="one workstation")
        apart = "another part of the house" if scores.evidence["far"][row] == 1.0 else "another workstation"
        message = f"{who} opened charts at {desk} and in {apart} in turns, too fast for one person to go to and fro"
        message += f": the last time within {span_of(gap)}." if gap == gap else "."
        less = nearest(returns, float(scores.values[row]), self.limit(scores, row))
        features = [
            Feature(name="returns", value=round(returns, 2), unit="per hour", usual_low=0, usual_high=round(less, 2))
        ]
        return Explanation(message, f"Fewer than {less:.2g} such returns within an hour.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def access(ts: float, net: int, desk: str) -> dict[str, object]:
            who = {"kind": "access", "user": "n1", "patient": f"p{ts:.0f}", "workstation": desk}
            return who | {"ts": 1e9 + ts, "src_ip": f"10.4.{net}.7"}

        turns = [access(30.0 * i, i % 2, f"desk-{i % 2}") for i in range(12)]
        round_ = [access(30.0 * i, 1, f"desk-{i}") for i in range(12)]
        slow = [access(1200.0 * i, i % 2, f"desk-{i % 2}") for i in range(12)]
        return (
            Example("two people, one account", turns, True),
            Example("a round with a badge, bed by bed", round_, False),
            Example("between ward and office all day", slow, False),
        )


@leaf
def _returned(desks, area, at, desk, place, ts, back_s, near_s):  # type: ignore[no-untyped-def]
    """(weight, seconds away, 1 where another place was between, that place): weight 0 where this is no return. Notes
    the access. desks, area uint32[DESKS], at float64[DESKS] (0: free)."""
    slot = 0
    known = False
    last = 0
    for k in range(len(desks)):
        if at[k] > 0.0 and desks[k] == desk:
            slot = k
            known = True
            break
        if at[k] < at[slot]:
            slot = k
    for k in range(len(desks)):
        last = k if at[k] > at[last] else last
    weight, gap, far, other = 0.0, np.nan, 0.0, np.uint32(0)
    if known and 0.0 <= ts - at[slot] <= back_s:
        for k in range(len(desks)):
            if k != slot and at[slot] < at[k] <= ts:
                apart = place != 0 and area[k] != place
                far = max(far, 1.0 if apart else 0.0)
                weight = max(weight, 1.0 if apart else NEXT_DOOR if ts - at[slot] <= near_s else 0.0)
                other = area[k] if apart else other
        gap = ts - at[slot]
    quick = at[last] > 0.0 and desks[last] != desk and 0.0 <= ts - at[last] <= near_s
    if weight < QUICK and quick and place != 0 and area[last] != 0 and area[last] != place:
        weight, gap, far, other = QUICK, ts - at[last], 1.0, area[last]
    desks[slot], area[slot] = desk, place
    at[slot] = max(at[slot], ts) if known else ts
    return weight, gap, far, other


@leaf
def _too_quick(house, g, user, ts):  # type: ignore[no-untyped-def]
    """What going on to another part of the house at once counts; it is noted. house: charts float64[G], and a ring of
    who did it, items and at uint32[G, k]."""
    few = note_distinct(house[1][g], house[2][g], user, ts, MONTH_S) <= HURRIED
    return 1.0 if few and house[0][g] >= KNOWN else QUICK


@leaf
def _judge(  # type: ignore[no-untyped-def]
    out, user, desk, area, ts, groups, keys, seen, desks, places, at, counts, marks, days, hurried, ways, house, limits
):
    """Fill out float64[4, m]: score, weighted returns within the hour, seconds away, whether far. Columns [m]; state
    [G, capacity, …], ways (keys, seen, items, at), house as in `_too_quick`; days float32[G, capacity, 2]: days with
    enough returns, and the last of them; hurried float64[G, capacity]: when somebody last went on too quickly, which
    the way back is not to tell again; limits: back_s, near_s, returns."""
    back_s, near_s, returns = limits
    for i in range(len(user)):
        g = groups[i]
        s, fresh = claim_slot(keys[g], seen[g], user[i], ts[i])
        if fresh:
            desks[g, s] = 0
            at[g, s] = 0.0
            counts[g, s] = 0.0
            marks[g, s] = 0
            days[g, s] = 0.0
            hurried[g, s] = -np.inf
        low = np.uint64(0xFFFFFFFF)
        weight, gap, far, other = _returned(
            desks[g, s],
            places[g, s],
            at[g, s],
            np.uint32(desk[i] & low),
            np.uint32(area[i] & low),
            ts[i],
            back_s,
            near_s,
        )
        house[0][g] += 1.0
        if weight == QUICK:
            weight = _too_quick(house, g, user[i], ts[i])
            hurried[g, s] = ts[i] if weight > QUICK else hurried[g, s]
        elif weight > QUICK and ts[i] - hurried[g, s] <= back_s:
            weight = QUICK
            hurried[g, s] = -np.inf
        if other != 0:
            # The same way is gone by others: the places are next to each other.
            here = np.uint64(area[i] & low)
            way = combine(np.uint64(min(here, np.uint64(other))) + ONE, np.uint64(max(here, np.uint64(other))) + ONE)
            w, fresh = claim_slot(ways[0][g], ways[1][g], way, ts[i])
            if fresh:
                ways[2][g, w] = 0
                ways[3][g, w] = 0
            if note_distinct(ways[2][g, w], ways[3][g, w], user[i], ts[i], MONTH_S) > WALKERS:
                weight = NEXT_DOOR
        total = note_count(counts[g, s], marks[g, s], HOUR_S / BUCKETS, ts[i], weight)
        value = total / (total + returns)
        day = np.float32(ts[i] // DAY_S)
        before = days[g, s, 0] - (1.0 if days[g, s, 1] == day and days[g, s, 0] > 0.0 else 0.0)
        if value >= 0.5 and days[g, s, 1] != day:
            days[g, s, 0] += 1.0
            days[g, s, 1] = day
        out[0, i] = min(value, HELD) if before >= ROUTINE_DAYS else value
        out[1, i], out[2, i], out[3, i] = total, gap, far
