"""Segments are read in the order in which they were sent, whatever order, repetition or loss they came in."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from captured import Talk, pcap
from hypothesis import given, settings
from hypothesis import strategies as st
from ingested import events

from pipeline.ingest.packets.stream import MOST_BYTES, MOST_SEGMENTS, Piece, Room, Stream

WRAP = 1 << 32
SAID = bytes(range(251)) * 2


def _joined(pieces: Sequence[Piece]) -> bytes:
    """With a dot for each byte that is missing."""
    return b"".join(b"." * missed + payload for missed, payload in pieces)


@settings(max_examples=300, deadline=None)
@given(
    begin=st.integers(0, WRAP - 1),
    cuts=st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), max_size=40),
    order=st.randoms(use_true_random=False),
)
def test_any_order_says_the_same(begin: int, cuts: list[tuple[int, int]], order) -> None:  # type: ignore[no-untyped-def]
    room = Room()
    stream = Stream(room)
    stream.begin(begin)
    sent = [(at, SAID[at : at + 50]) for at in range(0, len(SAID), 50)]
    sent += [(at, SAID[at : at + size]) for at, size in cuts]
    order.shuffle(sent)
    pieces: list[Piece] = []
    for at, payload in sent:
        pieces += stream.take((begin + at) % WRAP, payload, len(payload))
    assert _joined([*pieces, *stream.end()]) == SAID
    assert stream.bytes == len(SAID) and not stream.waits and room.left == Room().left


@settings(max_examples=300, deadline=None)
@given(
    segments=st.lists(
        st.tuples(st.integers(0, WRAP - 1), st.binary(max_size=40), st.integers(0, 40)), min_size=1, max_size=300
    ),
    acks=st.lists(st.integers(0, WRAP - 1), max_size=5),
)
def test_no_numbers_make_it_grow(segments: list[tuple[int, bytes, int]], acks: list[int]) -> None:
    room = Room(2000)
    stream = Stream(room)
    given_, told = 0, 0
    for number, payload, cut in segments:
        told += sum(len(p) for _, p in stream.take(number, payload, len(payload) + cut))
        given_ += len(payload)
        assert room.left >= 0
    for ack in acks:
        told += sum(len(p) for _, p in stream.received(ack))
    told += sum(len(p) for _, p in stream.end())
    assert told <= given_ and not stream.waits and room.left == 2000


def test_what_the_other_end_has_and_the_capture_has_not_is_a_hole() -> None:
    stream = Stream(Room())
    assert _joined(stream.take(100, b"one", 3)) == b"one"
    assert not stream.take(107, b"three", 5) and stream.waits
    assert not stream.received(103), "the other end waits for the same"
    assert list(stream.received(112)) == [(4, b"three")]
    assert not stream.take(103, b"late", 4), "told as missing"
    assert stream.bytes == 8


def test_a_hole_is_given_up_when_too_much_waits() -> None:
    for size, most in ((1, MOST_SEGMENTS), (3000, MOST_BYTES // 3000)):
        stream = Stream(Room())
        stream.begin(0)
        waited = 0
        while not (pieces := stream.take(10 + size * waited, b"x" * size, size)):
            waited += 1
        assert waited == most and pieces[0][0] == 10 and len(pieces) == most + 1


def test_what_was_captured_in_part_has_holes() -> None:
    stream = Stream(Room())
    assert list(stream.take(7, b"abc", 10)) == [(0, b"abc")]
    assert list(stream.take(17, b"def", 3)) == [(7, b"def")]
    assert stream.bytes == 13


@pytest.mark.parametrize(
    ("port", "words", "service"),
    [
        (8_081, b"GET /in HTTP/1.1\r\n\r\n", "http"), (22, b"SSH-2.0-x\r\n", "ssh"),
        (2_575, b"\x0bMSH|^~\\&|A|\r", "hl7"), (445, b"\0\0\0\x40\xfeSMB" + bytes(60), "smb"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 3])
def test_words_that_come_byte_by_byte_are_known(
    tmp_path: Path, port: int, words: bytes, service: str, size: int
) -> None:
    talk = Talk(server=("10.0.0.60", port)).begin()
    for at in range(0, len(words), size):
        talk.send(words[at : at + size])
    assert events(tmp_path, "x.pcap", pcap(talk.finish().frames))[-1]["service"] == service


def test_what_is_missing_is_no_part_of_the_first_words(tmp_path: Path) -> None:
    talk = Talk(server=("10.0.0.60", 8_081)).begin().send(b"GE")
    talk.seq[True] += 7
    found = events(tmp_path, "x.pcap", pcap(talk.send(b"T / HTTP/1.1\r\n\r\n").finish().frames))
    assert [e["kind"] for e in found] == ["flow"]
