"""Any River anomaly detector behind the batch contract, so that one can be plugged in by configuration."""

from __future__ import annotations

import copy
import importlib
import math
import pickle
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from river import base as river_base

from pipeline.errors import CheckpointError, ConfigError
from pipeline.models.base import Array
from pipeline.models.detector import GroupDetector

REMEMBERED = 512  # raw scores a group's rank is taken among
LARGEST = 1e12  # its square, which scalers take, is far from overflowing
CLASS_NAME = re.compile(r"river(\.[a-z_0-9]+)+\.[A-Z]\w*")
N, AT = range(2)


class RiverDetector(GroupDetector):
    """A River anomaly detector, or a pipeline that ends in one, with one copy per group.

    Unknown and unusable values are replaced by the column's last known one (0 at first) and ±Inf by ±1e12, since
    a single NaN poisons most River models for ever; a row without any known value scores 0 and is not learned.
    If the model still yields a non-finite score, the group starts afresh. A group scores NaN for its first
    `warmup` rows: River's own 0 means both warming up and normal.

    With `score_scale="rank"` a score is the share of the group's last 512 raw scores that are lower, in [0, 1)
    and growing beyond the highest; with "raw" it is River's score clipped to [0, 1]. The state holds the model
    as pickle bytes: load it only from checkpoints that the pipeline wrote and verified.

    >>> from river import anomaly
    >>> model = anomaly.HalfSpaceTrees(n_trees=10, height=6, window_size=50, seed=1)
    >>> detector = RiverDetector(model, features=["share"], warmup=100)
    >>> score = detector.score_learn_many(np.r_[np.random.default_rng(1).normal(0.3, 0.05, 200), 0.95][:, None])
    >>> int(np.isnan(score).sum()), bool(score[-1] > 0.9)
    (100, True)
    """

    def __init__(
        self,
        model: river_base.AnomalyDetector,
        features: Sequence[str],
        groups: int = 1,
        score_scale: Literal["rank", "raw"] = "rank",
        warmup: int = 250,
    ) -> None:
        last = list(model.steps.values())[-1] if hasattr(model, "steps") else model  # a pipeline
        if not isinstance(last, river_base.AnomalyDetector):
            raise ConfigError(f"{type(last).__name__} is no River anomaly detector")
        if score_scale not in ("rank", "raw") or groups < 1 or warmup < 1 or not features:
            raise ConfigError("a River detector needs features, groups and warmup from 1, scale rank or raw")
        self.model = model
        self.features = tuple(features)
        self.categorical = ()
        self.groups = groups
        self.score_scale = score_scale
        self.warmup = warmup
        self._models = [copy.deepcopy(model) for _ in range(groups)]
        self._build((len(self.features),))

    @classmethod
    def from_spec(
        cls,
        name: str,
        params: Mapping[str, float | str | None] | None = None,
        *,
        features: Sequence[str],
        before: Sequence[str] = (),
        groups: int = 1,
        warmup: int = 250,
    ) -> RiverDetector:
        """From configuration: a class like `river.anomaly.HalfSpaceTrees` with plain parameters, and the
        transformers to put before it, like `river.preprocessing.MinMaxScaler`. ConfigError for anything else."""
        values = dict(params or {})
        if any(not isinstance(v, (bool, int, float, str, type(None))) for v in values.values()):
            raise ConfigError(f"parameters of {name!r} must be plain numbers, text or true/false")
        model = _make(name, river_base.AnomalyDetector, values)
        if before:
            compose = importlib.import_module("river.compose")  # it takes a while, and few plug anything in
            model = compose.Pipeline(*(_make(b, river_base.Transformer, {}) for b in before), model)
        return cls(model, features, groups, warmup=warmup)

    def _fresh(self, dims: tuple[int, ...]) -> dict[str, Array]:
        return {
            "last": np.zeros(dims[0]),
            "raw": np.zeros(REMEMBERED),
            "idx": np.zeros(2, dtype=np.int64),
        }

    def _identity(self) -> tuple[Any, ...]:
        return (repr(self.model), self.features, self.score_scale, self.warmup)

    def views(self, group: int) -> dict[str, Array]:
        """One group's arrays; `model` is its River model as pickle bytes, uint8."""
        out = super().views(group)
        out["model"] = np.frombuffer(pickle.dumps(self._models[group]), dtype=np.uint8)
        return out

    def load(self, group: int, state: Mapping[str, Array]) -> None:
        """Put one group's saved state in place; an empty one resets it, one that does not fit changes nothing."""
        rest = {name: array for name, array in state.items() if name != "model"}
        model = copy.deepcopy(self.model) if not state else _unpickle(state.get("model"), type(self.model))
        super().load(group, rest)
        self._models[group] = model

    def _run(self, X: Array, C: Array, groups: Array, learn: bool) -> Array:
        self._build((X.shape[1],))
        out = [self._step(row, int(g), learn) for row, g in zip(X, groups, strict=True)]
        return np.array(out, dtype=np.float64)

    def _step(self, row: Array, group: int, learn: bool) -> float:
        s = {name: array[group] for name, array in self._state.items()}
        known = ~np.isnan(row)
        ready = bool(s["idx"][N] >= self.warmup)
        if not known.any():
            return 0.0 if ready else math.nan
        values = np.where(known, np.clip(row, -LARGEST, LARGEST), s["last"])
        x = dict(zip(self.features or (), values.tolist(), strict=True))
        raw = float(self._models[group].score_one(x))
        if not math.isfinite(raw):
            if learn:
                self.load(group, {})
            return 1.0 if ready else math.nan
        score = self._scaled(raw, s) if ready else math.nan
        if learn:
            self._models[group].learn_one(x)
            s["last"][:] = values
            s["raw"][s["idx"][AT]] = raw
            s["idx"][AT] = (s["idx"][AT] + 1) % REMEMBERED
            s["idx"][N] += 1
        return score

    def _scaled(self, raw: float, s: dict[str, Array]) -> float:
        if self.score_scale == "raw":
            return min(max(raw, 0.0), 1.0)
        past = s["raw"][: min(int(s["idx"][N]), REMEMBERED)]
        tail = (np.count_nonzero(past >= raw) + 1) / (len(past) + 1)
        # Beyond all that was seen the rank is the same for every score: let it go on falling with the distance.
        beyond = max(raw - float(past.max()), 0.0) / (float(past.std()) + 1e-9)
        return float(1.0 - tail / (1.0 + min(beyond, 1e9)))


def _make(name: str, kind: type, values: Mapping[str, Any]) -> Any:
    """An instance of a River class of that kind, and of nothing else: configuration must not name code."""
    if not CLASS_NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no class of River, such as river.anomaly.HalfSpaceTrees")
    module, _, cls_name = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), cls_name, None)
    except ImportError:
        found = None
    if not (isinstance(found, type) and issubclass(found, kind) and found.__module__.startswith("river.")):
        raise ConfigError(f"River has no {kind.__name__} called {name!r}")
    try:
        return found(**values)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} does not take these parameters: {error}") from error


def _unpickle(data: Array | None, kind: type) -> Any:
    if data is None or data.dtype != np.uint8 or data.ndim != 1:
        raise CheckpointError("state of a River model has no model bytes: start from an older checkpoint")
    try:
        model = pickle.loads(data.tobytes())  # noqa: S301 - our own, verified checkpoint
    except Exception as error:
        raise CheckpointError("a River model does not unpickle: was River upgraded?") from error
    if type(model) is not kind:
        raise CheckpointError(f"checkpoint holds a {type(model).__name__}, not a {kind.__name__}")
    return model
