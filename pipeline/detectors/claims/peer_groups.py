"""Peer groups of providers that the user gives: who is compared with whom."""

import numpy as np

from pipeline.features.hashing import hash_text
from pipeline.features.lists import Lists


class PeerGroups:
    """The list `peer_groups` (rows provider, group) as numbers. O(log list) a row."""

    def __init__(self, lists: Lists) -> None:
        found = {
            hash_text((row.get("provider") or key).strip()): hash_text(row["group"].strip())
            for key, rows in lists["peer_groups"].rows.items()
            for row in rows
            if (row.get("group") or "").strip()
        }
        order = sorted(found)
        self._providers = np.array(order, np.uint64)
        self._groups = np.array([found[h] for h in order], np.uint64)

    def numbers(self, who: np.ndarray, count: int) -> np.ndarray:
        """int64[n], 0 to count - 1: the group of each provider (hash uint64[n]), -1 for those that have none."""
        if not len(self._providers):
            return np.full(len(who), -1)
        at = np.minimum(np.searchsorted(self._providers, who), len(self._providers) - 1)
        number = (self._groups[at] % np.uint64(count)).astype(np.int64)
        return np.where(self._providers[at] == who, number, -1)
