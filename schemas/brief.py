"""What the response agent keeps of an incident: enough to go on with its playbook after a restart."""

from typing import Annotated

from pydantic import Field

from schemas.base import Count, Text, Timestamp, Wire
from schemas.incident import IncidentKind, Party

PARTIES, LINES = 50, 10


class Brief(Wire):
    """An incident in short. It travels with the record of the decision to run a playbook, and with no other."""

    incident_id: Text
    revision: Count
    kind: IncidentKind
    severity_id: Annotated[int, Field(ge=1, le=5)]
    severity: Text
    confidence: Annotated[int, Field(ge=0, le=100)] = 0
    subject: Party
    parties: Annotated[list[Party], Field(max_length=PARTIES)]
    """The subject first."""
    risk: Annotated[float, Field(ge=0, le=100)] = 0.0
    tactics: list[Text] = []
    alerts: Count = 0
    notify: bool = True
    merged_into: Text = ""
    told_ts: Timestamp
    """When its document was told (processing time)."""
    sentence: Annotated[str, Field(max_length=1024)]
    normal: Annotated[str, Field(max_length=2048)] = ""
    opened_because: Text = ""
    lines: Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=LINES)] = []
    """Its timeline, for people."""
    next_techniques: list[Text] = []
    sql: Annotated[str, Field(max_length=8192)] = ""
