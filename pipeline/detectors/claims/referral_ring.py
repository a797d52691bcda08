"""A few providers who pass the same patients round: each bills for nearly all of them."""

import math
from collections.abc import Sequence

import numpy as np
import orjson

from pipeline.detectors.claims import referral_kernel as kernel
from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import code_lists, treats
from pipeline.detectors.claims.procedure_families import families_of
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest
from pipeline.features.batch import Batch
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

PROVIDERS, PEERS, PAIRS, PATIENTS = 2048, 16_384, 32_768, 65_536  # per key group; of pairs and patients six weeks


class ReferralRing(Detector):
    """How unlikely it is that a provider has so many patients in common with the same two others, where peers have not.

    Patients of recent weeks (half-life 30 days) are counted by every two other providers who billed for them within six
    weeks before: k of n. Usual is their share among patients of providers with the same family of procedures, drawn
    towards that among all and that towards the product of the shares that both have alone, so that who sees everybody
    is nobody's partner. n KL(k/n, share) is the exponent of the chance of so many (Chernoff); the two that stand out
    most score 0.5 at `nats`, from three patients on. To send patients to a colleague is normal medicine; that the same
    patients go round among three is not. The house, pharmacies, laboratories and images are left out. A provider is
    told again after a month, or when it became much worse.
    """

    id = "claims.referral_ring"
    title = "Providers who pass the same patients round"
    severity = 2
    source = "judged"
    alert_days = WAITED_DAYS
    entity = ("provider",)
    entity_type = "provider"
    inputs = ("kind", "claim_type", "provider", "patient", "member_id", "procedures", "partners")
    misses = (
        "Rings of two, whoever bills first for a ring's patients, rings of a handful of patients, members who bill "
        "under one number, and kickbacks from laboratories, pharmacies and suppliers. A practice whose doctors see "
        "all patients by turns looks alike: this is a reason to look."
    )
    cost = "O(36) a claim; 88 bytes a provider, 32 a pair of partners, 24 a patient of each: 3 MB a key group"
    reference = "Chernoff 1952; HHS OIG, 42 USC 1320a-7b(b), payments for referrals"
    defaults = {"nats": 10.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f, i = np.float64, np.int64
        count = {"count": ((), f), "at": ((), f)}
        told = {"family": ((), i), "votes": ((), f), "told": ((2,), f)}
        self._parts = {
            "providers": EntityState(setup.groups, PROVIDERS, {"patients": ((), f), "at": ((), f)} | told),
            "peers": EntityState(setup.groups, PEERS, count),
            "pairs": EntityState(setup.groups, PAIRS, count),
            "patients": EntityState(setup.groups, PATIENTS, {"at": ((), f)}),
        }

    def score(self, batch: Batch) -> Scores:
        out, silent = np.full((len(kernel.EVIDENCE) + 1, batch.n), np.nan), np.zeros(batch.n, np.bool_)
        patient = np.where(batch.hash("patient") != 0, batch.hash("patient"), batch.hash("member_id"))
        rows = np.flatnonzero(treats(batch) & (batch.hash("provider") != 0) & (patient != 0))
        if len(rows):
            partners = np.zeros((len(rows), kernel.PARTNERS), np.uint64)
            for k, names in enumerate(_partners(batch, rows)):
                partners[k, : len(names)] = [hash_text(name) for name in names]
            codes = code_lists(batch, "procedures")
            family = np.array([families_of(codes[row][:1] or ("",))[0] for row in rows.tolist()], np.int64)
            p, q, both, seen = (self._parts[name].arrays() for name in ("providers", "peers", "pairs", "patients"))
            out[:, rows], silent[rows] = kernel.judge_rings(
                batch.hash("provider")[rows], patient[rows], family, partners, batch.ts[rows], batch.groups[rows],
                kernel.Providers(**p), tuple(q[c] for c in ("keys", "seen", "count", "at")),
                tuple(both[c] for c in ("keys", "seen", "count", "at")),
                tuple(seen[c] for c in ("keys", "seen", "at")),
                (float(self.option["nats"]), self.limit(Scores(out[0]), 0)),
            )  # fmt: skip
        return Scores(out[0], dict(zip(kernel.EVIDENCE, out[1:], strict=True)), silent=silent)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        e = {name: float(column[row]) for name, column in scores.evidence.items()}
        (names,) = _partners(batch, np.array([row]))
        one, other = (names[int(e[k])][:32] if 0 <= e[k] < len(names) else "another" for k in ("one", "other"))
        message = (
            f"Provider {named(batch, row, 'provider')} bills for the same patients as {other} and {one} do: "
            f"{e['shared']:.0f} of {e['patients']:.0f} recent patients are patients of both; among peers "
            f"{e['usual']:.2%} are."
        )
        less = nearest(e["nats"], float(scores.values[row]), self.limit(scores, row))
        fewer = max(math.floor(e["shared"] * less / max(e["nats"], 1e-9)), 2)
        features = [
            Feature(name="patients_of_all_three", value=round(e["shared"], 1), peer_low=0,
                    peer_high=round(e["patients"] * e["usual"], 2), contribution=1.0),
            Feature(name="recent_patients", value=round(e["patients"], 1), contribution=0.0),
        ]  # fmt: skip
        return Explanation(message, f"About {fewer} patients in common with both of them.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: int, patient: str, *partners: int) -> dict[str, object]:
            what = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional", "procedures": ["99213"]}
            who = {"provider": f"{1_000_000 + provider}", "patient": patient}
            shared = {"partners": [f"{1_000_000 + p}" for p in partners]} if partners else {}
            return what | who | shared | {"ts": 1.7e9 + 3600.0 * number}

        usual = [claim(i, i % 40, f"p{i}", *((20 + i % 7,) if i % 3 == 0 else ())) for i in range(280)]
        ring = [claim(300 + i, 0, f"r{i}", 91, 92) for i in range(10)]
        sent = [claim(300 + i, 0, f"r{i}", 20 + i % 7) for i in range(10)]
        pair = [claim(300 + i, 0, f"r{i}", 91) for i in range(10)]
        everybody = [claim(i, i % 40, f"p{i}", 91, 92) for i in range(280)]
        return (
            Example("ten patients of three", [*usual, *ring], True),
            Example("consultants in turn", [*usual, *sent], False),
            Example("one partner", [*usual, *pair], False),
            Example("those who see everybody", [*everybody, *ring], False),
        )


def _partners(batch: Batch, rows: np.ndarray) -> list[list[str]]:
    """Other providers of each claim's patient."""
    start, length = batch.spans("partners")
    found = []
    for row in rows.tolist():
        text = batch.data[start[row] : start[row] + max(length[row], 0)].tobytes()
        found.append([str(name) for name in orjson.loads(text or b"[]") or ()][: kernel.PARTNERS])
    return found
