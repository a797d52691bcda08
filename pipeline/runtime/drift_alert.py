"""A drift as an alert: whoever looks after the detectors is told once a detector and day."""

import hashlib

from pipeline.alerts.alert_state import DAY_S, AlertState
from pipeline.alerts.document import CREATE, alert_document
from pipeline.learning.drift import Drift
from schemas.alert import Alert
from schemas.finding import Evidence, Feature, Finding, Observable

DETECTOR = "pipeline.drift"
_LOW = 2


def drift_key(drift: Drift) -> tuple[str, int]:
    """What is told once: a detector and a day of event time."""
    return drift.detector, int(drift.ts // DAY_S)


def drift_alert(drift: Drift, place: Evidence, product_version: str, model_version: str) -> tuple[AlertState, Alert]:
    """The alert, for the topic and for the table; other key groups of the same day have the same id."""
    name, day = drift_key(drift)
    finding = Finding(
        detector=DETECTOR,
        title="What a detector sees has changed",
        severity=_LOW,
        source=drift.source,
        ts=drift.ts,
        entity=name,
        entity_type="detector",
        group_key=name,
        score=1.0,
        threshold=1.0,
        message=drift.sentence()[:1024],
        normal="Scores like those of the same hours of the days before.",
        features=[
            Feature(name="mean_score", value=round(drift.mean_after, 4), usual_high=round(drift.mean_before, 4)),
            Feature(name="share_on_top", value=round(drift.top_after, 4), usual_high=round(drift.top_before, 4)),
        ],
        observables=[Observable(name="detector", type="detector", value=name)],
        model_version=model_version,
        evidence=place,
    )
    text = "\x1f".join((DETECTOR, drift.source, name, str(day)))
    uid = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    state = AlertState(
        uid=uid, day=day, finding=finding, count=1, first_ts=drift.since_ts, last_ts=drift.ts, top_score=1.0,
        evidence=[place],
    )  # fmt: skip
    state.involve({(o.type, o.value): o.name for o in finding.observables})
    return state, alert_document(state, CREATE, product_version)
