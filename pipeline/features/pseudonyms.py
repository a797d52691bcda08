"""Patient identifiers become keyed pseudonyms before anything is scored, stored or told."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import orjson
from pydantic_core import from_json, to_json

from pipeline.features import pseudonym_kernel as kernel
from pipeline.features.documents import Documents
from pipeline.features.words import SLACK
from schemas.sources import SOURCES

PREFIX = "p~"
_LONG = 5
"""Shorter identifiers also stand in dates, addresses and names of machines, and are replaced as whole values only."""
_CACHE = 262_144  # identifiers remembered: a large hospital's active patients, about 50 MB


_REFERENCE = b"Patient/"
_BLOCK = 64  # bytes of SHA-256
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _LETTERS for other in _LETTERS]


def _base32(digest: bytes) -> str:
    """The first 100 bits in letters of RFC 4648, two at a time: the library's own takes a third of all that is done
    for an access to a new patient's chart."""
    n, p = int.from_bytes(digest[:13], "big") >> 4, _PAIRS
    high, low = n >> 50, n & (1 << 50) - 1
    return (
        f"{p[high >> 40]}{p[high >> 30 & 1023]}{p[high >> 20 & 1023]}{p[high >> 10 & 1023]}{p[high & 1023]}"
        f"{p[low >> 40]}{p[low >> 30 & 1023]}{p[low >> 20 & 1023]}{p[low >> 10 & 1023]}{p[low & 1023]}"
    )


def _padded(key: bytes, byte: int) -> bytes:
    """What HMAC (RFC 2104) begins with: hashed once a key, which takes two thirds off each code."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(b ^ byte for b in block)


class Pseudonymiser:
    """HMAC-SHA-256 of the identifier under the hospital's key, 100 bits of it in base 32.

    The same identifier gives the same pseudonym everywhere the key is the same, so that records still join; without
    the key it cannot be turned back or guessed from a list of identifiers. Applying it twice changes nothing.
    """

    def __init__(self, key: bytes) -> None:
        pads = [_padded(key, byte) for byte in (0x36, 0x5C)]
        self._inner, self._outer = map(hashlib.sha256, pads)
        self._keys = np.stack([kernel.begun(np.frombuffer(pad, np.uint8)) for pad in pads])
        self.of = lru_cache(_CACHE)(self._pseudonym)
        self._of_bytes = lru_cache(_CACHE)(self._bytes)

    def _pseudonym(self, identifier: str) -> str:
        if identifier.startswith(PREFIX):
            return identifier
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(identifier.strip().encode())
        outer.update(inner.digest())
        return PREFIX + _base32(outer.digest())

    def rewriter(self, source: str) -> Callable[[bytes], bytes] | None:
        """Replaces the patient fields of documents of a source; None where it has none."""
        fields = SOURCES[source].patient_fields
        if not fields:
            return None

        quoted = [f'"{name}"'.encode() for name in fields]

        def rewrite(document: bytes) -> bytes:
            out = self._in_place(document, quoted)
            return parsed(document) if out is None else out

        def parsed(document: bytes) -> bytes:
            try:
                record = orjson.loads(document)
            except orjson.JSONDecodeError:
                return self._as_the_reader(document, fields)
            if not isinstance(record, dict):
                return document
            known = self._replace(record, fields)
            out = orjson.dumps(record)
            # The identifier may stand in another field too, whole or in part: as the object that was opened.
            if any(orjson.dumps(identifier)[1:-1] in out for identifier in known):
                return orjson.dumps(_without(record, known))
            return out

        return rewrite

    def rewriter_of_many(self, source: str) -> Callable[[Sequence[bytes]], Documents] | None:
        """As `rewriter`, of a chunk: ordinary documents all at once, the others one by one."""
        one = self.rewriter(source)
        if one is None:
            return None
        quoted = [f'"{name}"'.encode() for name in SOURCES[source].patient_fields]
        names, ends = np.frombuffer(b"".join(quoted), np.uint8), np.cumsum([len(name) for name in quoted])

        def rewrite(documents: Sequence[bytes]) -> Documents:
            texts = Documents.of(documents)
            n = len(texts)
            out = np.empty(int(texts.bounds[-1]) + n * kernel.MOST * kernel.CODE + SLACK, np.uint8)
            bounds, odd = np.zeros(n + 1, np.int64), np.zeros(n, np.bool_)
            kernel.rewrite(texts.data, texts.bounds, names, ends, self._keys, out, bounds, odd)
            quick = Documents(out[: bounds[-1]], bounds)
            rows = np.flatnonzero(odd)
            if not len(rows):
                return quick
            others = Documents.of([one(texts[row]) for row in rows.tolist()])
            return quick.replaced(rows, others)

        return rewrite

    def _in_place(self, document: bytes, quoted: Sequence[bytes]) -> bytes | None:
        """Of an ordinary document, a fraction of the time it takes to parse and write it; None: it is not ordinary."""
        if b"\\" in document:  # names and identifiers may be written in other ways
            return None
        out, known = document, []
        for name in quoted:
            at = out.find(name)
            if at < 0:
                continue
            begin = at + len(name) + 2
            end = out.find(b'"', begin)
            if end < 0 or out[begin - 2 : begin] != b':"' or out.find(name, end) >= 0:
                return None  # blanks, a number, a value that reads like the name, or the field twice
            value = out[begin:end]
            pseudonym = self._of_bytes(value)
            if pseudonym is None:
                return None
            if pseudonym != value:
                known.append(value)
                if value.startswith(_REFERENCE) and value != _REFERENCE:
                    known.append(value[len(_REFERENCE) :])
                out = b"".join((out[:begin], pseudonym, out[end:]))
        for identifier in known:
            if identifier in out:
                return None
        return out

    def _bytes(self, value: bytes) -> bytes | None:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return None
        if not text.isprintable():
            return None
        return self.of(text).encode() if text else value

    def _as_the_reader(self, document: bytes, fields: tuple[str, ...]) -> bytes:
        """By pydantic's own parser, which takes numbers that orjson does not: what it reads must not slip through."""
        try:
            record = from_json(document)
        except ValueError:
            return document  # refused by the reader, which says why
        return to_json(_without(record, self._replace(record, fields))) if isinstance(record, dict) else document

    def _replace(self, record: dict[str, Any], fields: tuple[str, ...]) -> dict[str, str]:
        """Put pseudonyms into these fields; identifier → pseudonym of those that stood there."""
        known: dict[str, str] = {}
        for name in fields:
            value = record.get(name)
            if value is not None and value != "":
                text = str(value)
                record[name] = pseudonym = self.of(text)
                if text != pseudonym:
                    known[text] = pseudonym
                    known.setdefault(text.removeprefix("Patient/") or text, pseudonym)
        return known


def _without(record: dict[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    out = dict(record)
    for name, value in record.items():
        if isinstance(value, str):
            out[name] = _clean(value, known)
        elif isinstance(value, list):
            out[name] = [_clean(v, known) if isinstance(v, str) else v for v in value]
    return out


def _clean(text: str, known: Mapping[str, str]) -> str:
    """The text with identifiers replaced: where it is one, and where it holds a long one as a word of its own."""
    if text in known:
        return known[text]
    for identifier, pseudonym in known.items():
        if len(identifier) >= _LONG and identifier in text and pseudonym not in text:
            text = re.sub(rf"(?<![^\W_]){re.escape(identifier)}(?![^\W_])", pseudonym, text)
    return text
