"""Somebody comes back to one stranger's chart, on one day after another: a former partner's, a rival's."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import ACCEPTED as USUAL
from pipeline.detectors.ehr.judged import (
    EMERGENCY,
    ENOUGH,
    RELATIONS,
    SERVES,
    SUMMING,
    UNLIKELY,
    WROTE,
    accesses,
    covered_alike,
    covering,
    documented,
    exported,
    far_beyond,
    lacking,
    meant,
    number,
    role,
    searched,
    taken_back,
    who,
)
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine_many
from schemas.finding import Feature

PAIRS, COHORTS = 16_384, 8192  # pairs of user and patient, and users, roles and everybody, per key group
LEVELS = 16
LOOK_S = 43_200.0  # what is opened again after half a day is another look
APART_S = 60 * 86_400.0  # after two months without a look it begins anew
SUM, LOOKS, FIRST, LAST, BEST, LEVEL, CARE, TOLD = range(8)  # of a pair; BEST: weight of the look that goes on
ONE_OF_MANY = 0.5  # a role that serves everyone explains that one of them comes, not that it is always the same one;
# the less, the more of its other charts are explained by an order or appointment (its strength says so)
RETURN, RETURNS = 0.1, 0.3  # share of strangers' charts opened again, and of these again and again, before any is known
SPEAK = 20.0  # pairs for which that, everybody and colleagues speak
MEMORY = 4000.0
EVERYBODY = np.uint64(1)
HELD = 0.45


class SameStranger(Detector):
    """Looks without a reason of one user at one patient's chart, half a day apart or more, against how seldom anybody
    comes back so often.

    A look weighs by how much of a reason lacks; less where the house tells little of care like this patient's, the more
    others of the department open the chart, and where it was left at once. All looks of the pair weigh a fifth once
    care by the user is documented, and nothing once it explains them. Of pairs with so many looks it is learned which
    share gets one more: of the user's own other charts, beside colleagues', beside everybody's; what was told teaches
    nothing. The score is 0.5 where one of 1 / `rare` charts is gone back to so often, and under it for fewer than
    `least` looks.
    """

    id = "ehr.same_stranger"
    title = "One stranger's chart opened again and again"
    severity = 4
    source = "judged"
    alert_days = 14
    beside = ("ehr.unexplained_access", "ehr.slow_harvest", *RELATIONS, SUMMING, EMERGENCY, *UNLIKELY)
    attacks = ("T1213",)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "patient", "reason", "strength", "user_before",
              "department_before", "coverage", "unexplained_share", "shift_share", "treated_times",
              "care_after", "withdrawn", "judged_ts", "left_s", "left_usual", "left_late")  # fmt: skip
    misses = (
        "Who looks fewer than four times, or months apart; charts that the own department treats, that a bill "
        "explains, or in which the user writes; clerks of a desk that serves everyone, unless they come back often."
    )
    cost = (
        "O(looks) an access that care does not explain; 80 bytes a pair of user and patient, 150 a user: 20 MB in all"
    )
    reference = (
        "Walgreen Co. v. Hinchy, 21 N.E.3d 99 (Ind. App. 2014); shares of survivors after Kaplan and Meier, 1958"
    )
    defaults = {"rare": 0.001, "least": 4.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = EntityState(setup.groups, PAIRS, {"pair": ((TOLD + 1,), np.float64)})
        self._reached = EntityState(setup.groups, COHORTS, {"reached": ((LEVELS,), np.float64)})
        self._parts = {"pairs": self._pairs, "reached": self._reached}

    def score(self, batch: Batch) -> Scores:
        out = np.full((5, batch.n), np.nan)
        weight, care = self._weights(batch), _care(batch)
        rows = np.flatnonzero((weight > 0) | care | taken_back(batch))
        if len(rows):
            user, p, r = batch.hash("user")[rows], self._pairs.arrays(), self._reached.arrays()
            out[:, rows] = _look(
                combine_many(user, batch.hash("patient")[rows]), user, np.maximum(role(batch)[rows], np.uint64(2)),
                weight[rows], care[rows], taken_back(batch)[rows], batch.ts[rows], batch.groups[rows],
                (p["keys"], p["seen"], p["pair"]), (r["keys"], r["seen"], r["reached"]),
                float(self.option["rare"]), float(self.option["least"]),
            )  # fmt: skip
        return Scores(out[0], {"sum": out[1], "looks": out[2], "days": out[3], "share": out[4]})

    def _weights(self, batch: Batch) -> np.ndarray:
        """float64[n] in [0, 1]: what an access is worth as a look without a reason."""
        lacks = np.where(batch.equals("reason", "serves_all"), _one_of_many(batch), lacking(batch))
        mine, theirs = number(batch, "user_before", 0.0), number(batch, "department_before", 0.0)
        alone = (1.0 + mine) / (1.0 + np.maximum(theirs, mine))
        weight = lacks * covered_alike(batch) * _unusual(batch) * covering(batch) * meant(batch) * alone
        wanted = accesses(batch) & ~exported(batch) & (batch.number("is_self") != 1.0)
        return np.where(wanted, weight, 0.0)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        total, looks, days, share = (float(scores.evidence[name][row]) for name in ("sum", "looks", "days", "share"))
        message = (
            f"{who(batch, row)} opened one patient's chart without a reason at {looks:.0f} different times within "
            f"{max(days, 1.0):.0f} days; of {min(1 / max(share, 1e-9), 1e6):,.0f} strangers' charts one is gone back "
            f"to so often. For the last look, {searched(batch, row)}."
        )
        return Explanation(
            message,
            f"Fewer than {math.ceil(self._fewest(scores, row, total, share) * looks)} looks at one stranger's chart.",
            [
                Feature(name="looks_without_a_reason", value=looks, usual_low=0, usual_high=1, contribution=1.0),
                Feature(name="they_weigh", value=round(total, 2), contribution=0.0),
                Feature(name="share_of_charts_gone_back_to_so_often", value=round(share, 6), contribution=0.0),
            ],
        )

    def _fewest(self, scores: Scores, row: int, total: float, share: float) -> float:
        """The part of the looks that would have scored the limit, if each had made it as much less usual."""
        rare, limit = float(self.option["rare"]), min(self.limit(scores, row), 1.0 - 1e-9)
        tail = math.log(1.0 - limit) * math.log(rare) / math.log(0.5)
        each = math.log(max(share, 1e-300)) / max(total - 0.5, 1e-9)
        least = float(self.option["least"]) / float(scores.evidence["looks"][row])
        return max((0.5 + tail / each) / total if each < 0 else 1.0, least)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def looks(days: Sequence[int], user: str = "n1", **more: object) -> list[dict[str, object]]:
            return [
                judged_access(86_400.0 * d + 36_000.0, "p1", user=user, user_before=n, department_before=n, **more)
                for n, d in enumerate(days)
            ]

        again = (20, 23, 24, 27, 30, 33, 36, 40)
        others = [judged_access(86_400.0 * d + 40_000.0 + n, f"q{d}-{n}") for d in range(20) for n in range(3)]
        return (
            Example("eight times in three weeks", [*others, *looks(again)], True),
            Example("a patient of the ward", looks(again, reason="encounter", strength=0.8), False),
            Example("notes are written", [*others, *looks(again, care_after=True)], False),
            Example(
                "colleagues see to it, too", [*others, *(x | {"department_before": 60} for x in looks(again))], False
            ),
            Example("asked three times", [*others, *looks(again[:3])], False),
            Example("a house that tells of no care", looks(again, coverage=0.02), False),
        )


def _one_of_many(batch: Batch) -> np.ndarray:
    """float64[n] from ONE_OF_MANY to 1: what lacks where the role serves everyone; where it does so for half of its
    charts or more, ONE_OF_MANY."""
    usual = np.clip(2.0 * (number(batch, "strength", SERVES) - ENOUGH) / (SERVES - ENOUGH), 0.0, 1.0)
    found: np.ndarray = 1.0 - ONE_OF_MANY * usual
    return found


def _care(batch: Batch) -> np.ndarray:
    """bool[n]: accesses that show that the user has to do with the patient."""
    explained = (batch.number("strength") >= ENOUGH) & ~batch.equals("reason", "serves_all")
    return accesses(batch) & (explained | (documented(batch) < 1.0))


def _unusual(batch: Batch) -> np.ndarray:
    """float64[n] in (0, 1]: how much it means among colleagues. What the house does not tell lacks for patients who
    seem treated as much as this one; what a role lacks far beyond that it lacks for everybody's charts."""
    share = number(batch, "unexplained_share", 1.0)
    own = np.maximum(share - far_beyond(batch), 0.0)
    alike = np.minimum(own + (share - own) * number(batch, "treated_times", 1.0), 1.0)
    return np.minimum(1.0, USUAL / np.maximum(alike, 1e-3))


