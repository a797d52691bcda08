"""Two procedures billed together by one provider that all others bill one or the other of: pairs nobody listed."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.claims.billing_case import CASE_DAYS, others
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import IS_DISTINCT, claim_lines, fold
from pipeline.features.distinct_window import note_distinct
from pipeline.features.entity_table import claim_slot
from pipeline.features.fading_count import fading_count
from pipeline.features.hashing import combine
from pipeline.features.naming import LIMIT, named
from pipeline.models.count_tail import excess_nats
from schemas.finding import Feature

DAY_S = 86_400.0
PATIENT_DAYS, COUNTS, CLAIMS = 8192, 32_768, 8192  # per key group
RING = 16  # procedures of one patient, provider and day
HALF_LIFE_S = 180.0 * DAY_S
MANY = 8  # providers of a procedure that are remembered, the last ones
OTHERS, EXPECTED, LACKING = 2, 5.0, 0.1  # other providers who bill both; patient-days on which chance would have them
# bill both at once; and the share of these up to which the two exclude each other
EVERY = np.uint64(1)
PRIOR_SHARE, PRIOR_DAYS, LEAST_SHARE = 0.01, 50.0, 0.001
LEAST_DAYS = 3.5  # patient-days: a few are exceptions
CAP = 0.4
EVIDENCE = ("nats", "together", "days", "usual", "line", "place")


class UnlistedPairs(Detector):
    """How unlikely it is that a provider bills two procedures on so many patient-days, where others bill either.

    A pair counts when at least two other providers bill both procedures, often enough for chance to bring them together
    on five patient-days, and hardly ever did so: then the two exclude each other, or the one contains the other. n
    KL(k/n, share) is the exponent of the chance (Chernoff) that k of the provider's own n patient-days with the one
    have both; 0.5 at `nats`, from four on. Lines with a modifier that says they were distinct do not
    count, nor do claims sent again. Counts fade with a half-life of 180 days.
    """

    id = "claims.unlisted_pairs"
    title = "Procedures billed together that others bill one or the other of"
    severity = 2
    source = "claims"
    alert_days = CASE_DAYS
    beside = others(id)
    entity = ("provider",)
    entity_type = "provider"
    inputs = ("claim_id", "patient", "member_id", "provider", "from_ts", "lines")
    misses = (
        "Parts that nobody else ever bills, pairs of which others bill one only, what most others do as well, and "
        "pairs told apart by a modifier that is not true. Others are those of the same key group, about one in eight."
    )
    cost = "O(lines x 16) a claim; 400 bytes a patient and day, 32 a procedure and provider or pair: 5 MB a key group"
    reference = "CMS, National Correct Coding Initiative, mutually exclusive procedures; Chernoff 1952"
    defaults = {"nats": 12.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        ring = {"codes": ((RING,), np.uint64), "next": ((), np.int64)}
        count = {"count": ((), np.float64), "at": ((), np.float64)}
        people = {"items": ((MANY,), np.uint32), "when": ((MANY,), np.uint32)}
        self._parts = {
            "days": EntityState(setup.groups, PATIENT_DAYS, ring),
            "counts": EntityState(setup.groups, COUNTS, count),
            "codes": EntityState(setup.groups, COUNTS // 8, people),
            "claims": EntityState(setup.groups, CLAIMS, {}),
        }

    def score(self, batch: Batch) -> Scores:
        lines = claim_lines(batch)
        who = np.where(batch.hash("patient") != 0, batch.hash("patient"), batch.hash("member_id"))
        owner = np.repeat(np.arange(batch.n), np.diff(lines.first))
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        days, counts, codes, claims = (self._parts[k].arrays() for k in ("days", "counts", "codes", "claims"))
        out = _judge(
            batch.kind("claim") & (who != 0) & (batch.key_hash != 0), batch.key_hash, fold(batch.key_hash, ident),
            batch.ts, batch.groups, lines.first,
            (fold(who[owner], batch.key_hash[owner], lines.day), lines.procedure, lines.marks),
            tuple(days[k] for k in ("keys", "seen", "codes", "next")),
            tuple(counts[k] for k in ("keys", "seen", "count", "at")),
            tuple(codes[k] for k in ("keys", "seen", "items", "when")), (claims["keys"], claims["seen"]),
            float(self.option["nats"]),
        )  # fmt: skip
        return Scores(out[0], dict(zip(EVIDENCE, out[1:], strict=True)))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        codes, first = claim_lines(batch).codes, int(claim_lines(batch).first[row])
        code = codes[first + int(e["line"])][:LIMIT] if e["line"] >= 0 else "one procedure"
        other = codes[first + int(e["place"])][:LIMIT] if e["place"] >= 0 else "one billed before on that day"
        message = (
            f"Provider {named(batch, row, 'provider')} billed procedures {code} and {other} for one patient and day, "
            f"and did so on {e['together']:.0f} of {e['days']:.0f} such days; others bill one or the other, both in "
            f"{e['usual']:.1%}."
        )
        less = nearest(e["nats"], float(scores.values[row]), self.limit(scores, row))
        fewer = max(int(e["together"] * less / max(e["nats"], 1e-9)), 3)
        features = [
            Feature(name="days_with_both", value=round(e["together"], 1), peer_low=0,
                    peer_high=round(e["days"] * e["usual"], 2), contribution=1.0),
            Feature(name="days_with_one", value=round(e["days"], 1), contribution=0.0),
        ]  # fmt: skip
        return Explanation(message, f"About {fewer} days with both, or a modifier that says why.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: int, *codes: str, **more: object) -> dict[str, object]:
            lines = [{"procedure": code, **more} for code in codes]
            what: dict[str, object] = {
                "kind": "claim",
                "claim_id": f"c{number}",
                "patient": f"p{number}",
                "lines": lines,
            }
            when = {"ts": 1.7e9 + 3600.0 * number, "from_ts": 1.7e9 + 3600.0 * number}
            return what | when | {"provider": f"{1_000_000 + provider}"}

        # Providers of one key group, so that they are peers of each other.
        peers = [claim(i, (7, 16, 28)[i % 3], "93307" if i % 4 == 0 else "93306") for i in range(160)]
        both = [claim(200 + i, 0, "93306", "93307") for i in range(12)]
        marked = [claim(200 + i, 0, "93306", "93307", modifiers=["59"]) for i in range(12)]
        usual = [claim(i, (7, 16, 28)[i % 3], "93306", "93307") for i in range(160)]
        return (
            Example("both, where others bill either", [*peers, *both], True),
            Example("said to be distinct", [*peers, *marked], False),
            Example("what everybody bills", [*usual, *both], False),
            Example(
                "a procedure of one's own", [*peers, *(claim(200 + i, 0, "93306", "99999") for i in range(12))], False
            ),
        )


@nb.njit(cache=True, nogil=True)
def _bills(codes, g, code, who, ts):  # type: ignore[no-untyped-def]
    """Slot of a procedure, whose providers are remembered, this one included; codes (keys, seen, items, when)."""
    slot, fresh = claim_slot(codes[0][g], codes[1][g], code, ts)
    if fresh:
        codes[2][g, slot] = 0
        codes[3][g, slot] = 0
    note_distinct(codes[2][g, slot], codes[3][g, slot], who, ts, 2.0 * HALF_LIFE_S)
    return slot


@nb.njit(cache=True, nogil=True)
def _among(counts, codes, g, who, a, b, pair, ts):  # type: ignore[no-untyped-def]
    """(providers but this one who bill both a and b, days with a, days with both, days by chance) of up to MANY."""
    first, second = codes[2][g, _bills(codes, g, a, who, ts)], codes[2][g, _bills(codes, g, b, who, ts)]
    people, days, both, chance = 0, 0.0, 0.0, 0.0
    for short in first:
        if short == 0 or np.uint64(short) == who or not (second == short).any():
            continue
        other = np.uint64(short)
        with_a = fading_count(counts, g, combine(other, a), ts, 0.0, HALF_LIFE_S)
        with_b = fading_count(counts, g, combine(other, b), ts, 0.0, HALF_LIFE_S)
        people += 1
        days += with_a
        both += fading_count(counts, g, combine(other, pair), ts, 0.0, HALF_LIFE_S)
        chance += with_a * with_b / max(fading_count(counts, g, combine(other, EVERY), ts, 0.0, HALF_LIFE_S), 1.0)
    return people, days, both, chance


@nb.njit(cache=True, nogil=True)
def _pair(counts, codes, g, who, a, b, ts):  # type: ignore[no-untyped-def]
    """(nats, days with both, days with a, usual share) of a pair on one more patient-day of a provider."""
    pair = combine(min(a, b), max(a, b))
    mine = fading_count(counts, g, combine(who, pair), ts, 1.0, HALF_LIFE_S)
    people, days, both, chance = _among(counts, codes, g, who, a, b, pair, ts)
    of = max(fading_count(counts, g, combine(who, a), ts, 0.0, HALF_LIFE_S), mine)
    if people < OTHERS or chance < EXPECTED or both > LACKING * chance:
        return 0.0, mine, of, 0.0
    usual = max((both + PRIOR_DAYS * PRIOR_SHARE) / (days + PRIOR_DAYS), LEAST_SHARE)
    return excess_nats(mine, of, usual), mine, of, usual


@nb.njit(cache=True, nogil=True)
def _judge(told, who, ident, ts, groups, first, lines, days, counts, codes, claims, nats):  # type: ignore[no-untyped-def]
    """float64[1 + EVIDENCE, n]: score and evidence of the pair that stands out most.

    told, who, ident, ts, groups [n]; first [n + 1]; lines (patient-day, procedure, marks) [m]; days (keys, seen, codes
    [G, capacity, RING], next), counts (keys, seen, count, at), codes (keys, seen, items, when), claims (keys, seen).
    """
    out = np.full((7, len(told)), np.nan)
    for i in range(len(told)):
        g, me = groups[i], max(who[i] & np.uint64(0xFFFFFFFF), np.uint64(1))
        if not told[i] or not claim_slot(claims[0][g], claims[1][g], ident[i], ts[i])[1]:
            continue
        out[:, i] = 0.0
        out[5, i], out[6, i] = -1.0, -1.0
        for j in range(first[i], first[i + 1]):
            code = lines[1][j]
            if code == np.uint64(0) or lines[2][j] & IS_DISTINCT:
                continue
            slot, fresh = claim_slot(days[0][g], days[1][g], lines[0][j], ts[i])
            if fresh:
                days[2][g, slot] = 0
                days[3][g, slot] = 0
                fading_count(counts, g, combine(me, EVERY), ts[i], 1.0, HALF_LIFE_S)
            if (days[2][g, slot] == code).any():
                continue
            fading_count(counts, g, combine(me, code), ts[i], 1.0, HALF_LIFE_S)
            _bills(codes, g, code, me, ts[i])
            for k in range(RING):
                other = days[2][g, slot, k]
                if other == np.uint64(0):
                    continue
                found, both, of, usual = _pair(counts, codes, g, me, code, other, ts[i])
                if found <= out[1, i] or found == 0.0:
                    continue
                value = found / (found + nats)
                out[0, i] = min(value, CAP) if both < LEAST_DAYS else value
                out[1, i], out[2, i], out[3, i], out[4, i], out[5, i] = found, both, of, usual, float(j - first[i])
                out[6, i] = -1.0
                for before in range(first[i], j):
                    if lines[1][before] == other:
                        out[6, i] = float(before - first[i])
            days[2][g, slot, days[3][g, slot] % RING] = code
            days[3][g, slot] += 1
    return out
