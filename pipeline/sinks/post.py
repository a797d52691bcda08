"""A document for a topic, with CloudEvents headers (binary mode) where it is one that others read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.action import Action
from schemas.alert import Alert
from schemas.incident import Incident

Headers = list[tuple[str, bytes]]
JSON: Headers = [("content-type", b"application/json")]


@dataclass(frozen=True, slots=True)
class Post:
    """Topic without prefix; a value of None takes the key away from a compacted topic."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = field(default_factory=lambda: JSON)


def alert_post(alert: Alert) -> Post:
    """Keyed by entity."""
    return _ocsf("alerts", str(alert.unmapped["entity"]), alert)


def incident_post(incident: Incident) -> Post:
    """Keyed by incident."""
    return _ocsf("incidents", incident.unmapped.incident_id, incident)


def action_post(action: Action) -> Post:
    """Keyed by action."""
    return _ocsf("actions", action.unmapped.action_id, action)


def _ocsf(topic: str, key: str, document: Alert | Incident | Action) -> Post:
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", document.metadata.uid.encode()),
        ("ce_source", b"wardwatch"),
        ("ce_type", f"org.ocsf.{document.class_uid}.{document.activity_name.lower()}".encode()),
        ("ce_time", datetime.fromtimestamp(document.time / 1000, UTC).isoformat().replace("+00:00", "Z").encode()),
        *JSON,
    ]
    return Post(topic, key.encode(), document.to_json(), headers)
