"""Data leave by a ramp: a little more every hour, so that no norm that follows ever finds it unusual."""

import math
from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Detector, Example, Explanation, Scores, Setup
from pipeline.detectors.explaining import odds_of, size_of
from pipeline.detectors.memory.slow_reference import DAY_S, SlowReference
from pipeline.detectors.network.uploads import Uploads
from pipeline.features.batch import Batch
from pipeline.features.naming import named
from pipeline.features.state_parts import Stateful
from schemas.finding import Feature

SOURCES = 2048  # per key group


class CreepingUpload(Detector):
    """Bytes a machine uploads in a day, all destinations together, against a reference of its own earlier days that
    moves by 3 % a day at most. Found is what reached at least four times that without a leap: leaps are the business
    of `network.exfiltration`, and a level that one left behind is accepted, as is what was told for three days.
    """

    id = "network.creeping_upload"
    title = "Uploads creep up"
    severity = 3
    attacks = ("T1030", "T1029", "T1041")
    source = "network"
    entity = ("src_ip",)
    entity_type = "ip"
    inputs = ("src_ip", "dst_ip", "bytes_out", "bytes_in")
    cost = "O(1) an upload; 150 bytes a source that uploads, 2.5 MB in all"
    misses = (
        "Growth of less than 3 % a day, which is how hospitals grow; the first week of a machine; less than `least_mb` "
        "a day; machines whose days differ a thousandfold anyway."
    )
    defaults = {"least_mb": 50.0}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._days = SlowReference(setup.groups, SOURCES, 1e6 * float(self.option["least_mb"]))
        self._uploads = Uploads(setup.groups)
        self._parts: dict[str, Stateful] = {"days": self._days, "uploads": self._uploads}

    def score(self, batch: Batch) -> Scores:
        rows = self._uploads.rows(batch)
        values = np.full(batch.n, np.nan)
        evidence = {name: np.zeros(batch.n) for name in ("usual", "limit", "sent")}
        if len(rows):
            score, *told = self._days.add(
                batch.hash("src_ip")[rows], batch.number("bytes_out")[rows], batch.ts[rows], batch.groups[rows]
            )
            values[rows] = score
            for name, column in zip(evidence, told, strict=True):
                evidence[name][rows] = column
        return Scores(values, evidence)

    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        usual, limit, sent = (float(scores.evidence[name][row]) for name in ("usual", "limit", "sent"))
        message = (
            f"{named(batch, row, 'src_ip')} has uploaded {size_of(sent)} today; its days were {size_of(usual)} before"
            " it began to send more and more."
        )
        # Half at what is too much, and twice the logarithm from there on (`SlowReference`).
        less = math.expm1(math.log1p(limit) + 0.5 * math.log(odds_of(self.limit(scores, row))))
        feature = Feature(
            name="bytes_out_1d", value=sent, unit="B", usual_low=0, usual_high=round(less), contribution=1.0
        )
        return Explanation(message, f"Less than {size_of(less)} a day.", [feature])

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "203.0.113.9", "dst_port": 443,
                "bytes_in": 9000}  # fmt: skip

        def days(first: int, last: int, grows: float, start: float = 0.0) -> list[dict[str, object]]:
            """Six uploads a day of 5 MB; from `start` days on times `grows` a day."""
            return [
                flow | {"ts": DAY_S * (d + h / 6), "bytes_out": round(5e6 * grows ** max(d + h / 6 - start, 0.0))}
                for d in range(first, last)
                for h in range(6)
            ]

        leap = [flow | {"ts": e["ts"], "bytes_out": 400_000_000} for e in days(12, 20, 1.0)]
        return (
            Example("5 % more an hour, for three days", days(0, 13, 1.05**24, 10.0), True),
            Example("the uploads of every day", days(0, 20, 1.0), False),
            Example("a hospital that grows by a third in two weeks", days(0, 30, 1.02, 10.0), False),
            Example("a leap is not a ramp", [*days(0, 12, 1.0), *leap], False),
        )
