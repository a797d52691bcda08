"""One member number of a payer, used by people of different families and homes."""

from collections.abc import Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.naming import named
from schemas.finding import Feature

MEMBERS = 16_384  # per key group: those used least lately give way
SHARERS = 4  # persons with one number that are told apart
AGAIN_S = 30 * 86_400.0  # strangers are told anew after a month, or when they have become twice as many
EVERYWHERE, SOME = 0.1, 3.0  # where a tenth of numbers are shared by strangers, it is the feed that is wrong
SHARED = 0.6
NUMBERS, STRANGE = 0, 1  # columns of everybody's


class MemberNumber(Detector):
    """Member numbers that are billed for patients who share neither family nor address, once a month as long as they
    do not become twice as many. Whose registration or claim bears a number is brought together under the number; that
    two are registered with it may be chance or a slip. Where more than a tenth of the numbers of a key group are shared
    so, the feed is taken to be wrong.
    """

    id = "ehr.member_number"
    title = "One member number, different people"
    severity = 3
    source = "judged"
    alert_days = 14
    entity = ("patient",)
    entity_type = "patient"
    group_by = ("member_id",)
    inputs = ("kind", "patient", "member_id", "billed", "family_token", "address_token")
    misses = (
        "An impostor who takes on name or address as well, patients whose family and address are not told, and a "
        "number that was used for one of them alone in all that was seen."
    )
    cost = "O(4) a claim or registration; 180 bytes a member number: 3 MB a key group"
    reference = "FTC, HHS OIG on medical identity theft: one insurance number, several persons"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        f, u = np.float64, np.uint64
        columns = {"person": ((SHARERS, 4), u), "shared": ((), np.bool_), "told": ((2,), f)}
        self._members = EntityState(setup.groups, MEMBERS, columns)
        self._all = EntityState(setup.groups, 8, {"count": ((2,), f)})
        self._parts = {"members": self._members, "all": self._all}

    def score(self, batch: Batch) -> Scores:
        out = np.full((2, batch.n), np.nan)
        number, patient = batch.hash("member_id"), batch.hash("patient")
        rows = np.flatnonzero(batch.kind("member") & (number != 0) & (patient != 0))
        if len(rows):
            m, a = self._members.arrays(), self._all.arrays()
            billed = (batch.number("billed") == 1.0).astype(np.uint64)
            home = np.stack([batch.hash("family_token"), batch.hash("address_token"), billed], axis=1)
            strangers = _strangers(
                number[rows], patient[rows], home[rows], batch.ts[rows], batch.groups[rows],
                (m["keys"], m["seen"], m["person"], m["shared"], m["told"]), a["count"],
            )  # fmt: skip
            out[:, rows] = np.where(strangers > 0, SHARED, 0.0), strangers
        return Scores(out[0], {"strangers": out[1]})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        count, patient = float(scores.evidence["strangers"][row]), named(batch, row, "patient")
        more = f"{count:.0f} or more patients" if count > 1 else "at least one patient"
        message = f"The member number of patient {patient} is used by {more} of another family and address."
        features = [Feature(name="strangers_with_the_number", value=count, usual_low=0, usual_high=0)]
        return Explanation(message, "One member number, shared in a family at most.", features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def bearer(number: int, family: str, address: str, member: str = "m9") -> dict[str, object]:
            who = {"kind": "member", "patient": f"p{number}", "ts": 1.7e9 + number, "member_id": member}
            return who | {"family_token": family, "address_token": address, "billed": True}

        return (
            Example("strangers with one number", [bearer(1, "f1", "a1"), bearer(2, "f2", "a2")], True),
            Example("a family", [bearer(1, "f1", "a1"), bearer(2, "f2", "a1"), bearer(3, "f1", "a1")], False),
            Example("registered alike", [bearer(1, "f1", "a1"), bearer(2, "f2", "a2") | {"billed": False}], False),
            Example("a number each", [bearer(1, "f1", "a1"), bearer(2, "f2", "a2", "m8")], False),
        )


@nb.njit(cache=True, nogil=True)
def _meet(ring, who, home):  # type: ignore[no-untyped-def]
    """Note a person in uint64[SHARERS, 4] (patient, family, address, billed); how many others, billed as this one,
    share neither family nor address. Who comes when all places are taken is held against those who have them."""
    place, others = -1, 0
    for k in range(SHARERS):
        if ring[k, 0] == who or (ring[k, 0] == np.uint64(0) and place < 0):
            place = k
            if ring[k, 0] == who:
                break
    if place >= 0:
        ring[place, 0] = who
        for j in range(2):
            ring[place, 1 + j] = home[j] if home[j] != np.uint64(0) else ring[place, 1 + j]
            home[j] = ring[place, 1 + j]
        ring[place, 3] |= home[2]
        home[2] = ring[place, 3]
    for k in range(SHARERS):
        apart = ring[k, 3] != np.uint64(0) and home[2] != np.uint64(0) and ring[k, 0] != who
        for j in range(2):
            apart = apart and home[j] != np.uint64(0) and ring[k, 1 + j] not in (np.uint64(0), home[j])
        others += apart
    return others


@nb.njit(cache=True, nogil=True)
def _strangers(number, who, homes, ts, groups, members, all_):  # type: ignore[no-untyped-def]
    """int64[m]: how many other patients have the row's member number who share neither family nor address; 0 where such
    numbers are common here, or where as many were told lately.

    number, who, ts, groups [m]; homes [m, 3] (family, address, billed), written to; members (keys, seen, person,
    shared, told) [G, capacity, ...]; all_ float64[G, 8, 2], of which the first row is used: numbers, and those that
    strangers share.
    """
    keys, seen, person, shared, told = members
    out = np.zeros(len(number), np.int64)
    for i in range(len(number)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], number[i], ts[i])
        every = all_[g, 0]
        if fresh:
            person[g, slot] = 0
            shared[g, slot] = False
            told[g, slot] = 0.0
            every[NUMBERS] += 1.0
        others = _meet(person[g, slot], who[i], homes[i])
        if others and not shared[g, slot]:
            shared[g, slot] = True
            every[STRANGE] += 1.0
        if every[STRANGE] >= SOME and every[STRANGE] > EVERYWHERE * every[NUMBERS]:
            continue
        last = told[g, slot]
        if others and (ts[i] >= last[0] or others >= 2.0 * last[1]):
            last[0], last[1] = ts[i] + AGAIN_S, others
            out[i] = others
    return out
