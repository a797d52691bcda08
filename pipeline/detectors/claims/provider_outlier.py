"""A provider whose billing as a whole stands out among those who do the same work."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pipeline.detectors.claims import provider_profile as kernel
from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import listed_codes
from pipeline.detectors.claims.peer_groups import PeerGroups
from pipeline.detectors.claims.procedure_families import FAMILIES, families_of
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import MOST, odds_of
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import fold, service_days
from pipeline.features.naming import named
from schemas.finding import Feature

PROVIDERS, PATIENTS, PAIRS, CLAIMS = 4096, 32_768, 65_536, 16_384  # per key group; all of one kind lie in one
KINDS = ("professional", "institutional", "pharmacy")
LARGEST = 1e9  # money or lines of one claim
# What each feature is called, the sentence's words for it, and whether it was taken from a log1p or log.
_WORDS: dict[str, tuple[str, Callable[[float], float]]] = {
    "amount": ("{:,.0f} in money within about two years", np.expm1),
    "days": ("{:,.0f} days of service within about two years", np.expm1),
    "amount_a_claim": ("{:,.0f} in money a claim", np.expm1),
    "days_a_claim": ("{:,.1f} days of service a claim", np.expm1),
    "claims_a_patient": ("{:,.1f} claims a patient", np.exp),
    "lines_a_claim": ("{:,.1f} procedures a claim", np.expm1),
    "shared": ("{:.0%} of claims for patients whom other providers billed just before", float),
    "partner": ("{:.0%} of claims for patients of one and the same other provider", float),
}


class ProviderOutlier(Detector):
    """A profile of each billing provider that fades with a half-life of two years, as deviations from its peers.

    Features, mostly logarithms: money, days of service, money and days a claim, claims a patient, procedures a claim,
    and patients shared with other providers, with any and with one. All claims of a kind (professional, institutional,
    pharmacy, other) lie together under that kind as key, so that a provider is held against all of its peers. These
    are the groups of the list `peer_groups`, else providers with the same kind of claim and family of procedures, else
    those with the same kind of claim; from some 40, or of the last some 30, on, and from two weeks after the first
    claim. The score is a logistic of the weighted mean of deviations, 0.5 at two; of fewer than eleven patients
    nothing is told. A provider is told again after half a year, or when it became much worse. A claim sent again under
    its number is not counted again.
    """

    id = "claims.provider_outlier"
    title = "Provider whose billing stands out"
    severity = 2
    source = "judged"
    alert_days = WAITED_DAYS
    entity = ("provider",)
    entity_type = "provider"
    inputs = (
        "kind", "peers", "claim_id", "patient", "member_id", "provider", "from_ts", "through_ts", "total_amount",
        "procedures",
    )  # fmt: skip
    misses = (
        "Fraud that keeps within what peers bill, groups in which most peers do the same, providers of a few patients, "
        "and claims that name no patient. A large honest provider stands out too: this is a reason to look."
    )
    lists = ("peer_groups",)
    cost = "O(procedures) a claim; 220 bytes a provider, 24 a patient, 16 a claim or pair: 3 MB a key group"
    reference = (
        "CMS Medicare provider utilization data: comparing providers with peers; Boyer and Moore 1981 (majority)"
    )
    threshold = 0.6

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f, i, u = np.float64, np.int64, np.uint64
        columns = {
            "sums": ((kernel.SUMS,), f), "at": ((), f), "family": ((), i),
            "families": ((), f), "partner": ((), u), "partners": ((), f), "profile": ((kernel.SIZE,), f),
            "weight": ((), f), "told": ((2,), f), "cohort": ((2,), i),
        }  # fmt: skip
        self._parts = {
            "providers": EntityState(setup.groups, PROVIDERS, columns),
            "patients": EntityState(setup.groups, PATIENTS, {"provider": ((), u)}),
            "pairs": EntityState(setup.groups, PAIRS, {}),
            "claims": EntityState(setup.groups, CLAIMS, {}),
            "cohorts": EntityState(
                setup.groups, 8, {"sums": ((kernel.COHORTS, 1 + 2 * kernel.SIZE), f), "since": ((kernel.TYPES,), f)}
            ),
        }
        self._groups = PeerGroups(setup.lists)

    def relist(self) -> None:
        super().relist()
        self._groups = PeerGroups(self.setup.lists)

    def score(self, batch: Batch) -> Scores:
        who, mine = batch.hash("provider"), batch.kind("billing")
        codes = listed_codes(batch, "procedures", mine)
        patient = np.where(batch.hash("patient") != 0, batch.hash("patient"), batch.hash("member_id"))
        ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
        kind = np.full(batch.n, len(KINDS))
        for number, name in enumerate(KINDS):
            kind[batch.equals("peers", name)] = number
        listed = self._groups.numbers(who, kernel.LISTED)
        first, last = service_days(batch)
        days = np.minimum((last - first + 1).astype(np.float64), kernel.LONGEST_STAY_D)
        amount = np.clip(np.nan_to_num(batch.number("total_amount")), 0.0, LARGEST)
        p, k, both, c, sums = (
            self._parts[name].arrays() for name in ("providers", "patients", "pairs", "claims", "cohorts")
        )
        score, silent, x, z, usual, peers, which = kernel.judge_providers(
            mine & (who != 0), who,
            (fold(who, ident), patient, amount, days, np.array([len(c) for c in codes], np.float64),
             np.array(families_of(c[0] if c else "" for c in codes), np.int64)),
            kind, np.where(listed >= 0, listed + kernel.COHORTS - kernel.LISTED, -1), batch.ts, batch.groups,
            kernel.Profiles(**p), (k["keys"], k["seen"], k["provider"]), (both["keys"], both["seen"]),
            (c["keys"], c["seen"]), sums["sums"][:, 0], sums["since"][:, 0],
            float(self.option.get("threshold", self.threshold)),
        )  # fmt: skip
        evidence = {"peers": peers, "cohort": which.astype(np.float64)}
        for j, name in enumerate(kernel.FEATURES):
            evidence |= {name: x[:, j], f"{name}_deviations": z[:, j], f"{name}_usual": usual[:, j]}
        return Scores(score, evidence, silent=silent)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        signs = sorted(_signs(row, scores), key=lambda sign: -sign[0])[:MOST]
        cohort = int(scores.evidence["cohort"][row])
        work = "of its peer group"
        if cohort < kernel.COHORTS - kernel.LISTED:
            family = (cohort - kernel.TYPES) % len(FAMILIES) if cohort >= kernel.TYPES else 0
            work = f"that mostly bill {FAMILIES[family]}" if family else "with the same kind of claims"
        who, peers = named(batch, row, "provider"), float(scores.evidence["peers"][row])
        told = " and ".join(f"{value} (usual {usual})" for _, value, usual, _ in signs[:2])
        message = f"Provider {who} stands out among {peers:.0f} providers {work}: {told}."
        return Explanation(message, self._nearest(scores, row, signs[0]), [f for *_, f in signs])

    def _nearest(self, scores: Scores, row: int, sign: tuple[float, str, str, Feature]) -> str:
        """What the feature that stands out most would have had to be, all else alike."""
        name = sign[3].name
        spare = 0.5 * (math.log(odds_of(float(scores.values[row]))) - math.log(odds_of(self.limit(scores, row))))
        spare *= float(kernel.WEIGHTS[: kernel.RATIOS_FROM].sum())  # of the weighted deviations that are summed
        if sign[0] <= spare:
            return "Billing nearer to that of peers in more than one of these."
        x, usual = (float(scores.evidence[key][row]) for key in (name, f"{name}_usual"))
        words, back = _WORDS[name]
        return f"{words.format(float(back(usual + (x - usual) * (1.0 - spare / sign[0]))))} or less, all else alike."

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: int, patient: int, amount: float) -> dict[str, object]:
            when = {"ts": 1.7e9 + 3600.0 * number, "from_ts": 1.7e9 + 3600.0 * number}
            who = {"kind": "billing", "claim_id": f"c{number}", "peers": "professional", "patient": f"p{patient}"}
            what = {"total_amount": amount, "procedures": ["99213"]}
            return who | when | what | {"provider": f"{1_000_000 + provider}"}

        peers = [claim(i, i % 240, i, 90.0 + i % 40) for i in range(1200)]
        mill = [claim(2000 + i, 7, i % 8, 400.0) for i in range(60)]
        few = [claim(2000 + i, 1000, i % 8, 400.0) for i in range(60)]
        same = [claim(2000 + i, 7, 2000 + i, 100.0) for i in range(3)]
        return (
            Example("many dear claims for few patients", [*peers, *mill], True),
            Example("one of many", [*peers, *same], False),
            Example("as many of eight patients who are ill", [*peers, *few], False),
        )


def _signs(row: int, scores: Scores) -> Iterator[tuple[float, str, str, Feature]]:
    """(weighted deviations, value, usual value, feature) of each feature at a row."""
    total = sum(
        w * max(float(np.nan_to_num(scores.evidence[f"{n}_deviations"][row])), 0.0)
        for w, n in zip(kernel.WEIGHTS.tolist(), kernel.FEATURES, strict=True)
    )
    for weight, name in zip(kernel.WEIGHTS.tolist(), kernel.FEATURES, strict=True):
        x, z, usual = (float(scores.evidence[key][row]) for key in (name, f"{name}_deviations", f"{name}_usual"))
        words, back = _WORDS[name]
        number, normal = float(back(x)), float(back(usual if usual == usual else x))
        part = weight * (z if z == z else 0.0)
        feature = Feature(
            name=name, value=round(number, 3), peer_low=0, peer_high=round(max(normal, 0.0), 3),
            contribution=max(part, 0.0) / total if total else 0.0,
        )  # fmt: skip
        yield part, words.format(number), words.format(normal).split(" ")[0], feature
