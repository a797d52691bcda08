"""Where documents are collected before they are ordered, and the one way from a document to an emitted event."""

from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import orjson

from pipeline.simulator.emitted import Emitted

Draft = tuple[float, str, str, dict[str, Any], str | None]
"""Event time, source, key, document without its id, id of the story or oddity."""
BENIGN = "benign:"
"""How the kind and id of a harmless oddity begin."""


class Tape:
    """Collects drafts; all drafts added while `label` is set belong to that story or oddity.

    With `sources`, what is of another source is not kept.
    """

    __slots__ = ("items", "label", "sources")

    def __init__(self, label: str | None = None, sources: Collection[str] | None = None) -> None:
        self.items: list[Draft] = []
        self.label = label
        self.sources = sources

    def takes(self, source: str) -> bool:
        """Whether documents of a source are kept: what nobody wants need not be made."""
        return self.sources is None or source in self.sources

    def add(self, source: str, key: str, doc: dict[str, Any]) -> None:
        """Keep a document. `ts` has to be its first field and `event_id` absent."""
        if self.takes(source):
            self.items.append((doc["ts"], source, key, doc, self.label))


def emit(draft: Draft) -> Emitted:
    """Serialise a draft. The event id is the hash of everything else, and stands behind `ts` as in the models."""
    ts, source, key, doc, label = draft
    body = orjson.dumps(doc)
    cut = body.index(b",")
    digest = blake2b(body, digest_size=16).hexdigest().encode()
    value = body[:cut] + b',"event_id":"' + digest + b'"' + body[cut:]
    if label is not None and label.startswith(BENIGN):
        return Emitted(source, ts, key, value, None, label)
    return Emitted(source, ts, key, value, label)
