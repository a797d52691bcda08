"""Collections of mails, DATA/mails/NAME/…: half of each to learn from and look into, half that is only counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.quality.halves import HALVES, in_half
from pipeline.ingest.reader import Parsed, read_path


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it travels, and its half."""

    ts: float
    value: bytes
    """The event as JSON."""
    words: str
    """What is kept of its text (`bait_words`)."""
    half: str


def mails_of(folder: Path) -> Iterator[Mail]:
    """Every mail of a collection's files. Halves go by the name of the file, or, of a file with several (a table, an
    mbox), by the hash of sender and subject, so that copies lie in one half."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        read = [(record, orjson.loads(record.value)) for record in read_path(path) if _is_network(record)]
        mails = [(record, event) for record, event in read if event.get("kind") == "mail"]
        for record, event in mails:
            name = path.name if len(mails) == 1 else f"{event.get('mail_from')} {event.get('subject')}"
            yield Mail(record.ts, record.value, event.get("words") or "", half_of(name))


def half_of(name: str) -> str:
    """The half in which something of this name lies."""
    return next(half for half in HALVES if in_half(name, half))


def _is_network(record: Any) -> bool:
    return isinstance(record, Parsed) and record.source == "network"
