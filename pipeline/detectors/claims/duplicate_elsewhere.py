"""One service of a patient billed by two providers."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numba as nb
import numpy as np

from pipeline.detectors.claims.billing_case import WAITED_DAYS
from pipeline.detectors.claims.chart_claims import code_lists, is_apart
from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.claim_lines import DAY_S, fold, service_days
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import hash_text
from pipeline.features.naming import named
from schemas.finding import Feature

SERVICES = 16_384  # per key group
FOUND = 0.6  # a group that bills again under its own number looks alike


class DuplicateElsewhere(Detector):
    """Professional claims of one patient with the same days, procedures and total amount, from two providers.

    What `claims.duplicate` cannot see, since its state belongs to the provider. A claim that names one and the same
    person as rendering is a group's correction and is not found, nor are services apart from the patient (laboratory,
    imaging, supplies), drugs and institutional claims, which many bill at list prices.
    """

    id = "claims.duplicate_elsewhere"
    title = "One service billed by two providers"
    severity = 3
    source = "charts"
    alert_days = WAITED_DAYS
    entity = ("provider",)
    entity_type = "provider"
    inputs = (
        "kind", "chart", "claim_id", "claim_type", "provider", "rendering", "from_ts", "through_ts", "procedures",
        "total_amount",
    )  # fmt: skip
    misses = "Copies with another day, procedure or amount, and services that two providers share at different prices."
    cost = "O(codes) a claim; 40 bytes a claim"
    reference = "CMS Medicare Claims Processing Manual, chapter 1, section 120 (suspect duplicates)"

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        columns = dict.fromkeys(("provider", "rendering", "claim"), ((), np.uint64))
        self._parts = {"services": EntityState(setup.groups, SERVICES, columns)}

    def score(self, batch: Batch) -> Scores:
        amount, provider = batch.number("total_amount"), batch.hash("provider")
        told = batch.kind("claim") & batch.equals("claim_type", "professional") & (provider != 0)
        values = np.where(told, 0.0, np.nan)
        lists = code_lists(batch, "procedures")
        rows = np.array([r for r in np.flatnonzero(told & (amount > 0.0)) if lists[r] and not is_apart(lists[r])], int)
        if len(rows):
            codes = np.array([hash_text(" ".join(sorted(lists[r]))) for r in rows], np.uint64)
            first, last = service_days(batch)
            key = fold(batch.key_hash[rows], first[rows], last[rows], codes, amount[rows]) | np.uint64(1)
            ident = np.where(batch.hash("claim_id") != 0, batch.hash("claim_id"), batch.hash("event_id"))
            renders = np.where(batch.hash("rendering") != 0, batch.hash("rendering"), provider)
            a = self._parts["services"].arrays()
            found = _billed_before(
                key, provider[rows], renders[rows], ident[rows], batch.ts[rows], batch.groups[rows],
                a["keys"], a["seen"], a["provider"], a["rendering"], a["claim"],
            )  # fmt: skip
            values[rows[found]] = FOUND
        return Scores(values)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        codes = code_lists(batch, "procedures")[row]
        first = min(max(float(service_days(batch)[0][row]) * DAY_S, 0.0), 4e9)
        when, amount = datetime.fromtimestamp(first, UTC).strftime("%Y-%m-%d"), batch.value("total_amount", row) or 0.0
        who, patient = named(batch, row, "provider"), named(batch, row, "chart")
        what = f"procedure {codes[0][:16]}" if codes else "a service"
        message = (
            f"Provider {who} billed {what} of {when} for patient {patient} over {amount:,.2f}, as another provider "
        )
        message += "had with the same procedures and amount."
        features = [
            Feature(name="billed_also_by", value="another provider", contribution=1.0),
            Feature(name="amount", value=amount, contribution=0.0),
        ]
        normal = "The same by one provider, or with another amount, day or procedure."
        return Explanation(message, normal, features)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        def claim(number: int, provider: str, **more: object) -> dict[str, object]:
            when = {"ts": 1.7e9 + 3600.0 * number, "from_ts": 19_600 * DAY_S, "total_amount": 161.25}
            who = {"kind": "claim", "claim_type": "professional", "chart": "p1", "claim_id": f"c{number}"}
            return who | when | {"provider": provider, "procedures": ["99213", "93000"]} | more

        return (
            Example("by two providers", [claim(1, "1000020"), claim(2, "1000038")], True),
            Example("sent again", [claim(1, "1000020"), claim(2, "1000020")], False),
            Example("another amount", [claim(1, "1000020"), claim(2, "1000038", total_amount=80.0)], False),
            Example("a group corrects", [claim(1, "10", rendering="77"), claim(2, "11", rendering="77")], False),
        )


@nb.njit(cache=True, nogil=True)
def _billed_before(key, provider, rendering, ident, ts, groups, keys, seen, by, for_whom, claim):  # type: ignore[no-untyped-def]
    """bool[m]: another provider and person billed this key under another number. Columns [m]; state [G, capacity]."""
    out = np.zeros(len(key), np.bool_)
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            by[g, slot], for_whom[g, slot], claim[g, slot] = provider[i], rendering[i], ident[i]
            continue
        other = by[g, slot] != provider[i] and for_whom[g, slot] != rendering[i]
        out[i] = other and claim[g, slot] != ident[i]
    return out
