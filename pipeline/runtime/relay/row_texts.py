"""Texts by row of a batch, as a mapping and as columns: most rows of a chunk may have one."""

from collections.abc import Iterator, Mapping

import numpy as np

from pipeline.features.documents import Documents


class RowTexts(Mapping[int, bytes]):
    """Row → JSON fields (`,"a":1`)."""

    def __init__(self, rows: np.ndarray, texts: Documents) -> None:
        """`rows` int64[m] ascending, `texts` m."""
        self.rows = rows
        self.texts = texts

    @classmethod
    def of(cls, mapping: Mapping[int, bytes]) -> "RowTexts":
        """The same in this form."""
        if isinstance(mapping, RowTexts):
            return mapping
        rows = np.array(sorted(mapping), np.int64)
        return cls(rows, Documents.of([mapping[row] for row in rows.tolist()]))

    def among(self, rows: np.ndarray) -> Documents:
        """The text of each of `rows` (int64[k] ascending), empty where there is none."""
        place = np.searchsorted(self.rows, rows)
        known = place < len(self.rows)
        known[known] = self.rows[place[known]] == rows[known]
        begin, end = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        begin[known], end[known] = self.texts.bounds[place[known]], self.texts.bounds[place[known] + 1]
        return Documents.cut(self.texts.data, begin, end)

    def with_more(self, others: Mapping[int, bytes]) -> "RowTexts":
        """These texts, with those of `others` at the end of the rows that both have."""
        place = np.flatnonzero(np.isin(self.rows, np.fromiter(others, np.int64, len(others))))
        both = [self.texts[at] + others[row] for at, row in zip(place.tolist(), self.rows[place].tolist(), strict=True)]
        return RowTexts(self.rows, self.texts.replaced(place, Documents.of(both))) if both else self

    def __getitem__(self, row: int) -> bytes:
        place = int(np.searchsorted(self.rows, row))
        if place == len(self.rows) or self.rows[place] != row:
            raise KeyError(row)
        return self.texts[place]

    def __iter__(self) -> Iterator[int]:
        return iter(self.rows.tolist())

    def __len__(self) -> int:
        return len(self.rows)
