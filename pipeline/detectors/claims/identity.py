"""What was billed for a person cannot all have happened to that person: in two places, or of another sex or age."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from pipeline.detectors.claims import identity_kernel as kernel
from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import FEMALE, code_lists, is_apart, sexes
from pipeline.detectors.claims.code_limits import MOTHERHOOD, limits_of
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, fold, service_days
from pipeline.features.naming import named
from schemas.finding import Feature

PATIENTS, STAYS, DAYS = 8192, 4096, 4096  # per key group
# CMS place of service codes where the patient is there in person and goes home again.
IN_PERSON = ("11", "19", "20", "22", "23", "24", "49", "50", "71", "72")
INPATIENT = "21"
OTHER_SEX, OTHER_AGE = 0.7, 0.65
SLACK_Y = 1  # a birth year leaves a year open
CLOSE_D, NEAR_D, ARRIVES = 1.0, 7.0, 0.5  # as in `claims.phantom`
DAY_YEAR = 365.2425


class Identity(Detector):
    """Claims of one patient against each other and against what is recorded of the patient.

    Found are: procedures or diagnoses that by definition are of the other sex or another age (0.7, 0.65; birth years
    leave one year open, newborns may be billed under their mothers); stays in two hospitals that share two nights, or
    a visit in person to one during a stay as inpatient in another (0.8, 0.6); and many persons who bill visits on one
    day: from three whose claims have no encounter within a week, where encounters arrive for half of the claims, else
    from eight whose claims have none within a day. A patient who was there may have been seen by all who bill; those
    who share many such patients are told by `claims.referral_ring`. Work on what was sent in counts for no presence.
    """

    id = "claims.identity"
    title = "Claims that cannot all be of one person"
    severity = 3
    source = "charts"
    alert_days = WAITED_DAYS
    entity = ("chart",)
    entity_type = "patient"
    inputs = (
        "kind", "chart", "sex", "birth_year", "procedures", "diagnoses", "provider", "rendering", "facility",
        "place_of_service", "claim_type", "from_ts", "through_ts", "encounter_days", "encounter_coverage",
    )  # fmt: skip
    misses = (
        "An impostor of like sex and age who is treated in one place like anybody else; records whose sex is out of "
        "date are found without a theft, and facilities that claims do not name are not compared; many who bill for "
        "one patient on a day on which care is recorded."
    )
    cost = "O(codes + 12) a claim; 24 bytes a patient, 110 a patient with stays, 140 a patient's day"
    reference = "CMS, Definitions of Medicare Code Edits (sex and age conflict); see code_limits"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        i = np.int64
        self._parts = {
            "persons": EntityState(setup.groups, PATIENTS, {"what": ((2,), np.int16)}),
            "places": EntityState(
                setup.groups, STAYS, {"facility": ((kernel.RING,), np.uint64), "span": ((kernel.RING, 3), np.int32),
                                      "next": ((), i)}
            ),
            "days": EntityState(setup.groups, DAYS, {"who": ((2, kernel.BILLERS), np.uint64)}),
        }  # fmt: skip

    def score(self, batch: Batch) -> Scores:
        claim = batch.kind("claim")
        rows = np.flatnonzero(claim | batch.kind("patient"))
        out = np.full((5, batch.n), np.nan)
        if len(rows):
            first, last = service_days(batch)
            person = np.stack([sexes(batch), np.nan_to_num(batch.number("birth_year")).astype(np.int64)], axis=1)
            p, s, d = (self._parts[name].arrays() for name in ("persons", "places", "days"))
            presence, care, facility = self._presence(batch)
            known = kernel.recall_persons(
                batch.key_hash[rows], claim[rows], person[rows], batch.ts[rows], batch.groups[rows],
                p["keys"], p["seen"], p["what"],
            )  # fmt: skip
            wrong = self._limits(batch, rows, known, first)
            renders = np.where(batch.hash("rendering") != 0, batch.hash("rendering"), batch.hash("provider"))
            found = kernel.judge_presence(
                claim[rows], batch.key_hash[rows], fold(batch.key_hash, first)[rows] | np.uint64(1), renders[rows],
                (facility[rows], first[rows], last[rows], presence[rows]), care[rows], batch.ts[rows],
                batch.groups[rows], (s["keys"], s["seen"], s["facility"], s["span"], s["next"]),
                (d["keys"], d["seen"], d["who"]),
            )  # fmt: skip
            out[:3, rows] = found
            worse = np.nan_to_num(wrong[0]) > np.nan_to_num(found[0])
            out[0, rows] = np.where(worse, wrong[0], found[0])
            out[1, rows] = np.where(worse, kernel.LIMITS, found[1])
            out[3:, rows] = wrong[1:]
        return Scores(out[0], dict(zip(("how", "count", "code", "is_diagnosis"), out[1:], strict=True)))

    def _presence(self, batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(kernel.STAY, VISIT, SOMEWHERE or 0; whether care is recorded, THAT_DAY to NEVER; facility uint64) [n]."""
        apart = np.array([is_apart(codes) for codes in code_lists(batch, "procedures")], np.bool_)
        institutional = batch.equals("claim_type", "institutional")
        stay = institutional & (batch.equals("place_of_service", INPATIENT) | (batch.hash("place_of_service") == 0))
        visit = ~institutional & ~batch.equals("claim_type", "pharmacy") & ~apart
        there = visit & batch.is_in("place_of_service", IN_PERSON)
        out = np.zeros(batch.n, np.int64)
        out[visit], out[there], out[stay] = kernel.SOMEWHERE, kernel.VISIT, kernel.STAY
        arrives = np.nan_to_num(batch.number("encounter_coverage")) >= ARRIVES
        days = np.abs(batch.number("encounter_days"))
        care = np.where(arrives & ~(days <= NEAR_D), kernel.NEVER, kernel.PERHAPS)
        return out, np.where(days <= CLOSE_D, kernel.THAT_DAY, care), batch.hash("facility")

    def _limits(self, batch: Batch, rows: np.ndarray, known: np.ndarray, first: np.ndarray) -> np.ndarray:
        """float64[3, m]: score, number of the first code that is not the person's, whether it is a diagnosis."""
        out = np.full((3, len(rows)), np.nan)
        both = (code_lists(batch, "procedures"), code_lists(batch, "diagnoses"))
        for k, row in enumerate(rows.tolist()):
            sex, year = int(known[k, 0]), int(known[k, 1])
            age = 1970 + float(first[row]) / DAY_YEAR - year if year else float("nan")
            for diagnosis, codes in enumerate(both):
                for number, code in enumerate(codes[row]):
                    value = _conflict(limits_of(code, bool(diagnosis)), sex, age)
                    if value > 0.0 and not value <= out[0, k]:
                        out[:, k] = value, number, diagnosis
        return out

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        how, count, number, diagnosis = (
            float(scores.evidence[k][row]) for k in ("how", "count", "code", "is_diagnosis")
        )
        who, patient = named(batch, row, "rendering", "provider"), named(batch, row, "chart")
        first = min(max(float(service_days(batch)[0][row]) * DAY_S, 0.0), 4e9)
        when = datetime.fromtimestamp(first, UTC).strftime("%Y-%m-%d")
        if how == kernel.LIMITS:
            code = code_lists(batch, "diagnoses" if diagnosis else "procedures")[row][int(number)][:16]
            message = f"Provider {who} billed code {code} for patient {patient} on {when}, which by definition is for "
            message += "another sex or age than is recorded of the patient."
            normal = "A code that goes with sex and age, or a record that is corrected."
            return Explanation(message, normal, [Feature(name="code", value=code)])
        if how == kernel.TWO_PLACES:
            message = f"Patient {patient} is billed as present in two facilities on {when}, one of them a stay."
            features = [Feature(name="places_at_once", value=2, usual_low=1, usual_high=1)]
            return Explanation(message, "One place at a time; a transfer shares one day.", features)
        care = "visits without an encounter here" if how == kernel.NOBODY_SAW else "visits"
        message = f"{count:.0f} persons, the last {who}, billed {care} for patient {patient} on one day, {when}."
        unseen = how == kernel.NOBODY_SAW
        fewer = kernel.UNSEEN_FROM if unseen else kernel.MANY_FROM
        features = [Feature(name="billing_persons_that_day", value=count, usual_low=0, usual_high=fewer - 1)]
        normal = f"Fewer than {fewer} persons a day{' without an encounter here' if unseen else ', or care that day'}."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        day = 19_700 * DAY_S

        def claim(number: int, **more: object) -> dict[str, object]:
            when = {"ts": day + 4 * DAY_S + number, "from_ts": day, "through_ts": day}
            who = {"kind": "claim", "claim_id": f"c{number}", "claim_type": "professional", "chart": "p1"}
            what = {"provider": f"{1_000_000 + number}", "procedures": ["99284"], "place_of_service": "23"}
            return who | when | what | {"encounter_coverage": 0.97} | more

        man = {"sex": "male", "birth_year": 1960, "encounter_days": 0.0}
        inpatient = {"claim_type": "institutional", "place_of_service": "21", "facility": "A", "encounter_days": 0.0}
        stay = claim(
            1, **inpatient | {"procedures": ["0120"], "from_ts": day - 3 * DAY_S, "through_ts": day + 3 * DAY_S}
        )
        return (
            Example("a delivery of a man", [claim(1, **man | {"procedures": ["59400"]})], True),
            Example("four whom nobody saw", [claim(i) for i in range(4)], True),
            Example("during a stay elsewhere", [stay, claim(2, facility="B", encounter_days=0.0)], True),
            Example("care where the stay is", [stay, claim(2, facility="A", encounter_days=0.0)], False),
            Example("a day with nine doctors", [claim(i, encounter_days=0.0) for i in range(9)], False),
            Example("prostate of a man", [claim(1, **man | {"diagnoses": ["N40.1"]})], False),
        )


def _conflict(limits: tuple[int, int, int], sex: int, age: float) -> float:
    """How much a code's (sex, youngest, oldest) speak against a person; 0 where nothing does or nothing is known."""
    wanted, young, old = limits
    if wanted and sex and sex != wanted:
        return OTHER_SEX
    if age != age or young - SLACK_Y <= age < old + 1 + SLACK_Y:
        return 0.0
    mother = sex == FEMALE and MOTHERHOOD[0] <= age <= MOTHERHOOD[1]
    return 0.0 if old == 0 and mother else OTHER_AGE
