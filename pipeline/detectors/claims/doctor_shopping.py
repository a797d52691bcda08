"""One patient gets the same drug from many prescribers through many pharmacies."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import code_lists
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import fold
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

DAY_S = 86_400.0
DRUGS = 2048  # patients' drugs per key group
RING = 12
# DEA schedules II to IV by ingredient, for claims that name drugs in words; codes (NDC, RxNorm) stand for themselves.
_CLASSES = {
    "opioids": (
        "codone", "codeine", "morph", "fentan", "tramadol", "tapentadol", "methadon", "meperidin", "buprenorph",
    ),
    "benzodiazepines and sedatives": (
        "zepam", "zolam", "zolpidem", "eszopiclon", "zaleplon", "carisoprodol", "butalbital",
    ),
    "stimulants": ("amphetamin", "amfetamin", "methylphenidat", "phentermin"),
}  # fmt: skip
FIRES, STEP, MOST = 0.6, 0.05, 0.95


class DoctorShopping(Detector):
    """Distinct prescribers and pharmacies of one drug, or class of controlled drugs, within half a year.

    Pharmacy claims only: the rendering person is the prescriber, the billing provider the pharmacy. Classes are told
    by the drug's name; drugs that come as codes are each counted alone, and need one prescriber and one pharmacy
    more. All drugs of a patient together need one prescriber more, within a month. Below both numbers the score is
    their lesser share of a half; above it grows with the number of both.
    """

    id = "claims.doctor_shopping"
    title = "The same drug from many prescribers"
    severity = 3
    source = "charts"
    alert_days = WAITED_DAYS
    entity = ("chart",)
    entity_type = "patient"
    inputs = ("kind", "chart", "claim_type", "procedures", "provider", "rendering")
    misses = (
        "Drugs paid in cash, claims that name no prescriber, drugs of one class told by codes alone that few "
        "prescribers a month give, and pharmacies whose claims do not arrive here."
    )
    cost = "O(codes x 12) a pharmacy claim; 230 bytes a patient, and a patient and drug"
    reference = (
        "CMS Overutilization Monitoring System (prescribers and pharmacies within six months); Peirce et al. 2012"
    )
    defaults = {"prescribers": 4, "pharmacies": 3, "window_days": 180.0, "any_drug_days": 30.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._memories: dict[tuple[str, str], WindowedDistinct] = {}
        for name, days in (("one", "window_days"), ("any", "any_drug_days")):
            for who in ("prescribers", "pharmacies"):
                memory = WindowedDistinct(setup.groups, DRUGS, float(self.option[days]) * DAY_S, RING)
                self._memories[name, who] = memory
        self._parts = {f"{name} {who}": memory for (name, who), memory in self._memories.items()}

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.full(batch.n, np.nan) for name in ("prescribers", "pharmacies", "drug")}
        pharmacy = batch.kind("claim") & batch.equals("claim_type", "pharmacy")
        drugs = [
            (row, number, *_drug(code))
            for row in np.flatnonzero(pharmacy & (batch.hash("rendering") != 0)).tolist()
            for number, code in enumerate(code_lists(batch, "procedures")[row])
            if code
        ]
        if drugs:
            rows, numbers, hashes, spare = (np.array(column) for column in zip(*drugs, strict=True))
            key = fold(batch.key_hash[rows], hashes.astype(np.uint64)) | np.uint64(1)
            self._count(batch, "one", rows, key, numbers, spare, values, evidence)
            rows, at = np.unique(rows, return_index=True)
            self._count(
                batch, "any", rows, batch.key_hash[rows], np.full(len(at), -1), np.ones(len(at)), values, evidence
            )
        return Scores(values, evidence)

    def _count(
        self, batch: Batch, name: str, rows: np.ndarray, key: np.ndarray, numbers: np.ndarray, spare: np.ndarray,
        values: np.ndarray, evidence: dict[str, np.ndarray],
    ) -> None:  # fmt: skip
        """Count prescribers and pharmacies of keys uint64[m] at rows [m]; fill in what is worse than before."""
        when, groups = batch.ts[rows], batch.groups[rows]
        prescribers = self._memories[name, "prescribers"].add(key, batch.hash("rendering")[rows], when, groups)
        pharmacies = self._memories[name, "pharmacies"].add(key, batch.hash("provider")[rows], when, groups)
        least = float(self.option["prescribers"]) + spare, float(self.option["pharmacies"]) + spare
        if name == "any":
            least = least[0], least[1] - spare
        short = np.minimum(prescribers / least[0], pharmacies / least[1])
        over = (prescribers - least[0]) + (pharmacies - least[1])
        found = np.where(short >= 1.0, np.minimum(FIRES + STEP * over, MOST), 0.5 * np.minimum(short, 0.99))
        for k, row in enumerate(rows.tolist()):
            if not found[k] <= values[row]:
                values[row] = found[k]
                for key_, column in (("prescribers", prescribers), ("pharmacies", pharmacies), ("drug", numbers)):
                    evidence[key_][row] = column[k]

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        prescribers, pharmacies, drug = (float(scores.evidence[k][row]) for k in ("prescribers", "pharmacies", "drug"))
        what, days, who = "drugs", float(self.option["any_drug_days"]), named(batch, row, "chart")
        if drug >= 0:
            code, days = code_lists(batch, "procedures")[row][int(drug)], float(self.option["window_days"])
            what = next((name for name, words in _CLASSES.items() if _is_of(code, words)), f"drug {code[:24]}")
        message = (
            f"Patient {who} was given {what} by {_many(prescribers, 'prescriber', 's')} through "
            f"{_many(pharmacies, 'pharmac', 'ies', 'y')} within {days:g} days."
        )
        # All drugs together need a prescriber more, drugs that come as codes one more of each.
        spare = (1.0, 0.0) if drug < 0 else (1.0, 1.0) if what.startswith("drug ") else (0.0, 0.0)
        least = [float(self.option[n]) + s for n, s in zip(("prescribers", "pharmacies"), spare, strict=True)]
        features = [
            Feature(name="prescribers", value=prescribers, usual_low=0, usual_high=least[0] - 1),
            Feature(name="pharmacies", value=pharmacies, usual_low=0, usual_high=least[1] - 1),
        ]
        more = math.ceil((self.limit(scores, row) - FIRES) / STEP - 1e-9)
        if more > 0:
            normal = f"Fewer than {sum(least) + more:g} prescribers and pharmacies together within {days:g} days."
            return Explanation(message, normal, features)
        normal = f"Fewer than {least[0]:g} prescribers, or fewer than {least[1]:g} pharmacies, within {days:g} days."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, prescriber: int, pharmacy: int, drug: str) -> dict[str, object]:
            who = {"kind": "claim", "claim_type": "pharmacy", "chart": "p1", "claim_id": f"c{number}"}
            when = {"ts": 1.7e9 + 9 * DAY_S * number, "from_ts": 1.7e9 + 9 * DAY_S * number}
            by = {"provider": f"{2_000_000 + pharmacy}", "rendering": f"{1_000_000 + prescriber}"}
            return who | when | by | {"procedures": [drug]}

        many = [claim(i, i, i, "OXYCODONE 5 MG" if i % 2 else "HYDROCODONE 10 MG") for i in range(6)]
        codes = [claim(i, i, i, "00406055201") for i in range(6)]
        return (
            Example("six prescribers and pharmacies", many, True),
            Example("by code", codes, True),
            Example("one practice, one pharmacy", [claim(i, i % 3, 1, "OXYCODONE 5 MG") for i in range(12)], False),
            Example("many drugs in half a year", [claim(i, i, i, f"0000{i}") for i in range(8)], False),
        )


def _many(count: float, word: str, plural: str, single: str = "") -> str:
    return f"{count:.0f} {word}{single if count == 1 else plural}"


def _is_of(code: str, words: Sequence[str]) -> bool:
    return any(word.upper() in code for word in words)


def _drug(code: str) -> tuple[int, int]:
    """(hash of the class or code, how many more of each it needs)."""
    for name, words in _CLASSES.items():
        if _is_of(code, words):
            return hash_text(name), 0
    return hash_text(code), 1
