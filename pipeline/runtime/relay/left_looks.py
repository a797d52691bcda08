"""How soon charts were left that nothing explains: what was noticed with the user meets the judged access here."""

import numba as nb
import numpy as np

from pipeline.detectors.ehr.judged import CURIOUS, LEFT_S
from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts

LOOKS = 8192  # per key group: what was opened within the time of grace by 20,000 users
UNEXPLAINED, SERVED = np.uint64(1), np.uint64(2)
"""What is usual is learned apart where a role serves everyone: most of these looks are work."""
BEFORE = 20.0  # looks for which the spread that is assumed of the curious speaks before anything is known
MEMORY = 2000.0  # looks after which half is forgotten


class LeftLooks(InParts):
    """The last look of each pair of user and patient that was left, and how soon looks without a reason are.

    40 bytes a pair, 330 KB a key group. What is usual is learned by key group, about everybody.
    """

    def __init__(self, groups: int) -> None:
        f = np.float64
        self._parts = {
            "looks": EntityState(groups, LOOKS, {"opened": ((), f), "until": ((), f), "left": ((), f)}),
            "usual": EntityState(groups, 8, {"bins": ((len(CURIOUS),), f)}),
        }

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields `left_s`, `left_usual` and `left_late` for accesses without a reason, or one that is a guess, of
        which that is known, by row; what is told of looks is noted."""
        batch = outcome.batch
        told = batch.kind("left")
        served = batch.equals("reason", "serves_all")
        asked = batch.kind("access") & (served | batch.equals("reason", "none")) & (batch.number("withdrawn") != 1.0)
        rows = np.flatnonzero((told | asked) & (batch.hash("user") != 0) & (batch.key_hash != 0))
        if not len(rows):
            return {}
        pair = combine_many(batch.hash("user")[rows], batch.key_hash[rows])
        looks, usual = (part.arrays() for part in self._parts.values())
        left, share, late = _meet(
            pair, np.where(served, SERVED, UNEXPLAINED)[rows], told[rows], batch.number("opened_ts")[rows],
            batch.number("left_s")[rows], batch.ts[rows], batch.groups[rows],
            (looks["keys"], looks["seen"], looks["opened"], looks["until"], looks["left"]),
            (usual["keys"], usual["seen"], usual["bins"]), np.array(LEFT_S), CURIOUS,
        )  # fmt: skip
        return {
            int(rows[k]): f',"left_s":{left[k]:.3f},"left_usual":{share[k]:.4f},"left_late":{late[k]:.4f}'.encode()
            for k in np.flatnonzero(left == left).tolist()
        }


@nb.njit(cache=True, nogil=True)
def _meet(pair, sort, told, opened, left_s, ts, groups, looks, usual, bounds, curious):  # type: ignore[no-untyped-def]
    """float64[m] each: seconds, the share of looks that are left about as soon, and of those left latest; NaN where
    nothing is known.

    pair, sort (of reason), told (that a look was left, else an access that asks), opened, left_s, ts, groups [m]; looks
    (keys, seen, opened, until, left) and usual (keys, seen, bins) [G, capacity, ...]. Pages of one look count once.
    """
    keys, seen, begin, until, left = looks
    out = np.full((3, len(pair)), np.nan)
    for i in range(len(pair)):
        g = groups[i]
        if told[i]:
            slot, _ = claim_slot(keys[g], seen[g], pair[i], ts[i])
            begin[g, slot], until[g, slot], left[g, slot] = opened[i], ts[i], left_s[i]
            continue
        slot = find_slot(keys[g], pair[i])
        if slot < 0 or not (begin[g, slot] - 1e-3 <= ts[i] < until[g, slot]):
            continue
        everybody, fresh = claim_slot(usual[0][g], usual[1][g], sort[i], ts[i])
        bins = usual[2][g, everybody]
        if fresh:
            bins[:] = 0.0
        k = np.searchsorted(bounds, left[g, slot], side="right")
        total = bins.sum() + BEFORE
        out[0, i], out[1, i] = left[g, slot], (bins[k] + BEFORE * curious[k]) / total
        out[2, i] = (bins[-1] + BEFORE * curious[-1]) / total
        if ts[i] <= begin[g, slot] + 1e-3:
            bins[k] += 1.0
            if total > MEMORY:
                bins *= 0.5
    return out[0], out[1], out[2]
