"""Texts told apart online: an address, a subject, a message, good or bad, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from river import base as river_base

from pipeline.errors import UsageError
from pipeline.models import text_kernels as k
from pipeline.models.base import Array, GroupState

FIRST_SQUARE = 1e-3  # AdaGrad's first sum of squares: what keeps the very first step finite
_FORMS = {"text": k.TEXT, "url": k.URL}


class TextClassifier(GroupState, river_base.Classifier):
    """Logistic regression by AdaGrad (Duchi, Hazan and Singer, JMLR 2011) over hashed n-grams, one model per group.

    Form `text`: n-grams of 1 to 4 bytes, words, pairs of words. Form `url`: n-grams apart for host, path and query,
    and the host's shape (endings, labels, digits, hyphens, consonants); scheme and `www.` are ignored. Case is ignored;
    1,024 bytes are read. Features are hashed into `2**bits` places (Weinberger et al., ICML 2009). Cost: 4 to 12 µs a
    text of 60 bytes; memory 8 bytes a place and group. Cold start: probability .5. `start`: arrays of a model trained
    before (`pipeline.models.starting`), from which every group goes on.

    A batch is bytes with spans, as `Batch.spans` gives them; one by one it is a River classifier of `{"text": …}`.

    >>> model = TextClassifier(bits=12)
    >>> for _ in range(30):
    ...     model.learn_one({"text": "win a free prize"}, True)
    ...     model.learn_one({"text": "ward round at nine"}, False)
    >>> model.predict_proba_one({"text": "claim your free prize"})[True] > 0.7
    True
    """

    def __init__(
        self,
        form: Literal["text", "url"] = "text",
        groups: int = 1,
        bits: int = 16,
        learning_rate: float = 0.3,
        start: Mapping[str, npt.ArrayLike] | None = None,
    ) -> None:
        if form not in _FORMS or groups < 1 or not 8 <= bits <= 22 or not 0 < learning_rate < 10:
            raise UsageError("a text classifier takes form text or url, groups from 1, bits 8 to 22, a rate above 0")
        self.form = form
        self.groups = groups
        self.bits = bits
        self.learning_rate = float(learning_rate)
        self.start = start
        self._build((1,))

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        size = 1 << self.bits
        arrays: dict[str, Array] = {
            "w": np.zeros(size, np.float32),
            "square": np.full(size, FIRST_SQUARE, np.float32),
            "bias": np.array([0.0, FIRST_SQUARE]),
        }
        for name, wanted in arrays.items() if self.start is not None else ():
            given = np.asarray((self.start or {}).get(name))
            if given.shape != wanted.shape or not np.isfinite(given).all():
                raise UsageError(f"the starting model's {name} does not fit {self.bits} bits")
            arrays[name] = given.astype(wanted.dtype)
        return arrays

    def _identity(self) -> tuple[Any, ...]:
        return (self.form, self.bits, self.learning_rate)

    def score_learn_many(
        self,
        data: Array,
        start: npt.ArrayLike,
        length: npt.ArrayLike,
        target: npt.ArrayLike | None = None,
        weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> Array:
        """Probability float64[n] of each text data[start:start + length] (uint8; length -1: none, NaN), in order, each
        before it is learned. `target` in [0, 1], NaN: not learned (the default); `weight` ≥ 0, 1 by default."""
        first: Array = np.require(start, np.int64, ["C", "W"])
        size: Array = np.require(length, np.int32, ["C", "W"])
        n = len(first)
        goal: Array = np.full(n, np.nan) if target is None else np.require(target, np.float64, ["C", "W"])
        much: Array = np.ones(n) if weight is None else np.require(weight, np.float64, ["C", "W"])
        if first.ndim != 1 or not size.shape == goal.shape == much.shape == first.shape:
            raise UsageError("start, length, target and weight have to be columns of equal length")
        if n and (int(first.min()) < 0 or int((first + np.maximum(size, 0)).max()) > len(data)):
            raise UsageError("a text lies outside of the data")
        out, a = np.empty(n), self._state
        k.run_texts(
            data, first, size, goal, much, self._group_column(groups, n), _FORMS[self.form], self.learning_rate,
            a["w"], a["square"], a["bias"], out,
        )  # fmt: skip
        return out

    def score_texts(self, texts: Sequence[str], target: npt.ArrayLike | None = None) -> Array:
        """`score_learn_many` of Python strings on group 0."""
        raw = [text.encode("utf-8", "surrogatepass") for text in texts]
        length = np.array([len(r) for r in raw], np.int32)
        start = np.concatenate([np.zeros(1, np.int64), np.cumsum(length, dtype=np.int64)])[:-1]
        return self.score_learn_many(np.frombuffer(b"".join(raw), np.uint8), start, length, target)

    def learn_one(self, x: Mapping[str, Any], y: bool) -> None:
        """Learn one `{"text": …}` of group 0."""
        self.score_texts([_text(x)], [float(y)])

    def predict_proba_one(self, x: Mapping[str, Any]) -> dict[bool, float]:
        """Probabilities of False and True for one `{"text": …}`, by group 0."""
        p = float(self.score_texts([_text(x)])[0])
        return {False: 1.0 - p, True: p}


def _text(x: Mapping[str, Any]) -> str:
    value = x.get("text")
    return value if isinstance(value, str) else ""
