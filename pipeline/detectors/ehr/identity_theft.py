"""Care in one person's name that is billed for another: other sex, other age, ever new member numbers."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.claims.chart_claims import sexes
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from schemas.finding import Feature

DAY_S = 86_400.0
PATIENTS = 4096  # per key group
RING = 4  # member numbers of a patient
WITHIN_S = 180 * DAY_S
NONE, SEX, AGE, MEMBER = 0, 1, 2, 4  # what speaks against the identity
ONCE, AGAIN, SEVERAL, BOTH, MEMBERS = 0.4, 0.6, 0.75, 0.85, 0.6
AGREED = 2  # claims that agree before another is held against them, where nothing is registered
SLACK_Y = 1
MOST_IDS = 2  # a plan may change once, and dependants move to a number of their own
EVERYWHERE, SOME = 0.1, 3.0  # where a tenth of patients differ, it is the feed that is wrong


class IdentityTheft(Detector):
    """Sex and birth year on claims against those registered, or agreed by two claims before; member numbers by payer.

    One claim that differs in one of the two stays below 0.5: it is a slip. Two do, more so from different providers,
    and one that differs in both. Three member numbers of one payer within half a year are found too. Where more than
    a tenth of the patients of a key group differ, the feed is taken to be wrong and nothing is found.
    """

    id = "ehr.identity_theft"
    title = "One identity, different persons"
    severity = 3
    source = "charts"
    entity = ("chart",)
    entity_type = "patient"
    inputs = ("kind", "chart", "sex", "birth_year", "member_id", "payer", "provider")
    misses = (
        "An impostor of like sex and age with the right member number; and, since patients are looked at one by one, "
        "one member number or one person under several identities."
    )
    cost = "O(1) a claim; 190 bytes a patient"
    reference = "FTC, HHS OIG on medical identity theft: demographics that conflict within one record"
    defaults = {"member_ids": MOST_IDS + 1}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = {
            "person": ((2,), np.int64), "agreed": ((), np.int64), "registered": ((), np.bool_),
            "wrong": ((), np.float64), "last": ((), np.float64), "provider": ((2,), np.uint64),
            "member": ((RING, 2), np.uint64), "since": ((RING,), np.float64),
        }  # fmt: skip
        self._parts = {
            "patients": EntityState(setup.groups, PATIENTS, columns),
            "all": EntityState(setup.groups, 8, {"count": ((2,), np.float64)}),
        }

    def score(self, batch: Batch) -> Scores:
        out = np.full((4, batch.n), np.nan)
        claim = batch.kind("claim")
        rows = np.flatnonzero(claim | batch.kind("patient"))
        if len(rows):
            person = np.stack([sexes(batch), np.nan_to_num(batch.number("birth_year")).astype(np.int64)], axis=1)
            member = np.stack([batch.hash("member_id"), batch.hash("payer")], axis=1)
            p, a = (self._parts[name].arrays() for name in ("patients", "all"))
            out[:, rows] = _judge(
                batch.key_hash[rows], claim[rows], person[rows], member[rows], batch.hash("provider")[rows],
                batch.ts[rows], batch.groups[rows],
                (p["keys"], p["seen"], p["person"], p["agreed"], p["registered"], p["wrong"], p["last"],
                 p["provider"], p["member"], p["since"]),
                a["count"], int(self.option["member_ids"]),
            )  # fmt: skip
        return Scores(out[0], dict(zip(("what", "claims", "ids"), out[1:], strict=True)))

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        what, claims, ids = (float(scores.evidence[key][row]) for key in ("what", "claims", "ids"))
        patient, who = named(batch, row, "chart"), named(batch, row, "provider")
        if int(what) & MEMBER:
            message = f"Patient {patient} is billed under {ids:.0f} member numbers of one payer within half a year."
            features = [Feature(name="member_numbers", value=ids, usual_high=MOST_IDS)]
            return Explanation(message, "One member number a payer, or two where the plan changed.", features)
        differs = {SEX: "another sex", AGE: "another birth year"}.get(int(what), "another sex and birth year")
        message = f"{claims:.0f} claim{'s' if claims != 1 else ''} for patient {patient}, the last by provider {who}, "
        message += f"{'are' if claims != 1 else 'is'} for a person of {differs} than is known of the patient."
        features = [Feature(name="claims_that_differ", value=claims, usual_high=0)]
        return Explanation(message, "Sex and birth year as registered.", features)

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
            Example("a slip", [known, claim(1, sex="female"), claim(2)], False),
            Example("a new plan", [known, claim(1), claim(2, member_id="m2"), claim(3, member_id="m2")], False),
        )


@nb.njit(cache=True, nogil=True)
def _members(member, since, mine, ts):  # type: ignore[no-untyped-def]
    """How many member numbers of this payer the patient had within WITHIN_S, this one included.

    member uint64[RING, 2] (number, payer), since float64[RING] (last seen, 0 free); the oldest gives way.
    """
    place, oldest = -1, 0
    for k in range(RING):
        if since[k] > 0.0 and member[k, 0] == mine[0] and member[k, 1] == mine[1]:
            place = k
        if since[k] < since[oldest]:
            oldest = k
    place = oldest if place < 0 else place
    member[place, 0], member[place, 1], since[place] = mine[0], mine[1], max(ts, 1.0)
    count = 0
    for k in range(RING):
        count += since[k] > 0.0 and member[k, 1] == mine[1] and since[k] + WITHIN_S >= ts
    return count


@nb.njit(cache=True, nogil=True)
def _differs(known, claimed):  # type: ignore[no-untyped-def]
    """SEX, AGE, their sum, or NONE: what of (sex, birth year) differs where both are known."""
    what = NONE
    if known[0] and claimed[0] and known[0] != claimed[0]:
        what += SEX
    if known[1] and claimed[1] and abs(known[1] - claimed[1]) > SLACK_Y:
        what += AGE
    return what


@nb.njit(cache=True, nogil=True)
def _opinion(what, wrong, providers, all_):  # type: ignore[no-untyped-def]
    """The score of a claim that differs, the `wrong`-th lately."""
    if all_[1] >= SOME and all_[1] > EVERYWHERE * all_[0]:
        return ONCE
    if what == SEX + AGE:
        return BOTH
    if wrong < 2.0:
        return ONCE
    return SEVERAL if providers[1] else AGAIN


@nb.njit(cache=True, nogil=True)
def _judge(who, claim, person, member, provider, ts, groups, s, everybody, most):  # type: ignore[no-untyped-def]
    """float64[4, m]: score, what differs, how many claims lately do, member numbers of the payer.

    who, claim (else a registration), provider, ts, groups [m]; person (sex, year), member (number, payer) [m, 2]; s:
    (keys, seen, person, agreed, registered, wrong, last, provider, member, since) [G, capacity, ...]; everybody
    float64[G, 8, 2], of which the first is used: patients compared, and those that differed.
    """
    keys, seen, known, agreed, registered, wrong, last, by, members, since = s
    out = np.full((4, len(who)), np.nan)
    for i in range(len(who)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], who[i], ts[i])
        if fresh:
            known[g, slot], agreed[g, slot], registered[g, slot], wrong[g, slot] = 0, 0, False, 0.0
            last[g, slot], by[g, slot], members[g, slot], since[g, slot] = 0.0, 0, 0, 0.0
        mine = known[g, slot]
        if not claim[i]:
            for k in range(2):
                mine[k] = person[i, k] if person[i, k] else mine[k]
            registered[g, slot] = registered[g, slot] or person[i].any()
            continue
        what, value, ids = _differs(mine, person[i]), 0.0, 0
        if agreed[g, slot] == 0 and (mine.any() or person[i].any()):
            everybody[g, 0, 0] += 1.0
        if what == NONE:
            agreed[g, slot] += 1
            for k in range(2):
                mine[k] = mine[k] if mine[k] else person[i, k]
        elif not registered[g, slot] and agreed[g, slot] < AGREED:
            mine[:] = person[i]
            agreed[g, slot] = 1
            what = NONE
        else:
            agreed[g, slot] = max(agreed[g, slot], 1)
            if ts[i] > last[g, slot] + WITHIN_S:
                everybody[g, 0, 1] += 1.0
                wrong[g, slot] = 0.0
                by[g, slot, 0], by[g, slot, 1] = provider[i], 0
            last[g, slot] = max(last[g, slot], ts[i])
            wrong[g, slot] += 1.0
            by[g, slot, 1] |= np.uint64(by[g, slot, 0] != provider[i])
            value = _opinion(what, wrong[g, slot], by[g, slot], everybody[g, 0])
        if member[i, 0] != np.uint64(0):
            ids = _members(members[g, slot], since[g, slot], member[i], ts[i])
            if ids >= most and value < MEMBERS:
                value, what = MEMBERS, MEMBER
        out[0, i], out[1, i], out[2, i], out[3, i] = value, what, wrong[g, slot], ids
    return out
