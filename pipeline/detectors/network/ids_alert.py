"""What another sensor raised (Suricata alerts, Zeek notices), told once and not a thousand times."""

from collections.abc import Mapping, Sequence

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many
from schemas.finding import Feature

CAPACITY = 8192  # pairs of signature and source per key group
WORTH = (0.6, 0.95, 0.8, 0.6, 0.4)  # severity unknown, 1 (gravest), 2, 3, 4 and above
# About the sensor or the form of packets, not about an attack: told only if a user lowers the threshold.
HOUSEKEEPING = ("Generic Protocol Command Decode", "CaptureLoss", "PacketFilter", "Weird", "Not Suspicious Traffic")


class IdsAlerts(Detector):
    """Severity of the sensor's alert, divided by how often this signature named this source lately.

    Repeats fade by half in a day. A grave alert passes for its first eight repeats, a lesser one for the first two or
    three; the others add to the alert that stands.
    """

    id = "network.ids_alert"
    title = "Alert of another sensor"
    severity = 3
    attacks = ()
    source = "network"
    entity = ("src_ip", "dst_ip")
    entity_type = "ip"
    group_by = ("signature_id", "src_ip")
    inputs = ("signature", "signature_id", "category", "severity", "src_ip", "dst_ip")
    cost = "O(1); 32 bytes a pair of signature and source"
    defaults = {"half_life_h": 24.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._seen = EntityState(setup.groups, CAPACITY, {"count": ((), np.float64), "last": ((), np.float64)})

    def score(self, batch: Batch) -> Scores:
        rows = np.flatnonzero(batch.kind("ids_alert"))
        values, repeats = np.full(batch.n, np.nan), np.zeros(batch.n)
        if len(rows):
            number, text = batch.hash("signature_id")[rows], batch.hash("signature")[rows]
            signature = np.where(number != 0, number, text) | np.uint64(1)
            key = combine_many(signature, batch.hash("src_ip")[rows] | np.uint64(1))
            a = self._seen.arrays()
            repeats[rows] = _repeats(
                key, batch.ts[rows], batch.groups[rows], a["keys"], a["seen"], a["count"], a["last"],
                float(self.option["half_life_h"]) * 3600.0,
            )  # fmt: skip
            grade = np.clip(np.nan_to_num(batch.number("severity")[rows], nan=0.0), 0, 4).astype(np.int64)
            worth = np.where(batch.is_in("category", HOUSEKEEPING)[rows], WORTH[4], np.array(WORTH)[grade])
            values[rows] = worth / (1.0 + np.log10(np.maximum(repeats[rows], 1.0)))
        return Scores(values, {"repeats": repeats})

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = batch.text("src_ip", row) or "an unknown address", batch.text("dst_ip", row)
        what = (batch.text("signature", row) or batch.text("signature_id", row) or "an alert")[:160]
        category = batch.text("category", row)
        message = f"The sensor reports for {src[:45]}" + (f" and {dst[:45]}" if dst else "") + f": {what}"
        message += f" ({category[:60]})." if category else "."
        n = float(scores.evidence["repeats"][row])
        features = [Feature(name="seen_lately", value=round(n, 1), usual_low=1)]
        return Explanation(message, "A source that no signature names.", features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._seen.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._seen.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        alert = {"kind": "ids_alert", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "signature_id": "2024897",
                 "signature": "Known command and control server", "category": "A Network Trojan was detected"}  # fmt: skip
        notice = {"kind": "ids_alert", "src_ip": "10.0.0.9", "signature_id": "SSH::Password_Guessing",
                  "signature": "10.0.0.9 appears to be guessing SSH passwords", "category": "SSH"}  # fmt: skip
        return (
            Example("a grave alert", [alert | {"ts": 1e6, "severity": 1}], True),
            Example("a notice", [notice | {"ts": 1e6}], True),
            Example(
                "an odd packet",
                [alert | {"ts": 1e6 + i, "severity": 3, "category": "Generic Protocol Command Decode"} for i in range(9)],
                False,
            ),
        )


@nb.njit(cache=True, nogil=True)
def _repeats(key, ts, groups, keys, seen, count, last, half_life_s):  # type: ignore[no-untyped-def]
    """float64[m]: decayed number of events of each key, this one included; state [G, capacity]."""
    out = np.empty(len(key))
    for i in range(len(key)):
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        if fresh:
            count[g, slot] = 0.0
            last[g, slot] = ts[i]
        age = max(ts[i] - last[g, slot], 0.0)
        count[g, slot] = count[g, slot] * 2.0 ** (-age / half_life_s) + 1.0
        last[g, slot] = max(last[g, slot], ts[i])
        out[i] = count[g, slot]
    return out
