"""Billed, but the patient was not there, and nobody opened the chart."""

import math
from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.claims.chart_claims import code_lists, is_apart
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import odds_of
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from schemas.finding import Feature

DAY_S = 86_400.0
PROVIDERS = 4096  # per key group
CLASSES = 4  # professional, services apart (laboratory, supplies), institutional, pharmacy
PROFESSIONAL, APART, INSTITUTIONAL, PHARMACY = range(CLASSES)
NEAR_D = 7.0  # an encounter or an opened chart within so many days goes with a service
ARRIVES = 0.5  # a feed tells something where at least this share of claims has its counterpart
RECENT_D, USUAL_D = 10.0, 90.0  # half-lives: what is judged, and what is usual for peers
EPOCH_D, KEPT = 30.0, 0.7  # a provider's own usual is of the months before, so that a scheme is not its own excuse
PRIOR_CLAIMS = 20.0  # claims that a prior share is worth
UNKNOWN = 0.5  # prior share of what may need no chart: it has to be learned
LEAST_SHARE, MOST_SHARE = 0.003, 0.98
FEW, FEW_CAP = 2.5, 0.4  # a slip or two is no scheme
NATS = 5.5  # the chance of so many is about one in 250
RECENT, USUAL, MONTH, TAUGHT = 0, 2, 4, 6  # columns of sums: claims, and claims without care, for each; and what a
# provider's claims without care have taught about its peers.
SUMS = 7
ODD = 0.1  # what is found hardly teaches: one scheme must not be the excuse of the next provider


