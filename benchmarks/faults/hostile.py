"""Records that nobody can read, one line each, for every reader, engine and worker to survive."""

import gzip
import re
from collections.abc import Collection, Iterator
from itertools import chain

HOSTILE_LINES: tuple[bytes, ...] = (
    b"\x00" * 64,
    b"\xff\xfe\xfd\xfc",
    b"\xc3\x28 not utf-8",
    b"[" * 5000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b'{"ts":' + b"9" * 5000 + b"}",
    b'{"ts":1e999,"uid":"C1","id.orig_h":"10.0.0.1"}',
    b'{"ts":NaN}',
    b'{"ts":Infinity,"uid":"x"}',
    b'{"timestamp":"\\ud800","event_type":"flow"}',
    b'{"ts":1.5,"uid":"\\ud800","id.orig_h":"10.0.0.1"}',
    b'{"ts":-1,"uid":"C1","id.orig_h":"10.0.0.1"}',
    b'{"unfinished": "',
    b"}",
    b"<Event>",
    b"#fields",
    b"#separator \\xzz",
    b"\t|\t|\t",
    b'"',
    b"=cmd|' /C calc'!A0",
    b"Jan 99 99:99:99 host sshd[1]: Failed password for x from y port 99999999999 ssh2",
    b"<999>1 9999-99-99T99:99:99Z - - - - -",
    b'1.2.3.4 - - [99/Foo/0000:99:99:99 +9999] "GET / HTTP/1.1" 999 9',
    "\u202e\u0000\ufeff\u2028 odd characters".encode(),
)
"""One line each: every reader must turn it into an event or a dead letter, and go on."""

_LARGEST = 900_000
"""Bytes that still pass a broker with Kafka's own limit of a megabyte."""
_NUMBERS = (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1", b"9" * 5000, b"1" + b"0" * 400 + b".5", b"null", b'"7"')
_TEXTS = (b'"\\ud800"', b'"\xff\xfe"', b'"' + b"x" * 70_000 + b'"', b"[" * 5000, b'{"a":1}', b'"\\u0000"', b"(a+)+$")


def hostile_variants(event: bytes, keys: Collection[str]) -> Iterator[bytes]:
    """One event of ours, made hostile in every way that concerns its form: wrong numbers, texts, sizes, encodings.

    Fields among `keys` stay: with another key it would belong on another partition. Each is an event of its own.
    """
    forms = chain(_odd_fields(event, keys), _odd_forms(event))
    for number, variant in enumerate(forms):
        yield variant.replace(b'"event_id":"', b'"event_id":"v%d-' % number)


def _odd_fields(event: bytes, keys: Collection[str]) -> Iterator[bytes]:
    for place in re.finditer(rb'"(\w+)":(-?\d[\d.eE+-]*|"[^"]*")', event):
        if place[1].decode() in keys:
            continue
        odd = _TEXTS if place[2].startswith(b'"') else _NUMBERS
        yield event[: place.start(2)] + odd[place.start() % len(odd)] + event[place.end() :]


def _odd_forms(event: bytes) -> Iterator[bytes]:
    yield event[: len(event) // 2]
    yield event + event
    yield event.replace(b"{", b'{"unknown":' + b"[" * 3000 + b"]" * 3000 + b",", 1)
    yield event.replace(b"{", b"{" + event[1:-1] + b",", 1)  # every field twice
    yield event[:-1] + b',"padding":"' + b"p" * _LARGEST + b'"}'
    yield gzip.compress(event[:-1] + b" " * (10 << 20) + b"}", mtime=0)  # ten megabytes once unpacked
    yield event.decode().encode("utf-16")
