"""What a scored chunk has for the topic `findings`: see infra/decisions/010-incidents.md."""

from collections.abc import Iterable, Sequence

from pipeline.alerts.alert_state import AlertState
from pipeline.alerts.note import finding_note
from pipeline.runtime.quarantine import Scored
from schemas.alert import Alert
from schemas.note import FindingNote, LinkNote, VerdictNote, VolumeNote

AnyNote = FindingNote | LinkNote | VolumeNote | VerdictNote
TOPIC = "findings"


def notes_of(scored: Scored) -> list[AnyNote]:
    """Links first, so that what was found finds its names joined."""
    links: list[AnyNote] = [link for product in scored.products for link in product.links]
    volumes: list[AnyNote] = [volume for product in scored.products for volume in product.volumes]
    return links + finding_notes(scored.changed.values()) + volumes


def finding_notes(changed: Iterable[tuple[AlertState, Alert]]) -> list[AnyNote]:
    """Of alerts that changed."""
    return [finding_note(state) for state, _ in changed]


def keyed(notes: Sequence[AnyNote]) -> list[tuple[bytes, bytes]]:
    """(key, document) of each: what it is about."""
    return [(_key(note).encode(), note.to_json()) for note in notes]


def _key(note: AnyNote) -> str:
    if isinstance(note, FindingNote):
        return note.entity
    if isinstance(note, LinkNote):
        return note.first
    if isinstance(note, VolumeNote):
        return note.name
    return note.alert_id or note.incident_id
