"""Charts are opened at an hour at which neither the user nor hardly anybody of the department or the role works."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import (
    COUNTING,
    EMERGENCY,
    EVEN,
    LONG,
    NOBODYS_HOUR,
    REACH_H,
    RELATIONS,
    SMOOTH,
    SUMMING,
    accesses,
    among_colleagues,
    number,
    seated,
    who,
)
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from pipeline.features.unknown import filled
from schemas.finding import Feature

HOUR_S = 3600.0
SITTING_S = 4 * HOUR_S  # what is opened so soon after is of the same hour
USERS, PARTS = 1024, 8  # per key group; key groups whose counts are told apart


class OddHours(Detector):
    """Charts at an hour that is unusual for the user (`ehr.hour_rhythm`), where hardly any access of colleagues is
    within two hours of it.

    A night on call, a shift taken over, a turn of the rota or a journey is no news where there are such shifts at all;
    nor is a chart or two looked up at home, by the user or by colleagues: a sitting of four is held against sittings so
    long. What colleagues do is counted where all of them meet, in each key group of
    patients (`hour_habits` of the relay), and added up over those that the charts of a sitting lie in; of department
    and role the one that works more at that hour counts.
    """

    id = "ehr.odd_hours"
    title = "Charts opened at an unusual hour"
    severity = 2
    attacks = ("T1078",)
    source = "judged"
    alert_days = 7
    beside = (*COUNTING, *RELATIONS, SUMMING, EMERGENCY, "ehr.role_mismatch")
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "department", "role", "patient", "sign_hours", "hour_share", "hour_known", "hour_near",
              "hour_part", "hour_long", "withdrawn")  # fmt: skip
    misses = (
        "Users whose department or role works at all hours, whoever keeps office hours, and accounts with less than a "
        "week of history."
    )
    cost = "O(8) an access at an unusual hour; 160 bytes a user who has one: 0.2 MB a key group"
    reference = "ATT&CK T1078; Freeman et al., Who Are You?, NDSS 2016"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._users = EntityState(
            setup.groups, USERS, {"begun": ((), np.float64), "colleagues": ((PARTS, 2), np.float64)}
        )
        self._parts = {"users": self._users}

    def score(self, batch: Batch) -> Scores:
        values, share = np.full(batch.n, np.nan), batch.number("hour_share").copy()
        sign = number(batch, "sign_hours", 0.0)
        rows = np.flatnonzero(accesses(batch) & (sign > 0) & (share == share))
        if len(rows):
            u = self._users.arrays()
            counted = np.stack([batch.number(name)[rows] for name in ("hour_known", "hour_near")], axis=1)
            part = filled(batch.number("hour_part"))[rows].astype(np.int64) % PARTS
            known, near = _pooled(
                batch.hash("user")[rows], part, counted, batch.ts[rows], batch.groups[rows],
                tuple(u[k] for k in ("keys", "seen", "begun", "colleagues")),
            )  # fmt: skip
            share[rows] = np.where(known == known, (near + SMOOTH * EVEN) / (known + SMOOTH), share[rows])
            values[rows] = among_colleagues(sign[rows], share[rows], batch.number("hour_long")[rows])
        long = batch.number("hour_long")
        return Scores(values, {"share": share, "long": np.where(seated(share, long), long, np.nan)})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        share, long = (float(scores.evidence[name][row]) for name in ("share", "long"))
        after = f" in sittings of {LONG:.0f} charts or more" if long < share else ""
        share, score = float(np.nan_to_num(min(share, long) if after else share)), float(scores.values[row])
        where = named(batch, row, "department", "role", otherwise="the same department")
        hour = int(batch.ts[row] // HOUR_S % 24)
        message = (
            f"{who(batch, row)} opened more charts around {hour:02d} hours UTC than the user does at that hour; "
            f"{share:.1%} of what colleagues in {where} open{after} is within {REACH_H} hours of it."
        )
        features = [
            Feature(
                name="unusual_for_the_user", value=round(score, 3), usual_low=0, usual_high=self.limit(scores, row)
            ),
            Feature(name="share_of_colleagues_at_this_hour", value=round(share, 5), peer_low=NOBODYS_HOUR, peer_high=1),
        ]
        normal = (
            f"Fewer charts at this hour, or one at which {NOBODYS_HOUR:.1%} of the colleagues' accesses{after} are."
        )
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        night = [judged_access(3 * HOUR_S + 60.0 * i, f"p{i}", sign_hours=0.4 + 0.05 * i) for i in range(6)]
        return (
            Example("billing at three in the morning", [a | {"hour_share": 0.004} for a in night], True),
            Example(
                "where colleagues look up one at most",
                [a | {"hour_share": 0.05, "hour_long": 0.003 if i > 2 else None} for i, a in enumerate(night)],
                True,
            ),
            Example("a night shift taken over", [a | {"hour_share": 0.09} for a in night], False),
            Example("a chart looked up at home", [night[0] | {"hour_share": 0.004}], False),
            Example("nothing is known of colleagues", night, False),
        )


@nb.njit(cache=True, nogil=True)
def _pooled(user, part, counted, ts, groups, users):  # type: ignore[no-untyped-def]
    """float64[2, m]: colleagues' accesses known, and those near the hour, over the key groups of a sitting; NaN where
    none are told of.

    user, part, ts, groups [m]; counted [m, 2]: colleagues' accesses known, and those near; users (keys, seen, begun
    [G, capacity], colleagues [G, capacity, PARTS, 2]).
    """
    out = np.full((2, len(user)), np.nan)
    for i in range(len(user)):
        if not counted[i, 0] >= counted[i, 1]:
            continue
        g = groups[i]
        s, fresh = claim_slot(users[0][g], users[1][g], user[i], ts[i])
        parts = users[3][g, s]
        if fresh or abs(ts[i] - users[2][g, s]) > SITTING_S:
            users[2][g, s] = ts[i]
            parts[:] = 0.0
        parts[part[i]] = counted[i]
        out[0, i], out[1, i] = parts[:, 0].sum(), parts[:, 1].sum()
    return out
