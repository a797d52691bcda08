"""Records leave the system in bulk: exported, printed or queried, far beyond what this user or colleagues take."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr.account_signs import others
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.detectors.memory.amounts import NORMS
from pipeline.detectors.usual_range import UsualRange
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many, hash_text
from pipeline.features.naming import named
from pipeline.features.norm import MEAN, PEAK, SEEN, SIZE, VAR, WEEK_S, score_of, settle, surprise, take
from schemas.finding import Feature

USERS = 4096  # pairs of user and action per key group
COHORTS = 256  # pairs of role and action per key group
PARTS = 4  # the hour moves in quarters
QUARTER_S, HOUR_S = 900.0, 3600.0
OWN_MEMORY, PEER_MEMORY = 60.0, 1000.0  # samples, as for record_volume
ACTIONS = ("export", "print", "query")
WORDS = {"export": "exported", "print": "printed", "query": "queried"}
RESEARCH = ("HRESCH", "CLINTRCH", "CLINTRL", "research")  # HL7 v3 ActReason: research purposes
RESEARCH_DEVIATIONS = 1.5  # bulk is the nature of research: it takes more to be news
RESEARCH_TIMES = 10.0
STUDIES = 5.0  # bulk for research by the same role, and its share of all bulk, that make research its work
STUDY_SHARE = 0.5
STUDY_TIMES = 100.0
QUIET = 0.4  # highest score of what is no news


class MassExport(Detector):
    """Records exported, printed or returned by queries within an hour, each action against its own norm.

    `records` counts where the source tells it, one otherwise. Without a norm of the user or the role there is no
    opinion below an absolute limit per action; research needs ten times as much, or 1.5 deviations more. Where
    research is the role's work (most of its bulk has that purpose) only a hundred times the limit is told: studies
    are approved elsewhere, and an approval can be put on the list `allow`.
    """

    id = "ehr.mass_export"
    title = "Records taken out in bulk"
    severity = 4
    attacks = ("T1213", "T1119")
    source = "ehr"
    alert_days = 7
    beside = others(id)
    entity = ("user",)
    entity_type = "user"
    inputs = ("user", "role", "department", "action", "records", "purpose", "outcome")
    misses = (
        "Records read on screen and copied or photographed, exports in small portions over many hours or "
        "accounts, what leaves through a database or report server that writes no access records, and researchers "
        "who take more than their study's approval says."
    )
    cost = "O(1) an access; 140 bytes a user and action"
    reference = "log-normal tail of decayed log counts"
    defaults = {
        "deviations": 4.0,
        "least_records": 50.0,
        "unknown_export": 500.0,
        "unknown_print": 200.0,
        "unknown_query": 2000.0,
    }

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        norm = {"norm": ((SIZE,), np.float64)}
        window = {"sums": ((PARTS,), np.float64), "newest": ((), np.int64)}
        self._parts = {
            "users": EntityState(setup.groups, USERS, norm | window),
            "peers": EntityState(setup.groups, COHORTS, norm),
            "posts": EntityState(setup.groups, COHORTS, {"bulk": ((2,), np.float64)}),
        }

    def score(self, batch: Batch) -> Scores:
        user, action = batch.hash("user"), batch.hash("action")
        taken = (user != 0) & batch.is_in("action", ACTIONS) & ~batch.equals("outcome", "failure")
        rows = np.flatnonzero(taken)
        out = np.full((5 + NORMS, batch.n), np.nan)
        role, department = batch.hash("role"), batch.hash("department")
        cohort = np.where(role != 0, role, np.where(department != 0, department, np.uint64(1)))
        records = np.nan_to_num(batch.number("records"), nan=1.0)
        limits = np.full(batch.n, np.inf)
        for name in ACTIONS:
            limits[action == np.uint64(hash_text(name))] = float(self.option["unknown_" + name])
        research = batch.is_in("purpose", RESEARCH)
        u, p, w = (self._parts[name].arrays() for name in ("users", "peers", "posts"))
        out[:, rows] = _judge(
            combine_many(user[rows], action[rows]), combine_many(cohort[rows], action[rows]),
            cohort[rows], records[rows], research[rows], limits[rows], batch.ts[rows], batch.groups[rows],
            (u["keys"], u["seen"], u["norm"], u["sums"], u["newest"]), (p["keys"], p["seen"], p["norm"]),
            (w["keys"], w["seen"], w["bulk"]),
            float(self.option["deviations"]), float(self.option["least_records"]),
        )  # fmt: skip
        evidence = {"count": out[1], "usual": out[2], "unknown": out[3], "limit": out[4], "norms": out[5:].T}
        return Scores(out[0], evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count, usual, unknown = (float(scores.evidence[k][row]) for k in ("count", "usual", "unknown"))
        who, action = named(batch, row, "user", otherwise="Someone unnamed"), batch.text("action", row) or "export"
        for_what = ", for research" if batch.text("purpose", row) in RESEARCH else ""
        message = f"{who} {WORDS.get(action, 'took out')} {count:.0f} records within an hour{for_what}"
        if usual == usual:
            message += f"; usual are about {max(usual, 1.0):.0f}."
            norm, far = UsualRange(scores.evidence["norms"][row]), float(scores.evidence["limit"][row])
            fewer = norm.least(far + math.log(odds_of(self.limit(scores, row))))
            fewer = max(fewer, float(self.option["least_records"]))
            features = [norm.feature(f"records_{WORDS.get(action, 'taken')}", count, "per hour")]
        else:
            message += ", and nothing is known yet of what is usual."
            # Without a norm the score is 1 - ½ · unknown / count.
            fewer = unknown / (2.0 - 2.0 * min(max(self.limit(scores, row), 0.5), 0.999))
            features = [Feature(name=f"records_{WORDS.get(action, 'taken')}", value=count, unit="per hour",
                                usual_low=0, usual_high=round(fewer, 1))]  # fmt: skip
        return Explanation(message, f"Fewer than {fewer:,.0f} records within an hour.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def take_out(
            user: str, ts: float, records: int, action: str = "export", purpose: str = "TREAT"
        ) -> dict[str, object]:
            what = {"user": user, "role": "clerk", "action": action, "records": records, "purpose": purpose}
            return {"kind": "access", "ts": ts, **what}

        weeks = [take_out("clerk1", 1e6 + 43_200.0 * i, 8) for i in range(30)]
        studies = [
            take_out("study1", 1e6 + 43_200.0 * i, 180, "query", "HRESCH") | {"role": "fellow"} for i in range(6)
        ]
        after = 1e6 + 31 * 43_200.0
        return (
            Example("a clerk exports the clinic", [*weeks, take_out("clerk1", after, 900)], True),
            Example("many prints in a row", [take_out("clerk2", 1e6 + 10.0 * i, 4, "print") for i in range(80)], True),
            Example("an ordinary export", [*weeks, take_out("clerk1", after, 20)], False),
            Example(
                "a study's export", [*studies, studies[0] | {"ts": after, "action": "export", "records": 25_000}], False
            ),
            Example("a study's query", [take_out("study1", 1e6, 9000, "query", "HRESCH")], False),
        )


@nb.njit(cache=True, nogil=True)
def _within_hour(sums: np.ndarray, newest: np.ndarray, slot: int, amount: float, ts: float) -> float:
    """Add `amount` at `ts`; the sum of the hour up to now, in quarters. sums [PARTS], newest int64[capacity].

    NaN when it is older than the hour; a clock that jumps back by more than a week starts over.
    """
    part = np.int64(ts // QUARTER_S) + 1
    if part < newest[slot] - WEEK_S / QUARTER_S:
        sums[:] = 0.0
        newest[slot] = 0
    if part <= newest[slot] - PARTS:
        return np.nan
    for p in range(max(part - PARTS + 1, newest[slot] + 1), part + 1):
        sums[p % PARTS] = 0.0
    newest[slot] = max(part, newest[slot])
    sums[part % PARTS] += amount
    return sums.sum()


@nb.njit(cache=True, nogil=True)
def _is_study(posts, g, post, ts, research):  # type: ignore[no-untyped-def]
    """Whether this is bulk for research by a role whose work that is; then it is counted: [all, for research]."""
    slot, fresh = claim_slot(posts[0][g], posts[1][g], post, ts)
    bulk = posts[2][g, slot]
    if fresh:
        bulk[:] = 0.0
    study = research and bulk[1] >= STUDIES and bulk[1] >= STUDY_SHARE * bulk[0]
    if bulk[0] > 1000.0:  # the past fades, so that a role may change its work
        bulk *= 0.5
    bulk[0] += 1.0
    bulk[1] += 1.0 if research else 0.0
    return study


@nb.njit(cache=True, nogil=True)
def _judge(who, cohort, post, records, research, unknown, ts, groups, users, peers, posts, limit, least):  # type: ignore[no-untyped-def]
    """float64[5 + NORMS, m]: score, records within the hour, usual number, limit while nothing is known, deviations
    that score a half, norms.

    Columns [m]; users (keys, seen, norm [G, capacity, SIZE], sums [G, capacity, PARTS], newest [G, capacity]);
    peers (keys, seen, norm); posts (keys, seen, bulk [G, capacity, 2]).
    """
    out = np.full((5 + NORMS, len(who)), np.nan)
    for i in range(len(who)):
        g = groups[i]
        s, fresh = claim_slot(users[0][g], users[1][g], who[i], ts[i])
        own = users[2][g, s]
        if fresh:
            own[:] = 0.0
            users[3][g, s] = 0.0
            users[4][g, s] = 0
        p, fresh = claim_slot(peers[0][g], peers[1][g], cohort[i], ts[i])
        others = peers[2][g, p]
        if fresh:
            others[:] = 0.0
        sample = settle(own, ts[i], HOUR_S)
        if sample == sample:
            take(own, sample, OWN_MEMORY)
            take(others, sample, PEER_MEMORY)
        count = _within_hour(users[3][g, s], users[4][g], s, records[i], ts[i])
        if count != count:
            continue
        z, usual = surprise(count, own, others)
        far = limit + (RESEARCH_DEVIATIONS if research[i] else 0.0)
        value = score_of(z, far)
        study = _is_study(posts, g, post[i], ts[i], research[i])
        most = unknown[i] * (STUDY_TIMES if study else RESEARCH_TIMES if research[i] else 1.0)
        if value == value and (count < least or (study and count <= most)):
            value = min(value, QUIET)
        if value != value and count > most:
            value = 0.5 + 0.5 * (1.0 - most / count)
        own[PEAK] = max(own[PEAK], count)
        out[0, i] = value
        out[1, i] = count
        out[2, i] = usual
        out[3, i], out[4, i] = most, far
        out[5, i], out[6, i], out[7, i] = own[SEEN], own[MEAN], own[VAR]
        out[8, i], out[9, i], out[10, i] = others[SEEN], others[MEAN], others[VAR]
    return out
