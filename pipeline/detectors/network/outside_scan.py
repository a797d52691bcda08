"""Strangers try our doors all day: worth knowing, not worth an alert each."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Scores, Setup
from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.scanning import Scanning
from pipeline.features.batch import Batch

DAY_S = 86_400.0


class OutsideScan(Scanning):
    """Scans by sources outside (`network.sides.Outsiders`), told once a day and key group, whoever it was.

    An internet-facing host is scanned from everywhere at any time. What follows a scan (a logon, an answer, a
    connection back) is the business of other detectors; this one only says that it goes on, by its first example.
    """

    id = "network.outside_scan"
    title = "Scanned from outside"
    severity = 1
    entity = ("dst_ip",)
    entity_type = "ip"
    group_by = ("dst_ip",)
    attacks = ("T1595.001",)
    cost = "O(1) an unanswered flow from outside; 110 bytes a pair of source and target, 4.5 MB in all"
    misses = "Later scans of the same day and key group, slow scans, scans spread over many sources."
    defaults = {"window_s": 300.0, "ports": 15, "hosts": 30}

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._told = Sightings(setup.groups, 8)
        self._parts["told"] = self._told

    def score(self, batch: Batch) -> Scores:
        rows, evidence = self._counted(batch, outside=True)
        best = np.maximum(evidence["vertical"], evidence["horizontal"])
        values = np.full(batch.n, np.nan)
        values[rows] = best[rows]
        full = rows[best[rows] >= float(self.option.get("threshold", 0.5))]
        if len(full):
            day = (batch.ts[full] // DAY_S).astype(np.int64).astype(np.uint64) + np.uint64(1)
            _, _, told = self._told.note(day, batch.ts[full], batch.groups[full])
            values[full[told > 0]] = 0.0
        return Scores(values, evidence)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "203.0.113.7", "dst_ip": "10.0.0.20", "bytes_in": 0}
        return (
            Example("a stranger", [flow | {"ts": 100.0 + i, "dst_port": 20 + i} for i in range(20)], True),
            Example(
                "one of us",
                [flow | {"ts": 100.0 + i, "dst_port": 20 + i, "src_ip": "10.0.0.9"} for i in range(20)],
                False,
            ),
            Example(
                "strangers knock now and then",
                [flow | {"ts": 100.0 + i, "dst_port": 20 + i, "src_ip": f"203.0.113.{i}"} for i in range(60)],
                False,
            ),
        )
