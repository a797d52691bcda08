"""Regular expressions mean what Python's mean, in linear time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.rules.linear_regex import LinearRegex, UnsupportedRegex

PATTERNS = (
    r"ab*c", r"^a.*b$", r"\bfoo\b", r"(a|b)+c", r"[^a-c]{2,3}x", r"(?i)ABc\s+d", r"a$", r"^$", r"(?m)^b$", r"\Aab\Z",
    r"\Bb", r"a?b??c+?", r"(?:x{3}|y)\d\W", r"(?s)a.b", r".b\n?$", r"", r"(a*)*b", r"[\w.]+@\S",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="abcdxy foo\nB1_.@", max_size=12))
def test_same_answers_as_re(pattern: str, text: str) -> None:
    assert LinearRegex(pattern).search(text) == bool(re.search(pattern, text))


def test_no_pattern_backtracks() -> None:
    """`re` would need longer than the universe is old."""
    assert not LinearRegex(r"(a+)+$").search("a" * 8000 + "b")
    assert not LinearRegex(r".*a.*a.*a.*a.*z").search("a" * 8000)


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(?<!a)b", r"(a)\1", r"(?:a{1000}){1000}", r"a++b"])
def test_what_no_automaton_can_do_is_refused(pattern: str) -> None:
    with pytest.raises(UnsupportedRegex):
        LinearRegex(pattern)