class Phantom(Detector):
    """How unlikely a provider's recent claims without care are, against its own and its peers' usual share.

    A claim is without care where no encounter, appointment or order is within a week and nobody opened the chart
    within a week; a feed counts only where at least half of recent claims have their counterpart in it, and without
    either there is no opinion. Claims of the last weeks (half-life ten days) are compared with the larger of two
    shares: the provider's own in the months before, and that of all providers with the same kind of claim
    (professional, work on what was sent in, institutional, pharmacy). The measure is n KL(k/n, share), the exponent
    of the chance of k in n (Chernoff), 0.5 at five and a half nats and three claims. Only claims without care are
    found, and what is found hardly teaches what is usual among peers.
    """

    id = "claims.phantom"
    title = "Billed without a patient"
    severity = 4
    source = "judged"
    entity = ("provider",)
    entity_type = "provider"
    inputs = (
        "kind", "provider", "claim_type", "procedures", "encounter_days", "chart_days", "encounter_coverage",
        "chart_coverage", "claim_judged_ts",
    )  # fmt: skip
    misses = (
        "Single invented claims, services invented around a visit that took place, charts opened to cover it up, "
        "providers who never worked otherwise, and hospitals whose encounters and accesses do not arrive."
    )
    cost = "O(1) a claim; 300 bytes a provider"
    reference = "Chernoff 1952 (tail of the binomial); HHS OIG: billing for services not rendered"
    defaults = {"near_days": NEAR_D}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {"sums": ((CLASSES, SUMS), np.float64), "at": ((CLASSES, 2), np.float64)}
        self._parts = {
            "providers": EntityState(setup.groups, PROVIDERS, columns),
            "peers": EntityState(setup.groups, 8, columns),
        }

    def score(self, batch: Batch) -> Scores:
        out = np.full((5, batch.n), np.nan)
        rows = np.flatnonzero(batch.kind("claim") & (batch.hash("provider") != 0))
        if len(rows):
            bare, prior = self._bare(batch, rows)
            kind = _classes(batch, rows)
            prior[kind != PROFESSIONAL] = UNKNOWN
            judged = batch.number("claim_judged_ts")[rows]
            p, q = (self._parts[name].arrays() for name in ("providers", "peers"))
            out[:, rows] = _judge(
                batch.hash("provider")[rows], bare, prior, kind,
                np.where(np.isnan(judged), batch.ts[rows], judged), batch.groups[rows],
                (p["keys"], p["seen"], p["sums"], p["at"]), (q["sums"], q["at"]),
            )  # fmt: skip
        return Scores(out[0], dict(zip(("without", "claims", "usual", "peers"), out[1:], strict=True)))

    def _bare(self, batch: Batch, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(1 for claims without care, 0 for others, NaN where no feed tells; share that is so anyway) [m]."""
        near = float(self.option["near_days"])
        missing, prior, told = np.ones(len(rows), np.bool_), np.ones(len(rows)), np.zeros(len(rows), np.bool_)
        for days, coverage in (("encounter_days", "encounter_coverage"), ("chart_days", "chart_coverage")):
            share = np.nan_to_num(batch.number(coverage)[rows])
            arrives = share >= ARRIVES
            missing &= ~(np.abs(batch.number(days)[rows]) <= near)
            prior = np.where(arrives, np.minimum(prior, 1.0 - share), prior)
            told |= arrives
        return np.where(told, missing.astype(np.float64), np.nan), np.clip(prior, LEAST_SHARE, MOST_SHARE)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        without, claims, usual, peers = (
            float(scores.evidence[key][row]) for key in ("without", "claims", "usual", "peers")
        )
        feeds = []
        if (batch.value("encounter_coverage", row) or 0.0) >= ARRIVES:
            feeds.append("an encounter")
        if (batch.value("chart_coverage", row) or 0.0) >= ARRIVES:
            feeds.append("anybody having opened the chart")
        who = named(batch, row, "provider")
        message = (
            f"Provider {who} billed about {without:.0f} of {claims:.0f} recent claims without "
            f"{' or '.join(feeds) or 'care'}; usual is a share of {usual:.1%}, among all {peers:.1%}."
        )
        need = NATS + 2.0 * math.log(odds_of(self.limit(scores, row)))
        fewer = next((k for k in range(3, math.ceil(claims)) if _nats(float(k), claims, usual) >= need), round(claims))
        features = [
            Feature(
                name="claims_without_care", value=round(without, 1), usual_low=0, usual_high=round(claims * usual, 1),
                peer_low=0, peer_high=round(claims * peers, 1),
            ),
            Feature(name="recent_claims", value=round(claims, 1), contribution=None),
        ]  # fmt: skip
        normal = f"Fewer than {fewer} of {claims:.0f} without care within {float(self.option['near_days']):g} days."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: int, seen: bool, **more: object) -> dict[str, object]:
            when = {"ts": 1.7e9 + 900.0 * number, "claim_judged_ts": 1.7e9 + 900.0 * number + 4 * DAY_S}
            what = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional", "chart": f"p{number}"}
            care = {"encounter_days": 0.0, "chart_days": 0.0} if seen else {}
            share = {"encounter_coverage": 0.97, "chart_coverage": 0.95}
            return what | when | care | share | {"provider": f"{1_000_000 + provider}", "procedures": ["99213"]} | more

        normal = [claim(i, i % 10, True) for i in range(150)]
        unknown = {"encounter_coverage": 0.02, "chart_coverage": 0.0}
        return (
            Example("ten patients nobody saw", [*normal, *(claim(200 + i, 3, False) for i in range(10))], True),
            Example("a slip", [*normal, claim(200, 3, False)], False),
            Example("no feed of care", [claim(i, 3, False, **unknown) for i in range(40)], False),
            Example("a laboratory", [claim(i, 3, False, procedures=["80053"]) for i in range(3)], False),
        )


def _classes(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """int64[m]: the kind of each claim, whose shares are learned apart."""
    codes = code_lists(batch, "procedures")
    out = np.array([APART if is_apart(codes[row]) else PROFESSIONAL for row in rows.tolist()], np.int64)
    out[batch.equals("claim_type", "institutional")[rows]] = INSTITUTIONAL
    out[batch.equals("claim_type", "pharmacy")[rows]] = PHARMACY
    return out


@nb.njit(cache=True, nogil=True)
def _fade(sums, at, ts, months):  # type: ignore[no-untyped-def]
    """Let sums [SUMS] fade to `ts`; at [2]: as of when they are, since when the month runs (0: not yet).

    With `months` what is usual is what months before had, else it fades by itself.
    """
    if at[0] == 0.0:
        at[:] = ts
    passed = max(ts - at[0], 0.0) / DAY_S
    at[0] = max(at[0], ts)
    sums[RECENT:USUAL] *= 0.5 ** (passed / RECENT_D)
    sums[TAUGHT] *= 0.5 ** (passed / USUAL_D)
    if not months:
        sums[USUAL:MONTH] *= 0.5 ** (passed / USUAL_D)
    elif ts >= at[1] + EPOCH_D * DAY_S:
        sums[USUAL:MONTH] = KEPT * sums[USUAL:MONTH] + sums[MONTH:TAUGHT]
        sums[MONTH:TAUGHT] = 0.0
        at[1] = ts


@nb.njit(cache=True, nogil=True)
def _learn(sums, bare, months):  # type: ignore[no-untyped-def]
    """Count a claim, `bare` 1 where it is without care."""
    for first in (RECENT, MONTH if months else USUAL):
        sums[first] += 1.0
        sums[first + 1] += bare


@nb.njit(cache=True, nogil=True)
def _share(claims, without, prior):  # type: ignore[no-untyped-def]
    """Share of claims without care, drawn towards a prior."""
    share = (max(without, 0.0) + PRIOR_CLAIMS * prior) / (max(claims, 0.0) + PRIOR_CLAIMS)
    return min(max(share, LEAST_SHARE), MOST_SHARE)


@nb.njit(cache=True, nogil=True)
def _nats(k, n, share):  # type: ignore[no-untyped-def]
    """Exponent of the chance that `k` or more of `n` are so, where `share` is usual (Chernoff)."""
    x = k / n
    if x <= share:
        return 0.0
    rest = (1.0 - x) * np.log((1.0 - x) / (1.0 - share)) if x < 1.0 else 0.0
    return n * (x * np.log(x / share) + rest)


@nb.njit(cache=True, nogil=True)
def _judge(who, bare, prior, kind, ts, groups, providers, peers):  # type: ignore[no-untyped-def]
    """float64[5, m]: score, claims without care and claims lately, the share usual here, the peers' share.

    who, bare, prior, kind, ts, groups [m]; providers (keys, seen, sums [G, capacity, CLASSES, SUMS], at); peers
    (sums [G, 8, CLASSES, SUMS], at [G, 8, CLASSES, 2]), of which the first is used.
    """
    out = np.full((5, len(who)), np.nan)
    for i in range(len(who)):
        if bare[i] != bare[i]:
            continue
        g, c = groups[i], kind[i]
        slot, fresh = claim_slot(providers[0][g], providers[1][g], who[i], ts[i])
        if fresh:
            providers[2][g, slot] = 0.0
            providers[3][g, slot] = 0.0
        own, all_ = providers[2][g, slot, c], peers[0][g, 0, c]
        _fade(own, providers[3][g, slot, c], ts[i], True)
        _fade(all_, peers[1][g, 0, c], ts[i], False)
        claims = own[USUAL] + own[MONTH]
        theirs = _share(all_[USUAL] - claims, all_[USUAL + 1] - own[TAUGHT], prior[i])
        usual = max(_share(own[USUAL], own[USUAL + 1], theirs), theirs)
        n, k = own[RECENT] + 1.0, own[RECENT + 1] + bare[i]
        value = 0.0
        if bare[i] > 0.0:
            value = 1.0 / (1.0 + np.exp(0.5 * (NATS - _nats(k, n, usual))))
            if k < FEW:
                value = min(value, FEW_CAP)
        out[:, i] = value, k, n, usual, theirs
        _learn(own, bare[i], True)
        taught = bare[i] * (ODD if value >= 0.5 else 1.0)
        _learn(all_, taught, False)
        own[TAUGHT] += taught
    return out
