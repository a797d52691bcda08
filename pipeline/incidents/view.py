"""What follows from the names of an alert, kept as long as nothing of it changes."""

from dataclasses import dataclass

from pipeline.incidents.names import Name


@dataclass(frozen=True, slots=True)
class View:
    """Of one alert."""

    actor: frozenset[Name]
    """All names of whom it is about, those beside the subject included."""
    alias: frozenset[Name]
    """Names linked with the subject itself."""
    leads: frozenset[Name]
    """What it reached and may have led to."""
    crowds: frozenset[Name]
    """Places outside that many subjects met for its detector that day."""
    outside: frozenset[Name]
    """Places outside it is about, or met."""
    cards: frozenset[Name]
    """Network cards it acted with, but for those of gateways, which many act through."""
