"""One alert as a member of a group: its latest note, sorted out, and what is counted with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from typing import Any

from pipeline.incidents.assessment import Assessment
from pipeline.incidents.links import DAY_S
from pipeline.incidents.names import Name, Names, names_of
from pipeline.incidents.tactics import tactic_of_alert
from schemas.finding import Feature
from schemas.note import FindingNote

MAX_FEATURES = 5
MAX_EVENTS = 20
# Points of one finding by severity: a confident one of medium severity comes near the threshold at which an incident is
# told, one of low severity needs five or more beside it.
_POINTS = {1: 1.0, 2: 6.0, 3: 60.0, 4: 80.0, 5: 160.0}
_COUNT_WEIGHT = 0.1
"""1,000 findings of an alert weigh twice one: a repeated finding is mostly the same thing."""
_NOTHING, _CERTAIN = 0.03, 0.97
"""What analysts judged; an assessment goes no further than 0.02 and 0.98."""
_JUST_FOUND, _CLEARLY = 0.5, 0.3
"""A score at its threshold weighs half, one that is so far of the way from there to 1, whole: what only just counts as
found is where harmless and harmful meet."""
_CLEAR = 0.1
"""From so far of the way on a finding leads to others."""
_RECORDED = frozenset(("charts", "claims"))
"""Sources whose detectors hold records against each other or a list: a contradiction is none by degrees."""
_LEARNED_ROOM, _LEARNED = 0.05, 0.75
"""A threshold that was learned lies so near 1 that how far a score is above it says nothing."""
_QUIET_WEIGHT = 0.3
"""Over its budget: its detector raises more than it was trusted with that day."""


@dataclass(slots=True)
class Member:
    """An alert. About 1.5 KB in a checkpoint."""

    alert_id: str
    names: Names
    assessment: Assessment
    ts: float = 0.0
    first_ts: float = 0.0
    last_ts: float = 0.0
    count: int = 0
    withdrawn: int = 0
    detector: str = ""
    rule: str = ""
    title: str = ""
    severity: int = 1
    source: str = ""
    score: float = 0.0
    threshold: float = 0.0
    message: str = ""
    normal: str = ""
    features: list[dict[str, Any]] = field(default_factory=list)
    attacks: tuple[str, ...] = ()
    tactic: str = ""
    suppressed: bool = False
    allowed: bool = False
    model_version: str = ""
    events: tuple[str, ...] = ()
    """Event ids."""
    bundled_alerts: int = 0
    """Further alerts of its detector about its subject that day."""
    bundled: int = 0
    """Their findings."""
    group: str = ""
    """Id of the group it is in."""

    @classmethod
    def of(cls, note: FindingNote, assessment: Assessment) -> "Member":
        """A new one."""
        names = names_of(note)
        member = cls(note.alert_id, names, assessment)
        member.become(note, names, assessment)
        return member

    def become(self, note: FindingNote, names: Names, assessment: Assessment) -> None:
        """Take over what a later note says."""
        self.names = names
        self.assessment = assessment
        self.ts = note.ts
        self.first_ts = min(note.first_ts, self.first_ts) if self.count else note.first_ts
        self.last_ts = max(note.last_ts, self.last_ts)
        self.count, self.withdrawn = note.count, note.withdrawn
        self.detector, self.rule, self.title = note.detector, note.rule, note.title
        self.severity, self.source, self.score = note.severity, note.source, note.score
        self.threshold = note.threshold
        self.message, self.normal = note.message, note.normal
        self.features = [f.model_dump() for f in note.features[:MAX_FEATURES]]
        self.attacks = tuple(note.attacks)
        self.tactic = tactic_of_alert(note.detector, note.attacks)
        self.suppressed, self.allowed = bool(note.suppressed), note.allowed
        self.model_version = note.model_version
        self.events = tuple(e.event_id for e in note.evidence[:MAX_EVENTS])

    def is_behind(self, note: FindingNote) -> bool:
        """Whether a note says more than is known: counts only grow."""
        return (note.count, note.withdrawn) > (self.count, self.withdrawn)

    @property
    def day(self) -> int:
        """UTC day; all findings of an alert are of one."""
        return int(self.first_ts // DAY_S)

    @property
    def alive(self) -> bool:
        """Whether something of it still stands: it is neither allowed, nor withdrawn, nor judged to be nothing."""
        return not self.allowed and self.count > self.withdrawn and self.assessment.p_true > _NOTHING

    def as_note(self) -> FindingNote:
        """What it was made of, as far as it is remembered: to be assessed anew."""
        return FindingNote.model_construct(
            alert_id=self.alert_id, ts=self.ts, first_ts=self.first_ts, last_ts=self.last_ts, count=self.count,
            withdrawn=self.withdrawn, detector=self.detector, rule=self.rule, title=self.title,
            severity=self.severity, source=self.source, entity=self.subject[1], entity_type=self.subject[0],
            group_key=self.subject[1], score=self.score, threshold=self.threshold, message=self.message,
            normal=self.normal, features=self.feature_objects(), attacks=list(self.attacks),
            suppressed="suppressed" if self.suppressed else "", allowed=self.allowed,
            model_version=self.model_version,
        )  # fmt: skip

    @property
    def findings(self) -> int:
        """Of this alert and those counted with it."""
        return self.count + self.bundled

    @property
    def subject(self) -> Name:
        """Whom it is about."""
        return self.names.subject

    @property
    def points(self) -> float:
        """What it adds to a risk at the moment of its last finding, before criticality."""
        return self.points_at(self.severity)

    def points_at(self, severity: int) -> float:
        """The same, were it of this severity."""
        if not self.alive:
            return 0.0
        repeated = 1.0 + _COUNT_WEIGHT * log2(max(self.findings - self.withdrawn, 1))
        quiet = _QUIET_WEIGHT if self.suppressed else 1.0
        return _POINTS[severity] * self.sureness * repeated * quiet

    @property
    def sureness(self) -> float:
        """How likely it is real, less for a score that is only just a finding."""
        if self.assessment.p_true >= _CERTAIN:
            return self.assessment.p_true
        room = 1.0 - self.threshold
        if room <= _LEARNED_ROOM:
            return self.assessment.p_true * _LEARNED
        if self.source in _RECORDED:
            return self.assessment.p_true
        clear = min(max((self.score - self.threshold) / (room * _CLEARLY), 0.0), 1.0)
        return self.assessment.p_true * (_JUST_FOUND + (1.0 - _JUST_FOUND) * clear)

    @property
    def clear(self) -> bool:
        """Whether its score is not only just a finding."""
        room = 1.0 - self.threshold
        return room <= _LEARNED_ROOM or self.score - self.threshold >= _CLEAR * room

    @property
    def strong(self) -> bool:
        """Whether its score is far above the threshold."""
        room = 1.0 - self.threshold
        return room > _LEARNED_ROOM and self.score - self.threshold >= _CLEARLY * room

    def shape(self) -> tuple[object, ...]:
        """What joins it with others, but for how long it went on."""
        return self.names, self.severity, self.tactic, self.alive, self.clear, self.strong, self.first_ts

    def apart_s(self, other: "Member") -> float:
        """Seconds between the two, 0 where they overlap."""
        return max(self.first_ts - other.last_ts, other.first_ts - self.last_ts, 0.0)

    def feature_objects(self) -> list[Feature]:
        """As on the wire."""
        return [Feature.model_construct(**f) for f in self.features]

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name not in ("names", "assessment")}
        n, a = self.names, self.assessment
        plain["names"] = [n.subject, n.own, n.origins, n.reached, n.outside, n.others, n.acted]
        plain["assessment"] = [a.p_true, a.detector_precision, a.detector_verdicts, a.priority]
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Member":
        """Inverse of `to_plain`. Raises KeyError or TypeError for a foreign form."""
        rest = dict(plain)
        subject, *kinds, acted = rest.pop("names")
        own, origins, reached, outside, others = (tuple((t, v) for t, v in kind) for kind in kinds)
        names = Names((subject[0], subject[1]), own, origins, reached, outside, others, acted)
        assessment = Assessment(*rest.pop("assessment"))
        return cls(names=names, assessment=assessment, **{**rest, **{k: tuple(rest[k]) for k in ("attacks", "events")}})
