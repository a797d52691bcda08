"""Rows that teach and rows that ask, in the order of the log: whoever asks is answered by what came before."""

import numpy as np


def interleaved(taught: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows of either int64[k + m], ascending, of one row first what it teaches; bool[k + m]: which of them ask).

    taught int64[k] and asked int64[m] are ascending, so that answers keep the order of `asked`.
    """
    both = np.concatenate((taught, asked))
    order = np.argsort(both, kind="stable")
    return both[order], order >= len(taught)
