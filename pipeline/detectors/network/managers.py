"""Which machines manage others, or hold their directory: many hosts call them on the ports of such services."""

import numpy as np

from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.batch import Batch
from pipeline.features.interleaved import interleaved
from pipeline.features.unknown import filled, is_port

WEEK_S = 604_800.0
CLIENTS = 3.0
"""Hosts of a key group that report to a machine before it counts as a manager: an intruder's machine has none."""
# WSUS, Configuration Manager, BigFix, Ivanti, Puppet, Salt, Kaspersky and Sophos consoles, by their makers' manuals.
UPDATES = (8530, 8531, 10123, 52311, 9593, 9594, 9595, 8140, 4505, 4506, 13000, 14000, 8192, 8194)
REPORTS = ("CCM_POST", "BITS_POST")
"""Methods of HTTP by which clients of Configuration Manager report to it, on whatever port; browsers have none such."""
DIRECTORY = (88, 389, 464, 636, 3268, 3269)
"""Kerberos and LDAP, the global catalogue's, too: domain controllers."""


class Managers(WindowedDistinct):
    """Hosts that lately reported to a machine, up to four. O(4) such a flow, 48 bytes a machine, 64 a key group."""

    def __init__(self, groups: int, ports: tuple[int, ...] = UPDATES, methods: tuple[str, ...] = REPORTS) -> None:
        super().__init__(groups, 64, WEEK_S, 4)
        self._ports, self._methods = ports, methods

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the source of each row is a manager by what came before. Every batch has to come by here."""
        calls = batch.shared(f"calls of {self._ports} {self._methods}", self._calls)
        both, asks = interleaved(calls, rows)
        src, none = batch.hash("src_ip")[both], np.uint64(0)
        key = np.where(asks, src, batch.hash("dst_ip")[both])
        found = self.add(key, np.where(asks, none, src), batch.ts[both], batch.groups[both])
        return filled(found[asks]) >= CLIENTS

    def _calls(self, batch: Batch) -> np.ndarray:
        answered = is_port(batch.number("dst_port"), self._ports) & batch.kind("flow") & (batch.number("bytes_in") > 0)
        return np.flatnonzero(answered | (batch.kind("http") & batch.is_in("method", self._methods)))
