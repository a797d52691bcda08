"""Documents in one buffer are picked, joined and replaced as a list of them would be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.documents import Documents

TEXTS = st.lists(st.binary(max_size=20), max_size=8)


@given(texts=TEXTS, more=TEXTS, data=st.data())
def test_as_a_list(texts: list[bytes], more: list[bytes], data: st.DataObject) -> None:
    one, other = Documents.of(texts), Documents.of(more)
    assert list(Documents.joined([one, other])) == texts + more
    assert list(Documents.joined([])) == []
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=9)) if texts else []
    assert list(one.picked(np.array(rows, np.int64))) == [texts[row] for row in rows]
    places = sorted(set(rows))[: len(more)]
    replaced = dict(zip(places, more, strict=False))
    changed = one.replaced(np.array(places, np.int64), Documents.of(list(replaced.values())))
    assert list(changed) == [replaced.get(row, text) for row, text in enumerate(texts)]
    assert one.sizes.tolist() == [len(text) for text in texts]
