"""Charts of people whom the user knows: what the detectors of relations share."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from pipeline.detectors.detector import Detector, Explanation, Scores, Setup
from pipeline.detectors.ehr.judged import (
    COUNTING,
    EMERGENCY,
    ENOUGH,
    LEFT_S,
    RELATIONS,
    SUMMING,
    UNLIKELY,
    accesses,
    cohort,
    covered_alike,
    documented,
    exported,
    glass,
    number,
    odd_hour,
    searched,
    slip,
    telling,
    unasked,
    unexplained_alike,
    who,
)
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.memory.windowed_sum import WindowedSum
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many, hash_text
from schemas.finding import Feature

COHORTS, PAIRS = 256, 8192  # roles in departments, pairs of user and patient per key group
LOOK_S = 43_200.0  # what is opened again after half a day is another look
PAGES = np.array([0.5, 0.7, 0.9, 2.0])  # weight of one to four pages: wrong patients clicked on are left soon
OTHER_DAY = 3.0  # weight of another look
MONTH_S = 30 * 86_400.0
ROUTINE = 8.0  # such looks within a month, and their part of all that care does not explain, that make them the
ROUTINE_SHARE = 0.2  # work of a department: occupational health, staff clinics, records
BEFORE = 200.0  # unexplained accesses for which `usual_share` speaks before anything is known
SERVED_STAYED = 3.0  # most that it says of whom a role excuses that the chart was not left soon
TAKING = ("export", "print", "update", "delete")
FACTORS = ("close", "besides", "pages", "again")
SIGNS = ("sign_volume", "sign_workstation", "sign_export", "sign_account")


class Relation(Detector):
    """Odds that an access without a reason has to do with the relation instead; the score is odds / (1 + odds).

    `odds` say what the relation alone is worth where it is as rare among unexplained accesses as `usual_share`; where
    chance brings it about more often (common names, many patients who work here) it is worth less in proportion.
    What else speaks for or against it multiplies: a single page is mostly a wrong click, and more so when it was left
    for another chart as soon as wrong clicks are; one that was not, several pages and another look are none; the
    department never opened the chart; something was taken along; colleagues hardly ever lack a reason (which says
    nothing of whom a role that serves everyone excuses; where they often do it is worth half, and less where the house
    cannot tell why many charts of patients who seem treated as much are opened at all); signs of the user's own stream.
    Departments whose work such accesses are stay quiet.
    """

    severity = 3
    attacks: ClassVar[tuple[str, ...]] = ("T1213",)
    source = "judged"
    alert_days = 7
    beside = (*COUNTING, *RELATIONS, SUMMING, EMERGENCY, *UNLIKELY)
    entity = ("user",)
    entity_type = "user"
    inputs: ClassVar[tuple[str, ...]] = (
        "user", "role", "department", "patient", "action", "reason", "strength", "user_before", "department_before",
        "unexplained_share", "coverage", "treated_times", "withdrawn", "judged_ts", "left_s", "left_usual", "left_late",
    )  # fmt: skip
    cost = "O(40) an access that care does not explain; 100 bytes a pair of user and patient, 5 MB in all"
    odds: ClassVar[float]
    usual_share: ClassVar[float]
    """Share of this relation among accesses that care does not explain, in a hospital where nobody is curious."""
    words: ClassVar[str]
    """Who the patient is to the user, for the sentence."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._all = WindowedSum(setup.groups, COHORTS, MONTH_S)
        self._such = WindowedSum(setup.groups, COHORTS, MONTH_S)
        self._looks = Sightings(setup.groups, PAIRS)
        self._pages = WindowedDistinct(setup.groups, PAIRS // 4, 7 * 86_400.0, 8)
        self._parts = {"all": self._all, "such": self._such, "looks": self._looks, "pages": self._pages}

    @abstractmethod
    def related(self, batch: Batch) -> np.ndarray:
        """float64[n]: 1 where the relation is there, more where it is close, 0 elsewhere."""

    def lacks(self, batch: Batch) -> np.ndarray:
        """float64[n] in [0, 1]: how much of a reason lacks."""
        return unasked(batch) * covered_alike(batch)

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in FACTORS}
        lacks = self.lacks(batch)
        rows = np.flatnonzero((lacks > 0) & ~exported(batch))
        if len(rows):
            close = self.related(batch)[rows]
            pair = combine_many(batch.hash("user")[rows], batch.hash("patient")[rows])
            age, gap, _ = self._looks.note(pair, batch.ts[rows], batch.groups[rows])
            some = np.flatnonzero(close > 0)
            pages = np.ones(len(rows))
            pages[some] = self._pages.add(
                pair[some], batch.hash("event_id")[rows[some]], batch.ts[rows[some]], batch.groups[rows[some]]
            )
            besides = _besides(batch, rows)
            worth = PAGES[np.minimum(pages, len(PAGES)).astype(np.int64) - 1]
            besides *= _stayed(_slip(batch)[rows], worth)
            odds = self.odds * close * np.minimum(2.0 * lacks[rows], 1.0) * besides
            odds *= worth * np.where(age > LOOK_S, OTHER_DAY, 1.0)
            odds /= self._commonness(batch, rows, close > 0, gap > LOOK_S)
            values[rows] = odds / (1.0 + odds)
            for name, column in zip(FACTORS, (close, besides, pages, age > LOOK_S), strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def _commonness(self, batch: Batch, rows: np.ndarray, such: np.ndarray, look: np.ndarray) -> np.ndarray:
        """float64[m], 1 or more: how many times more often the relation occurs than usual; inf where it is work. Looks
        count, not pages."""
        ts, groups, one = batch.ts[rows], batch.groups[rows], look.astype(np.float64)
        flag = one * such
        peers, everybody = cohort(batch)[rows], np.full(len(rows), np.uint64(hash_text("everybody")))
        share = []
        for key in (everybody, peers):
            few, every = self._such.add(key, flag, ts, groups), self._all.add(key, one, ts, groups)
            share.append((np.maximum(few - such, 0.0), np.maximum(every - 1.0, 0.0)))  # but for this very look
        (few, every), (theirs, all_theirs) = share
        common = (few + self.usual_share * BEFORE) / (every + BEFORE) / self.usual_share
        work = (theirs >= ROUTINE) & (theirs >= ROUTINE_SHARE * all_theirs)
        return np.where(work, np.inf, np.maximum(common, 1.0))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        verb = {"print": "printed from", "export": "exported from", "update": "changed", "delete": "deleted from"}.get(
            batch.text("action", row) or "", "opened"
        )
        if batch.text("outcome", row) == "failure":
            verb = "tried to open"
        how = " by emergency access" if glass(batch)[row] else ""
        message = f"{who(batch, row)} {verb} the chart of {self.words}{how}; {searched(batch, row)}."
        close, besides, pages, again = (float(scores.evidence[name][row]) for name in FACTORS)
        worth = float(PAGES[min(int(max(pages, 1)), len(PAGES)) - 1])
        factors = (math.log1p(self.odds * close), math.log(max(besides, 1.0)), math.log(worth / PAGES[0]),
                   math.log(OTHER_DAY) * again)  # fmt: skip
        # How many times less would not have been told: what is left out has to be worth as much.
        spare = odds_of(float(scores.values[row])) / odds_of(self.limit(scores, row))
        less = ["an appointment, order, visit or care team"]
        less += ["one page opened"] if worth / PAGES[0] > spare else []
        less += ["one look within half a day"] if again and spare < OTHER_DAY else []
        stayed = float(_stayed(_slip(batch)[row], worth))
        less += ["another chart opened within seconds"] if stayed > spare else []
        return Explanation(
            message, f"The same with {', or with '.join(less)}.", self._features(batch, row, factors, pages, besides)
        )

    def _features(self, batch: Batch, row: int, factors: Sequence[float], pages: float, signs: float) -> list[Feature]:
        """What the odds are a product of, each by its logarithm: the relation counts without a reason only."""
        total = sum(factors) or 1.0
        relation, besides, opened, again = (f / total for f in factors)
        strength = batch.value("strength", row)
        return [
            Feature(name="whose_chart", value=self.words, contribution=relation / 2),
            Feature(name="reason_in_care", value=round(strength or 0.0, 3), usual_low=ENOUGH, usual_high=1.0,
                    contribution=relation / 2),
            Feature(name="pages_opened", value=pages, usual_low=0, usual_high=1, contribution=opened),
            *_until_left(batch, row),
            Feature(name="looks_on_other_days", value=int(again > 0), usual_high=0, contribution=again),
            Feature(name="other_signs", value=round(signs, 2), unit="times", usual_low=0, usual_high=1,
                    contribution=besides),
        ]  # fmt: skip


def _slip(batch: Batch) -> np.ndarray:
    """float64[n]: `slip`; whom a role that serves everyone excuses stays at times, too."""
    served = batch.equals("reason", "serves_all")
    found: np.ndarray = np.where(served, np.minimum(slip(batch), SERVED_STAYED), slip(batch))
    return found


def _stayed(slipped: np.ndarray, worth: np.ndarray | float) -> np.ndarray:
    """What it says when a chart was left (`slip`), beside what its pages are `worth`: who read on meant it already, so
    that of reading on and of staying only what says more counts."""
    found: np.ndarray = np.where(slipped > 1.0, np.maximum(PAGES[0] * slipped / worth, 1.0), slipped)
    return found


def _until_left(batch: Batch, row: int) -> list[Feature]:
    """When the user turned to another chart, where that is known; it is counted among the other signs."""
    left, late = batch.value("left_s", row), batch.value("left_late", row)
    if left is None or late is None:
        return []
    return [
        Feature(name="seconds_until_another_chart", value=round(left, 1), unit="s", peer_low=0, peer_high=LEFT_S[-1]),
        Feature(name="share_left_after_three_minutes", value=round(late, 3)),
    ]  # fmt: skip


def _besides(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """float64[m]: what else speaks for (over 1) or against (under 1) that the relation is the reason."""
    share = unexplained_alike(batch, 0.05)[rows]
    # Who always has a reason had none this time; who often has none means less, as far as the house could tell it. A
    # role that serves everyone is a reason, if a weak one, and the one that such users always have.
    most = np.where(batch.equals("reason", "serves_all")[rows], 1.0, 2.0)
    weight = np.clip(0.05 / np.maximum(share, 1e-3), np.minimum(0.5, telling(batch)[rows]), most)
    weight *= np.where(_others_before(batch, rows) > 0, 0.5, 1.0)
    weight *= np.where(batch.is_in("action", TAKING)[rows], 2.0, 1.0)
    weight *= np.where(glass(batch)[rows], 2.0, 1.0) * documented(batch)[rows]
    weight *= np.where(batch.equals("outcome", "failure")[rows], 0.7, 1.0)
    signs = np.max([odd_hour(batch)[rows], *(number(batch, name, 0.0)[rows] for name in SIGNS)], axis=0)
    found: np.ndarray = weight * (1.0 + 2.0 * signs)
    return found


def _others_before(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """float64[m]: how often others of the department opened the chart."""
    found: np.ndarray = (number(batch, "department_before", 0.0) - number(batch, "user_before", 0.0))[rows]
    return found


def is_set(batch: Batch, name: str) -> np.ndarray:
    """bool[n]: a relation of a judged access."""
    return accesses(batch) & (batch.number(name) == 1.0)
