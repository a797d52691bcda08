"""Two procedures billed apart that belong together, by the pairs of codes the user gives (NCCI)."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numba as nb
import numpy as np

from pipeline.detectors.claims.billing_case import CASE_DAYS, others
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import IS_DISTINCT, claim_lines, fold
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine, hash_text
from pipeline.features.lists import Lists, UserList
from pipeline.features.naming import LIMIT, named
from schemas.finding import Feature

PATIENT_DAYS = 8192  # per key group
RING = 24  # procedures of one patient, provider and day that are remembered
NEVER, UNLESS_DISTINCT = 0, 1  # NCCI modifier indicator; 9 marks deleted pairs
FORBIDDEN, UNMARKED = 0.9, 0.7


class Unbundling(Detector):
    """Pairs on the list `code_pairs` billed for one patient by one provider on one day, on one claim or several.

    A pair with modifier_allowed 1 is fine when either line bears a modifier that says the services were distinct;
    with 9 it is no longer in force. A corrected claim under its old number replaces what it said before. Without
    a list there is no opinion. Lines over several days count on their first.
    """

    id = "claims.unbundling"
    title = "Procedures billed apart that belong together"
    severity = 3
    source = "claims"
    alert_days = CASE_DAYS
    beside = others(id)
    entity = ("provider",)
    entity_type = "provider"
    inputs = ("claim_id", "patient", "member_id", "provider", "from_ts", "lines")
    misses = (
        "Pairs that are not on the list, parts billed on other days or by other providers, and pairs told "
        "apart by a modifier that is not true."
    )
    lists = ("code_pairs",)
    cost = "O(lines x 24 x log pairs) a claim; 640 bytes a patient and day"
    reference = "CMS, National Correct Coding Initiative, procedure-to-procedure edits"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring = {
            "codes": ((RING,), np.uint64), "claims": ((RING,), np.uint64), "marks": ((RING,), np.uint8),
            "next": ((), np.int64),
        }  # fmt: skip
        self._parts = {"days": EntityState(setup.groups, PATIENT_DAYS, ring)}

    @cached_property
    def _pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """(pair uint64[m] sorted, modifier indicator uint8[m])"""
        found: dict[int, int] = {}
        codes: dict[str, int] = {}
        for key, rows in self.setup.lists["code_pairs"].rows.items():
            for row in rows:
                names = [(row.get("column1") or key).strip().upper(), (row.get("column2") or "").strip().upper()]
                a, b = (codes.setdefault(n, hash_text(n)) for n in names)
                allowed = (row.get("modifier_allowed") or "0").strip()
                if names[1] and allowed in ("0", "1"):
                    found[int(combine(np.uint64(a), np.uint64(b)))] = int(allowed)
        order = sorted(found)
        return np.array(order, np.uint64), np.array([found[k] for k in order], np.uint8)

    def score(self, batch: Batch) -> Scores:
        if not len(self._pairs[0]):
            return Scores(np.full(batch.n, np.nan))
        lines = claim_lines(batch)
        who = np.where(batch.hash("patient") != 0, batch.hash("patient"), batch.hash("member_id"))
        owner = np.repeat(np.arange(batch.n), np.diff(lines.first))
        key = fold(who[owner], batch.key_hash[owner], lines.day)
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        a = self._parts["days"].arrays()
        values, line, other = _judge(
            batch.kind("claim") & (who != 0), ident, batch.ts, batch.groups, lines.first,
            (key, lines.procedure, lines.marks), self._pairs,
            (a["keys"], a["seen"], a["codes"], a["claims"], a["marks"], a["next"]),
        )  # fmt: skip
        return Scores(values, {"line": line, "other": other})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        lines = claim_lines(batch)
        line = int(scores.evidence["line"][row]) if "line" in scores.evidence else -1
        first = int(lines.first[row])
        code = lines.codes[first + line] if line >= 0 else ""
        other = self._named(code, int(scores.evidence["other"][row])) if line >= 0 else ""
        who, patient = named(batch, row, "provider"), named(batch, row, "patient", "member_id")
        message = f"Provider {who} billed procedures {code[:LIMIT]} and {other[:LIMIT]} for patient {patient}"
        message += " on one day, which"
        if scores.values[row] == FORBIDDEN:
            message += " may never be billed apart."
            normal = "One of the two."
        else:
            message += " belong together unless a modifier says that they were distinct."
            normal = "One of the two, or a modifier such as 59 or 25 on one of them."
        return Explanation(message, normal, [Feature(name="billed_together", value=f"{code} {other}"[:256])])

    def _named(self, code: str, other: int) -> str:
        """The code with this hash among those the list pairs with `code`."""
        for key, rows in self.setup.lists["code_pairs"].rows.items():
            for row in rows:
                pair = [(row.get("column1") or key).strip().upper(), (row.get("column2") or "").strip().upper()]
                if code in pair:
                    match = pair[1 - pair.index(code)]
                    if hash_text(match) == other:
                        return match
        return "another one"

    @classmethod
    def examples(cls) -> Sequence[Example]:
        rows = {
            "80053": ({"column1": "80053", "column2": "80048", "modifier_allowed": "0"},),
            "97530": ({"column1": "97530", "column2": "97116", "modifier_allowed": "1"},),
        }
        lists = Lists({"code_pairs": UserList(rows)})

        def claim(number: int, *lines: Mapping[str, object]) -> dict[str, object]:
            what = {"kind": "claim", "claim_id": f"c{number}", "patient": "p1", "provider": "1000000020"}
            return what | {"ts": 1.7e9, "from_ts": 1.7e9, "lines": list(lines)}

        panel, basic = {"procedure": "80053"}, {"procedure": "80048"}
        therapy, gait = {"procedure": "97530"}, {"procedure": "97116"}
        return (
            Example("on one claim", [claim(1, panel, basic)], True, lists),
            Example("on two claims", [claim(1, gait), claim(2, therapy)], True, lists),
            Example("marked as distinct", [claim(1, therapy, gait | {"modifiers": ["59"]})], False, lists),
            Example("one of the two", [claim(1, panel)], False, lists),
        )


@nb.njit(cache=True, nogil=True)
def _slot(days, g, key, ts):  # type: ignore[no-untyped-def]
    """The slot of a patient's day, emptied when it is new."""
    slot, fresh = claim_slot(days[0][g], days[1][g], key, ts)
    if fresh:
        days[2][g, slot] = 0
        days[3][g, slot] = 0
        days[4][g, slot] = 0
        days[5][g, slot] = 0
    return slot


