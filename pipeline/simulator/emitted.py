"""What the simulator hands out: one document for a topic, with its ground truth beside it and never inside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emitted:
    """One event, ready for Kafka."""

    source: str
    """Name in `schemas.sources.INPUTS`."""
    ts: float
    """Event time, seconds since 1970 UTC; equals the document's own `ts`."""
    key: str
    """Kafka key, as `Event.key()` would give it."""
    value: bytes
    """The event as compact JSON, byte for byte what `Event.to_json()` writes."""
    label: str | None
    """Id of the attack story it belongs to (`ransomware-1`); None for everything benign, confounders included."""
    oddity: str | None = None
    """Id of the harmless oddity it belongs to (`benign:night_backup-1`), so that false alarms can be told apart."""
