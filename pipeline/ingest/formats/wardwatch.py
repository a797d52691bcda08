"""Our own events as JSON lines, as they travel on topics and as the simulator writes them."""

from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO

from typing_extensions import override

from pipeline.ingest.format import Bad, Format, Item, each
from pipeline.ingest.json_records import JsonRecord, head_objects, json_records
from schemas.base import Event
from schemas.sources import INPUTS

_ENVELOPE = ("ts", "event_id", "format", "kind")


class Wardwatch(Format):
    """Events keep their id, so that shipping a topic's content again gives the same events.

    Lines may name their topic in a field `source`, which is no part of the event. Without it the name of the file
    (`network.jsonl`) or the kind and the fields of the event tell it.
    """

    id = "wardwatch"
    title = "wardwatch's own events (JSON lines, as simulate writes them)"

    @override
    def sniff(self, head: bytes, name: str) -> float:
        """Objects with our envelope and a kind of ours; nothing else writes both."""
        rows = head_objects(head)
        return 0.99 * sum(map(_is_ours, rows)) / len(rows) if rows else 0.0

    @override
    def read(self, stream: BinaryIO, name: str) -> Iterator[Item | Bad]:
        """An event of every record."""
        stem = name.partition(".")[0]
        return each(json_records(stream, self.id), lambda record: [_event(record, stem)], self.id)


def _event(record: JsonRecord, stem: str) -> Item | Bad:
    if not _is_ours(record.value):
        reason = "the record is no event of ours: it needs ts, event_id, format and a known kind"
        return Bad(record.position, reason, record.raw, Wardwatch.id)
    fields = dict(record.value)
    source = _source(fields, stem)
    if source is None:
        reason = "its kind belongs to several topics: add a field source, or name the file after its topic"
        return Bad(record.position, reason, record.raw, Wardwatch.id)
    return Item(source, fields, record.position, record.raw)


@cache
def _by_kind() -> dict[str, dict[str, type[Event]]]:
    """Models by kind and source."""
    found: dict[str, dict[str, type[Event]]] = {}
    for name, source in INPUTS.items():
        for model in source.models:
            found.setdefault(model.model_fields["kind"].default, {})[name] = model
    return found


def _is_ours(row: Any) -> bool:
    if not isinstance(row, dict) or any(name not in row for name in _ENVELOPE):
        return False
    return isinstance(row["kind"], str) and row["kind"] in _by_kind()


def _source(fields: dict[str, Any], stem: str) -> str | None:
    """Takes the field `source` out and says whose event it is; None when nothing tells."""
    told = fields.pop("source", None)
    candidates = _by_kind()[fields["kind"]]
    if isinstance(told, str):
        return told  # where it does not fit the kind, validation refuses the event
    if stem in candidates or len(candidates) == 1:
        return stem if stem in candidates else next(iter(candidates))
    known = {name: len(fields.keys() & model.model_fields.keys()) for name, model in candidates.items()}
    best = max(known.values())
    fitting = [name for name, count in known.items() if count == best]
    return fitting[0] if len(fitting) == 1 else None
