"""Which side of the sensor the two ends of a connection are on, computed once a batch for all detectors."""

from typing import ClassVar

import numpy as np

from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.features.addresses import EXTERNAL, GROUP, INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.state_parts import InParts
from pipeline.features.unknown import filled
from pipeline.features.where import address_block, address_kind

ICMP = ("icmp", "icmp6", "ipv6-icmp")
"""How sensors call it, for addresses of both kinds."""

HOME_BLOCKS = 3.0
"""Networks that a source must have contacted to count as one of ours where its address does not say so."""
STRANGERS = 4.0
"""Networks from which strangers must have called on a host to make it one that is open to the internet."""
SOURCES, DESTINATIONS = 2048, 1024  # public addresses remembered per key group
DAY_S = 86_400.0


def contacted(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: hash of what is contacted, by name where it has one."""
    host = batch.hash("host")[rows]
    return np.where(host != 0, host, batch.hash("dst_ip")[rows])


def ports(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: the destination's port, for hashes; unknown is a value of its own."""
    known: np.ndarray = filled(batch.number("dst_port")[rows], -1.0).astype(np.int64).astype(np.uint64)
    return known


def connection(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: hash of the two addresses and ports between which it is; 0 where the source's port is unknown."""
    key = combine_many(batch.hash("src_ip")[rows], batch.hash("dst_ip")[rows])
    for port in ("src_port", "dst_port"):
        key = combine_many(key, filled(batch.number(port)[rows]).astype(np.uint64))
    return np.where(batch.number("src_port")[rows] > 0, key, np.uint64(0))


def place(target: np.ndarray, port: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """uint64[m]: inside, a port is a place of its own: that others use a machine's share says nothing about its other
    doors."""
    return np.where(inside, combine_many(target, port), target)


def answered(batch: Batch) -> np.ndarray:
    """bool[n]: flows that brought payload back, or ended in order where a firewall does not say how much came."""

    def compute(b: Batch) -> np.ndarray:
        back = b.number("bytes_in")
        return b.kind("flow") & ((back > 0) | (np.isnan(back) & b.equals("conn_state", "SF")))

    found: np.ndarray = batch.shared("answered", compute)
    return found


def to_one_host(batch: Batch) -> np.ndarray:
    """bool[n]: both ends are known and the destination is no broadcast or multicast address."""

    def compute(b: Batch) -> np.ndarray:
        known = (b.hash("src_ip") != 0) & (b.hash("dst_ip") != 0)
        return known & (address_kind(b, "dst_ip") != GROUP)

    found: np.ndarray = batch.shared("to one host", compute)
    return found


class AskedOnWire:
    """What makes a detector of requests in a web server's log one of requests in the clear to addresses inside."""

    source: ClassVar[str] = "network"

    def _asked(self, batch: Batch) -> np.ndarray:
        """int64[m]: rows that are such requests."""
        rows = np.flatnonzero(batch.kind("http"))
        inside: np.ndarray = rows[address_kind(batch, "dst_ip")[rows] == INTERNAL]
        return inside


class Outsiders(InParts):
    """Tells sources that are somebody else's machine. O(8), 48 bytes a public source and destination.

    Public addresses that contact a private one are. Between two public addresses a sensor sees strangers from
    everywhere call on one of our hosts, each on few networks; our own machines contact many, and what one of them
    contacts sees callers from our network only. Hosts of one /16 are neighbours.
    """

    def __init__(self, groups: int) -> None:
        self._called = WindowedDistinct(groups, SOURCES, DAY_S, ring=4)
        self._callers = WindowedDistinct(groups, DESTINATIONS, DAY_S, ring=4)
        self._parts = {"called": self._called, "callers": self._callers}

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the rows (ascending) whose source is outside, as known with the row itself."""
        src, dst = address_kind(batch, "src_ip")[rows], address_kind(batch, "dst_ip")[rows]
        outside: np.ndarray = (src == EXTERNAL) & (dst == INTERNAL)
        own, other = address_block(batch, "src_ip")[rows], address_block(batch, "dst_ip")[rows]
        unsure = np.flatnonzero((src == EXTERNAL) & (dst == EXTERNAL) & (own != other))
        if len(unsure):
            at = rows[unsure]
            when, groups = batch.ts[at], batch.groups[at]
            called = self._called.add(batch.hash("src_ip")[at], other[unsure], when, groups)
            callers = self._callers.add(batch.hash("dst_ip")[at], own[unsure], when, groups)
            outside[unsure] = (called < HOME_BLOCKS) & (callers >= STRANGERS)
        return outside
