"""What a detector is. See infra/decisions/001-batch-contract.md for the laws every detector keeps."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from pipeline.features.batch import Batch
from pipeline.features.lists import Lists
from pipeline.features.state_parts import InParts
from pipeline.rules.rule_set import RuleSet
from schemas.finding import Feature


@dataclass(frozen=True, slots=True)
class Parts:
    """What a detector of many rules found: m findings, of which one event may have several. For fixed thresholds."""

    rows: np.ndarray
    """int64[m], ascending."""
    which: np.ndarray
    """int64[m], number of the rule, by which `explain_part` knows it."""
    keys: np.ndarray
    """uint64[m], hash of the rule: findings are counted by it and by what `group_by` says."""
    scores: np.ndarray
    """float64[m] in [0, 1]."""
    measures: np.ndarray
    """float64[m], a number that `explain_part` needs; NaN: none."""
    severity: np.ndarray
    """int8[m], OCSF severity of the finding that `explain_part` tells."""
    yields: np.ndarray
    """bool[m], whether it is told in the alert of another finding about the same event that is at least as grave."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A detector's opinion on a batch of n events, each given before the event was learned."""

    values: np.ndarray
    """float64[n] in [0, 1]; NaN: no opinion (not its kind of event, or still warming up)."""
    evidence: Mapping[str, np.ndarray] = field(default_factory=dict)
    """[n] each: what `explain` needs of the state as it was at that event."""
    about: Mapping[int, str] = field(default_factory=dict)
    """Rows that are about another than who their fields name, of the same key group: what an event shows to be
    missing. Row → entity, which is then also what the finding is counted under."""
    parts: Parts | None = None
    """The findings themselves, where a row may have several; `values` has the highest of each row."""
    silent: np.ndarray | None = None
    """bool[n]: scores that teach a learned threshold but are no finding, whatever they are."""
    limits: np.ndarray | None = None
    """float64[n]: the threshold in force at each event, as learned and tuned; filled in by the engine."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an event was found, for a reader who is not a specialist."""

    message: str
    """One sentence with who, what, how much and where."""
    normal: str = ""
    """The nearest that would not have been found, from the threshold in force: "fewer than 20 ports in 5 minutes"."""
    features: Sequence[Feature] = ()
    """What moved the score. Those without a contribution get theirs by their distance from what is usual
    (`pipeline.detectors.explaining.weighed`)."""
    attacks: Sequence[str] = ()
    """ATT&CK techniques of this very finding, where the detector tells several apart; else all of the detector's."""
    title: str = ""
    """Of this very finding; empty: the detector's."""
    severity: int | None = None
    """Of this very finding; None: the detector's."""
    rule: str = ""
    """Id of the rule that made it, where the detector has many: it stands before what the finding is counted under."""


@dataclass(frozen=True, slots=True)
class Example:
    """A short story with its outcome, used by tests, documentation and demo alike."""

    name: str
    documents: Sequence[Mapping[str, Any]]
    """Events without `event_id` and `format`, in order."""
    fires: bool
    lists: Lists = field(default_factory=Lists)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a detector is built with."""

    groups: int
    lists: Lists = field(default_factory=Lists)
    seed: int = 7
    options: Mapping[str, Any] = field(default_factory=dict)
    """The user's settings for this detector, by name; unknown names are refused by the engine."""
    rules: RuleSet | None = None
    """Sigma rules; None: those that come with wardwatch."""


class Detector(InParts, ABC):
    """Scores the events of one source. State is per key group and belongs to this object alone.

    Class attributes describe it; `wardwatch detectors` prints them.
    """

    id: ClassVar[str]
    """Permanent: `room.name`, for example `network.beaconing`."""
    title: ClassVar[str]
    severity: ClassVar[int]
    """OCSF 1 informational … 5 critical."""
    attacks: ClassVar[tuple[str, ...]] = ()
    """ATT&CK technique ids, `T1046` or `T1558.003`."""
    source: ClassVar[str]
    entity: ClassVar[tuple[str, ...]]
    """Fields that name who the alert is about; the first that is set."""
    entity_type: ClassVar[str]
    """ip, host, user, patient, provider, mac …"""
    group_by: ClassVar[tuple[str, ...]] = ()
    """Fields that tell one alert from another; the entity where empty."""
    alert_days: ClassVar[int] = 1
    """Findings about the same thing within so many days are one alert with a count: more than one where people look
    into it by the case, not by the day."""
    beside: ClassVar[tuple[str, ...]] = ()
    """Detectors of the same source and entity that tell the same in other words: what is found within a day and a half
    of their alert is counted there, and opens none of its own. All of them last for days (`alert_days`)."""
    throughout: ClassVar[tuple[str, ...]] = ()
    """Those of `beside` that count the same things: their alert takes it in for as long as it lasts."""
    inputs: ClassVar[tuple[str, ...]]
    """Event fields it looks at."""
    lists: ClassVar[tuple[str, ...]] = ()
    """Lists of the user whose rows are what it finds by: a finding bears their versions."""
    cost: ClassVar[str]
    """Per event and per entity, in words: `O(1), 64 bytes a source address`."""
    reference: ClassVar[str] = ""
    misses: ClassVar[str] = ""
    """What it cannot see, in a sentence for its users: what stays unseen, and what a careful attacker would do."""
    threshold: ClassVar[float | None] = 0.5
    """Score from which an event is found; None: learned from the stream to keep to `alerts_per_day`."""
    alerts_per_day: ClassVar[float] = 10.0
    """Budget where the threshold is learned."""
    tells: ClassVar[bool] = True
    """False: what it finds is no alert; it is given on to where more is known of it."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    """Options a user may set, with their defaults; names carry units."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.option = {**self.defaults, **setup.options}

    def relist(self) -> None:
        """The user's lists changed: forget what was computed from them (cached properties), not what was learned."""
        for cls in type(self).__mro__:
            for name, attribute in vars(cls).items():
                if isinstance(attribute, cached_property):
                    self.__dict__.pop(name, None)

    @abstractmethod
    def score(self, batch: Batch) -> Scores:
        """Score every event, then learn it; the outcome must not depend on where the stream was cut."""

    @abstractmethod
    def explain(self, batch: Batch, row: int, scores: Scores) -> Explanation:
        """Explain one found row from the batch and the evidence of `scores`; must not read the state."""

    def explain_part(self, batch: Batch, scores: Scores, k: int) -> Explanation:
        """Explain the k-th of `scores.parts`; only for detectors that give some."""
        assert scores.parts is not None  # noqa: S101  (the engine asks only then)
        return self.explain(batch, int(scores.parts.rows[k]), scores)

    def limit(self, scores: Scores, row: int) -> float:
        """The score from which the row is found: its counterfactual is told against what was really in force."""
        if scores.limits is not None and scores.limits[row] == scores.limits[row]:
            return float(scores.limits[row])
        return float(self.option.get("threshold", 0.5 if self.threshold is None else self.threshold))

    def identity(self) -> str:
        """What its findings depend on beside options: part of the model version."""
        return ""

    @classmethod
    @abstractmethod
    def examples(cls) -> Sequence[Example]:
        """At least one story that fires and one that looks alike and stays quiet."""
