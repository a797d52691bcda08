"""An incident as others read it: OCSF Incident Finding, class 2005 (version 1.5 names), with ours under `unmapped`."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.alert import Attack, Metadata
from schemas.base import Count, Text, Timestamp, Wire
from schemas.finding import Feature, Score

CLASS_UID = 2005
STATUSES = {1: "New", 2: "In Progress", 4: "Resolved", 5: "Closed", 99: "Other"}
PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Critical"}

IncidentKind = Literal[
    "ransomware", "phishing", "intrusion", "exfiltration", "account", "device", "reconnaissance", "disruption",
    "record_access", "identity_theft", "billing", "pipeline", "other",
]  # fmt: skip
PERSONAL: frozenset[str] = frozenset(("user", "patient", "provider"))
"""Types of parties that are people: nothing is done to them without two approvals."""


class Party(Wire):
    """Whom or what an incident is about, or touches."""

    type: Text
    """ip, mac, host, user, patient, provider, domain, device."""
    value: Text
    role: Literal["subject", "linked", "touched"]
    """subject: who it is about · linked: another name of them, or theirs · touched: what they reached."""
    criticality: Annotated[int, Field(ge=1, le=5)] = 2
    """From the inventory: 1 negligible … 5 critical; 2 where it says nothing."""
    life_support: bool = False
    """The inventory's class or column says that a patient's life may depend on it."""
    device_class: Text = ""
    name: Text = ""
    department: Text = ""


class TimelineEntry(Wire):
    """One alert of the incident. Entries stand in order of ATT&CK tactic, then of time."""

    alert_id: Text
    first_ts: Timestamp
    last_ts: Timestamp
    tactic: Text
    """ATT&CK tactic name (`Initial Access`); `Fraud` or `Privacy` where ATT&CK has none."""
    techniques: list[Text] = []
    detector: Text
    title: Text
    sentence: Annotated[str, Field(max_length=1024)]
    normal: Annotated[str, Field(max_length=1024)] = ""
    severity: Annotated[int, Field(ge=1, le=5)]
    score: Score
    count: Count
    entity: Text
    entity_type: Text
    p_true: Score
    """How likely it is real, by what analysts said of its like; see `pipeline.learning`."""
    features: Annotated[list[Feature], Field(max_length=5)] = []


class IncidentDetail(Wire):
    """What OCSF has no place for; the response agent and the tables go by it."""

    incident_id: Text
    revision: Count
    """Grows with each document of the incident."""
    kind: IncidentKind
    subject: Party
    parties: Annotated[list[Party], Field(max_length=100)]
    """Everyone involved, the subject first."""
    risk: Annotated[float, Field(ge=0, le=100)]
    """Of its subject and what is linked, decayed to `time`; the highest it was is in `peak_risk`."""
    peak_risk: Annotated[float, Field(ge=0, le=100)]
    opened_because: Text
    """risk above …, … tactics, critical finding."""
    tactics: list[Text]
    timeline: Annotated[list[TimelineEntry], Field(max_length=100)]
    alerts: Count
    findings: Count
    """Sum of the counts of all alerts."""
    silenced: Count
    """Notifications that were not sent because of suppression."""
    notify: bool
    """Whether this document is worth telling people; the incident is current in the table whatever it says."""
    merged_into: Text = ""
    """The incident it became part of."""
    next_techniques: list[Text] = []
    """What came next in past incidents, likeliest first."""
    sql: Annotated[str, Field(max_length=8192)] = ""
    """A query that shows the events behind it."""


class Incident(Wire):
    """Incident Finding. Times are milliseconds since the epoch, UTC."""

    activity_id: Literal[1, 2, 3]
    activity_name: Text
    category_uid: Literal[2] = 2
    category_name: Text = "Findings"
    class_uid: Literal[2005] = 2005
    class_name: Text = "Incident Finding"
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
    priority_id: int
    priority: Text
    confidence_score: int = Field(ge=0, le=100)
    message: Annotated[str, Field(max_length=1024)]
    """One sentence a nurse manager understands."""
    desc: Annotated[str, Field(max_length=2048)] = ""
    """What would have been normal."""
    metadata: Metadata
    attacks: list[Attack] = []
    finding_info_list: list[dict[str, Any]]
    """One an alert: uid, title, types, analytic, times."""
    unmapped: IncidentDetail
