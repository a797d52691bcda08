"""Who lives in which network, and who arrives there: what tells a network of devices from one of people."""

from dataclasses import dataclass

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine
from pipeline.features.state_parts import InParts

HOSTS, NETWORKS, MAKERS = 4096, 512, 1024  # per key group
FIRST, LAST_NEW, RESIDENTS, CLINICAL = range(4)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The k rows in which a machine talks for the first time, or again after a long silence."""

    at: np.ndarray
    """int64[k], their places among the rows asked for; all else is float64[k], as it was before."""
    residents: np.ndarray
    """Machines of its network."""
    clinical: np.ndarray
    """Those of them that are, or speak as, medical devices."""
    watched_s: np.ndarray
    """Since the first event of the network."""
    calm_s: np.ndarray
    """Since the last arrival."""
    maker_known: np.ndarray
    """1 where machines of its maker live there."""


class Newcomers(InParts):
    """Machines by network. O(1) a row; per key group 4,096 machines, 512 networks, 1,024 makers of networks, 190 KB."""

    def __init__(self, groups: int) -> None:
        self._hosts = EntityState(groups, HOSTS, {"last": ((), np.float64), "clinical": ((), np.bool_)})
        self._networks = EntityState(groups, NETWORKS, {"known": ((4,), np.float64)})
        self._makers = EntityState(groups, MAKERS, {})
        self._parts = {"hosts": self._hosts, "networks": self._networks, "makers": self._makers}

    def note(
        self, who: np.ndarray, network: np.ndarray, maker: np.ndarray, clinical: np.ndarray, ts: np.ndarray,
        groups: np.ndarray, quiet_s: float,
    ) -> Arrivals:  # fmt: skip
        """who, network uint64[m]; maker int32[m] (-1 unknown); clinical bool[m]; ts float64[m]; groups int32[m]."""
        h, n, m = self._hosts.arrays(), self._networks.arrays(), self._makers.arrays()
        at, out = _note(
            who, network, maker, clinical, ts, groups, quiet_s, h["keys"], h["seen"], h["last"], h["clinical"],
            n["keys"], n["seen"], n["known"], m["keys"], m["seen"],
        )  # fmt: skip
        return Arrivals(at, *out.T)


@nb.njit(cache=True, nogil=True)
def _note(  # type: ignore[no-untyped-def]
    who,
    network,
    maker,
    clinical,
    ts,
    groups,
    quiet_s,
    h_keys,
    h_seen,
    last,
    flags,
    n_keys,
    n_seen,
    known,
    m_keys,
    m_seen,
):
    """int64[k], float64[k, 5] in the order of Arrivals; columns [m]; state [G, capacity, …]."""
    at, out, k = np.empty(len(who), np.int64), np.empty((len(who), 5)), 0
    for i in range(len(who)):
        if who[i] == 0 or network[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(h_keys[g], h_seen[g], who[i], ts[i])
        if fresh:
            flags[g, slot], last[g, slot] = False, -np.inf
        arrives = ts[i] - last[g, slot] > quiet_s
        last[g, slot] = max(last[g, slot], ts[i])
        turns = clinical[i] and not flags[g, slot]
        if not arrives and not turns:
            continue
        place, new = claim_slot(n_keys[g], n_seen[g], network[i], ts[i])
        net = known[g, place]
        if new:
            net[:] = 0.0
            net[FIRST], net[LAST_NEW] = ts[i], ts[i]
        if arrives:
            alike = np.uint64(1) if maker[i] < 0 else combine(network[i], np.uint64(maker[i] + 1))
            _, unseen = claim_slot(m_keys[g], m_seen[g], alike, ts[i])
            at[k] = i
            out[k, 0], out[k, 1] = net[RESIDENTS], net[CLINICAL]
            out[k, 2], out[k, 3] = max(ts[i] - net[FIRST], 0.0), max(ts[i] - net[LAST_NEW], 0.0)
            out[k, 4] = 0.0 if unseen else 1.0
            k += 1
        if fresh:
            net[RESIDENTS] += 1.0
            net[LAST_NEW] = max(net[LAST_NEW], ts[i])
        if turns:
            flags[g, slot] = True
            net[CLINICAL] += 1.0
    return at[:k].copy(), out[:k].copy()