@nb.njit(cache=True, nogil=True)
def _returning(reached, level, own, parent):  # type: ignore[no-untyped-def]
    """Share of pairs at `level` (from 1) that get one look more, but for this pair, which has come to `own`, and for
    one other: what a single pair does is no custom; `reached` float64[LEVELS]."""
    if level >= LEVELS:
        return parent
    at = max(reached[level - 1] - (own >= level), 0.0)
    more = max(reached[level] - (own >= level + 1) - 1.0, 0.0)
    return (min(more, at) + SPEAK * parent) / (at + SPEAK)


@nb.njit(cache=True, nogil=True)
def _share(reached, g, slots, total, own):  # type: ignore[no-untyped-def]
    """Share of strangers' charts that are gone back to until the looks weigh `total`; `slots` of everybody, the role
    and the user, reached float64[G, capacity, LEVELS]."""
    share, left, level = 1.0, total - 0.5, 1
    while left > 0.0:
        value = RETURN if level == 1 else RETURNS
        for k in range(3):
            value = _returning(reached[g, slots[k]], level, own, value)
        share *= value ** min(left, 1.0)
        left -= 1.0
        level += 1
    return share


@nb.njit(cache=True, nogil=True)
def _learn(reached, level):  # type: ignore[no-untyped-def]
    """One pair more has come to `level` (from 1)."""
    if reached[0] >= MEMORY:
        reached *= 0.5
    reached[level - 1] += 1.0


