"""How likely an alert is real as long as nobody judged one: by what the alert alone shows."""

from pipeline.incidents.assessment import Assessment
from schemas.note import FindingNote

# What single findings of a severity are worth before anybody gave a verdict: detectors declare what they see by its
# harm *and* by how often it has a harmless cause, and those of low severity are hints by their own description.
_BY_SEVERITY = {1: 0.1, 2: 0.2, 3: 0.5, 4: 0.6, 5: 0.8}
_LEAST, _MOST = 0.02, 0.98
_SCORE_MOVES = 0.3
"""Of what is left to 1, so much can a score add that stands as far above its threshold as it can."""
_NO_ROOM = 0.05
"""A threshold that was learned lies so near 1 that how far a score is above it says nothing."""


def unjudged(severity: int, score: float, threshold: float) -> float:
    """How likely an alert is real, by its severity (1 to 5) and by how far its score stands above its threshold."""
    room = 1.0 - threshold
    above = min(max((score - threshold) / room, 0.0), 1.0) if room > _NO_ROOM else 0.0
    base = _BY_SEVERITY[severity]
    return min(max(base + (1.0 - base) * _SCORE_MOVES * above, _LEAST), _MOST)


def assess_alone(note: FindingNote) -> Assessment:
    """By severity and score, without any verdict."""
    p_true = unjudged(note.severity, note.score, note.threshold)
    return Assessment(p_true, priority=100.0 * p_true * note.severity / 5.0)
