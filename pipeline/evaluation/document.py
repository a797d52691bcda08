"""An evaluation as a JSON document: everything a program may want, nothing rounded."""

from __future__ import annotations

import math
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from pipeline.evaluation.dataset import Dataset
from pipeline.evaluation.evaluate import Evaluation
from pipeline.evaluation.figures import Figures
from pipeline.evaluation.leaks import SUSPECT

PROTOCOL = (
    "prequential: one pass, each row is scored before it is learned; no label reaches the model, labels serve for the"
    " figures only; the kinds of the columns are recognised from the whole file beforehand, without labels"
)


def document(result: Evaluation) -> dict[str, Any]:
    """Plain values; what is not a number is null."""
    data, ours = result.data, result.ours
    counted = int(result.counts.sum())
    anomalies = int((data.labels.attack & result.counts).sum())
    found = {
        "rows": data.frame.rows,
        "rows_counted": counted,
        "anomalies": anomalies,
        "anomaly_share": anomalies / counted,
        "auc": ours.auc,
        "ap": ours.ap,
        "recall_at": {b.name: b.recall for b in ours.budgets},
        "precision_at": {b.name: b.precision for b in ours.budgets},
        "alerts_at": {b.name: b.alerts for b in ours.budgets},
        "recall_at_false_alarm_rate": ours.caught_at,
        "us_per_event": ours.us_per_event,
        "model": result.model,
        "version": version("wardwatch"),
        "seeds": list(result.seeds),
        "auc_by_seed": list(result.auc_by_seed),
        "ap_by_seed": list(result.ap_by_seed),
        "protocol": PROTOCOL,
        "order": order_text(data),
        "warmup": result.warmup,
        "days": result.days,
        "stated_rows_per_day": result.stated_rate,
        "streamed_threshold": asdict(result.streamed) if result.streamed else None,
        "kinds": [asdict(kind) for kind in result.kinds],
        "label": {
            "column": data.labels.column,
            "benign": list(data.labels.benign),
            "guessed": data.labels.guessed,
            "counts": data.labels.counts(),
        },
        "format": data.form,
        "columns": {
            "numeric": list(data.frame.numeric),
            "categorical": list(data.frame.categorical),
            "kinds": dict(data.frame.kinds),
            "dropped": dict(data.frame.dropped),
        },
        "warnings": warnings(data),
        "notes": list(data.notes),
        "with_labels": _taught(result),
        "compare": [_compared(f) for f in result.compared],
        "compare_rows": result.compared_rows,
    }
    return {key: _plain(value) for key, value in found.items()}


def order_text(data: Dataset) -> str:
    """In which order the rows came."""
    if data.seconds is None:
        return "as in the file"
    return f"by time ({data.time_form}), rows of the same time as in the file"


def warnings(data: Dataset) -> list[str]:
    """What makes the figures doubtful, a sentence each."""
    if not data.suspects:
        return []
    names = [s.column for s in data.suspects]
    # The address of a column's derived features is the column itself.
    columns = list(dict.fromkeys(n if n in data.columns else n.rpartition(".")[0] for n in names))
    told = ", ".join(f"{s.column} ({s.auc:.3f})" for s in data.suspects[:8])
    drop = f"--drop {','.join(columns)!r}"
    return [
        f"these columns tell the label almost perfectly on their own (ROC AUC from {SUSPECT}): {told}. Where they come"
        f" from how the data was recorded or labelled, the figures are too good; without them: {drop}"
    ]


def _taught(result: Evaluation) -> dict[str, Any] | None:
    if result.taught is None:
        return None
    taught, figures = result.taught
    benign, attacks = taught.labels
    return _compared(figures) | {"late_rows": taught.late_rows, "benign_labels": benign, "attack_labels": attacks}


def _compared(figures: Figures) -> dict[str, Any]:
    return {
        "model": figures.model,
        "auc": figures.auc,
        "ap": figures.ap,
        "recall_at": {b.name: b.recall for b in figures.budgets},
        "recall_at_false_alarm_rate": figures.caught_at,
        "us_per_event": figures.us_per_event,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
