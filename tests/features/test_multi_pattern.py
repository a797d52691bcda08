"""The automaton finds exactly the terms that are there."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.features.multi_pattern import BEGIN, END, automaton, find_terms, normalise

words = st.text("ab -/^\\", min_size=1, max_size=5).filter(lambda t: normalise(t) != b"")
texts = st.lists(st.text('abAB "-/^\t\\\n', max_size=30), max_size=5)


def _found(terms: list[str], texts: list[str], *, escaped: bool = False) -> list[list[bool]]:
    a = automaton(terms)
    raw = [t.encode() for t in texts]
    ends = np.cumsum([0, *map(len, raw)])
    data = np.frombuffer(b"".join(raw) + b"\x00", np.uint8)
    found = np.zeros((len(raw), 2), np.uint64)
    length = np.diff(ends).astype(np.int32)
    find_terms(data, ends[:-1], length, a.columns, a.goto, a.quiet, a.first, a.bits, escaped, found)
    return [[bool(int(found[i, k >> 6]) >> (k & 63) & 1) for k in range(len(terms))] for i in range(len(raw))]


@settings(max_examples=150, deadline=None)
@given(st.lists(words, min_size=1, max_size=80, unique=True), texts)
def test_found_is_contained(terms: list[str], texts: list[str]) -> None:
    for text, row in zip(texts, _found(terms, texts), strict=True):
        assert row == [normalise(term) in normalise(text) for term in terms]


@settings(max_examples=60, deadline=None)
@given(st.lists(words, min_size=1, max_size=20, unique=True), texts)
def test_escapes_of_json_do_not_matter(terms: list[str], texts: list[str]) -> None:
    inside = [json.dumps(t)[1:-1] for t in texts]
    assert _found(terms, inside, escaped=True) == _found(terms, texts)


def test_anchors() -> None:
    terms = [BEGIN + "cmd", "cmd.exe" + END, BEGIN + "cmd" + END]
    assert _found(terms, ["CMD", "cmd.exe", "my cmd.exe", "cmd.exe x"]) == [
        [True, False, True], [True, True, False], [False, True, False], [True, False, False],
    ]  # fmt: skip


def test_an_empty_term_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        automaton(["a", BEGIN + '"' + END])


def test_every_term_has_its_number() -> None:
    with pytest.raises(ValueError, match="1 numbers for 2 terms"):
        automaton(["a", "b"], [7])
