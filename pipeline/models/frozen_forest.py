"""Trees that no longer learn: what a model file holds of historical data, without a row of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.errors import CheckpointError
from pipeline.models import forest_kernels as k
from pipeline.models.base import MAX_COLUMNS, Array


@dataclass(frozen=True)
class FrozenForest:
    """Arrays as `forest_kernels` describes them; `numbers` and `categories` are the columns of the rows it judges.

    Raises CheckpointError for arrays that would lead a walk outside of them, or round in circles.
    """

    nodes: Array
    cut: Array
    code: Array
    numbers: int
    categories: int

    def __post_init__(self) -> None:
        shape = self.cut.shape
        fits = (
            len(shape) == 2 and 1 <= shape[0] <= 1000 and 1 <= shape[1] <= 2**20
            and self.nodes.shape == (*shape, 3) and self.code.shape == shape
            and self.nodes.dtype == np.int32 and self.cut.dtype == np.float64 and self.code.dtype == np.uint64
            and 0 < self.numbers + self.categories <= MAX_COLUMNS and min(self.numbers, self.categories) >= 0
        )  # fmt: skip
        if not fits:
            raise CheckpointError("the trees of a model file have another form: it is of another version or damaged")
        column = self.nodes[..., k.COLUMN]
        inner = column >= 0
        here = np.broadcast_to(np.arange(shape[1]), shape)
        children = self.nodes[..., k.LOW :]
        # Children stand behind their node, so that every walk ends.
        sound = ((children > here[..., None]) & (children < shape[1])).all(axis=-1) | ~inner
        leaves = self.cut[~inner]
        if int(column.max()) >= self.numbers + self.categories or not sound.all() or np.nanmax(np.abs(leaves)) > 1.0:
            raise CheckpointError("the trees of a model file lead nowhere: it is damaged")

    def vote_many(self, X: Array, C: Array) -> Array:
        """float64[n]: how much rows look like the attacks learned, 0 to 1. X float64[n, d], C uint64[n, m]."""
        out = np.empty(len(X))
        k.vote(
            np.ascontiguousarray(X, np.float64),
            np.ascontiguousarray(C, np.uint64),
            self.nodes,
            self.cut,
            self.code,
            out,
        )
        return out
