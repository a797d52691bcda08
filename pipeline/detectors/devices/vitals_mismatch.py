"""Vital signs that jump while their packets are held back: somebody in between reads, and perhaps rewrites, them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numba as nb
import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.entity_state import EntityState
from pipeline.detectors.explaining import nearest
from pipeline.features.batch import Batch
from pipeline.features.entity_table import claim_slot
from pipeline.features.hashing import combine_many
from pipeline.features.naming import named
from schemas.finding import Feature

MONITORS = 512  # pairs of monitor and receiver, per key group
VITALS = ("temperature_c", "spo2", "pulse_rate", "heart_rate", "respiratory_rate", "systolic", "diastolic")
LEARN = 50.0  # readings before an opinion
FORGET = 0.001  # of the norm, with each reading: a patient's day, at a reading every minute or less
SMOOTH = 0.3  # of the newest reading: an attack lasts for several, a cough for one
JUMPS = 0.3  # weight of the jumps beside the delay: patients move, wires do not
MOST = 6.0  # deviations one channel may claim
FLOOR = 0.01
SEEN, EXCESS = 0, 1
_CHANNELS = len(VITALS) + 1
_SIZE = 2 + len(VITALS) + 2 * _CHANNELS


class VitalsMismatch(Detector):
    """Delay of the answering side's packets (log) and steps of vital signs (log), against the monitor's own norm.

    Deviations, delay upwards only, are summed with weights 1 and 0.3 and smoothed over a few readings; score .5 at
    `deviations` of them. Where no gaps between packets are given, the connection's duration stands for them. Events
    of kind `vitals` (see infra/mappings/wustl_ehms.yaml). No opinion for the first fifty readings.
    """

    id = "devices.vitals_mismatch"
    title = "Vital signs and traffic out of step"
    severity = 5
    attacks = ("T1557", "T1565.002")
    source = "network"
    entity = ("src_ip", "src_mac")
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "duration_s", "gap_in_s", *VITALS)
    cost = "O(8) a reading; 512 monitors of 220 bytes a key group"
    reference = "Hady et al., Intrusion Detection System for Healthcare Systems Using Medical and Network Data, 2020"
    misses = (
        "An eavesdropper who adds no delay (half of WUSTL-EHMS's spoofing), slow drift of forged values, and whoever "
        "sits on the path from the first reading on."
    )
    defaults = {"deviations": 3.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._norms = EntityState(setup.groups, MONITORS, {"norm": ((_SIZE,), np.float64)})

    def score(self, batch: Batch) -> Scores:
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("excess", "times", "jump")}
        rows = np.flatnonzero(batch.kind("vitals") & (batch.hash("src_ip") != 0))
        if not len(rows):
            return Scores(values, evidence)
        gap, whole = batch.number("gap_in_s")[rows], batch.number("duration_s")[rows]
        delay = np.log(np.maximum(np.where(gap > 0, gap, whole), 1e-6))
        readings = np.stack([batch.number(name)[rows] for name in VITALS], axis=1)
        dst = np.maximum(batch.hash("dst_ip")[rows], np.uint64(1))
        a = self._norms.arrays()
        out = _read(
            combine_many(batch.hash("src_ip")[rows], dst), delay, readings, batch.ts[rows], batch.groups[rows],
            a["keys"], a["seen"], a["norm"],
        )  # fmt: skip
        values[rows] = out[:, 0] / (out[:, 0] + float(self.option["deviations"]))
        evidence["excess"][rows] = np.nan_to_num(out[:, 0])
        evidence["times"][rows] = np.exp(np.clip(np.nan_to_num(out[:, 1]), -20.0, 20.0))
        evidence["jump"][rows] = np.nan_to_num(out[:, 2], nan=-1.0)
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        src, dst = named(batch, row, "src_ip", "src_mac"), named(batch, row, "dst_ip")
        times, jump = float(scores.evidence["times"][row]), int(scores.evidence["jump"][row])
        sign = f"; the {VITALS[jump].replace('_c', '').replace('_', ' ')} steps as it never does" if jump >= 0 else ""
        excess = float(scores.evidence["excess"][row])
        less = nearest(excess, float(scores.values[row]), self.limit(scores, row))
        features = [
            Feature(
                name="deviation_of_the_last_readings",
                value=round(excess, 2),
                usual_low=0,
                usual_high=round(less, 2),
                contribution=1.0,
            ),
            Feature(name="delay", value=round(times, 2), unit="times usual", usual_high=2, contribution=0.0),
        ]
        normal = f"Delays and steps that deviate less than {less / max(excess, 1e-9):.0%} as much as these did."
        message = (
            f"Readings of {src} for {dst} take {times:.1f} times as long as usual{sign}: as if they passed through "
            "somebody's hands."
        )
        return Explanation(message, normal, features)

    def state(self, group: int) -> dict[str, np.ndarray]:
        return self._norms.state(group)

    def load(self, group: int, state: Mapping[str, np.ndarray]) -> None:
        self._norms.load(group, state)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        reading: dict[str, Any] = {"kind": "vitals", "src_ip": "10.4.1.9", "dst_ip": "10.1.0.5", "spo2": 97}
        usual = [
            reading | {"ts": 1e6 + 10.0 * i, "gap_in_s": 0.004 + 0.0005 * (i % 4), "pulse_rate": 80 + i // 3 % 4}
            for i in range(120)
        ]
        held = [
            u | {"ts": u["ts"] + 1200, "gap_in_s": 0.05, "pulse_rate": 80 + 15 * (i % 2)}
            for i, u in enumerate(usual[:12])
        ]
        return (
            Example("held back and altered", [*usual, *held], True),
            Example("one slow reading", [*usual, held[0], *(u | {"ts": u["ts"] + 1300} for u in usual[:9])], False),
            Example("a quicker pulse", [*usual, *(u | {"ts": u["ts"] + 1200, "pulse_rate": 95} for u in usual)], False),
            Example("not known yet", held, False),
        )


@nb.njit(cache=True, nogil=True)
def _deviation(norm, channel, x):  # type: ignore[no-untyped-def]
    """Deviations of `x` above the mean of one channel of norm [_SIZE], learned afterwards; 0 where unknown."""
    if x != x:
        return 0.0
    m = 2 + _CHANNELS - 1 + 2 * channel
    if norm[SEEN] == 0.0:
        norm[m], norm[m + 1] = x, 0.05
    width = np.sqrt(norm[m + 1] + FLOOR * FLOOR)
    z = min(max((x - norm[m]) / width, -MOST), MOST)
    step = max(FORGET, 1.0 / (norm[SEEN] + 1.0))
    delta = x - norm[m]
    if norm[SEEN] > LEARN:
        delta = min(max(delta, -3.0 * width), 3.0 * width)
    norm[m] += step * delta
    norm[m + 1] = (1.0 - step) * (norm[m + 1] + step * delta * delta)
    return max(z, 0.0)


@nb.njit(cache=True, nogil=True)
def _read(key, delay, readings, ts, groups, keys, seen, norms):  # type: ignore[no-untyped-def]
    """float64[m, 3]: smoothed excess (NaN while learning), log of the delay over its usual, vital that jumps or NaN.

    Columns [m], readings [m, 7]; state keys, seen [G, capacity], norms [G, capacity, _SIZE]: readings seen, excess,
    last value of each vital, mean and variance of each channel (delay last).
    """
    out = np.full((len(key), 3), np.nan)
    vitals = readings.shape[1]
    for i in range(len(key)):
        if key[i] == 0:
            continue
        g = groups[i]
        slot, fresh = claim_slot(keys[g], seen[g], key[i], ts[i])
        norm = norms[g, slot]
        if fresh:
            norm[:] = 0.0
            norm[2 : 2 + vitals] = np.nan
        usual = norm[2 + _CHANNELS - 1 + 2 * vitals]
        jumps, worst, given = 0.0, 2.0, 0
        for v in range(vitals):
            x = np.log1p(abs(readings[i, v] - norm[2 + v]))
            if x == x:
                z = _deviation(norm, v, x)
                jumps += z
                given += 1
                if z > worst:
                    worst, out[i, 2] = z, v
            if readings[i, v] == readings[i, v]:
                norm[2 + v] = readings[i, v]
        excess = _deviation(norm, vitals, delay[i]) + JUMPS * jumps / max(given, 1)
        norm[EXCESS] += SMOOTH * (excess - norm[EXCESS])
        if norm[SEEN] >= LEARN:
            out[i, 0], out[i, 1] = norm[EXCESS], delay[i] - usual
        norm[SEEN] += 1.0
    return out
