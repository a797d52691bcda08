"""Which machines administer: they open others over protocols of administration hour after hour."""

import numpy as np

from pipeline.detectors.memory.sightings import Sightings
from pipeline.detectors.memory.windowed_distinct import WindowedDistinct
from pipeline.detectors.network.rounds import Rounds
from pipeline.detectors.network.scanning import tries
from pipeline.detectors.network.sides import answered, to_one_host
from pipeline.features.addresses import INTERNAL
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.interleaved import interleaved
from pipeline.features.state_parts import InParts
from pipeline.features.unknown import filled, is_port
from pipeline.features.where import address_block, address_kind

PORTS = (22, 23, 135, 139, 445, 2222, 3389, 5900, 5985, 5986)
EDGES, SERVERS, SOURCES = 4096, 1024, 512  # per key group
POPULAR = 3.0  # sources of a key group that use a door: a server of the house, not a way through it
WEEK_S = 604_800.0


class Administrators(InParts):
    """Ways (source to door: machine and port) that were used, doors that several use, and who goes round by the rest.
    O(1) a way, 40 bytes each; 2 MB in all."""

    def __init__(self, groups: int) -> None:
        self._edges = Sightings(groups, EDGES)
        self._users = WindowedDistinct(groups, SERVERS, WEEK_S, ring=4)
        self._rounds = Rounds(groups, SOURCES)
        self._parts = {"edges": self._edges, "users": self._users, "rounds": self._rounds}

    def note(
        self, src: np.ndarray, door: np.ndarray, opened: np.ndarray, ts: np.ndarray, groups: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(new: a way never used to a door that few use; steady: the source administers, by the hours before this
        one), bool[m] each. src, door uint64[m]; opened bool[m]: the others only ask who the source is."""
        none = np.uint64(0)
        door = np.where(opened, door, none)
        rare = opened & (filled(self._users.add(door, src, ts, groups)) < POPULAR)
        _, _, used = self._edges.note(np.where(opened, combine_many(src, door), none), ts, groups)
        new = rare & (used == 0)
        return new, self._rounds.steady(src, rare, new, ts, groups)

    def mark(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """bool[m]: the source of each row administers, by what came before. Every batch has to come by here."""
        openings, vain = batch.shared("administration", administration)
        openings = openings[~vain]
        both, asks = interleaved(openings, rows)
        _, steady = self.note(batch.hash("src_ip")[both], doors(batch, both), ~asks, batch.ts[both], batch.groups[both])
        return steady[asks]


def doors(batch: Batch, rows: np.ndarray) -> np.ndarray:
    """uint64[m]: machine and port that each row goes to."""
    port = filled(batch.number("dst_port")[rows]).astype(np.uint64)
    return combine_many(batch.hash("dst_ip")[rows], port + np.uint64(1))


def administration(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """(rows int64[m]: contacts within the house over protocols of administration; bool[m]: which were in vain)."""
    wanted = is_port(batch.number("dst_port"), PORTS) & (batch.kind("auth", "flow") & to_one_host(batch))
    wanted &= answered(batch) | tries(batch) | (batch.kind("auth") & ~batch.equals("outcome", "failure"))
    rows = np.flatnonzero(wanted)
    inside = (address_kind(batch, "src_ip")[rows] == INTERNAL) & (address_kind(batch, "dst_ip")[rows] == INTERNAL)
    inside |= address_block(batch, "src_ip")[rows] == address_block(batch, "dst_ip")[rows]
    rows = rows[inside & (batch.hash("src_ip")[rows] != batch.hash("dst_ip")[rows])]
    return rows, tries(batch)[rows]
