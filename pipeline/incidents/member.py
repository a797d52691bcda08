"""One alert as a member of a group: its latest note, sorted out, and what is counted with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
_POINTS = {1: 1.0, 2: 6.0, 3: 40.0, 4: 80.0, 5: 140.0}
_COUNT_WEIGHT = 0.1
"""1,000 findings of an alert weigh twice one: a repeated finding is mostly the same thing."""
_SURE = 0.98
"""Of a verdict: people err too."""
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
    verdict: str = ""
    """The latest that an analyst gave."""
    verdict_ts: float = 0.0

    @classmethod
    def of(cls, note: FindingNote, assessment: Assessment) -> "Member":
        """A new one."""
        member = cls(note.alert_id, names_of(note), assessment)
        member.become(note, assessment)
        return member

    def become(self, note: FindingNote, assessment: Assessment) -> None:
        """Take over what a later note says."""
        self.names = names_of(note)
        self.assessment = replace(assessment, p_true=self.assessment.p_true) if self.verdict else assessment
        self.ts = note.ts
        self.first_ts = min(note.first_ts, self.first_ts) if self.count else note.first_ts
        self.last_ts = max(note.last_ts, self.last_ts)
        self.count, self.withdrawn = note.count, note.withdrawn
        self.detector, self.rule, self.title = note.detector, note.rule, note.title
        self.severity, self.source, self.score = note.severity, note.source, note.score
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
        return not self.allowed and self.count > self.withdrawn and self.verdict not in ("false", "benign_expected")

    def judge(self, verdict: str, ts: float) -> None:
        """Take over what an analyst says, if it is the latest."""
        if ts >= self.verdict_ts:
            self.verdict, self.verdict_ts = verdict, ts
            self.assessment = replace(self.assessment, p_true=_SURE if verdict == "true" else 1.0 - _SURE)

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
        if not self.alive:
            return 0.0
        repeated = 1.0 + _COUNT_WEIGHT * log2(max(self.findings - self.withdrawn, 1))
        quiet = _QUIET_WEIGHT if self.suppressed else 1.0
        return _POINTS[self.severity] * self.assessment.p_true * repeated * quiet

    def shape(self) -> tuple[object, ...]:
        """What joins it with others, but for its times."""
        return self.names, self.severity, self.tactic, self.alive

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
