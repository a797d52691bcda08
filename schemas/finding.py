"""What a detector found: the step between a score and an alert."""

from typing import Annotated

from pydantic import Field

from schemas.base import Text, Timestamp, Wire

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Feature(Wire):
    """One thing that moved the score: its value and what is usual."""

    name: Text
    value: float | str
    unit: Text = ""
    usual_low: float | None = None
    """Of its own: what this entity did before, or what the detector allows anybody."""
    usual_high: float | None = None
    peer_low: float | None = None
    """Of its peers: others of its role, kind or network, where the detector knows them."""
    peer_high: float | None = None
    contribution: float | None = None
    """Share of the score, 0 to 1; those of a finding sum to at most 1."""


class Observable(Wire):
    """An entity or address involved. `type` in wardwatch's words: ip, mac, host, user, patient, provider, domain,
    url, file, process, port, claim, device."""

    name: Text
    """The event field it came from."""
    type: Text
    value: Text


class Evidence(Wire):
    """Where the event stands that was found: read it back by topic, partition and offset."""

    topic: Text
    partition: int
    offset: int
    event_id: Text


class Finding(Wire):
    """One event that a detector singled out, explained."""

    detector: Text
    rule: Text = ""
    """Id of the rule, where the detector has many (Sigma)."""
    title: Text
    severity: Annotated[int, Field(ge=1, le=5)]
    """OCSF: 1 informational, 2 low, 3 medium, 4 high, 5 critical."""
    source: Text
    ts: Timestamp
    entity: Text
    entity_type: Text
    group_key: Text
    """What repeated findings are counted under: the entity, or for example a pair of addresses."""
    score: Score
    threshold: Score
    message: Annotated[str, Field(max_length=1024)]
    """One sentence a nurse manager understands."""
    normal: Annotated[str, Field(max_length=1024)] = ""
    """What would not have been found."""
    features: Annotated[list[Feature], Field(max_length=16)] = []
    observables: Annotated[list[Observable], Field(max_length=64)] = []
    attacks: list[Text] = []
    """ATT&CK technique ids."""
    lists: dict[Text, Text] = {}
    """The user's lists that decided it, and the version of each: a hash of its content."""
    model_version: Text
    evidence: Evidence
