"""Many weak signs about one access that nobody's rule would tell, added up."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.example_access import judged_access
from pipeline.detectors.ehr.judged import (
    COUNTING,
    EMERGENCY,
    RELATIONS,
    TOLD,
    UNLIKELY,
    accesses,
    covered,
    glass,
    lacking,
    number,
    odd_hour,
    searched,
    tells,
    who,
)
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from schemas.finding import Feature

USERS, ROLES = 2048, 128  # per key group
DAY_S = 86_400.0
BINS = 6
EVERYBODY = np.uint64(1)
NO_SIGN = -1
SMOOTH = 20.0  # accesses of everybody's that speak for a role, beside its own
PRIOR = 20.0  # accesses for which GUESS speaks before anything is known
GUESS = 0.4  # share that reaches the next bin, assumed at first
MEMORY = 20_000.0  # accesses after which half is forgotten
MOST = 4.0  # evidence (nats) that one sign can give: 1 in 55, so that it takes several
SIGN, SEVERAL = 0.7, 3  # evidence that makes a sign one (1 in 2), and how many make several
ODD, SURGE_S = 0.5, 7200.0  # of the evidence needed: colleagues who are so odd within two hours are in one emergency
GUARD, UNLEARNED = 8.0, 0.1  # evidence from which an access teaches at a tenth of the weight
STEPS = (0.3, 0.4, 0.5, 0.65, 0.8)  # of what lies in [0, 1]
SIGNS = (
    ("sign_volume", "more charts than usual"), ("sign_hours", "an unusual hour"),
    ("sign_workstation", "an unusual workstation"), ("sign_export", "records taken out"),
    ("sign_account", "a dormant or shared account"),
)  # fmt: skip
NAMES = ("reason", "relation", "today", "emergency", "death", *(name for name, _ in SIGNS))
LACKING = np.isin(NAMES, ("reason", "today"))
WORDS = (
    "no reason in care for a chart new to the user", "a relation to the patient",
    "others today without a reason", "an emergency access", "a patient who died", *(words for _, words in SIGNS),
)  # fmt: skip


class AccessAnomaly(Detector):
    """Sum over ten signs of -log of how often a sign is as strong as this among accesses of the role.

    Each sign is ordered from harmless to suspicious and counts by its learned upper tail (Fisher's way of combining
    tests), at most `MOST`, so that a lone strong sign is left to the detector that knows it and several weak ones
    add up. How many others had no reason today is held against accesses without a reason alone: where much care is
    never told, both are so of the same people, and would count twice. A sum of logarithms was chosen over density of
    the whole row because signs have a direction: an unusually harmless access is no anomaly. What scores high hardly
    teaches. 0.5 at `evidence`, of which less than three signs count in part, and where several of a department are odd
    within two hours less in proportion: a budget was overspent threefold, as a key group sees few odd accesses to learn
    a threshold from.
    """

    id = "ehr.access_anomaly"
    title = "Several signs that an access was not for care"
    severity = 3
    attacks = ("T1078", "T1213")
    source = "judged"
    alert_days = 7
    beside = (*COUNTING, *RELATIONS, EMERGENCY, *UNLIKELY)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "patient", "strength", "reason", "user_before", "department_before",
              "is_coworker", "same_department", "same_family", "same_address", "deceased_days", "care_after",
              "break_glass", "coverage", *(name for name, _ in SIGNS))  # fmt: skip
    misses = (
        "Misuse with one strong sign only, which its own detector tells, what most of a role do as well, and hospitals "
        "that tell neither care nor relations nor workstations."
    )
    cost = "O(72) a judged access; 600 bytes a role, 140 a user active today: 3 MB in all"
    reference = "Fisher, Statistical Methods for Research Workers, 1925 (combining tests); learned base rates by role"
    defaults = {"evidence": 8.5}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._roles = EntityState(setup.groups, ROLES, {"bins": ((len(NAMES), BINS), np.float32)})
        self._today = WindowedDistinct(setup.groups, USERS, DAY_S, 16)
        self._crowd = WindowedDistinct(setup.groups, ROLES, SURGE_S, 16)
        self._parts = {"roles": self._roles, "today": self._today, "crowd": self._crowd}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in NAMES}
        rows = np.flatnonzero(accesses(batch) & (batch.number("is_self") != 1.0))
        if not len(rows):
            return Scores(values, evidence)
        a = self._roles.arrays()
        role = batch.hash("role")[rows]
        out = _evidence(
            np.where(role != 0, role, batch.hash("department")[rows]), self._bins(batch, rows), batch.ts[rows],
            batch.groups[rows], a["keys"], a["seen"], a["bins"],
        )  # fmt: skip
        # What the house does not tell lacks for everybody: that an access has no reason, and others of the day neither.
        out *= np.where(LACKING, tells(batch)[rows, np.newaxis], 1.0)
        several = np.minimum((out >= SIGN).sum(axis=1) / SEVERAL, 1.0)
        total = out.sum(axis=1) * several
        total /= self._alike(batch, rows, total)
        values[rows] = total / (total + float(self.option["evidence"]))
        for k, name in enumerate(NAMES):
            evidence[name][rows] = out[:, k]
        told = np.max([_sign(batch, name) for name, _ in SIGNS], axis=0) >= TOLD
        return Scores(values, evidence, silent=told)

    def _alike(self, batch: Batch, rows: np.ndarray, total: np.ndarray) -> np.ndarray:
        """float64[m], 1 or more: colleagues of the department beyond one other whose accesses are as odd within two
        hours, and oneself: where a whole department is, something has happened there."""
        odd = total >= ODD * float(self.option["evidence"])
        user = np.where(odd, batch.hash("user")[rows], np.uint64(0))
        department = batch.hash("department")[rows]
        department = np.where(department != 0, department, batch.hash("role")[rows])
        together = self._crowd.add(department, user, batch.ts[rows], batch.groups[rows])
        return np.where(odd, np.maximum(np.nan_to_num(together) - 1.0, 1.0), 1.0)

    def _bins(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """int64[m, signs]: how suspicious each sign is, 0 to BINS - 1; NO_SIGN where it says nothing."""
        lacks = (lacking(batch) * covered(batch))[rows]
        patient = np.where(lacks >= 0.5, batch.hash("patient")[rows], np.uint64(0))
        today = self._today.add(batch.hash("user")[rows], patient, batch.ts[rows], batch.groups[rows])
        flag = {n: (batch.number(n)[rows] == 1.0) for n in
                ("is_coworker", "same_department", "same_family", "same_address")}  # fmt: skip
        relation = np.max([
            1 * flag["is_coworker"], 2 * flag["same_family"], 3 * (flag["is_coworker"] & flag["same_department"]),
            4 * flag["same_address"], 5 * (flag["same_address"] & flag["same_family"]),
        ], axis=0)  # fmt: skip
        mine, theirs = number(batch, "user_before", 1.0)[rows], number(batch, "department_before", 1.0)[rows]
        # Novelty only says something of what is not explained: apart they would count twice.
        reason = np.where(lacks < 0.5, 1 * (lacks > 0), 2 + (mine < 3) + 2 * (theirs - mine <= 0))
        opened = glass(batch)[rows]
        emergency = 2 * opened + 3 * (opened & (batch.number("care_after")[rows] == 0.0))
        dead = np.searchsorted((0.0, 7.0, 30.0, 90.0, 365.0), number(batch, "deceased_days", -1.0)[rows], "right")
        others = np.searchsorted((2, 3, 5, 8, 13), today, "right")
        signs = [np.searchsorted(STEPS, _sign(batch, name)[rows], "right") for name, _ in SIGNS]
        columns = [
            np.minimum(reason, BINS - 1), relation, np.where(lacks >= 0.5, others, NO_SIGN), emergency, dead, *signs,
        ]  # fmt: skip
        return np.stack(columns, axis=1).astype(np.int64)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        found = [(float(scores.evidence[name][row]), words) for name, words in zip(NAMES, WORDS, strict=True)]
        found = sorted((f for f in found if f[0] > 0.05), reverse=True)[:4]
        signs = ", ".join(words for _, words in found) or "nothing that stands out alone"
        signs_of = sorted(
            ((float(scores.evidence[n][row]), w) for n, w in zip(NAMES, WORDS, strict=True)), reverse=True
        )
        total = sum(nats for nats, _ in signs_of) or 1.0
        features = [
            Feature(
                name=words.replace(" ", "_"), value=round(math.exp(nats), 1), unit="one in so many of the role",
                peer_low=1, peer_high=2, contribution=nats / total,
            )
            for nats, words in signs_of
            if nats > 0.05
        ]  # fmt: skip
        message = f"{who(batch, row)} opened a chart with several signs at once that are rare in this role: {signs}"
        message += f"; {searched(batch, row)}." if lacking(batch)[row] > 0 else "."
        need = float(self.option["evidence"]) * odds_of(self.limit(scores, row))
        return Explanation(message, _nearest(signs_of, need), features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        treated = {"reason": "encounter", "strength": 0.6, "user_before": 3, "department_before": 9}
        usual = [judged_access(60.0 * i, f"p{i % 40}", **treated) for i in range(150)]
        signs = {"sign_hours": 0.45, "hour_share": 0.01, "sign_workstation": 0.45, "sign_account": 0.4}
        odd = judged_access(60.0 * 151, "q", same_family=True, **signs)
        return (
            Example("a relative, at night, from another desk", [*usual, odd], True),
            Example("as always", [*usual, usual[0] | {"ts": odd["ts"]}], False),
        )


def _sign(batch: Batch, name: str) -> np.ndarray:
    """float64[n]: how strong a sign is, 0 where it is not known."""
    return odd_hour(batch) if name == "sign_hours" else number(batch, name, 0.0)


def _nearest(signs: Sequence[tuple[float, str]], need: float) -> str:
    """The same access without so many of its strongest signs that what is left stays under `need`."""
    for gone in range(1, len(signs)):
        rest = [nats for nats, _ in signs[gone:]]
        if sum(rest) * min(sum(n >= SIGN for n in rest) / SEVERAL, 1.0) < need:
            return f"The same access without these: {', '.join(words for _, words in signs[:gone])}."
    return "Accesses with at most one of these signs."


@nb.njit(cache=True, nogil=True)
def _tail(bins, k, every):  # type: ignore[no-untyped-def]
    """Share of accesses whose sign is at least in bin k; bins, every float32[BINS] of a role and of everybody."""
    total, above, total_all, above_all = 0.0, 0.0, 0.0, 0.0
    for b in range(BINS):
        total += bins[b]
        total_all += every[b]
        if b >= k:
            above += bins[b]
            above_all += every[b]
    general = (above_all + PRIOR * GUESS**k) / (total_all + PRIOR)
    return (above + SMOOTH * general) / (total + SMOOTH)


@nb.njit(cache=True, nogil=True)
def _evidence(role, signs, ts, groups, keys, seen, bins):  # type: ignore[no-untyped-def]
    """float64[m, signs]; role uint64[m], signs int64[m, S] in 0..BINS-1, less where a sign says nothing and learns
    nothing; state [G, capacity, S, BINS]."""
    out = np.zeros(signs.shape)
    for i in range(len(role)):
        g = groups[i]
        every, fresh = claim_slot(keys[g], seen[g], EVERYBODY, ts[i])
        if fresh:
            bins[g, every] = 0.0
        slot, fresh = claim_slot(keys[g], seen[g], max(role[i], np.uint64(2)), ts[i])
        if fresh:
            bins[g, slot] = 0.0
        total = 0.0
        for s in range(signs.shape[1]):
            if signs[i, s] > 0:
                out[i, s] = min(-np.log(_tail(bins[g, slot, s], signs[i, s], bins[g, every, s])), MOST)
                total += out[i, s]
        weight = np.float32(UNLEARNED if total >= GUARD else 1.0)
        for s in range(signs.shape[1]):
            if signs[i, s] >= 0:
                bins[g, slot, s, signs[i, s]] += weight
                bins[g, every, s, signs[i, s]] += weight
        for k in (slot, every):
            if bins[g, k, 0].sum() > MEMORY:
                bins[g, k] *= np.float32(0.5)
    return out
