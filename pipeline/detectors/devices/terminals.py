"""Somebody begins to work by Telnet on a machine that nobody worked on so: what still listens there is a device."""

import numpy as np

from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.network.many_ports import ManyPorts
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts, Stateful
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_kind

DOORS, PAIRS, SOURCES = 1024, 4096, 1024  # per key group
PORTS, SERVICES = (23, 2323, 513), ("telnet", "rlogin")
LEAST_BYTES, LEAST_S = 60.0, 10.0
"""Each way, and how long: who only looks what answers reads a banner and leaves."""
WATCHED_S, HOUR_S = 3 * 3600.0, 3600.0


class Terminals(InParts):
    """Sessions of Telnet and rlogin inside, whoever owns the machine. O(8) a session; 320 KB a key group.

    News is a session with a machine on which no other source of the key group worked so before, of a source that did
    not work so an hour ago and earlier, once the key group has been watched for three hours. Who tries many ports is a
    scanner.
    """

    def __init__(self, groups: int) -> None:
        self._watched, self._sources = Sightings(groups, 1), Sightings(groups, SOURCES)
        self._doors, self._pairs = Sightings(groups, DOORS), Sightings(groups, PAIRS)
        self._scanners = ManyPorts(groups)
        self._parts: dict[str, Stateful] = {
            "watched": self._watched, "sources": self._sources, "doors": self._doors, "pairs": self._pairs,
            "scanners": self._scanners,
        }  # fmt: skip

    def news(self, batch: Batch) -> np.ndarray:
        """int64[k], ascending: rows that are news. Every batch has to come by here."""
        watched_s, _, _ = self._watched.note(np.ones(batch.n, np.uint64), batch.ts, batch.groups)
        rows = np.flatnonzero(_sessions(batch))
        scans = self._scanners.mark(batch, rows)
        src, ts, groups = batch.hash("src_ip")[rows], batch.ts[rows], batch.groups[rows]
        door = combine_many(batch.hash("dst_ip")[rows], filled(batch.number("dst_port")[rows]).astype(np.uint64))
        _, _, visits = self._doors.note(door, ts, groups)
        _, _, own = self._pairs.note(combine_many(src, door), ts, groups)
        habit_s, _, _ = self._sources.note(src, ts, groups)
        new = (visits <= own) & (habit_s < HOUR_S) & (watched_s[rows] >= WATCHED_S) & ~scans
        found: np.ndarray = rows[new]
        return found


def _sessions(batch: Batch) -> np.ndarray:
    """bool[n]: somebody worked, or logged on, over Telnet or rlogin, from inside on a machine inside."""
    service = batch.hash("service")
    way = batch.is_in("service", SERVICES) | ((service == 0) & is_port(batch.number("dst_port"), PORTS))
    worked = batch.kind("flow") & (batch.number("duration_s") >= LEAST_S)
    worked &= (batch.number("bytes_in") >= LEAST_BYTES) & (batch.number("bytes_out") >= LEAST_BYTES)
    way &= worked | (batch.kind("auth") & ~batch.equals("outcome", "failure"))
    inside = (address_kind(batch, "src_ip") == INTERNAL) & (address_kind(batch, "dst_ip") == INTERNAL)
    found: np.ndarray = way & inside
    return found
