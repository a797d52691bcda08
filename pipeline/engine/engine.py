"""The engine: one source's batches through its detectors, scores and findings out."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from pipeline.detectors.catalogue import catalogue
from pipeline.detectors.detector import Detector, Parts, Scores, Setup
from pipeline.detectors.learned_model import LearnedModel
from pipeline.detectors.learned_plugin import learned_detector
from pipeline.detectors.river_plugin import RiverSpec, river_detector
from pipeline.engine.finding import Hits, describe, describe_part, group_hash
from pipeline.engine.observables import involved
from pipeline.engine.origin import Origin
from pipeline.engine.tuning import Tuning, tunings
from pipeline.errors import CheckpointError, ConfigError
from pipeline.features.batch import Batch
from pipeline.features.hashing import combine_many
from pipeline.features.lists import Lists
from pipeline.models.tail import TailThreshold
from pipeline.rules.rule_set import RuleSet

State = dict[str, np.ndarray]


@dataclass(frozen=True)
class EngineConfig:
    """What decides scores, and therefore what a checkpoint must agree with."""

    key_groups: int = 8
    seed: int = 7
    disabled: tuple[str, ...] = ()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings by detector id; `alerts_per_day` and `threshold` are understood for every detector."""
    river: tuple[RiverSpec, ...] = ()
    """River anomaly detectors to run beside our own."""
    learned: tuple[LearnedModel, ...] = ()
    """Models learned from historical files, each a detector of the events it was learned for."""
    rules: RuleSet | None = None
    """Sigma rules; None: those that come with wardwatch."""
    challengers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Other options by detector id, to be tried in shadow beside it."""
    fresh_challengers: int = 2
    """So many detectors of a source at a time may have a fresh instance of themselves in shadow after a drift."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the engine says of a batch of n events."""

    batch: Batch
    origin: Origin
    scores: Mapping[str, np.ndarray]
    """By detector id, float64[n] in [0, 1] or NaN."""
    hits: tuple[Hits, ...]
    """What reached its threshold, by detector."""
    model_version: str
    versions: Mapping[int, str] = field(default_factory=dict)
    """Of key groups whose models are others than `model_version` says."""

    @property
    def told(self) -> tuple[Hits, ...]:
        """Without what is only noted for others (`Detector.tells`)."""
        return tuple(h for h in self.hits if h.told)


