"""Who else billed for a patient lately: only the patient's own key group sees all providers of a patient."""

from collections.abc import Mapping

import numba as nb
import numpy as np
import orjson

from pipeline.detectors.claims.chart_claims import treats
from pipeline.detectors.entity_state import EntityState
from pipeline.engine.engine import Outcome
from pipeline.errors import CheckpointError
from pipeline.features.entity_table import claim_slot

PATIENTS = 16_384  # per key group: those who were billed for least lately give way
PROVIDERS = 8  # of one patient; a stay has an emergency doctor, a ward, an operation, an anaesthetist and consultants
NAME = 40  # bytes of a provider's identifier (NPI 10, UUID 36); a longer one is nobody's partner
TOGETHER_S = 45 * 86_400.0  # what is billed so close in time can be one course of treatment

State = dict[str, np.ndarray]
_OF_ALL = ("dims", "fingerprint")


class SharedPatients:
    """Providers who treat, by patient, the last `PROVIDERS`; 470 bytes a patient, 8 MB a key group. O(8) a claim."""

    def __init__(self, groups: int) -> None:
        columns = {
            "names": ((PROVIDERS, NAME), np.uint8), "who": ((PROVIDERS,), np.uint64), "at": ((PROVIDERS,), np.float64),
        }  # fmt: skip
        self._patients = EntityState(groups, PATIENTS, columns)

    def take(self, outcome: Outcome) -> dict[int, bytes]:
        """JSON fields `partners` for claims of patients whom others billed before, by row; the claims are noted."""
        batch = outcome.batch
        who = batch.hash("provider")
        rows = np.flatnonzero(treats(batch) & (who != 0) & (batch.key_hash != 0))
        if not len(rows):
            return {}
        a = self._patients.arrays()
        start, length = batch.spans("provider")
        names, count = _note(
            batch.key_hash[rows], who[rows], batch.data, start[rows], length[rows], batch.ts[rows], batch.groups[rows],
            (a["keys"], a["seen"], a["names"], a["who"], a["at"]),
        )  # fmt: skip
        found = {}
        for k in np.flatnonzero(count).tolist():
            texts = [bytes(name).rstrip(b"\0").decode(errors="replace") for name in names[k, : count[k]]]
            found[int(rows[k])] = b',"partners":' + orjson.dumps(texts)
        return found

    def state(self, group: int) -> State:
        """Arrays that restore one key group: of its places only those in use, as most never are."""
        whole = self._patients.state(group)
        used = np.flatnonzero(whole["keys"])
        return {name: array if name in _OF_ALL else array[used] for name, array in whole.items()} | {"used": used}

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        """Put back what `state` gave; an empty state resets the group. CheckpointError when it does not fit."""
        self._patients.load(group, {})
        if not state:
            return
        whole, used = self._patients.state(group), state.get("used")
        for name in _OF_ALL:
            whole.pop(name)
        if used is None or any(len(state.get(name, ())) != len(used) for name in whole):
            raise CheckpointError("the state of shared patients is damaged or of another version: start afresh")
        if len(used) and not (used.min() >= 0 and used.max() < len(whole["keys"])):
            raise CheckpointError("the state of shared patients names places that are not there: start afresh")
        for name, array in whole.items():
            array[used] = state[name]
        self._patients.load(group, whole | {name: state[name] for name in _OF_ALL if name in state})


@nb.njit(cache=True, nogil=True)
def _note(patient, who, data, start, length, ts, groups, table):  # type: ignore[no-untyped-def]
    """(names uint8[m, PROVIDERS, NAME], how many int64[m]) of others who billed before each claim; then it is noted.

    patient, who, start, length, ts, groups [m]; data uint8; table (keys, seen [G, capacity], names
    [G, capacity, PROVIDERS, NAME], who, at [G, capacity, PROVIDERS]), at 0 where a place is free.
    """
    keys, seen, names, others, at = table
    out, count = np.zeros((len(who), PROVIDERS, NAME), np.uint8), np.zeros(len(who), np.int64)
    for i in range(len(who)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], patient[i], ts[i])
        if fresh:
            others[g, slot] = 0
            at[g, slot] = 0.0
            names[g, slot] = 0
        place = 0
        for k in range(PROVIDERS):
            if others[g, slot, k] == who[i]:
                place = k
                break
            if at[g, slot, k] < at[g, slot, place]:
                place = k
        for k in range(PROVIDERS):
            near = abs(ts[i] - at[g, slot, k]) <= TOGETHER_S
            if others[g, slot, k] != np.uint64(0) and others[g, slot, k] != who[i] and near:
                out[i, count[i]] = names[g, slot, k]
                count[i] += 1
        if length[i] > NAME:
            continue
        if others[g, slot, place] != who[i]:
            others[g, slot, place] = who[i]
            at[g, slot, place] = 0.0
            names[g, slot, place] = 0
            names[g, slot, place, : length[i]] = data[start[i] : start[i] + length[i]]
        at[g, slot, place] = max(at[g, slot, place], ts[i])
    return out, count
