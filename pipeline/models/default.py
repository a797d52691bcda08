"""The one place that says which anomaly model is used where nobody chose one."""

from __future__ import annotations

from pipeline.models.density_ensemble import DensityEnsemble
from pipeline.models.detector import GroupDetector


def default_detector(groups: int = 1, seed: int = 7) -> GroupDetector:
    """The anomaly model for columns of any kind, with its defaults: what `evaluate` and a new detector use."""
    return DensityEnsemble(groups=groups, seed=seed)