class Engine:
    """All detectors of one source with their state for every key group."""

    def __init__(self, source: str, config: EngineConfig, lists: Lists | None = None) -> None:
        """Raises ConfigError for an unknown detector or option."""
        self.source = source
        self.config = config
        classes = {i: c for i, c in catalogue().items() if c.source == source}
        classes |= {spec.id: river_detector(spec) for spec in config.river if spec.source == source}
        classes |= {m.id: learned_detector(m) for m in config.learned if m.manifest.source == source}
        self._lists = lists or Lists()
        self._lists_version = self._lists.version
        self.detectors: dict[str, Detector] = {}
        self._tails: dict[str, TailThreshold] = {}
        self._a_day: dict[str, int] = {}
        self.spent_s: dict[str, float] = {}
        """Time each detector took so far, for those who look after them; nothing is decided by it."""
        for name, cls in classes.items():
            if name not in config.disabled:
                self._add(name, cls, self._lists)
        self._tunings = self._tuned()
        self.model_version = self._version(rules=True)
        self.state_version = self._version(rules=False)

    def _add(self, name: str, cls: type[Detector], lists: Lists) -> None:
        options = dict(self.config.options.get(name, {}))
        budget = options.pop("alerts_per_day", cls.alerts_per_day)
        threshold = options.pop("threshold", cls.threshold)
        numbers = {k: v for k, v in options.items() if isinstance(cls.defaults.get(k), int | float)}
        for option, value in (
            numbers | {"alerts_per_day": budget, "threshold": 0.0 if threshold is None else threshold}
        ).items():
            if not isinstance(value, int | float):
                raise ConfigError(f"option {option} of detector {name} is {str(value)[:40]!r}, which is not a number")
        unknown = sorted(set(options) - set(cls.defaults))
        if unknown:
            raise ConfigError(
                f"detector {name} has no option {unknown[0]}: it knows {', '.join(cls.defaults) or 'none'}"
            )
        detector = cls(Setup(self.config.key_groups, lists, self.config.seed, options, self.config.rules))
        self.detectors[name] = detector
        if threshold is None:
            self._tails[name] = TailThreshold(budget, groups=self.config.key_groups)
            self._a_day[name] = max(1, math.ceil(budget / self.config.key_groups))
        else:
            detector.option["threshold"] = float(threshold)

    def _tuned(self) -> dict[str, Tuning]:
        return tunings(self._lists, {name: detector.severity for name, detector in self.detectors.items()})

    def _version(self, *, rules: bool) -> str:
        """With `rules` of the findings, without of the state: other rules leave what was learned as it is."""
        parts = [self.source, str(self.config.key_groups), str(self.config.seed)]
        for name, detector in self.detectors.items():
            parts.append(f"{name}:{sorted(detector.option.items())}{detector.identity() if rules else ''}")
            if rules and name in self._tails:
                parts.append(f"{self._tails[name].alerts_per_day:g} a day")
        return hashlib.blake2b("|".join(parts).encode(), digest_size=6).hexdigest()

    def process(self, batch: Batch, origin: Origin) -> Outcome:
        """Score, learn and compare with the thresholds; events must come in log order."""
        if self._lists_version != self._lists.version:
            self._lists_version = self._lists.version
            for detector in self.detectors.values():
                detector.relist()
            self._tunings = self._tuned()
        if not batch.n:  # ticks alone must not make kernels compile that nothing needs
            return Outcome(batch, origin, dict.fromkeys(self.detectors, np.zeros(0)), (), self.model_version)
        scores: dict[str, np.ndarray] = {}
        hits = []
        began = perf_counter()
        for name, detector in self.detectors.items():
            result = detector.score(batch)
            scores[name] = result.values
            found = self._found(name, detector, batch, result, origin)
            if found is not None:
                hits.append(found)
            ended = perf_counter()
            self.spent_s[name] = self.spent_s.get(name, 0.0) + ended - began
            began = ended
        return Outcome(batch, origin, scores, tuple(hits), self.model_version)

    def _found(self, name: str, detector: Detector, batch: Batch, result: Scores, origin: Origin) -> Hits | None:
        if result.parts is not None and name not in self._tails:
            return self._found_parts(name, detector, batch, result, result.parts, origin)
        fixed = name not in self._tails and name not in self._tunings
        if fixed and not (result.values >= float(detector.option["threshold"])).any():
            return None  # mostly: nothing of what a finding needs is made
        fires, limits = self._fires(name, detector, batch, result)
        rows = np.flatnonzero(fires if result.silent is None else fires & ~result.silent)
        if not len(rows):
            return None
        result = replace(result, limits=limits)
        return Hits(
            detector=name,
            rows=rows,
            groups=batch.groups[rows],
            keys=group_hash(detector, batch, result.about, rows),
            ts=batch.ts[rows],
            scores=result.values[rows],
            a_day=self._a_day.get(name),
            describe=lambda k: describe(
                detector, batch, int(rows[k]), result, float(limits[rows[k]]), origin, self.model_version
            ),
            observe=lambda k: {} if int(rows[k]) in result.about else involved(batch, int(rows[k])),
            noted={} if detector.tells else {name: column[rows] for name, column in result.evidence.items()},
            told=detector.tells,
            event_id=(lambda k: batch.text("event_id", int(rows[k])) or "") if batch.has("withdrawn") else None,
            alert_days=detector.alert_days,
            beside=detector.beside,
            throughout=detector.throughout,
        )

    def _fires(self, name: str, detector: Detector, batch: Batch, result: Scores) -> tuple[np.ndarray, np.ndarray]:
        """(bool[n], float64[n]): what reaches its threshold, as tuned, and that threshold."""
        tail, tuning = self._tails.get(name), self._tunings.get(name)
        if tail is not None:
            fires, learned = tail.exceeds_many(result.values, batch.ts, batch.groups)
            limits = np.clip(learned, 0.0, 1.0)
        else:
            limits = np.full(batch.n, float(detector.option["threshold"]))
            fires = result.values >= limits
        if tuning is not None and (tail is None or tuning.shift > 0):
            # Below a learned threshold scores may tie: only the budget makes it more sensitive.
            limits = tuning.needed(limits, batch.ts)
            fires = fires & (result.values >= limits) if tail is not None else result.values >= limits
        return fires, limits

    def _found_parts(
        self, name: str, detector: Detector, batch: Batch, result: Scores, parts: Parts, origin: Origin
    ) -> Hits | None:
        limits = np.full(len(parts.scores), float(detector.option["threshold"]))
        if name in self._tunings:
            limits = self._tunings[name].needed(limits, batch.ts[parts.rows])
        which = np.flatnonzero(parts.scores >= limits)
        if not len(which):
            return None
        rows = parts.rows[which]
        return Hits(
            detector=name,
            rows=rows,
            groups=batch.groups[rows],
            keys=combine_many(group_hash(detector, batch, result.about, rows) | np.uint64(1), parts.keys[which]),
            ts=batch.ts[rows],
            scores=parts.scores[which],
            a_day=None,
            describe=lambda k: describe_part(
                detector, batch, int(which[k]), result, parts, float(limits[which[k]]), origin, self.model_version
            ),
            observe=lambda k: involved(batch, int(rows[k])),
            severity=parts.severity[which],
            yields=parts.yields[which],
        )

    def state(self, group: int) -> dict[str, State]:
        """Arrays of one key group: by detector, and by `detector/threshold` for learned thresholds."""
        out = {name: detector.state(group) for name, detector in self.detectors.items()}
        return out | {f"{name}/threshold": tail.state(group) for name, tail in self._tails.items()}

    def reset(self, group: int) -> None:
        """Forget one key group: it begins as new."""
        for detector in self.detectors.values():
            detector.load(group, {})
        for tail in self._tails.values():
            tail.load(group, {})

    def renew(self, name: str, group: int) -> None:
        """Let one detector begin as new in one key group."""
        self.detectors[name].load(group, {})
        if name in self._tails:
            self._tails[name].load(group, {})

    @property
    def learns(self) -> frozenset[str]:
        """Detectors whose threshold is learned from the stream."""
        return frozenset(self._tails)

    def allowed_a_day(self, name: str) -> float | None:
        """The budget of a detector, where its threshold is learned."""
        tail = self._tails.get(name)
        return None if tail is None else tail.alerts_per_day

    def load(self, group: int, state: Mapping[str, State]) -> None:
        """Put back one key group. Raises CheckpointError when the set of detectors differs."""
        wanted = set(self.detectors) | {f"{name}/threshold" for name in self._tails}
        if set(state) != wanted:
            raise CheckpointError(f"checkpoint is for other detectors ({sorted(set(state) ^ wanted)[0]} differs)")
        for name, detector in self.detectors.items():
            detector.load(group, state[name])
        for name, tail in self._tails.items():
            tail.load(group, state[f"{name}/threshold"])
