"""Figures that several parts take, counted as `evaluate` counts them."""

from pipeline.models.metrics import average_precision, roc_auc

__all__ = ["average_precision", "roc_auc"]
