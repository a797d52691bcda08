"""What the explainer gives: documents of the source `charts`, in the order in which they became due."""

from dataclasses import dataclass

import numpy as np

from pipeline.features.documents import Documents


@dataclass(frozen=True, slots=True)
class Judged:
    """Context as it came, claims and accesses when they are judged; in order within each key group."""

    documents: Documents
    offsets: np.ndarray
    """int64[n], log offset each document had in the topic `charts`."""
