"""Billed, but the patient was not there, and nobody opened the chart."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.claims import phantom_kernel as kernel
from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import is_apart, listed_codes
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import fold
from pipeline.features.naming import named
from schemas.finding import Feature

DAY_S = 86_400.0
PROVIDERS = 8192  # per key group; all of one kind of claim lie in one
CLOSE_D, NEAR_D = 1.0, 7.0  # an encounter or an opened chart within so many days goes with a service
ARRIVES = 0.5  # a feed tells something where at least this share of claims has its counterpart
UNKNOWN = 0.5  # prior share of what may need no chart: it has to be learned


class Phantom(Detector):
    """How unlikely a provider's recent claims without care are, against its own and its peers' usual share.

    A claim is without care where no encounter, appointment or order is within a day and nobody opened the chart
    within a day, and once more where there is none within a week; a feed counts only where at least half of recent
    claims have their counterpart in it, and without either there is no opinion. Claims of the last weeks (half-life
    ten days) are compared with the largest of three shares: the provider's own in the months before, and those that
    a quarter of all providers with the same kind of claim (professional, work on what was sent in, institutional,
    pharmacy) exceed, in the long run and lately. So no scheme of a few excuses another, while a feed that fell out
    for a day is nobody's scheme. The measure is n KL(k/n, share), the exponent of the chance of k in n (Chernoff),
    0.5 at five and a half nats (and ln 2, as two are tried) and three claims. Only claims without care are found, and
    of providers of whom care was told three times at least: whose visits and charts are in another house's systems,
    as of pharmacies and practices around, cannot be judged by what is missing.
    """

    id = "claims.phantom"
    title = "Billed without a patient"
    severity = 4
    source = "judged"
    alert_days = WAITED_DAYS
    entity = ("provider",)
    entity_type = "provider"
    inputs = (
        "kind", "peers", "provider", "procedures", "encounter_days", "chart_days", "encounter_coverage",
        "chart_coverage", "claim_judged_ts",
    )  # fmt: skip
    misses = (
        "Single invented claims, services invented around a visit that took place, charts opened to cover it up, "
        "schemes of more than a quarter of all providers, who never worked otherwise for months or never treated "
        "anybody here, and hospitals whose "
        "encounters and accesses do not arrive."
    )
    cost = "O(1) a claim, and all providers every six hours; 120 bytes a provider"
    reference = "Chernoff 1952 (tail of the binomial); HHS OIG: billing for services not rendered"
    defaults = {"close_days": CLOSE_D, "near_days": NEAR_D}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f = np.float64
        own = {"sums": ((3, kernel.COUNTS), f), "at": ((2,), f), "cohort": ((), np.int64)}
        peers = {"shares": ((kernel.COHORTS, 2, kernel.LEVELS), f), "claims": ((kernel.COHORTS,), f),
                 "due": ((kernel.COHORTS,), f)}  # fmt: skip
        self._parts = {
            "providers": EntityState(setup.groups, PROVIDERS, own),
            "peers": EntityState(setup.groups, 8, peers),
        }

    def score(self, batch: Batch) -> Scores:
        out = np.full((6, batch.n), np.nan)
        rows = np.flatnonzero(batch.kind("billing") & (batch.hash("provider") != 0))
        if len(rows):
            cohort = _cohorts(batch, rows)
            bare, prior = self._bare(batch, rows)
            prior[cohort != kernel.PROFESSIONAL] = UNKNOWN
            judged = batch.number("claim_judged_ts")[rows]
            out[:, rows] = kernel.judge(
                fold(batch.hash("provider")[rows], cohort), bare, prior, cohort,
                np.where(np.isnan(judged), batch.ts[rows], judged), batch.groups[rows],
                kernel.Providers(**self._parts["providers"].arrays()),
                *(self._parts["peers"].arrays()[name][:, 0] for name in ("shares", "claims", "due")),
            )  # fmt: skip
        return Scores(out[0], dict(zip(("without", "claims", "usual", "peers", "level"), out[1:], strict=True)))

    def _near(self, level: int) -> float:
        """Days within which care counts at a level."""
        return float(self.option["near_days" if level else "close_days"])

    def _bare(self, batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(1 for claims without care at each level, 0 for others, NaN where no feed tells [m, LEVELS]; share that is so
        anyway [m])."""
        missing = np.ones((len(rows), kernel.LEVELS), np.bool_)
        prior, told = np.ones(len(rows)), np.zeros(len(rows), np.bool_)
        for days, coverage in (("encounter_days", "encounter_coverage"), ("chart_days", "chart_coverage")):
            share, apart = np.nan_to_num(batch.number(coverage)[rows]), np.abs(batch.number(days)[rows])
            arrives = share >= ARRIVES
            for level in range(kernel.LEVELS):
                missing[:, level] &= ~(apart <= self._near(level))
            prior = np.where(arrives, np.minimum(prior, 1.0 - share), prior)
            told |= arrives
        return np.where(told[:, None], missing.astype(np.float64), np.nan), prior

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        without, claims, usual, peers, level = (
            float(scores.evidence[key][row]) for key in ("without", "claims", "usual", "peers", "level")
        )
        feeds = []
        if (batch.value("encounter_coverage", row) or 0.0) >= ARRIVES:
            feeds.append("an encounter")
        if (batch.value("chart_coverage", row) or 0.0) >= ARRIVES:
            feeds.append("anybody having opened the chart")
        who, near = named(batch, row, "provider"), self._near(int(level))
        within = "a day" if near == 1.0 else f"{near:g} days"
        message = (
            f"Provider {who} billed about {without:.0f} of {claims:.0f} recent claims without "
            f"{' or '.join(feeds) or 'care'} within {within}; usual is a share of {usual:.1%}, among peers {peers:.1%}."
        )
        need = kernel.NATS + kernel.TRIED + 2.0 * math.log(odds_of(self.limit(scores, row)))
        fewer = next(
            (k for k in range(3, math.ceil(claims)) if kernel.nats(float(k), claims, usual) >= need), round(claims)
        )
        features = [
            Feature(
                name="claims_without_care", value=round(without, 1), usual_low=0, usual_high=round(claims * usual, 1),
                peer_low=0, peer_high=round(claims * peers, 1),
            ),
            Feature(name="recent_claims", value=round(claims, 1), contribution=None),
        ]  # fmt: skip
        return Explanation(message, f"Fewer than {fewer} of {claims:.0f} without care within {within}.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: int, seen: bool, **more: object) -> dict[str, object]:
            when = {"ts": 1.7e9 + 900.0 * number, "claim_judged_ts": 1.7e9 + 900.0 * number + 4 * DAY_S}
            what = {"kind": "billing", "claim_id": f"c{number}", "peers": "professional", "patient": f"p{number}"}
            care = {"encounter_days": 0.0, "chart_days": 0.0} if seen else {}
            share = {"encounter_coverage": 0.97, "chart_coverage": 0.95}
            return what | when | care | share | {"provider": f"{1_000_000 + provider}", "procedures": ["99213"]} | more

        normal = [claim(i, i % 10, True) for i in range(150)]
        other_days = {"encounter_days": 3.0, "chart_days": 2.0}
        unknown = {"encounter_coverage": 0.02, "chart_coverage": 0.0}
        return (
            Example("ten patients nobody saw", [*normal, *(claim(200 + i, 3, False) for i in range(10))], True),
            Example(
                "ten patients seen on other days",
                [*normal, *(claim(200 + i, 3, False, **other_days) for i in range(10))],
                True,
            ),
            Example("a slip", [*normal, claim(200, 3, False)], False),
            Example("no feed of care", [claim(i, 3, False, **unknown) for i in range(40)], False),
            Example("a laboratory", [claim(i, 3, False, procedures=["80053"]) for i in range(3)], False),
        )


def _cohorts(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: the kind of each claim, whose shares are learned apart."""
    codes = listed_codes(batch, "procedures", batch.kind("billing"))
    out = np.array([kernel.APART if is_apart(codes[row]) else kernel.PROFESSIONAL for row in rows.tolist()], np.int64)
    out[batch.equals("peers", "institutional")[rows]] = kernel.INSTITUTIONAL
    out[batch.equals("peers", "pharmacy")[rows]] = kernel.PHARMACY
    return out
