"""How long a patient had been dead when a service was rendered: deaths are told to the patient's own key group."""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.claim_lines import DAY_S, service_days
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.state_parts import InParts

DEAD = 8192  # per key group: those told of least lately give way


class Deaths(InParts):
    """Day of death, by patient; 24 bytes a dead patient, 400 KB a key group. O(1) a claim or registration."""

    def __init__(self, groups: int) -> None:
        self._parts = {"dead": EntityState(groups, DEAD, {"day": ((), np.int64)})}

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON field `deceased_days` for claims of patients whose death is known, by row; deaths are noted."""
        batch = outcome.batch
        died = batch.number("deceased_ts")
        told = batch.kind("patient") & ~np.isnan(died)
        rows = np.flatnonzero((told | batch.kind("claim")) & (batch.key_hash != 0))
        if not len(rows):
            return {}
        a = self._parts["dead"].arrays()
        days = _days_after(
            batch.key_hash[rows], told[rows], (np.nan_to_num(died)[rows] // DAY_S).astype(np.int64),
            service_days(batch)[0][rows], batch.ts[rows], batch.groups[rows], a["keys"], a["seen"], a["day"],
        )  # fmt: skip
        return {int(rows[k]): f',"deceased_days":{days[k]:.0f}'.encode() for k in np.flatnonzero(days == days).tolist()}


@nb.njit(cache=True, nogil=True)
def _days_after(who, told, died, first, ts, groups, keys, seen, day):  # type: ignore[no-untyped-def]
    """float64[m]: days of a claim's service after its patient's death, NaN where no death is known.

    who, told (a death), died (its day), first (day of service), ts, groups [m]; state [G, capacity].
    """
    out = np.full(len(who), np.nan)
    for i in range(len(who)):
        g = groups[i]
        if told[i]:
            slot, _ = claim_slot(keys[g], seen[g], who[i], ts[i])
            day[g, slot] = died[i]
            continue
        slot = find_slot(keys[g], who[i])
        if slot >= 0:
            out[i] = float(first[i] - day[g, slot])
    return out
