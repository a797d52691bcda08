"""Patients whose charts a user opened without a reason: what the detectors that count them share."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Scores, Setup
from pipeline.detectors.ehr.daily_counts import DailyCounts, opinions
from pipeline.detectors.ehr.daily_usual import NAMES, daily_feature, fewest
from pipeline.detectors.ehr.judged import (
    accesses,
    covered,
    covering,
    documented,
    exported,
    glass,
    lacking,
    meant,
    surprising,
    taken_back,
)
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.sightings import Sightings
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine_many
from schemas.finding import Feature

USERS = 4096  # per key group
PRIOR = 1.0  # before anything is known: a patient a day


class UnexplainedPatients(Detector):
    """Weights of patients per user over windows of days, see `DailyCounts`. What was left for another chart as soon as
    wrong clicks are weighs a fraction. Emergency accesses and the own chart are told by others."""

    source = "judged"
    alert_days = 7
    entity = ("user",)
    entity_type = "user"
    reference = "Fabbri and LeFevre, Explanation-Based Auditing, PVLDB 5(1), 2011; negative binomial tail"
    alike: ClassVar[bool]
    """Whether an access weighs by how usual it is of patients who seem treated as much as this one."""
    pairs: ClassVar[int]
    """Pairs of user and patient remembered per key group."""
    windows_d: ClassVar[tuple[int, ...]]
    ring_d: ClassVar[int]
    again: ClassVar[float] = 0.0
    """Once told, a user is told again when it has become so many times as much; 0: always."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._pairs = Sightings(setup.groups, self.pairs)
        self._given = EntityState(setup.groups, self.pairs, {"weight": ((), np.float64), "ts": ((), np.float64)})
        self._counts = DailyCounts(setup.groups, USERS, self.windows_d, self.ring_d, PRIOR)
        self._parts = {"pairs": self._pairs, "given": self._given, "counts": self._counts, "peers": self._counts.peers}

    @abstractmethod
    def peers(self, batch: Batch) -> np.ndarray:
        """uint64[n]: whom a user is compared with."""

    @abstractmethod
    def discounted(self, batch: Batch, rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """float64[m]: weights of these rows, less for what is no stranger's chart."""

    @abstractmethod
    def counted(self, weight: np.ndarray, gap_s: np.ndarray) -> np.ndarray:
        """float64[m]: weights above 0, given the seconds since user and patient last met (infinite: never)."""

    def score(self, batch: Batch) -> Scores:
        taken = taken_back(batch)
        wanted = accesses(batch) & ~glass(batch) & ~exported(batch) & (batch.number("is_self") != 1.0)
        rows = np.flatnonzero(wanted | taken)
        if not len(rows):
            return opinions(batch.n, rows, np.empty((1 + len(NAMES), 0)), NAMES)
        worth = meant(batch)[rows]
        means = covered(batch) * surprising(batch, alike=self.alike) * covering(batch)
        weight = (lacking(batch) * means * documented(batch))[rows] * worth
        weight = self.discounted(batch, rows, weight)
        user, ts, groups = batch.hash("user")[rows], batch.ts[rows].copy(), batch.groups[rows]
        some = np.flatnonzero(weight > 0)
        pair = combine_many(user[some], batch.hash("patient")[rows[some]])
        _, gap, _ = self._pairs.note(pair, ts[some], groups[some])
        weight[some] = self.counted(weight[some], gap)
        given = self._given.arrays()
        _give(combine_many(user, batch.hash("patient")[rows]), weight, ts, groups, taken[rows],
              given["keys"], given["seen"], given["weight"], given["ts"])  # fmt: skip
        rare, least = float(self.option["rare"]), float(self.option["least"])
        opened = batch.number("user_charts")[rows]
        # What is assumed of weeks is a rate of calendar days, some five in seven of them at work.
        worked = batch.number("user_days")[rows] if len(self.windows_d) == 1 else None
        out = self._counts.add(
            user, self.peers(batch)[rows], weight, ts, groups, rare, least, self.again, worth, opened, worked
        )
        return opinions(batch.n, rows, out, NAMES)

    def usual(self, scores: Scores, row: int) -> tuple[Mapping[str, float], Feature, str]:
        """(evidence, feature, normal) of a row."""
        e = {name: float(scores.evidence[name][row]) for name in NAMES}
        span = "day" if e["days"] == 1 else f"{e['days']:.0f} days"
        rare, least = float(self.option["rare"]), float(self.option["least"])
        fewer = fewest(e["expected"], e["spread"], rare, self.limit(scores, row), least, e["unit"])
        normal = f"Fewer than {fewer} patients without a reason within {'a ' if span == 'day' else ''}{span}."
        return e, daily_feature("unexplained_patients", f"per {span}", e), normal


@nb.njit(cache=True, nogil=True)
def _give(pair, weight, ts, groups, taken, keys, seen, given, at):  # type: ignore[no-untyped-def]
    """Note what accesses weigh; where one is taken back, that and its time take the place of the row's own, negative.

    Columns [m], `taken` bool; state [G, capacity].
    """
    for i in range(len(pair)):
        g = groups[i]
        if taken[i]:
            slot = find_slot(keys[g], pair[i])
            weight[i] = -given[g, slot] if slot >= 0 else 0.0
            if slot >= 0:
                ts[i], given[g, slot] = at[g, slot], 0.0
        elif weight[i] > 0.0:
            slot, _ = claim_slot(keys[g], seen[g], pair[i], ts[i])
            given[g, slot], at[g, slot] = weight[i], ts[i]
