"""The alert as others read it: an OCSF Detection Finding, class 2004 (version 1.5 names)."""

from typing import Any, Literal

from pydantic import Field

from schemas.base import Text, Wire

CLASS_UID = 2004
ACTIVITIES = {1: "Create", 2: "Update", 3: "Close"}
SEVERITIES = {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"}
CONFIDENCES = {1: "Low", 2: "Medium", 3: "High"}
STATUSES = {1: "New", 3: "Suppressed", 4: "Resolved"}


class Product(Wire):
    """Who made the finding."""

    name: Text = "wardwatch"
    vendor_name: Text = "wardwatch"
    version: Text


class Metadata(Wire):
    """OCSF metadata."""

    version: Text = "1.5.0"
    product: Product
    uid: Text
    """Id of this document: the alert's id and its revision."""


class Analytic(Wire):
    """The detector."""

    uid: Text
    name: Text
    type_id: int = 1
    type: Text = "Rule"
    version: Text


class Technique(Wire):
    """An ATT&CK technique."""

    uid: Text


class Attack(Wire):
    """One ATT&CK entry of a finding."""

    technique: Technique
    version: Text = "17"


class RelatedEvent(Wire):
    """An event that belongs to the finding, by its place in the log."""

    uid: Text
    type: Text
    topic: Text
    partition: int
    offset: int


class FindingInfo(Wire):
    """OCSF finding_info."""

    uid: Text
    title: Text
    desc: str
    types: list[Text]
    analytic: Analytic
    attacks: list[Attack]
    created_time: int
    first_seen_time: int
    last_seen_time: int
    related_events: list[RelatedEvent]
    related_events_count: int


class AlertObservable(Wire):
    """OCSF observable; `type_id` 99 with wardwatch's own word where OCSF has none."""

    name: Text
    type: Text
    type_id: int
    value: Text


class Alert(Wire):
    """Detection Finding. All times are milliseconds since the epoch, UTC."""

    activity_id: Literal[1, 2, 3]
    activity_name: Text
    category_uid: Literal[2] = 2
    category_name: Text = "Findings"
    class_uid: Literal[2004] = 2004
    class_name: Text = "Detection Finding"
    type_uid: int
    type_name: Text
    time: int
    start_time: int
    end_time: int
    count: int = Field(ge=1)
    severity_id: int = Field(ge=1, le=5)
    severity: Text
    status_id: int
    status: Text
    status_detail: Text | None = None
    message: str
    metadata: Metadata
    finding_info: FindingInfo
    confidence_score: int = Field(ge=0, le=100)
    confidence_id: int = Field(ge=1, le=3, default=1)
    """By how far the score lies between its threshold and certainty."""
    confidence: Text = CONFIDENCES[1]
    is_alert: bool = True
    observables: list[AlertObservable]
    resources: list[dict[str, Any]] = []
    evidences: list[dict[str, Any]] = []
    anomaly_analyses: list[dict[str, Any]] = []
    unmapped: dict[str, Any] = {}
    """entity, entity_type, score, threshold, normal, features, query: what OCSF has no place for."""
