"""Care in one person's name that is billed for another: other sex, other age, ever new member numbers."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.claims.chart_claims import sexes
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.ehr import identity_kernel as kernel
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, service_days
from pipeline.features.naming import named
from schemas.finding import Feature

PATIENTS = 3072  # per key group
MOST_IDS = 2  # a plan may change once, and dependants move to a number of their own


class IdentityTheft(Detector):
    """Sex and birth year on claims against those registered, or agreed by two claims before; member numbers by payer.

    One claim that differs in one of the two stays below 0.5: it is a slip. Two are found, more so from different
    providers, and one that differs in both; but not a claim for a day on which that was registered. Found are also a
    registration that goes back to what it was before (a correction does not), and three member numbers of one payer
    within half a year. Where more than a tenth of the patients of a key group differ, the feed is taken to be wrong.
    """

    id = "ehr.identity_theft"
    title = "One identity, different persons"
    severity = 3
    source = "charts"
    alert_days = 7
    entity = ("chart",)
    entity_type = "patient"
    inputs = (
        "kind",
        "chart",
        "sex",
        "birth_year",
        "member_id",
        "payer",
        "provider",
        "from_ts",
    )
    misses = "An impostor of like sex and age; one with another's member number is told by `ehr.member_number`."
    cost = "O(1) a claim or registration; 200 bytes a patient"
    reference = "FTC, HHS OIG on medical identity theft: demographics that conflict within one record"
    defaults = {"member_ids": MOST_IDS + 1}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f, i, u, b = np.float64, np.int64, np.uint64, np.bool_
        patients = {
            "person": ((2,), i), "former": ((2,), i), "changed": ((), f), "agreed": ((), i), "registered": ((), b),
            "wrong": ((), f), "last": ((), f), "provider": ((2,), u), "member": ((kernel.RING, 2), u),
            "since": ((kernel.RING,), f),
        }  # fmt: skip
        self._parts = {
            "patients": EntityState(setup.groups, PATIENTS, patients),
            "all": EntityState(setup.groups, 8, {"count": ((2,), f)}),
        }

    def score(self, batch: Batch) -> Scores:
        out = np.full((4, batch.n), np.nan)
        claim = batch.kind("claim")
        rows = np.flatnonzero(claim | batch.kind("patient"))
        if len(rows):
            person = np.stack([sexes(batch), np.nan_to_num(batch.number("birth_year")).astype(np.int64)], axis=1)
            member = np.stack([batch.hash("member_id"), batch.hash("payer")], axis=1)
            p, a = (self._parts[name].arrays() for name in ("patients", "all"))
            out[:, rows] = kernel.judge_identity(
                batch.key_hash[rows], claim[rows], person[rows], member[rows],
                batch.hash("provider")[rows], service_days(batch)[0][rows] * DAY_S, batch.ts[rows],
                batch.groups[rows], kernel.Patients(**p), a["count"],
                int(self.option["member_ids"]),
            )  # fmt: skip
        return Scores(out[0], dict(zip(("what", "claims", "ids"), out[1:], strict=True)))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        what, claims, ids = (float(scores.evidence[key][row]) for key in ("what", "claims", "ids"))
        patient, who = named(batch, row, "chart"), named(batch, row, "provider")
        if what == kernel.MEMBER:
            message = f"Patient {patient} is billed under {ids:.0f} member numbers of one payer within half a year."
            most = int(self.option["member_ids"])
            features = [Feature(name="member_numbers", value=ids, usual_low=1, usual_high=most - 1)]
            return Explanation(message, f"Fewer than {most} member numbers of one payer within half a year.", features)
        differs = {kernel.SEX: "another sex", kernel.AGE: "another birth year"}.get(
            int(what) & (kernel.SEX | kernel.AGE), "another sex and birth year"
        )
        features = [
            Feature(name="differs_in", value=differs, contribution=0.5),
            Feature(name="claims_that_differ", value=claims, usual_low=0, usual_high=0, contribution=0.5),
        ]
        if int(what) & kernel.FLIPPED:
            message = f"Patient {patient} was registered with {differs} and then as before."
            features = [Feature(name="registered_again_with", value=differs)]
            return Explanation(message, "Sex and birth year that stay, or are corrected once.", features)
        message = f"{claims:.0f} claim{'s' if claims != 1 else ''} for patient {patient}, the last by provider {who}, "
        message += f"{'are' if claims != 1 else 'is'} for a person of {differs} than is known of the patient."
        normal = "One such claim alone, in sex or in birth year: a slip."
        if int(what) & (kernel.SEX | kernel.AGE) == kernel.SEX | kernel.AGE:
            normal = "One claim that differs in sex or in birth year alone: a slip."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, **more: object) -> dict[str, object]:
            who = {"kind": "claim", "chart": "p1", "claim_id": f"c{number}", "provider": f"{1_000_000 + number}"}
            return who | {"ts": 1.7e9 + 3600.0 * number, "sex": "male", "birth_year": 1960, "member_id": "m1"} | more

        known = {"kind": "patient", "chart": "p1", "ts": 1.7e9 - 9e6, "sex": "male", "birth_year": 1960}
        return (
            Example("another sex, twice", [known, claim(1, sex="female"), claim(2, sex="female")], True),
            Example("a younger woman", [known, claim(1, sex="female", birth_year=1990)], True),
            Example("ever new numbers", [claim(i, member_id=f"m{i}") for i in range(4)], True),
            Example("back and forth", [known, known | {"birth_year": 1953}, known], True),
            Example("a slip", [known, claim(1, sex="female"), claim(2)], False),
            Example("a new plan", [known, claim(1), claim(2, member_id="m2"), claim(3, member_id="m2")], False),
        )
