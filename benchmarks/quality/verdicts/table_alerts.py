"""Alerts of the anomaly model on a labelled table, as a worker would tell them."""

import numpy as np

from benchmarks.quality.streams import Stream
from pipeline.models.default import default_detector
from schemas.finding import Feature
from schemas.note import FindingNote

ROW_S = 10.0
"""A row every ten seconds: 8,640 a day."""
START = 1_790_000_000.0
WARM_UP = 500
SHOWN = 16
"""Features that an alert shows at most, as findings do: those furthest from their mean so far, in deviations."""


def alerts_of(stream: Stream, share: float, seed: int) -> tuple[list[FindingNote], np.ndarray]:
    """A note for each row among the highest `share` of the scores so far, and whether it was an attack.

    The model sees no label. Alerts name no entity twice: nothing but what they show tells one from another.
    """
    scores = np.nan_to_num(default_detector(seed=seed, groups=1).score_learn_many(stream.X, C=stream.C))
    rows = _highest(scores, share)
    log = np.sign(stream.X) * np.log1p(np.abs(stream.X))
    n = np.arange(1, len(log) + 1)[:, None]
    mean, square = np.cumsum(log, axis=0) / n, np.cumsum(log**2, axis=0) / n
    spread = np.sqrt(np.maximum(square - mean**2, 1e-6))
    away = np.abs(log - mean) / spread
    notes = []
    for i in rows.tolist():
        numbers = [
            Feature(
                name=f"x{j}", value=float(stream.X[i, j]), usual_low=_plain(mean[i, j] - 2 * spread[i, j]),
                usual_high=_plain(mean[i, j] + 2 * spread[i, j]),
            )
            for j in np.argsort(-away[i], kind="stable")[: SHOWN - min(stream.C.shape[1], 4)].tolist()
        ]  # fmt: skip
        words = [Feature(name=f"c{j}", value=f"{stream.C[i, j]:x}") for j in range(min(stream.C.shape[1], 4))]
        ts = START + ROW_S * i
        level = float(np.quantile(scores[max(0, i - 5000) : i], 1 - share))
        notes.append(
            FindingNote(
                alert_id=f"row-{i}", ts=ts, first_ts=ts, last_ts=ts, count=1, detector="network.flow_anomaly",
                title="Unusual flow", severity=3, source="network", entity=f"flow {i}", entity_type="flow",
                group_key=f"flow {i}", score=float(np.clip(scores[i], 0, 1)), threshold=float(np.clip(level, 0, 1)),
                message="", features=[*words, *numbers], model_version="benchmark",
            )
        )  # fmt: skip
    return notes, stream.y[rows]


def _highest(scores: np.ndarray, share: float) -> np.ndarray:
    """Rows above the quantile of the 5,000 scores before."""
    found = [
        i
        for i in range(WARM_UP, len(scores))
        if scores[i] > np.quantile(scores[max(0, i - 5000) : i], 1.0 - share, method="lower")
    ]
    return np.array(found, int)


def _plain(value: float) -> float:
    """Out of the signed logarithm."""
    return float(np.sign(value) * np.expm1(abs(value)))
