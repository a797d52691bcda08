"""How often one association of DICOM asked for images, where a sensor tells it: thousands of questions need one
connection."""

import numba as nb
import numpy as np

from pipeline.features.batch import Batch

_WORDS = (b'"find":', b'"move":', b'"get":')
"""C-FIND, C-MOVE and C-GET of `zeek.dicom` records: what is asked for, not what is sent (store) or tried (echo)."""
_LONGEST = max(map(len, _WORDS))
_LETTERS = np.array([list(word.ljust(_LONGEST, b"\0")) for word in _WORDS], np.uint8)
_SIZES = np.array([len(word) for word in _WORDS], np.int64)
_MOST = 1e6  # of one kind in one association: more are no count


def associations(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """(rows int64[m]: records of associations; asked float64[m]: questions of each)."""
    rows = np.flatnonzero(batch.equals("name", "dicom") & batch.kind("other") & (batch.hash("src_ip") != 0))
    start, length = batch.spans("detail")
    asked = np.zeros(len(rows))
    if len(rows):
        _sum(batch.data, start[rows], length[rows], _LETTERS, _SIZES, asked)
    return rows, asked


@nb.njit(cache=True, nogil=True)
def _sum(data, start, length, letters, sizes, out):  # type: ignore[no-untyped-def]
    """Fill out float64[m]: the whole numbers behind the words, added up. data uint8[...]; start, length [m]: JSON, in
    whose values quotes are escaped; letters uint8[k, L], sizes int64[k]."""
    for i in range(len(start)):
        end = start[i] + max(length[i], 0)
        for k in range(len(sizes)):
            at = start[i]
            while at < end:
                place, found = at, 0
                while place < end and found < sizes[k]:
                    if data[place] != letters[k, found]:
                        break
                    place += 1
                    found += 1
                if found == sizes[k]:
                    number = 0.0
                    while place < end and 48 <= data[place] <= 57:
                        number = min(number * 10.0 + (data[place] - 48), _MOST)
                        place += 1
                    out[i] += number
                    break
                at += 1
