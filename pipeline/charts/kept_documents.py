"""The documents of what waits, and carrying out what kernels say is to be done with documents."""

from collections.abc import Mapping

import numpy as np

from pipeline.charts.fields import ADD, AGAIN, FORGET, O_OFFSET, O_ROW, O_WHAT, PASS, WAIT
from pipeline.charts.splice import renamed, with_fields
from pipeline.errors import CheckpointError
from pipeline.features.batch import Batch
from pipeline.features.documents import Documents


class KeptDocuments:
    """Documents of one key group by the item that waits."""

    def __init__(self) -> None:
        self._by_item: dict[int, bytes] = {}

    @staticmethod
    def gives(out: np.ndarray) -> np.ndarray:
        """bool[m]: which outputs are a document."""
        what = out[:, O_WHAT]
        return (what != WAIT) & (what != FORGET)

    def carry_out(self, batch: Batch | None, out: np.ndarray, values: np.ndarray, refs: np.ndarray) -> Documents:
        """The documents that outputs (`fields`) give, in order; those of rows come from `batch`."""
        what = out[:, O_WHAT]
        texts: list[bytes] = []
        from_kept = np.zeros(len(out), np.bool_)
        begin, end = np.zeros(len(out), np.int64), np.zeros(len(out), np.int64)
        at = 0
        for j in np.flatnonzero(what >= WAIT).tolist():
            deed, item = int(what[j]), int(out[j, O_ROW])
            if deed == WAIT:
                # The item stands where others have the offset: both are known when it is judged.
                self._by_item[int(out[j, O_OFFSET])] = batch.document(item) if batch is not None else b""
            elif deed == FORGET:
                self._by_item.pop(item)
            else:
                text = self._by_item[item]
                texts.append(renamed(text) if deed == AGAIN else text)
                from_kept[j] = True
                begin[j], end[j] = at, at + len(texts[-1])
                at = int(end[j])
        if batch is not None:
            of_row = (what == PASS) | (what == ADD)
            row = out[of_row, O_ROW]
            begin[of_row], end[of_row] = batch.offsets[row], batch.offsets[row + 1]
        chosen = self.gives(out)
        data = batch.data if batch is not None else np.zeros(1, np.uint8)
        kept = np.frombuffer(b"".join(texts) or b" ", np.uint8)
        places = from_kept[chosen], begin[chosen], end[chosen]
        return with_fields(data, kept, places, out[chosen], values[chosen], refs)

    def state(self) -> dict[str, np.ndarray]:
        """Arrays that restore them."""
        items = sorted(self._by_item)
        texts = [self._by_item[item] for item in items]
        return {
            "documents": np.frombuffer(b"".join(texts), np.uint8).copy(),
            "document_items": np.array(items, np.int64),
            "document_sizes": np.array([len(text) for text in texts], np.int64),
        }

    @classmethod
    def loaded(cls, state: Mapping[str, np.ndarray]) -> "KeptDocuments":
        """What `state` gave. CheckpointError: it does not fit."""
        try:
            raw, items, sizes = (state[name] for name in ("documents", "document_items", "document_sizes"))
        except KeyError:
            raise CheckpointError("care state has no documents: it is of another version") from None
        if len(items) != len(sizes) or (sizes < 0).any() or int(sizes.sum()) != len(raw):
            raise CheckpointError("care state holds damaged documents: start from an older checkpoint")
        text, kept, at = raw.tobytes(), cls(), 0
        for item, size in zip(items.tolist(), sizes.tolist(), strict=True):
            kept._by_item[item] = text[at : at + size]
            at += size
        return kept
