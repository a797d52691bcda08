"""What travels on the topic `findings`: all that the correlate agent goes by, in one order.

Everything is given at least once and may come twice: a note replaces or repeats what an earlier one of the same name
said, it never adds to it. See infra/decisions/010-incidents.md.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from schemas.base import Count, Text, Timestamp, Wire
from schemas.feedback import Verdict
from schemas.finding import Evidence, Feature, Observable, Score


class FindingNote(Wire):
    """An alert as it stands now: told when it opens, when its count doubles, when it is withdrawn, when it closes.

    Those that a budget or the allow-list silences come too, marked: silence is for notification only.
    """

    kind: Literal["finding"] = "finding"
    alert_id: Text
    ts: Timestamp
    """Of the finding told last."""
    first_ts: Timestamp
    last_ts: Timestamp
    count: Count
    """Findings so far."""
    withdrawn: Count = 0
    """How many of them are explained by now."""
    detector: Text
    rule: Text = ""
    title: Text
    severity: Annotated[int, Field(ge=1, le=5)]
    source: Text
    entity: Text
    entity_type: Text
    group_key: Text
    score: Score
    """Highest so far."""
    threshold: Score
    message: Annotated[str, Field(max_length=1024)]
    normal: Annotated[str, Field(max_length=1024)] = ""
    features: Annotated[list[Feature], Field(max_length=16)] = []
    observables: Annotated[list[Observable], Field(max_length=100)] = []
    attacks: list[Text] = []
    suppressed: Text = ""
    """Why nobody is told: over its budget, or allowed by whom; empty when told."""
    allowed: bool = False
    """The allow-list hides it."""
    model_version: Text
    evidence: Annotated[list[Evidence], Field(max_length=20)] = []


class LinkNote(Wire):
    """Two names of one actor: this user was on this host, this host had this address."""

    kind: Literal["link"] = "link"
    ts: Timestamp
    first_type: Text
    """ip, mac, host, user, device."""
    first: Text
    second_type: Text
    second: Text
    via: Text
    """logon, address, lease, record access, inventory."""


class VolumeNote(Wire):
    """How many events a lane brought of something in one hour, so far."""

    kind: Literal["volume"] = "volume"
    ts: Timestamp
    """Event time the lane has come to."""
    hour_ts: Timestamp
    """Begin of the hour."""
    lane: Text
    """source/partition/key group: counts of different lanes add up, a later one of the same lane replaces."""
    scope: Literal["source", "department", "device_class", "entity"]
    name: Text
    count: Count


class VerdictNote(Wire):
    """What an analyst says of an alert or an incident, passed on from the topic `feedback`."""

    kind: Literal["verdict"] = "verdict"
    ts: Timestamp
    """When it was given."""
    verdict_id: Text
    """The same however often it is sent."""
    alert_id: Text = ""
    incident_id: Text = ""
    verdict: Verdict
    who: Text
    why: Text = ""


Note = Annotated[FindingNote | LinkNote | VolumeNote | VerdictNote, Field(discriminator="kind")]
NOTES: TypeAdapter[FindingNote | LinkNote | VolumeNote | VerdictNote] = TypeAdapter(Note)