@nb.njit(cache=True, nogil=True)
def _look(  # type: ignore[no-untyped-def]
    pair, user, role, weight, care, taken, ts, groups, pairs, cohorts, rare, least
):  # fmt: skip
    """float64[5, m]: score, weight of the looks, looks, days since the first, share of charts gone back to so often;
    NaN where a row adds nothing. Columns [m]; pairs (keys, seen, pair [G, capacity, 8]), cohorts likewise."""
    out = np.full((5, len(pair)), np.nan)
    bend = np.log(0.5) / np.log(rare)
    slots = np.zeros(3, np.int64)
    for i in range(len(pair)):
        g = groups[i]
        if weight[i] <= 0.0:
            slot = find_slot(pairs[0][g], pair[i])
            if slot >= 0:
                kept = pairs[2][g, slot]
                kept[CARE] = 1.0
                if taken[i]:
                    kept[SUM] = kept[LOOKS] = kept[BEST] = 0.0
            continue
        slot, fresh = claim_slot(pairs[0][g], pairs[1][g], pair[i], ts[i])
        kept = pairs[2][g, slot]
        if fresh or ts[i] - kept[LAST] > APART_S:
            kept[:] = 0.0
            kept[FIRST], kept[LAST] = ts[i], -np.inf
        if ts[i] - kept[LAST] > LOOK_S:
            kept[LOOKS] += 1.0
            kept[BEST] = 0.0
        kept[LAST] = max(kept[LAST], ts[i])
        kept[CARE] = max(kept[CARE], 1.0 if care[i] else 0.0)
        if weight[i] <= kept[BEST]:
            continue
        kept[SUM] += weight[i] - kept[BEST]
        kept[BEST] = weight[i]
        total = kept[SUM] * (WROTE if kept[CARE] > 0.0 else 1.0)
        for k in range(3):
            key = EVERYBODY if k == 0 else role[i] if k == 1 else max(user[i], np.uint64(2))
            slots[k], new = claim_slot(cohorts[0][g], cohorts[1][g], key, ts[i])
            if new:
                cohorts[2][g, slots[k]] = 0.0
        share = _share(cohorts[2], g, slots, total, kept[LEVEL])
        value = 1.0 - share**bend
        out[0, i] = min(value, HELD) if kept[LOOKS] < least else value
        out[1, i], out[2, i], out[3, i], out[4, i] = total, kept[LOOKS], (ts[i] - kept[FIRST]) / 86_400.0, share
        if out[0, i] >= 0.5:
            kept[TOLD] = 1.0
        while kept[TOLD] == 0.0 and kept[LEVEL] < LEVELS and total + 0.5 >= kept[LEVEL] + 1.0:
            kept[LEVEL] += 1.0
            for k in range(3):
                _learn(cohorts[2][g, slots[k]], int(kept[LEVEL]))
    return out
