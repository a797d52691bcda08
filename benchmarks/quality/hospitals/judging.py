"""Holds alerts against the truth: what was found, what hit an oddity, what hit nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.quality.hospitals.raised import Raised
from pipeline.simulator import StoryLabel

# An alert that counts over a window may come this much after the last event of its story.
LAG_S = 7200.0
_EARLY_S = 60.0
NOTHING = "nothing"
_DAY_S = 86_400.0
# What waits for care is told later; what is billed of a day is complete when its claims have come.
_WAITING_S = {"ehr.break_glass_without_care": 25 * 3600.0, "claims.": 7.5 * _DAY_S}
# An alert about records is about who opened or billed, or about the patient.
_RECORD_ROOMS, _ACTORS = frozenset(("ehr", "claims")), ("user", "provider", "patient")


@dataclass(frozen=True, slots=True)
class Judged:
    """What one alert is about: the id of a story or oddity, or NOTHING."""

    raised: Raised
    about: str

    @property
    def kind(self) -> str:
        """story, confounder or nothing."""
        if self.about == NOTHING:
            return NOTHING
        return "confounder" if self.about.startswith("benign:") else "story"


def _names(label: StoryLabel) -> set[str]:
    actors = _ACTORS if _RECORD_ROOMS.issuperset(d.split(".")[0] for d in label.expected) else label.entities
    return {value for sort, values in label.entities.items() if sort in actors for value in values if value}


def lag_s(label: StoryLabel) -> float:
    """How long after the last event of a story an alert about it may come."""
    return max((s for d in label.expected for begin, s in _WAITING_S.items() if d.startswith(begin)), default=LAG_S)


def _in_time(raised: Raised, label: StoryLabel) -> bool:
    return raised.last_ts >= label.first_ts - _EARLY_S and raised.first_ts <= label.last_ts + lag_s(label)


def judge(raised: Iterable[Raised], labels: Sequence[StoryLabel], tags: Mapping[str, str]) -> list[Judged]:
    """By the events an alert stands on; where these belong to no story, by the entity it names, within the time.

    A story comes before an oddity: an alert that counts both told of the attack. What only concerns a machine that
    takes part in an oddity is no alarm about the oddity.
    """
    hostile = [label for label in labels if not label.kind.startswith("benign:")]
    names = {label.story: _names(label) for label in hostile}
    out = []
    for r in raised:
        told = [tags[e] for e in r.events if e in tags]
        attacks = [tag for tag in told if not tag.startswith("benign:")]
        near = [x.story for x in hostile if r.entity in names[x.story] and _in_time(r, x)]
        out.append(Judged(r, next(iter([*attacks, *near, *told]), NOTHING)))
    return out


def found_by(label: StoryLabel, judged: Iterable[Judged], tags: Mapping[str, str]) -> list[Raised]:
    """Alerts of fitting detectors that stand on the story's events or name one of its entities within its time."""
    names = _names(label)
    return [
        j.raised
        for j in judged
        if set(j.raised.fits) & set(label.expected)
        and _in_time(j.raised, label)
        and (
            j.about == label.story
            or any(tags.get(e) == label.story for e in j.raised.events)
            or j.raised.entity in names
        )
    ]
