"""Where the two ends of a network event are, computed once a batch for all detectors."""

import numpy as np

from pipeline.features.addresses import EXTERNAL, INTERNAL, kinds_and_blocks
from pipeline.features.batch import Batch

_ENDS = ("src_ip", "dst_ip")


def address_kind(batch: Batch, name: str) -> np.ndarray:
    """int8[n]: where the address in this field belongs (`pipeline.features.addresses`).

    Two ends in one public network (/16, IPv6 /32) are inside, as they are in a house that has a network of its own:
    what passes between two machines of a stranger's network passes no sensor of ours.
    """
    kind = _known(batch, name)[0]
    if name not in _ENDS:
        return kind
    found: np.ndarray = np.where(batch.shared("own network", _own), np.int8(INTERNAL), kind)
    return found


def address_block(batch: Batch, name: str) -> np.ndarray:
    """uint64[n]: hash of the address's network (/16, IPv6 /32), 0 where unknown."""
    return _known(batch, name)[1]


def _own(batch: Batch) -> np.ndarray:
    """bool[n]: both ends are public, and of one network."""
    (src, own), (dst, other) = (_known(batch, name) for name in _ENDS)
    found: np.ndarray = (src == EXTERNAL) & (dst == EXTERNAL) & (own == other)
    return found


def _known(batch: Batch, name: str) -> tuple[np.ndarray, np.ndarray]:
    found: tuple[np.ndarray, np.ndarray] = batch.shared(
        f"kind and block of {name}", lambda b: kinds_and_blocks(b.data, *b.spans(name), b.hash(name))
    )
    return found
