"""Whether somebody who opens a remote desktop sits on a machine that they had reached by remote desktop themselves."""

import numba as nb
import numpy as np

from pipeline.detectors.entity_state import EntityState
from pipeline.features.entity_table import claim_slot, find_slot
from pipeline.features.hashing import combine, mix64
from pipeline.features.state_parts import InParts

ADDRESSES, REACHED = 4096, 2048  # per key group


class OnwardDesktops(InParts):
    """Machines that accounts reached lately, by name, and the names of addresses, as any log-on from there told it.

    A log-on by remote desktop has the address it came from, and often the machine's own name as that of its client;
    the check of the password before it, or a session taken up again, names the client. O(1) a row, 32 bytes an
    address and 32 a machine reached: 200 KB a key group.
    """

    def __init__(self, groups: int, within_s: float) -> None:
        self._within_s = within_s
        self._names = EntityState(groups, ADDRESSES, {"name": ((), np.uint64)})
        self._reached = EntityState(groups, REACHED, {"at": ((), np.float64)})
        self._parts = {"names": self._names, "reached": self._reached}

    def note(
        self, user: np.ndarray, source: np.ndarray, client: np.ndarray, host: np.ndarray, link: np.ndarray,
        ts: np.ndarray, groups: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """bool[m]: the log-on came from a machine that the user had reached by a link within `within_s`.

        user, source (address), client and host (`machine_names`) uint64[m], 0 where unknown; link bool[m]: the row
        reaches a machine so; ts s, groups int32[m].
        """
        n, r = self._names.arrays(), self._reached.arrays()
        found: np.ndarray = _note(
            user, source, client, host, link, ts, groups, self._within_s, n["keys"], n["seen"], n["name"], r["keys"],
            r["seen"], r["at"],
        )  # fmt: skip
        return found


@nb.njit(cache=True, nogil=True)
def machine_names(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """uint64[m]: hash of each text up to its first dot, whatever its case; 0 without one or for `-`."""
    out = np.zeros(len(start), np.uint64)
    for i in range(len(start)):
        value, size = np.uint64(0), 0
        for k in range(start[i], start[i] + length[i]):
            letter = data[k]
            if letter == 46:
                break
            value = mix64(value ^ np.uint64(letter + 32 if 65 <= letter <= 90 else letter))
            size += 1
        if size > 1:
            out[i] = value | np.uint64(1)
    return out


@nb.njit(cache=True, nogil=True)
def _note(user, source, client, host, link, ts, groups, within_s, keys, seen, names, r_keys, r_seen, reached):  # type: ignore[no-untyped-def]
    """Columns [m]; state [G, capacity]."""
    out = np.zeros(len(user), np.bool_)
    for i in range(len(user)):
        g = groups[i]
        if source[i] != 0 and client[i] != 0 and client[i] != host[i]:
            slot, _ = claim_slot(keys[g], seen[g], source[i], ts[i])
            names[g, slot] = client[i]
        if source[i] != 0:
            slot = find_slot(keys[g], source[i])
            if slot >= 0 and names[g, slot] != host[i]:
                at = find_slot(r_keys[g], combine(user[i], names[g, slot]))
                out[i] = at >= 0 and 0.0 <= ts[i] - reached[g, at] <= within_s
        if link[i] and host[i] != 0:
            slot, _ = claim_slot(r_keys[g], r_seen[g], combine(user[i], host[i]), ts[i])
            reached[g, slot] = ts[i]
    return out