@nb.njit(cache=True, nogil=True)
def _allowed(pairs, a, b):  # type: ignore[no-untyped-def]
    """The modifier indicator of the pair in either order, or -1 when it is not on the list."""
    for pair in (combine(a, b), combine(b, a)):
        at = np.searchsorted(pairs[0], pair)
        if at < len(pairs[0]) and pairs[0][at] == pair:
            return np.int64(pairs[1][at])
    return np.int64(-1)


@nb.njit(cache=True, nogil=True)
def _judge(told, ident, ts, groups, first, lines, pairs, days):  # type: ignore[no-untyped-def]
    """(score float64[n], line int64[n], hash of the other code uint64[n]).

    told, ident, ts, groups [n]; first [n + 1]; lines (key, procedure, marks) [m]; pairs (sorted hashes, modifier
    indicators); days (keys, seen, codes, claims, marks [G, capacity, RING], next [G, capacity]).
    """
    values, line, other = np.full(len(told), np.nan), np.full(len(told), -1), np.zeros(len(told), np.uint64)
    for i in range(len(told)):
        if not told[i]:
            continue
        g = groups[i]
        values[i] = 0.0
        for j in range(first[i], first[i + 1]):
            slot = _slot(days, g, lines[0][j], ts[i])
            for k in range(RING):
                if days[3][g, slot, k] == ident[i]:
                    days[2][g, slot, k] = 0
        for j in range(first[i], first[i + 1]):
            if lines[1][j] == np.uint64(0):
                continue
            slot = _slot(days, g, lines[0][j], ts[i])
            for k in range(RING):
                before = days[2][g, slot, k]
                allowed = _allowed(pairs, before, lines[1][j]) if before != np.uint64(0) else np.int64(-1)
                distinct = (days[4][g, slot, k] | lines[2][j]) & IS_DISTINCT
                if allowed == NEVER or (allowed == UNLESS_DISTINCT and not distinct):
                    value = FORBIDDEN if allowed == NEVER else UNMARKED
                    if value > values[i]:
                        values[i], line[i], other[i] = value, j - first[i], before
            k = days[5][g, slot] % RING
            days[2][g, slot, k], days[3][g, slot, k], days[4][g, slot, k] = lines[1][j], ident[i], lines[2][j]
            days[5][g, slot] += 1
    return values, line, other
