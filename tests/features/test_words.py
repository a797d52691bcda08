"""Eight bytes at a time gives what one at a time gives, at every address and length."""

import numba as nb
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.features.hashing import hash_slice, hash_text
from pipeline.features.json_text import scan_string
from pipeline.features.words import copy_onward, load64, same_bytes, store64, trailing_zeros

_BYTES = st.binary(min_size=8, max_size=60)


@nb.njit
def _load(data: np.ndarray, at: int) -> int:
    return load64(data, at)


@nb.njit
def _store(data: np.ndarray, at: int, word: int) -> None:
    store64(data, at, word)


@nb.njit
def _zeros(word: int) -> int:
    return trailing_zeros(word)


@given(_BYTES, st.data())
def test_words_at_any_address(raw: bytes, drawn: st.DataObject) -> None:
    data = np.frombuffer(raw, np.uint8).copy()
    at = drawn.draw(st.integers(0, len(raw) - 8))
    word = drawn.draw(st.integers(1, 2**64 - 1))
    assert _load(data, at) == int.from_bytes(raw[at : at + 8], "little")
    _store(data, at, np.uint64(word))
    assert data.tobytes() == raw[:at] + word.to_bytes(8, "little") + raw[at + 8 :]
    assert _zeros(np.uint64(word)) == (word & -word).bit_length() - 1


@given(st.binary(max_size=40), st.binary(max_size=20), st.integers(0, 20))
def test_same_and_copied(first: bytes, second: bytes, slack: int) -> None:
    data = np.frombuffer(first + second + b"x", np.uint8)
    size = min(len(first), len(second))
    assert same_bytes(data, 0, data, len(first), size) == (first[:size] == second[:size])
    out = np.zeros(len(first) + slack, np.uint8)
    copy_onward(data, 0, len(first), out, 0)
    assert out[: len(first)].tobytes() == first


@given(st.binary(max_size=40), st.binary(max_size=12), st.binary(max_size=12))
def test_a_hash_is_of_the_bytes_alone(text: bytes, before: bytes, after: bytes) -> None:
    whole = np.frombuffer(before + text + after, np.uint8)
    alone = np.frombuffer(text, np.uint8)
    assert hash_slice(whole, len(before), len(text)) == hash_slice(alone, 0, len(text)) != 0
    assert hash_slice(alone, 0, len(text)) != hash_slice(np.append(alone, np.uint8(0)), 0, len(text) + 1)


def test_similar_texts_have_different_hashes() -> None:
    texts = {f"10.{a}.{b}.{c}" for a in range(4) for b in range(250) for c in range(250)} | {
        "a" * n for n in range(200)
    }
    hashes = np.fromiter(map(hash_text, sorted(texts)), np.uint64, len(texts))
    assert len(np.unique(hashes)) == len(texts)
    for shift in (0, 24, 48):  # tables use low bits, sketches middle and high ones
        counts = np.bincount((hashes >> np.uint64(shift)).astype(np.int64) & 1023, minlength=1024)
        assert 0.7 * counts.mean() < counts.min() <= counts.max() < 1.35 * counts.mean()


@given(
    st.lists(
        st.sampled_from([b"a", b"\\n", b'\\"', b"\xc3\xa9", b"\xf0\x9f\x8f\xa5", b"\x1f", b'"', b"\xff", b"z" * 9])
    )
)
def test_strings_end_where_they_end(parts: list[bytes]) -> None:
    """Against the same scan with a buffer that ends with the text, which leaves no room for words."""
    text = b"".join(parts) + b'"'
    tight = np.frombuffer(text, np.uint8)
    roomy = np.frombuffer(text + b'"' * 16, np.uint8)
    found = scan_string(roomy, 0, len(text))
    for cut in range(len(text) - 7, len(text)):
        if cut > 0 and found[0] >= cut:
            assert scan_string(roomy, 0, cut)[0] == -1
    assert found == scan_string(tight, 0, len(text))
    good = _python_end(text)
    assert found[0] == good


def _python_end(text: bytes) -> int:
    """Position of the closing quote by the rules of RFC 8259, -1 where the string is not valid."""
    i = 0
    while i < len(text):
        if text[i] == 0x22:
            try:
                text[:i].decode()
            except UnicodeDecodeError:
                return -1
            return i
        if text[i] < 0x20:
            return -1
        i += 2 if text[i] == 0x5C else 1
    return -1
