"""Notices when a detector's scores drift, for every key group, at a few nanoseconds a score."""

from typing import Any

import numpy as np

from pipeline.learning import drift_kernels as k
from pipeline.learning.drift import HOUR_S, Drift
from pipeline.models.base import Array, GroupState


class DriftMonitor(GroupState):
    """ADWIN over hourly units of the scores of some detectors.

    A unit is an hour of event time with at least 30 scores; it is seen as its mean and as the share of scores that are
    as high as the usual highest 5 %. Hospitals breathe: each is compared with the same hour of earlier weeks, in units
    of its usual spread, so that nights and weekends are no drift. The window is kept whole (128 units), so that its
    state is plain numbers and every split is tried. An alarm needs a day of units, half a day of it changed, and at
    least one standard deviation between; at most one a detector, key group and day. Cold start: each hour of the week
    has to be seen once before its units count. State: 5.4 KiB a detector and key group.

    Bifet and Gavalda, Learning from Time-Changing Data with Adaptive Windowing, SDM 2007.
    """

    def __init__(self, source: str, detectors: tuple[str, ...], groups: int) -> None:
        self.source = source
        self.detectors = detectors
        self.groups = groups
        self._bins, self._means = k.score_bins(), k.bin_means()
        self._alarms = np.zeros((0, k.ALARM))
        self._build((max(len(detectors), 1),))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        (d,) = dims
        return {
            "hist": np.zeros((d, k.BINS), np.uint32),
            "usual": np.zeros((d, k.BINS)),
            "num": np.zeros((d, k.SCALARS)),
            "ring": np.zeros((d, k.RING, k.UNIT), np.float32),
            "slots": np.zeros((d, k.SLOTS, k.SLOT), np.float32),
        }

    def _identity(self) -> tuple[Any, ...]:
        return (self.detectors,)

    def hours(self, ts: Array) -> Array:
        """int64[n]: what `note` wants, computed once for all detectors; unknown times are hour 0."""
        return np.nan_to_num(ts // HOUR_S, nan=0.0, posinf=0.0, neginf=0.0).astype(np.int64)

    def note(self, d: int, scores: Array, hours: Array, groups: Array) -> list[Drift]:
        """Take the scores of the d-th detector, in log order, and tell what they give away."""
        a = self._state
        most = len(scores) // k.APART_EVENTS + self.groups + 1
        if len(self._alarms) < most:
            self._alarms = np.zeros((most, k.ALARM))
        told = k.note(
            scores, hours, groups, self._bins, self._means, a["hist"], a["usual"], a["num"], a["ring"], a["slots"], d,
            self._alarms,
        )  # fmt: skip
        return [self._drift(d, self._alarms[j], hours) for j in range(told)]

    def found(self, d: int, groups: Array) -> None:
        """So many findings of the d-th detector more, by their key groups."""
        np.add.at(self._state["num"][:, d, k.FOUND], groups, 1.0)

    def restart(self, group: int, detector: str) -> None:
        """Another instance speaks from now on: what was usual of the old one's scores says nothing of it."""
        d = self.detectors.index(detector)
        for name, array in self._state.items():
            kept = array[group, d, [k.SCORED, k.FOUND, k.ALARMS]].copy() if name == "num" else None
            array[group, d] = self._template[name][d]
            if kept is not None:
                array[group, d, [k.SCORED, k.FOUND, k.ALARMS]] = kept

    def counts(self, group: int) -> dict[str, tuple[int, int, int]]:
        """Scores, findings and alarms of each detector since the key group began."""
        counts = self._state["num"][group][:, [k.SCORED, k.FOUND, k.ALARMS]].astype(np.int64).tolist()
        return {name: (a, b, c) for name, (a, b, c) in zip(self.detectors, counts, strict=False)}

    def latest_ts(self, group: int) -> float:
        """Begin of the latest hour of event time that brought a score; 0 before the first."""
        return float(self._state["num"][group, :, k.HOUR].max() * HOUR_S)

    def _drift(self, d: int, alarm: Array, hours: Array) -> Drift:
        return Drift(
            detector=self.detectors[d],
            source=self.source,
            group=int(alarm[k.GROUP]),
            ts=float(hours[int(alarm[k.ROW])] * HOUR_S),
            since_ts=float(alarm[k.SINCE_H]) * HOUR_S,
            mean_before=float(alarm[k.MEAN_WAS]),
            mean_after=float(alarm[k.MEAN_IS]),
            top_before=float(alarm[k.TOP_WAS]),
            top_after=float(alarm[k.TOP_IS]),
            by="top" if alarm[k.BY_TOP] else "mean",
        )
