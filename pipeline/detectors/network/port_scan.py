"""Somebody tries doors: many ports of one host (vertical), or one port of many hosts (horizontal)."""

from collections.abc import Sequence

import numpy as np

from pipeline.detectors.detector import Example, Scores
from pipeline.detectors.network.scanning import Scanning
from pipeline.features.batch import Batch


class PortScan(Scanning):
    """Distinct targets of a machine of ours that gave nothing back, per target host and per port.

    Only connections without an answer count (nobody there, refused, or dropped before any payload), so that busy
    clients and proxies stay quiet: a scanner is known by its failures. More hosts are asked for outside, and many
    more on the ports of everyday use. What strangers try on us is `network.outside_scan`.
    """

    id = "network.port_scan"
    title = "Port scan"
    severity = 3
    entity = ("src_ip",)
    entity_type = "ip"
    cost = "O(1) an unanswered flow; 110 bytes a pair of source and target, 4.5 MB in all"
    misses = (
        "Scans slower than a port or host every twenty seconds (network.slow_scan), scans that find every door open, "
        "and half-open scans of sensors that report an answer's packets as payload."
    )
    defaults = {"window_s": 300.0, "ports": 15, "hosts": 10}

    def score(self, batch: Batch) -> Scores:
        _, evidence = self._counted(batch, outside=False)
        best = np.maximum(evidence["vertical"], evidence["horizontal"])
        return Scores(np.where(batch.kind("flow") & (batch.hash("src_ip") != 0), best, np.nan), evidence)

    @classmethod
    def examples(cls) -> Sequence[Example]:
        flow = {"kind": "flow", "proto": "tcp", "src_ip": "10.0.0.9", "dst_ip": "10.0.0.20", "bytes_in": 0}
        answered = flow | {"bytes_in": 900}
        return (
            Example("ports of one host", [flow | {"ts": 100.0 + i, "dst_port": 20 + i} for i in range(20)], True),
            Example(
                "one port of many hosts",
                [flow | {"ts": 100.0 + i, "dst_ip": f"10.0.1.{i}", "dst_port": 445} for i in range(15)],
                True,
            ),
            Example(
                "a busy browser is answered",
                [answered | {"ts": 100.0 + i, "dst_ip": f"10.0.1.{i}", "dst_port": 443} for i in range(60)],
                False,
            ),
            Example(
                "a browser while the way to the internet is down",
                [flow | {"ts": 100.0 + i, "dst_ip": f"203.0.113.{i}", "dst_port": 443} for i in range(60)],
                False,
            ),
            Example(
                "one dead printer, again and again",
                [flow | {"ts": 100.0 + i, "dst_port": 9100} for i in range(60)],
                False,
            ),
        )
