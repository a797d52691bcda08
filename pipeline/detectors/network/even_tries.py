"""Whether a machine's failed logons are a program's that has a former password: one account, ever the same pause."""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot, find_slot

SAME_TRY_S = 5.0  # one try shows several times: to the directory, to the server, as a session
LEAST_S = 20.0  # between tries; who guesses wants to get on
EVEN = 0.1  # of the pause before, that a pause may differ
ENOUGH = 8  # pauses
MISSED = 3  # tries in a row that a sensor may not have seen


class EvenTries(EntityState):
    """Tries of one known account in a row, each after the same pause, some of them unseen. O(1) a row, 48 bytes a
    machine."""

    def __init__(self, groups: int, capacity: int) -> None:
        columns = {"user": ((), np.uint64), "last": ((), np.float64), "pause": ((), np.float64), "even": ((), np.int64)}
        super().__init__(groups, capacity, columns)

    def note(
        self, key: np.ndarray, user: np.ndarray, won: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> np.ndarray:
        """bool[m]: key has tried evenly for long enough; where a logon succeeded (`won` bool[m], no try), it was
        another account's. key, user uint64[m] (0: not known), ts s, groups int32[m].
        """
        a = self.arrays()
        out: np.ndarray = _note(
            key, user, won, ts, groups, a["keys"], a["seen"], a["user"], a["last"], a["pause"], a["even"]
        )
        return out


@nb.njit(cache=True, nogil=True)
def _note(key, user, won, ts, groups, keys, seen, whose, last, pause, even):  # type: ignore[no-untyped-def]
    """Columns [m]; state [G, capacity]."""
    out = np.zeros(len(key), np.bool_)
    for i in range(len(key)):
        g = groups[i]
        if won[i]:
            slot = find_slot(keys[g], key[i])
            out[i] = slot >= 0 and even[g, slot] >= ENOUGH and user[i] != 0 and user[i] != whose[g, slot]
            continue
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            whose[g, slot], last[g, slot], pause[g, slot], even[g, slot] = user[i], ts[i], 0.0, 0
            continue
        if user[i] != 0 and user[i] != whose[g, slot]:
            if whose[g, slot] != 0:
                even[g, slot] = 0
            whose[g, slot] = user[i]
        gap = ts[i] - last[g, slot]
        if gap >= SAME_TRY_S:
            tries = max(round(gap / pause[g, slot]), 1) if pause[g, slot] > 0.0 else 1
            own = gap / tries
            if own >= LEAST_S and tries <= MISSED + 1 and abs(own - pause[g, slot]) <= EVEN * own / tries:
                even[g, slot] += 1
                pause[g, slot] = own
            else:
                even[g, slot] //= 2
                pause[g, slot] = gap
            last[g, slot] = ts[i]
        out[i] = even[g, slot] >= ENOUGH and whose[g, slot] != 0
    return out
