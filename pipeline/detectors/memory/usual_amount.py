"""Whether an amount is unusual for its owner and for the owner's peers: bytes sent, requests, failures."""

import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.memory.amounts import NORMS, Amounts
from pipeline.features.count_window import note_count
from pipeline.features.entity_table import claim_slot
from pipeline.features.leaf import leaf
from pipeline.features.norm import MEAN, PEAK, SEEN, SIZE, VAR, settle, surprise, take

BUCKETS = 12
PEERS = 64  # cohorts per key group
OWN_MEMORY, PEER_MEMORY = 60.0, 1000.0  # windows remembered


class UsualAmount(EntityState):
    """Sum of weights per key over `window_s`, against the key's own past windows and those of its peers. O(12) a row.

    The norm is a decayed mean and variance of log1p of each past window's peak (`pipeline.features.norm`). 160 bytes
    a key; peers are kept in a second table of 64 per group (`peers`), which is saved with this one by the detector.
    """

    def __init__(self, groups: int, capacity: int, window_s: float) -> None:
        columns = {
            "counts": ((BUCKETS,), np.float32), "marks": ((BUCKETS,), np.int64), "norm": ((SIZE,), np.float64)
        }  # fmt: skip
        super().__init__(groups, capacity, columns)
        self.peers = EntityState(groups, PEERS, {"norm": ((SIZE,), np.float64)})
        self.window_s = float(window_s)

    def add(
        self, key: np.ndarray, peer: np.ndarray, weight: np.ndarray | float, ts: np.ndarray, groups: np.ndarray
    ) -> Amounts:
        """Deviations and usual are NaN while neither key nor peers are known (five own windows, or twenty of peers).
        key and peer uint64[m] (peer: role, service, class), weight >= 0.
        """
        a, p = self.arrays(), self.peers.arrays()
        weights = np.broadcast_to(np.asarray(weight, np.float64), key.shape)
        out = np.full((3 + NORMS, len(key)), np.nan)
        _add(
            out, key, peer, weights, ts, groups, a["keys"], a["seen"], a["counts"], a["marks"], a["norm"],
            p["keys"], p["seen"], p["norm"], self.window_s,
        )  # fmt: skip
        return Amounts(out[0], out[1], out[2], out[3:].T)


@leaf
def _add(out, key, peer, weight, ts, groups, keys, seen, counts, marks, norm, p_keys, p_seen, p_norm, window_s):  # type: ignore[no-untyped-def]
    """Fill out float64[9, m]; columns [m]; state [G, capacity, …]."""
    bucket_s = window_s / counts.shape[2]
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            counts[g, slot] = 0.0
            marks[g, slot] = 0
            norm[g, slot] = 0.0
        other, fresh = claim_slot(p_keys[g], p_seen[g], max(peer[i], np.uint64(1)), ts[i])
        if fresh:
            p_norm[g, other] = 0.0
        own, others = norm[g, slot], p_norm[g, other]
        sample = settle(own, ts[i], window_s)
        if sample == sample:
            take(own, sample, OWN_MEMORY)
            take(others, sample, PEER_MEMORY)
        amount = note_count(counts[g, slot], marks[g, slot], bucket_s, ts[i], weight[i])
        out[0, i], out[1, i] = surprise(amount, own, others)
        out[2, i] = amount
        out[3, i], out[4, i], out[5, i] = own[SEEN], own[MEAN], own[VAR]
        out[6, i], out[7, i], out[8, i] = others[SEEN], others[MEAN], others[VAR]
        own[PEAK] = max(own[PEAK], amount)
