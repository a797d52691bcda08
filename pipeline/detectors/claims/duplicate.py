"""The same service billed twice, exactly or with a detail changed."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.claims.billing_case import CASE_DAYS, others
from pipeline.detectors.claims.duplicate_kernel import (
    AMOUNT,
    DATE,
    LINE,
    MODIFIER,
    NEAR_DAYS,
    SCORES,
    WHOLE,
    WITHIN,
    judge_claims,
)
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import IS_REPEATED, ClaimLines, claim_lines, fold, service_days
from pipeline.features.naming import LIMIT, named
from schemas.finding import Feature

EXACT = 65_536  # claims and lines per key group whose exact key is remembered
SERVICES = 32_768  # patient, provider and procedure per key group
HABITS = 8192  # procedures, and procedures of a provider, per key group


_ALIKE = {
    WHOLE: "the whole claim", LINE: "a line, alike in all", WITHIN: "a line of the same claim", DATE: "another day",
    MODIFIER: "another modifier", AMOUNT: "another amount",
}  # fmt: skip


class Duplicate(Detector):
    """Exact duplicates of a claim or of a line, and near ones: a day moved, a modifier or the amount changed.

    The exact key is patient, provider, days, procedure, modifiers, units, place and amount. The same claim
    again under its own number is a correction or a retry and no duplicate, and so are lines whose modifiers say
    that they repeat (76, 77, 91). Near duplicates count only for procedures that do not recur by nature: how
    many patients have one again within three days is learned per procedure, and until 20 patients had it they
    stay below 0.5, as they do when the claims name different encounters; another day is none where another person
    rendered the service. Nor do days near each other count where the
    provider's patients come for courses: how many of those seen twice are seen a third time is learned of each
    provider and procedure; nor where no more of its patients come back on another day than chance would have it, as
    other providers' do. Benefits (ExplanationOfBenefit) repeat
    their claims and get no opinion.
    """

    id = "claims.duplicate"
    title = "Duplicate claim"
    severity = 3
    source = "claims"
    alert_days = CASE_DAYS
    beside = others(id)
    entity = ("provider",)
    entity_type = "provider"
    inputs = (
        "claim_id", "claim_type", "patient", "member_id", "provider", "rendering", "from_ts", "through_ts",
        "encounter", "place_of_service", "total_amount", "lines",
    )  # fmt: skip
    misses = (
        "The same service billed under another patient, another provider or more than a few days apart, copies "
        "whose procedure was changed, and those on a day near it by providers whose patients come in series."
    )
    cost = "O(lines) a claim; 24 bytes a claim or line, 83 bytes a patient and procedure"
    reference = "CMS Medicare Claims Processing Manual, chapter 1, section 120 (exact and suspect duplicates)"
    defaults = {"usual_recurrence": 0.1, "enough_patients": 20.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        service = {
            "claim": ((), np.uint64), "day": ((), np.int64), "modifiers": ((), np.uint64),
            "amount": ((), np.float64), "quantity": ((), np.float64), "recurs": ((), np.bool_),
            "stay": ((), np.uint64), "runs": ((), np.int64), "renders": ((), np.uint64),
        }  # fmt: skip
        self._parts = {
            "exact": EntityState(setup.groups, EXACT, {"claim": ((), np.uint64)}),
            "services": EntityState(setup.groups, SERVICES, service),
            "habits": EntityState(setup.groups, HABITS, {"count": ((3,), np.float64)}),
        }

    def score(self, batch: Batch) -> Scores:
        lines = claim_lines(batch)
        who = np.where(batch.hash("patient") != 0, batch.hash("patient"), batch.hash("member_id"))
        owner = np.repeat(np.arange(batch.n), np.diff(lines.first))
        both = fold(who, batch.key_hash)
        exact = fold(
            both[owner], lines.procedure, lines.modifiers, lines.day, lines.through, lines.quantity, lines.amount,
            lines.place,
        )  # fmt: skip
        days = service_days(batch)
        sums = np.zeros(batch.n, np.uint64)
        np.add.at(sums, owner, exact)
        total = batch.number("total_amount")
        whole = fold(
            both, *days, batch.hash("claim_type"), batch.hash("place_of_service"), total, sums, np.full(batch.n, 7)
        )
        whole[~_comparable(batch, lines, owner)] = 0
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        e, s, h = (self._parts[name].arrays() for name in ("exact", "services", "habits"))
        out = judge_claims(
            batch.kind("claim") & (who != 0), ident, (batch.hash("encounter"), batch.hash("rendering")), whole,
            batch.ts, batch.groups, lines.first,
            (exact, fold(both[owner], lines.procedure), fold(batch.key_hash[owner], lines.procedure), lines.procedure,
             lines.modifiers, lines.marks, lines.day, lines.amount, lines.quantity),
            (e["keys"], e["seen"], e["claim"]),
            (s["keys"], s["seen"], s["claim"], s["day"], s["modifiers"], s["amount"], s["quantity"], s["recurs"],
             s["stay"], s["runs"], s["renders"]),
            (h["keys"], h["seen"], h["count"]),
            float(self.option["usual_recurrence"]), float(self.option["enough_patients"]),
        )  # fmt: skip
        # The same product twice on one day at two prices is two fills, or one in parts.
        out[0, batch.equals("claim_type", "pharmacy") & (out[1] == AMOUNT)] = 0.0
        return Scores(out[0], {"how": out[1], "line": out[2], "days": out[3], "recurrence": out[4]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        how, line, days, share = (float(scores.evidence[k][row]) for k in ("how", "line", "days", "recurrence"))
        lines = claim_lines(batch)
        code = lines.codes[int(lines.first[row] + line)][:LIMIT] if line >= 0 else ""
        who, patient = named(batch, row, "provider"), named(batch, row, "patient", "member_id")
        amount = batch.value("total_amount", row)
        changed: dict[float, str] = {
            DATE: f"{days:.0f} day{'s' if days != 1 else ''} apart for the same amount",
            MODIFIER: "on one day with another modifier",
            AMOUNT: "on one day for a slightly different amount",
        }
        if how == WHOLE:
            money = f" over {amount:,.2f}" if amount is not None else ""
            message = (
                f"Provider {who} billed one and the same claim{money} for patient {patient} under a second number."
            )
        elif how == LINE:
            message = f"Provider {who} billed procedure {code} for patient {patient} on two claims, alike in all."
        elif how == WITHIN:
            message = f"Provider {who} billed procedure {code} for patient {patient} twice on one claim."
        else:
            message = f"Provider {who} billed procedure {code} for patient {patient} twice {changed.get(how, '')}."
        features = [Feature(name="billed_again", value=_ALIKE.get(int(how), "the same service"), contribution=1.0)]
        features += [Feature(name="claim_amount", value=amount, contribution=0.0)] if amount is not None else []
        normal = "The service once, or again with a modifier that says so (76, 77, 91)."
        if share == share:
            # What recurs by nature counts less: nothing is left of it at the usual share.
            most, limit = float(self.option["usual_recurrence"]), self.limit(scores, row)
            enough = most * max(1.0 - limit / SCORES[int(how)], 0.0)
            features.append(
                Feature(name="share_of_patients_who_have_it_again", value=round(share, 3), peer_low=round(enough, 3),
                        contribution=0.0)
            )  # fmt: skip
            if how not in (WHOLE, LINE):
                normal = f"A service that at least {enough:.1%} of patients have again within {NEAR_DAYS} days."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: str, patient: str, day: int, amount: float = 120.0, **more: object) -> dict[str, object]:
            line = {"procedure": "99213", "quantity": 1, "amount": amount, **more}
            when = {"ts": 1.7e9, "from_ts": 19_700 * 86_400.0 + 86_400.0 * day}
            who = {"kind": "claim", "claim_id": number, "patient": patient, "provider": "1000000020"}
            return who | when | {"total_amount": amount, "lines": [line]}

        many = [claim(f"c{i}", f"p{i}", i % 20) for i in range(40)]
        series = [claim(f"d{i}-{k}", f"q{i}", k) for i in range(30) for k in range(5)]
        return (
            Example("the same under a second number", [claim("c1", "p1", 3), claim("c2", "p1", 3)], True),
            Example("another modifier", [*many, claim("x1", "p7", 7, modifiers=["GP"])], True),
            Example("sent again", [claim("c1", "p1", 3), claim("c1", "p1", 3)], False),
            Example(
                "the benefit of a claim", [claim("c1", "p1", 3), claim("b1", "p1", 3) | {"kind": "benefit"}], False
            ),
            Example("a series by nature", series, False),
        )


def _comparable(batch: Batch, lines: ClaimLines, owner: np.ndarray) -> np.ndarray:
    """bool[n]: the claim says enough to be told from another. `owner` int64[m]: the claim of each line.

    Not so a claim without lines and amount, one of nothing but services marked as repeated, and a pharmacy's
    without a priced line, which leaves the drug unsaid.
    """
    single, priced = np.zeros(batch.n, np.bool_), np.zeros(batch.n, np.bool_)
    single[owner[(lines.marks & IS_REPEATED) == 0]] = True
    priced[owner[~np.isnan(lines.amount)]] = True
    empty = np.diff(lines.first) == 0
    told = np.where(empty, ~np.isnan(batch.number("total_amount")), single)
    return told & (priced | ~batch.equals("claim_type", "pharmacy"))
