"""The alert as an OCSF Detection Finding."""

from typing import Any

from pipeline.alerts.alert_state import PART, AlertState
from pipeline.alerts.query import evidence_query
from schemas.alert import ACTIVITIES, CLASS_UID, CONFIDENCES, SEVERITIES, STATUSES, Alert
from schemas.finding import Finding

# OCSF observable type ids (Hostname 1, IP 2, MAC 3, User Name 4, URL 6, File Name 7, Process Name 9, Port 11).
_TYPE_IDS = {"host": 1, "domain": 1, "ip": 2, "mac": 3, "user": 4, "url": 6, "file": 7, "process": 9, "port": 11}
_OTHER = 99
_TITLES = 5
CREATE, UPDATE, CLOSE = 1, 2, 3
_WITHDRAWN = "withdrawn: by now there is a reason for all that was found"


def _ms(ts: float) -> int:
    return round(ts * 1000)


def _revision(state: AlertState, activity: int) -> str:
    """Id of one document: those of an alert differ by its count, what of it was withdrawn, and whether it is closed."""
    withdrawn = f"-{state.withdrawn}" if state.withdrawn else ""
    return f"{state.uid}-{state.count}{withdrawn}{'-closed' if activity == CLOSE else ''}"


def _message(state: AlertState) -> str:
    """The sentence, and what others found in the same."""
    titles = list(dict.fromkeys(state.beside.values()))
    more = f" and {len(titles) - _TITLES} more" if len(titles) > _TITLES else ""
    also = f" Also: {'; '.join(titles[:_TITLES])}{more}." if titles else ""
    return state.finding.message[: 1024 - len(also)] + also


def _info(state: AlertState) -> dict[str, Any]:
    f = state.finding
    return {
        "uid": state.uid,
        "title": f.title,
        "desc": f.normal,
        "types": [f.detector.split(".")[0]],
        "analytic": {"uid": f.detector, "name": f.title, "version": f.model_version},
        "attacks": [{"technique": {"uid": a}} for a in state.attacks],
        "created_time": _ms(state.first_ts),
        "first_seen_time": _ms(state.first_ts),
        "last_seen_time": _ms(state.last_ts),
        "related_events": [
            {"uid": e.event_id, "type": f.source, "topic": e.topic, "partition": e.partition, "offset": e.offset}
            for e in state.evidence
        ],
        "related_events_count": state.count,
    }


def _anomalies(f: Finding) -> dict[str, Any]:
    return {
        "analysis_targets": [{"name": f.entity, "type": f.entity_type}],
        "anomalies": [{"observed_pattern": str(x.value), "observation_parameter": x.name} for x in f.features],
        "baselines": [
            {"observed_pattern": f"{low:g} to {high:g}{of}", "observation_parameter": x.name}
            for x in f.features
            for low, high, of in ((x.usual_low, x.usual_high, ""), (x.peer_low, x.peer_high, " among peers"))
            if low is not None and high is not None
        ],
    }


def certainty(score: float, threshold: float) -> int:
    """How sure, as OCSF has it (1 low, 2 medium, 3 high): by thirds of the way from the threshold to certainty, so that
    it means the same for a fixed threshold of .5 and a learned one of .9999."""
    way = (score - threshold) / (1.0 - threshold) if threshold < 1.0 else 1.0
    return 1 if way < 1 / 3 else 2 if way < 2 / 3 else 3


def alert_document(state: AlertState, activity: int, product_version: str) -> Alert:
    """The document for this state. `activity`: 1 create, 2 update, 3 close."""
    f = state.finding
    status = 3 if state.suppressed else 4 if state.void else 1
    # Validated whole, in one call: a model object for each of its parts costs three times as much.
    return Alert.model_validate(
        {
            "activity_id": activity,
            "activity_name": ACTIVITIES[activity],
            "type_uid": CLASS_UID * 100 + activity,
            "type_name": f"Detection Finding: {ACTIVITIES[activity]}",
            "time": _ms(f.ts),
            "start_time": _ms(state.first_ts),
            "end_time": _ms(state.last_ts),
            "count": state.count,
            "severity_id": state.severity,
            "severity": SEVERITIES[state.severity],
            "status_id": status,
            "status": STATUSES[status],
            "status_detail": state.suppressed or (_WITHDRAWN if state.void else None),
            "message": _message(state),
            "metadata": {"product": {"version": product_version}, "uid": _revision(state, activity)},
            "finding_info": _info(state),
            "confidence_score": round(100 * state.top_score),
            "confidence_id": (sure := certainty(state.top_score, f.threshold)),
            "confidence": CONFIDENCES[sure],
            "observables": [
                {"name": name, "type": kind, "type_id": _TYPE_IDS.get(kind, _OTHER), "value": value}
                for (kind, value), name in state.observables.items()
            ],
            "evidences": [{"data": e.model_dump()} for e in state.evidence],
            "anomaly_analyses": [_anomalies(f)],
            "unmapped": {
                "entity": f.entity,
                "entity_type": f.entity_type,
                "source": f.source,
                "rule": f.rule,
                "lists": f.lists | ({"allow": state.allowance["version"]} if state.allowance else {}),
                "allowed": state.allowance,
                "score": state.top_score,
                "threshold": f.threshold,
                "normal": f.normal,
                "query": evidence_query(f.source, state.first_ts, state.last_ts, state.evidence),
                "withdrawn": state.withdrawn,
                "beside": sorted({name.partition(PART)[0] for name in state.beside}),
                "features": [x.model_dump(exclude_none=True) for x in f.features],
            },
        }
    )
