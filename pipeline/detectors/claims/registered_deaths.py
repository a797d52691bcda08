"""Deaths by member number: plans name their members, and who died is registered under another number.

Registrations and claims of one member number come together under it. A claim is held against whoever is registered with
the number and was born in the same year; where two are, or nobody, nothing follows.
"""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot

MEMBERS = 16_384  # per key group: those used least lately give way
FAMILY = 8  # people of one number, as plans count a family


class RegisteredDeaths:
    """Who is registered with a member number, born when and dead since when. 8 x 24 bytes a number."""

    def __init__(self, groups: int) -> None:
        columns = {"who": ((FAMILY,), np.uint64), "times": ((FAMILY, 2), np.float64)}
        self.state = EntityState(groups, MEMBERS, columns)

    def days(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """float64[m]: days from a registered death to the first day of service of rows that are claims under a member
        number, NaN elsewhere; registrations among the rows (int64[m], of kind `member`) are learned."""
        a = self.state.arrays()
        out: np.ndarray = _days(
            batch.hash("member_id")[rows], batch.hash("patient")[rows], batch.number("billed")[rows] == 1.0,
            batch.number("birth_year")[rows], batch.number("deceased_ts")[rows], batch.number("from_ts")[rows],
            batch.ts[rows], batch.groups[rows], (a["keys"], a["seen"], a["who"], a["times"]),
        )  # fmt: skip
        return out


@nb.njit(cache=True, nogil=True)
def _register(who, times, patient, born, died):  # type: ignore[no-untyped-def]
    """Note a person (uint64) among those of a number (uint64[FAMILY], float64[FAMILY, 2]: born, died); beyond FAMILY
    none."""
    for k in range(FAMILY):
        if who[k] == patient or who[k] == np.uint64(0):
            who[k], times[k, 0] = patient, born
            times[k, 1] = died if died == died else times[k, 1]  # a death is not taken back by what tells less
            return


@nb.njit(cache=True, nogil=True)
def _death(who, times, patient, born):  # type: ignore[no-untyped-def]
    """When the one person with this number who was born in that year died; NaN where that is not clear. Who is billed
    under the number of their record is told of with the record."""
    found, candidates = np.nan, 0
    for k in range(FAMILY):
        if who[k] == patient:
            return np.nan
        if who[k] != np.uint64(0) and times[k, 0] == born:
            found = times[k, 1]
            candidates += 1
    return found if candidates == 1 else np.nan


@nb.njit(cache=True, nogil=True)
def _days(number, patient, billed, born, died, first, ts, groups, members):  # type: ignore[no-untyped-def]
    """float64[m] as `RegisteredDeaths.days`; columns [m], members (keys, seen, who, times) [G, capacity, ...]."""
    keys, seen, who, times = members
    out = np.full(len(number), np.nan)
    for i in range(len(number)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], number[i], ts[i])
        if fresh:
            who[g, slot] = 0
            times[g, slot] = np.nan
        if billed[i]:
            out[i] = (first[i] - _death(who[g, slot], times[g, slot], patient[i], born[i])) / 86_400.0
        else:
            _register(who[g, slot], times[g, slot], patient[i], born[i], died[i])
    return out
